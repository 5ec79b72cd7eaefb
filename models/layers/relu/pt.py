"""torch.nn.ReLU, as it is."""

from torch.nn import ReLU

__all__ = ["ReLU"]
