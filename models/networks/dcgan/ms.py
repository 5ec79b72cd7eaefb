"""The DCGAN generator in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn
from mindspore.common.initializer import Normal, initializer

from models.layers.conv_transpose.ms import ConvTranspose2d


class Generator(nn.Cell):
    """Noise (N, nz, 1, 1) to images (N, nc, 64, 64) between -1 and 1."""

    def __init__(self, nz: int = 100, ngf: int = 64, nc: int = 3):
        super().__init__()
        self.main = nn.SequentialCell(
            ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 8),
            nn.ReLU(),
            ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(),
            ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(),
            ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(),
            ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
            nn.Tanh(),
        )
        for cell in self.main:
            if isinstance(cell, ConvTranspose2d):
                cell.weight.set_data(initializer(Normal(0.02, 0.0), cell.weight.shape))
            elif isinstance(cell, nn.BatchNorm2d):
                cell.gamma.set_data(initializer(Normal(0.02, 1.0), cell.gamma.shape))

    def construct(self, noise: Tensor) -> Tensor:
        return self.main(noise)
