"""torch.nn.Linear in MindSpore: Dense, weight (out, in) as in torch."""

from mindspore import nn


def Dense(in_features: int, out_features: int, bias: bool = True) -> nn.Dense:
    """A Dense with torch's arguments."""
    return nn.Dense(in_features, out_features, has_bias=bias)
