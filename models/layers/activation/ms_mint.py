"""torch's activation layers as mindspore.mint has them: torch's names, arguments and defaults."""

from mindspore import Tensor, mint, nn
from mindspore.mint.nn import (
    ELU,
    GELU,
    GLU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softshrink,
    Tanh,
    Threshold,
)

__all__ = [
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softshrink",
    "Tanh",
    "Threshold",
]


class LeakyReLU(nn.Cell):
    """mint has the function only; its slope is torch's by default."""

    def __init__(self, negative_slope: float = 0.01):
        super().__init__()
        self.negative_slope = negative_slope

    def construct(self, x: Tensor) -> Tensor:
        return mint.nn.functional.leaky_relu(x, self.negative_slope)


class Softplus(nn.Cell):
    """mint has the function only."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def construct(self, x: Tensor) -> Tensor:
        return mint.nn.functional.softplus(x, self.beta, self.threshold)
