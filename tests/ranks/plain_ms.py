"""A small network without running statistics, in MindSpore."""

from mindspore import Tensor, nn


class Plain(nn.Cell):
    """(N, 3, 32, 32) to logits (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, stride=2, pad_mode="pad", padding=1, has_bias=True)
        self.relu = nn.ReLU()
        self.flatten = nn.Flatten()
        self.fc = nn.Dense(8 * 16 * 16, 10)

    def construct(self, x: Tensor) -> Tensor:
        return self.fc(self.flatten(self.relu(self.conv1(x))))
