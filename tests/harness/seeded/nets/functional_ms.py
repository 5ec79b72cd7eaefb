"""The perceptron in MindSpore; attribute names and order follow ``functional_pt.py``."""

from mindspore import Tensor, nn, ops

from seeded.nets.sizes import CLASSES, WIDTH


class Perceptron(nn.Cell):
    """(N, WIDTH) to logits (N, CLASSES)."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Dense(WIDTH, 64)
        self.fc2 = nn.Dense(64, CLASSES)

    def construct(self, x: Tensor) -> Tensor:
        x = ops.relu(self.fc1(x))
        return self.fc2(ops.dropout(x, 0.5, self.training))
