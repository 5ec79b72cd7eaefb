"""ResNet's Bottleneck ("v1.5") in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn

from models.blocks.basicblock.ms import conv1x1, conv3x3, projection


class Bottleneck(nn.Cell):
    """1x1, 3x3, 1x1 convolutions and a shortcut; (N, inplanes, H, W) to (N, 4 planes, H', W')."""

    expansion = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Cell | None = None,
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
        self.relu = nn.ReLU()
        self.downsample = downsample

    def construct(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out = out + identity
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
