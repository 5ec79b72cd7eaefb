"""The end of a residual block: add the shortcut, then ReLU."""

from torch import Tensor, nn


class ResidualAdd(nn.Module):
    """relu(x + shortcut); both inputs (N, C, H, W) of one shape."""

    def __init__(self, relu: bool = True):
        super().__init__()
        self.relu = nn.ReLU() if relu else nn.Identity()

    def forward(self, x: Tensor, shortcut: Tensor) -> Tensor:
        return self.relu(x + shortcut)
