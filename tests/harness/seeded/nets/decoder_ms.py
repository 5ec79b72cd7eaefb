"""The small image decoder in MindSpore; attribute names and order follow ``decoder_pt.py``."""

from mindspore import Tensor, nn

from seeded.nets.sizes import DEEP, LATENT, PLANE


class Decoder(nn.Cell):
    """Latent values (N, LATENT) to standardised images (N, 3, 4 H, 4 W)."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Dense(LATENT, DEEP * PLANE[0] * PLANE[1])
        self.up1 = nn.Conv2dTranspose(DEEP, DEEP, 4, stride=2, pad_mode="pad", padding=1)
        self.bn = nn.BatchNorm2d(DEEP)
        self.relu = nn.ReLU()
        # torch's output_padding=1 crops one row and column less at the bottom and the right.
        self.up2 = nn.Conv2dTranspose(
            DEEP, 4, 3, stride=2, pad_mode="pad", padding=(1, 0, 1, 0), has_bias=True
        )
        self.prelu = nn.PReLU(4)
        self.last = nn.Conv2d(4, 3, 3, pad_mode="pad", padding=1, has_bias=True)

    def construct(self, z: Tensor) -> Tensor:
        x = self.fc(z).reshape(-1, DEEP, *PLANE)
        x = self.relu(self.bn(self.up1(x)))
        x = self.last(self.prelu(self.up2(x)))
        return (x - x.mean((2, 3), True)) / (x.std((2, 3), ddof=1, keepdims=True) + 1e-5)
