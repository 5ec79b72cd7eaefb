"""torch.nn.Conv2d, as it is."""

from torch.nn import Conv2d

__all__ = ["Conv2d"]
