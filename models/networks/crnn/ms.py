"""CRNN in MindSpore; attribute names and order follow ``pt.py``."""

from collections import OrderedDict

from mindspore import Tensor, nn

from models.layers.convolution.ms import Conv2d
from models.layers.pooling.ms import MaxPool2d

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


class BidirectionalLSTM(nn.Cell):
    """(T, N, n_in) to (T, N, n_out)."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int):
        super().__init__()
        self.rnn = nn.LSTM(n_in, n_hidden, bidirectional=True)
        self.embedding = nn.Dense(n_hidden * 2, n_out)

    def construct(self, x: Tensor) -> Tensor:
        recurrent, _ = self.rnn(x)
        t, n, width = recurrent.shape
        return self.embedding(recurrent.reshape(t * n, width)).reshape(t, n, -1)


class CRNN(nn.Cell):
    """Images (N, channels, 32, W) to logits (W / 4 + 1, N, num_classes).

    width: channels of the first convolution; 64 is the published network.
    """

    def __init__(self, channels: int, num_classes: int, hidden: int = 256, width: int = 64):
        super().__init__()
        cnn: OrderedDict[str, nn.Cell] = OrderedDict()
        before = channels
        for i, (kernel, padding) in enumerate(zip(KERNELS, PADDINGS)):
            after = width * WIDTHS[i]
            cnn[f"conv{i}"] = Conv2d(before, after, kernel, 1, padding)
            if i in NORMALISED:
                cnn[f"batchnorm{i}"] = nn.BatchNorm2d(after)
            cnn[f"relu{i}"] = nn.ReLU()
            if i in POOLINGS:
                number = list(POOLINGS).index(i)
                cnn[f"pooling{number}"] = MaxPool2d(*POOLINGS[i])
            before = after
        self.cnn = nn.SequentialCell(cnn)
        self.rnn = nn.SequentialCell(
            BidirectionalLSTM(before, hidden, hidden),
            BidirectionalLSTM(hidden, hidden, num_classes),
        )

    def construct(self, x: Tensor) -> Tensor:
        features = self.cnn(x)
        return self.rnn(features.squeeze(2).permute(2, 0, 1))
