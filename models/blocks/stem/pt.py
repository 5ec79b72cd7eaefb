"""ResNet's stem: 7x7 convolution, BatchNorm, ReLU, 3x3 max pooling."""

from torch import Tensor, nn


class Stem(nn.Module):
    """(N, 3, H, W) to (N, planes, H/4, W/4)."""

    def __init__(self, planes: int = 64):
        super().__init__()
        self.conv1 = nn.Conv2d(3, planes, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.maxpool(self.relu(self.bn1(self.conv1(x))))
