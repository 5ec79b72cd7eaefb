"""torch.nn.ReLU in MindSpore: the same; inplace does not exist."""

from mindspore import nn


def ReLU(inplace: bool = False) -> nn.ReLU:
    """A ReLU; ``inplace`` changes memory only, never values, and is dropped."""
    return nn.ReLU()
