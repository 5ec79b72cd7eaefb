"""The end of a residual block in MindSpore; ``+=`` would not write in place there."""

from mindspore import Tensor, nn


class ResidualAdd(nn.Cell):
    """relu(x + shortcut); both inputs (N, C, H, W) of one shape."""

    def __init__(self, relu: bool = True):
        super().__init__()
        self.relu = nn.ReLU() if relu else nn.Identity()

    def construct(self, x: Tensor, shortcut: Tensor) -> Tensor:
        return self.relu(x + shortcut)
