"""ResNet's stem in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn


class Stem(nn.Cell):
    """(N, 3, H, W) to (N, planes, H/4, W/4)."""

    def __init__(self, planes: int = 64):
        super().__init__()
        self.conv1 = nn.Conv2d(
            3, planes, kernel_size=7, stride=2, pad_mode="pad", padding=3, has_bias=False
        )
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, pad_mode="pad", padding=1)

    def construct(self, x: Tensor) -> Tensor:
        return self.maxpool(self.relu(self.bn1(self.conv1(x))))
