"""torch's activation layers as calls of mindspore.ops: settings are positional, in this order.

ops.selu, mish, logsigmoid, tanh and tanhshrink run the kernels of the mindspore.nn layers: the
first three are wrong where composed.py says so.
"""

from collections.abc import Callable

from mindspore import Parameter, Tensor, float32, nn, ops


class Function(nn.Cell):
    """``function(x, *settings)`` as a cell."""

    def __init__(self, function: Callable[..., Tensor], *settings: float | str):
        super().__init__()
        self.function = function
        self.settings = settings

    def construct(self, x: Tensor) -> Tensor:
        return self.function(x, *self.settings)


class PReLU(nn.Cell):
    """ops.prelu, the parameter named as torch names it."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25):
        super().__init__()
        self.weight = Parameter(ops.full((num_parameters,), init, dtype=float32))

    def construct(self, x: Tensor) -> Tensor:
        return ops.prelu(x, self.weight)


def ReLU(inplace: bool = False) -> Function:
    return Function(ops.relu)


def ReLU6(inplace: bool = False) -> Function:
    return Function(ops.relu6)


def LeakyReLU(negative_slope: float = 0.01, inplace: bool = False) -> Function:
    """The slope is 0.2 by default there."""
    return Function(ops.leaky_relu, negative_slope)


def ELU(alpha: float = 1.0, inplace: bool = False) -> Function:
    """alpha must be 1 on CPU."""
    return Function(ops.elu, alpha)


def CELU(alpha: float = 1.0, inplace: bool = False) -> Function:
    return Function(ops.celu, alpha)


def GELU(approximate: str = "none") -> Function:
    """ops.gelu has torch's default, unlike nn.GELU."""
    return Function(ops.gelu, approximate)


def SiLU(inplace: bool = False) -> Function:
    return Function(ops.silu)


def Hardswish(inplace: bool = False) -> Function:
    return Function(ops.hardswish)


def Hardsigmoid(inplace: bool = False) -> Function:
    return Function(ops.hardsigmoid)


def Hardtanh(min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Function:
    return Function(ops.hardtanh, min_val, max_val)


def Hardshrink(lambd: float = 0.5) -> Function:
    return Function(ops.hardshrink, lambd)


def Softshrink(lambd: float = 0.5) -> Function:
    return Function(ops.softshrink, lambd)


def Sigmoid() -> Function:
    return Function(ops.sigmoid)


def Softsign() -> Function:
    return Function(ops.softsign)


def Softmax(dim: int) -> Function:
    return Function(ops.softmax, dim)


def LogSoftmax(dim: int) -> Function:
    return Function(ops.log_softmax, dim)


def Softmin(dim: int) -> Function:
    return Function(ops.softmin, dim)


def Threshold(threshold: float, value: float, inplace: bool = False) -> Function:
    return Function(ops.threshold, threshold, value)


def GLU(dim: int = -1) -> Function:
    return Function(ops.glu, dim)
