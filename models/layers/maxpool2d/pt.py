"""torch.nn.MaxPool2d, as it is."""

from torch.nn import MaxPool2d

__all__ = ["MaxPool2d"]
