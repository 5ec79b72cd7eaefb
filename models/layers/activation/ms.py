"""torch's activation layers in MindSpore, with torch's arguments.

``inplace`` changes memory only, never values, and is dropped. What has no right counterpart in
mindspore.nn is composed in ``composed.py``.
"""

from mindspore import nn

from models.layers.activation.composed import (
    SELU,
    GeneralELU,
    LogSigmoid,
    Mish,
    RandomLeakyReLU,
    Softplus,
)

__all__ = ["SELU", "LogSigmoid", "Mish", "Softplus"]

Hardsigmoid, Hardswish = nn.HSigmoid, nn.HSwish
Sigmoid, Softsign, Tanh, Tanhshrink = nn.Sigmoid, nn.Softsign, nn.Tanh, nn.Tanhshrink
Softmax2d = nn.Softmax2d

# Wrong in places, see composed.py: what a port should not use.
StockSELU, StockMish, StockLogSigmoid = nn.SeLU, nn.Mish, nn.LogSigmoid


def ReLU(inplace: bool = False) -> nn.ReLU:
    """The same, but that it turns NaN into 0."""
    return nn.ReLU()


def ReLU6(inplace: bool = False) -> nn.ReLU6:
    """The same."""
    return nn.ReLU6()


def SiLU(inplace: bool = False) -> nn.SiLU:
    """The same."""
    return nn.SiLU()


def LeakyReLU(negative_slope: float = 0.01, inplace: bool = False) -> nn.LeakyReLU:
    """The slope is ``alpha`` there, 0.2 by default; its gradient at 0 is (1 + slope) / 2."""
    return nn.LeakyReLU(negative_slope)


def PReLU(num_parameters: int = 1, init: float = 0.25) -> nn.PReLU:
    """The parameter is ``w`` there."""
    return nn.PReLU(num_parameters, init)


def RReLU(lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> RandomLeakyReLU:
    """nn.RReLU draws slopes in eval mode too, where torch uses their mean."""
    return RandomLeakyReLU(lower, upper)


def ELU(alpha: float = 1.0, inplace: bool = False) -> nn.Cell:
    """On CPU nn.ELU takes alpha 1 only."""
    return nn.ELU() if alpha == 1 else GeneralELU(alpha)


def CELU(alpha: float = 1.0, inplace: bool = False) -> nn.CELU:
    """The same."""
    return nn.CELU(alpha)


def GELU(approximate: str = "none") -> nn.GELU:
    """nn.GELU() is the tanh form: torch's default needs approximate=False."""
    return nn.GELU(approximate=approximate == "tanh")


def Hardtanh(min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> nn.Hardtanh:
    """The same."""
    return nn.Hardtanh(min_val, max_val)


def Hardshrink(lambd: float = 0.5) -> nn.HShrink:
    """The same."""
    return nn.HShrink(lambd)


def Softshrink(lambd: float = 0.5) -> nn.SoftShrink:
    """The same."""
    return nn.SoftShrink(lambd)


def Threshold(threshold: float, value: float, inplace: bool = False) -> nn.Threshold:
    """The same."""
    return nn.Threshold(threshold, value)


def Softmax(dim: int) -> nn.Softmax:
    """``axis`` there, -1 by default; torch without dim takes 1, and 0 for 1-D and 3-D inputs."""
    return nn.Softmax(axis=dim)


def LogSoftmax(dim: int) -> nn.LogSoftmax:
    """``axis`` there, -1 by default."""
    return nn.LogSoftmax(axis=dim)


def Softmin(dim: int) -> nn.Softmin:
    """``axis`` there, -1 by default."""
    return nn.Softmin(axis=dim)


def GLU(dim: int = -1) -> nn.GLU:
    """``axis`` there."""
    return nn.GLU(axis=dim)
