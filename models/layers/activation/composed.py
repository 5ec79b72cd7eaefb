"""Activations that mindspore.nn does not have, or computes wrongly, from operations that are right.

Each keeps exp within range before it is taken: a branch that overflows makes gradients NaN even
where it is not selected. exp(x) - 1 is ops.celu of a negative x: on CPU ops.expm1 subtracts 1 after
rounding, and is 5 % off at 1e-6.
"""

from mindspore import Tensor, nn, ops


class GeneralELU(nn.Cell):
    """torch.nn.ELU of any alpha: nn.ELU raises on CPU unless alpha is 1."""

    def __init__(self, alpha: float):
        super().__init__()
        self.alpha = alpha

    def construct(self, x: Tensor) -> Tensor:
        return ops.relu(x) + self.alpha * ops.celu(ops.minimum(x, 0))


class SELU(nn.Cell):
    """torch.nn.SELU: the gradient of nn.SeLU is wrong at negative inputs on CPU."""

    def __init__(self, inplace: bool = False):
        super().__init__()
        self.alpha = 1.6732632423543772
        self.scale = 1.0507009873554805

    def construct(self, x: Tensor) -> Tensor:
        return self.scale * (ops.relu(x) + self.alpha * ops.celu(ops.minimum(x, 0)))


class Mish(nn.Cell):
    """torch.nn.Mish, x * tanh(softplus(x)): nn.Mish is NaN from 45 on, on CPU.

    With n = exp(x) * (exp(x) + 2), tanh(softplus(x)) is n / (n + 2): 1 in float32 beyond 20.
    """

    def __init__(self, inplace: bool = False):
        super().__init__()
        self.largest = 20.0

    def construct(self, x: Tensor) -> Tensor:
        e = ops.exp(ops.minimum(x, self.largest))
        n = e * (e + 2)
        return x * (n / (n + 2))


class LogSigmoid(nn.Cell):
    """torch.nn.LogSigmoid: nn.LogSigmoid is -inf, with a gradient of NaN, below -88.

    log(1 + e) is 2 atanh(e / (2 + e)): ops.log1p loses the digits of a small e on CPU.
    """

    def construct(self, x: Tensor) -> Tensor:
        e = ops.exp(-ops.abs(x))
        return ops.minimum(x, 0) - 2 * ops.atanh(e / (2 + e))


class Softplus(nn.Cell):
    """torch.nn.Softplus: mindspore.nn has none. ops.softplus turns NaN into infinity."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def construct(self, x: Tensor) -> Tensor:
        return ops.softplus(x, self.beta, self.threshold)


class RandomLeakyReLU(nn.Cell):
    """torch.nn.RReLU: slopes drawn anew for each element in train mode, their mean in eval mode."""

    def __init__(self, lower: float, upper: float):
        super().__init__()
        self.lower = lower
        self.upper = upper

    def construct(self, x: Tensor) -> Tensor:
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = self.lower + (self.upper - self.lower) * ops.rand_like(x)
        return ops.where(x > 0, x, x * slope)
