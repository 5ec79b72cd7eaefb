"""A port that is right in PyNative mode and wrong once compiled, for the tests."""

from mindspore import Tensor

from models.blocks.basicblock.ms import projection
from models.blocks.bottleneck.ms import Bottleneck


class ScaledInPlace(Bottleneck):
    """A Bottleneck scaled in place, which the PyNative mode of MindSpore 2.10 ignores."""

    def construct(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.relu(self.bn3(self.conv3(out)) + identity)
        out.mul_(1.01)
        return out


def build(inplanes: int, planes: int, stride: int = 1) -> ScaledInPlace:
    """The Bottleneck with the projection that its shapes need."""
    downsample = projection(inplanes, planes * Bottleneck.expansion, stride)
    return ScaledInPlace(inplanes, planes, stride, downsample)
