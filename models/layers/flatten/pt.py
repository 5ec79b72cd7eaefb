"""torch.flatten from dimension 1, as ResNet's head uses it."""

from torch import Tensor, flatten, nn


class Flatten(nn.Module):
    """torch.flatten(x, 1)."""

    def forward(self, x: Tensor) -> Tensor:
        return flatten(x, 1)
