"""torch.nn.BatchNorm2d, as it is."""

from torch.nn import BatchNorm2d

__all__ = ["BatchNorm2d"]
