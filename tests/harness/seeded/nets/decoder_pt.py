"""A small image decoder: Linear, transposed convolutions, a standardised output."""

from torch import Tensor, nn

from seeded.nets.sizes import DEEP, LATENT, PLANE


class Decoder(nn.Module):
    """Latent values (N, LATENT) to standardised images (N, 3, 4 H, 4 W)."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(LATENT, DEEP * PLANE[0] * PLANE[1])
        self.up1 = nn.ConvTranspose2d(DEEP, DEEP, 4, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(DEEP)
        self.relu = nn.ReLU()
        self.up2 = nn.ConvTranspose2d(DEEP, 4, 3, stride=2, padding=1, output_padding=1)
        self.prelu = nn.PReLU(4)
        self.last = nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        x = self.fc(z).reshape(-1, DEEP, *PLANE)
        x = self.relu(self.bn(self.up1(x)))
        x = self.last(self.prelu(self.up2(x)))
        return (x - x.mean((2, 3), keepdim=True)) / (x.std((2, 3), keepdim=True) + 1e-5)
