"""A small image network with the layers that a ResNet has not."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seeded.nets.sizes import CHANNELS, CLASSES, GROUPS


class Pyramid(nn.Module):
    """Features beside their own halved and enlarged copy; (N, C, H, W) to the same."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.MaxPool2d(2, ceil_mode=True)
        self.mix = nn.Conv2d(2 * CHANNELS, CHANNELS, 3, padding=2, dilation=2)

    def forward(self, x: Tensor) -> Tensor:
        coarse = F.interpolate(self.down(x), size=x.shape[2:], mode="bilinear", align_corners=False)
        return self.mix(torch.cat([x, coarse], dim=1))


class Shuffle(nn.Module):
    """A grouped convolution, its channels then dealt out to all groups."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, groups=GROUPS)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        n, c, h, w = x.shape
        x = x.reshape(n, GROUPS, c // GROUPS, h, w)
        return x.transpose(1, 2).reshape(n, c, h, w)


class Gate(nn.Module):
    """Squeeze and excite."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc1 = nn.Conv2d(CHANNELS, CHANNELS // 4, 1)
        self.act = nn.ReLU()
        self.fc2 = nn.Conv2d(CHANNELS // 4, CHANNELS, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return x * self.sigmoid(self.fc2(self.act(self.fc1(self.pool(x)))))


class Head(nn.Module):
    """Mean over the plane, unit length, LayerNorm, Dropout, Linear."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(CHANNELS)
        self.dropout = nn.Dropout(0.1)
        self.fc = nn.Linear(CHANNELS, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = F.normalize(x.mean((2, 3)), dim=1)
        return self.fc(self.dropout(self.norm(x)))


class Vision(nn.Module):
    """Images (N, 3, H, W) to logits (N, CLASSES)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, CHANNELS, 3, padding=1, padding_mode="reflect")
        self.act = nn.LeakyReLU(0.1)
        self.pool = nn.MaxPool2d(3, 2, padding=1)
        self.norm = nn.GroupNorm(GROUPS, CHANNELS)
        self.gelu = nn.GELU()
        self.smooth = nn.AvgPool2d(3, stride=1, padding=1)
        self.pyramid = Pyramid()
        self.pad = nn.ZeroPad2d((1, 2, 0, 1))
        self.conv = nn.Conv2d(CHANNELS, CHANNELS, 3)
        self.shuffle = Shuffle()
        self.gate = Gate()
        self.head = Head()

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.act(self.stem(x)))
        x = self.smooth(self.gelu(self.norm(x)))
        x = self.conv(self.pad(self.pyramid(x)))
        return self.head(self.gate(self.shuffle(x)))
