"""torch.nn.BatchNorm2d in MindSpore: momentum there is the share of the old statistics."""

from mindspore import nn


def BatchNorm2d(num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> nn.BatchNorm2d:
    """A BatchNorm2d with torch's arguments and torch's meaning of them."""
    return nn.BatchNorm2d(num_features, eps=eps, momentum=1 - momentum)
