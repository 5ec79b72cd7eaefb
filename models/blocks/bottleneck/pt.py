"""ResNet's Bottleneck ("v1.5": the stride is on the 3x3), with torchvision's attribute names."""

from torch import Tensor, nn

from models.blocks.basicblock.pt import conv1x1, conv3x3, projection


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions and a shortcut; (N, inplanes, H, W) to (N, 4 planes, H', W')."""

    expansion = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
    ):
        super().__init__()
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += identity
        return self.relu(out)


def build(
    inplanes: int,
    planes: int,
    stride: int = 1,
    groups: int = 1,
    base_width: int = 64,
    dilation: int = 1,
) -> Bottleneck:
    """A Bottleneck with the projection that its shapes need."""
    downsample = projection(inplanes, planes * Bottleneck.expansion, stride)
    return Bottleneck(inplanes, planes, stride, downsample, groups, base_width, dilation)
