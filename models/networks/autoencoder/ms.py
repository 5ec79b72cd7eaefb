"""The convolutional autoencoder in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn

from models.layers.conv_transpose.ms import ConvTranspose2d
from models.layers.convolution.ms import Conv2d


class Autoencoder(nn.Cell):
    """Images (N, channels, 28, 28) to images of that size between 0 and 1.

    width: channels of the first convolution; the code is (N, 4 * width, 1, 1).
    """

    def __init__(self, channels: int = 1, width: int = 16):
        super().__init__()
        self.encoder = nn.SequentialCell(
            Conv2d(channels, width, 3, stride=2, padding=1),
            nn.ReLU(),
            Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(),
            Conv2d(2 * width, 4 * width, 7),
        )
        self.decoder = nn.SequentialCell(
            ConvTranspose2d(4 * width, 2 * width, 7),
            nn.ReLU(),
            ConvTranspose2d(2 * width, width, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            ConvTranspose2d(width, channels, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def construct(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))
