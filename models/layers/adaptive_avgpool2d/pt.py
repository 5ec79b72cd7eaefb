"""torch.nn.AdaptiveAvgPool2d, as it is."""

from torch.nn import AdaptiveAvgPool2d

__all__ = ["AdaptiveAvgPool2d"]
