"""torch.nn.Linear, as it is."""

from torch.nn import Linear

__all__ = ["Linear"]
