"""CRNN, a text recogniser of convolutions and two bidirectional LSTMs, with published key names.

Source: Shi et al., "An End-to-End Trainable Neural Network for Image-based Sequence Recognition"
(2015).
"""

from torch import Tensor, nn

#: Kernel and padding of each convolution; its channels in units of the first one's.
KERNELS, PADDINGS, WIDTHS = (3, 3, 3, 3, 3, 3, 2), (1, 1, 1, 1, 1, 1, 0), (1, 2, 4, 4, 8, 8, 8)
NORMALISED = (2, 4, 6)
#: Convolution -> kernel, stride, padding of the pooling behind it.
POOLINGS = {
    0: (2, 2, 0),
    1: (2, 2, 0),
    3: ((2, 2), (2, 1), (0, 1)),
    5: ((2, 2), (2, 1), (0, 1)),
}


class BidirectionalLSTM(nn.Module):
    """(T, N, n_in) to (T, N, n_out)."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int):
        super().__init__()
        self.rnn = nn.LSTM(n_in, n_hidden, bidirectional=True)
        self.embedding = nn.Linear(n_hidden * 2, n_out)

    def forward(self, x: Tensor) -> Tensor:
        recurrent, _ = self.rnn(x)
        t, n, width = recurrent.shape
        return self.embedding(recurrent.reshape(t * n, width)).reshape(t, n, -1)


class CRNN(nn.Module):
    """Images (N, channels, 32, W) to logits (W / 4 + 1, N, num_classes).

    width: channels of the first convolution; 64 is the published network.
    """

    def __init__(self, channels: int, num_classes: int, hidden: int = 256, width: int = 64):
        super().__init__()
        self.cnn = nn.Sequential()
        before = channels
        for i, (kernel, padding) in enumerate(zip(KERNELS, PADDINGS)):
            after = width * WIDTHS[i]
            self.cnn.add_module(f"conv{i}", nn.Conv2d(before, after, kernel, 1, padding))
            if i in NORMALISED:
                self.cnn.add_module(f"batchnorm{i}", nn.BatchNorm2d(after))
            self.cnn.add_module(f"relu{i}", nn.ReLU(inplace=True))
            if i in POOLINGS:
                number = list(POOLINGS).index(i)
                self.cnn.add_module(f"pooling{number}", nn.MaxPool2d(*POOLINGS[i]))
            before = after
        self.rnn = nn.Sequential(
            BidirectionalLSTM(before, hidden, hidden),
            BidirectionalLSTM(hidden, hidden, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        features = self.cnn(x)
        return self.rnn(features.squeeze(2).permute(2, 0, 1))
