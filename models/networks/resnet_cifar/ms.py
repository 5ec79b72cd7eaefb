"""The CIFAR-10 form of ResNet in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import HeNormal, initializer

from models.blocks.basicblock.ms import conv3x3


class PadShortcut(nn.Cell):
    """Option A: every second pixel, zeros for the new channels; it has no parameters."""

    def __init__(self, planes: int):
        super().__init__()
        self.extra = planes // 4

    def construct(self, x: Tensor) -> Tensor:
        # The gradient of x[:, :, ::2, ::2] raises on MindSpore 2.10 CPU; strided_slice is the same.
        every_second = ops.strided_slice(x, (0, 0, 0, 0), x.shape, (1, 1, 2, 2))
        return ops.pad(every_second, (0, 0, 0, 0, self.extra, self.extra))


class CifarBlock(nn.Cell):
    """Two 3x3 convolutions and a shortcut without parameters."""

    def __init__(self, in_planes: int, planes: int, stride: int = 1):
        super().__init__()
        self.conv1 = conv3x3(in_planes, planes, stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = nn.BatchNorm2d(planes)
        changes = stride != 1 or in_planes != planes
        self.shortcut = PadShortcut(planes) if changes else nn.Identity()

    def construct(self, x: Tensor) -> Tensor:
        out = ops.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out = out + self.shortcut(x)
        return ops.relu(out)


class CifarResNet(nn.Cell):
    """Images (N, 3, 32, 32) to logits (N, num_classes); depth is 6 * blocks + 2."""

    def __init__(self, blocks: int, num_classes: int = 10):
        super().__init__()
        self.conv1 = conv3x3(3, 16)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self._stage(16, 16, blocks, 1)
        self.layer2 = self._stage(16, 32, blocks, 2)
        self.layer3 = self._stage(32, 64, blocks, 2)
        self.linear = nn.Dense(64, num_classes)
        # torch's kaiming_normal_ defaults: fan_in, leaky_relu with slope 0.
        he = HeNormal(mode="fan_in", nonlinearity="leaky_relu", negative_slope=0)
        for _, cell in self.cells_and_names():
            if isinstance(cell, (nn.Conv2d, nn.Dense)):
                cell.weight.set_data(initializer(he, cell.weight.shape, cell.weight.dtype))

    @staticmethod
    def _stage(in_planes: int, planes: int, blocks: int, stride: int) -> nn.SequentialCell:
        first = CifarBlock(in_planes, planes, stride)
        return nn.SequentialCell(first, *(CifarBlock(planes, planes) for _ in range(1, blocks)))

    def construct(self, x: Tensor) -> Tensor:
        x = ops.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        x = ops.avg_pool2d(x, x.shape[3], x.shape[3])
        return self.linear(ops.flatten(x))
