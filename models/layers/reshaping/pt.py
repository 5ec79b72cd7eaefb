"""torch's reshaping layers, as they are, and torch.flatten(x, 1), as ResNet's head uses it."""

from torch import Tensor, flatten, nn
from torch.nn import Fold, Identity, Unflatten, Unfold

__all__ = ["Flatten", "FlattenLayer", "Fold", "Identity", "Unflatten", "Unfold"]

FlattenLayer = nn.Flatten


class Flatten(nn.Module):
    """torch.flatten(x, 1)."""

    def forward(self, x: Tensor) -> Tensor:
        return flatten(x, 1)
