"""The small network in MindSpore."""

from mindspore import Tensor, nn


class Tiny(nn.Cell):
    """(N, 3, 32, 32) to logits (N, 10). bn_momentum: in MindSpore's terms."""

    def __init__(self, bn_momentum: float = 0.9) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, stride=2, pad_mode="pad", padding=1)
        self.bn1 = nn.BatchNorm2d(8, momentum=bn_momentum)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(8, 8, 3, stride=2, pad_mode="pad", padding=1)
        self.bn2 = nn.BatchNorm2d(8, momentum=bn_momentum)
        self.flatten = nn.Flatten()
        self.fc = nn.Dense(8 * 8 * 8, 10)

    def construct(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.fc(self.flatten(x))
