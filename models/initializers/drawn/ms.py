"""torch's initializers in MindSpore: each makes what ``Parameter.set_data`` takes.

MindSpore's own defaults are others: Normal and TruncatedNormal have a sigma of 0.01, which comes
first; Uniform takes one scale around 0.
"""

from mindspore import Tensor
from mindspore.common import initializer as init

Shape = tuple[int, ...]


def constant_(shape: Shape, val: float) -> init.Constant:
    return init.Constant(val)


def zeros_(shape: Shape) -> init.Zero:
    return init.Zero()


def ones_(shape: Shape) -> init.One:
    return init.One()


def normal_(shape: Shape, mean: float = 0.0, std: float = 1.0) -> init.Normal:
    """The spread comes first, and is 0.01 where none is said."""
    return init.Normal(std, mean)


def uniform_(shape: Shape, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Uniform is symmetric: between other bounds its values are moved."""
    return init.initializer(init.Uniform((b - a) / 2), shape).init_data() + (a + b) / 2


def trunc_normal_(
    shape: Shape, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> init.TruncatedNormal:
    """The bounds are values, not multiples of the spread, in both."""
    return init.TruncatedNormal(std, mean, a, b)


def xavier_uniform_(shape: Shape, gain: float = 1.0) -> init.XavierUniform:
    return init.XavierUniform(gain)


def xavier_normal_(shape: Shape, gain: float = 1.0) -> init.XavierNormal:
    return init.XavierNormal(gain)


def kaiming_uniform_(
    shape: Shape, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> init.HeUniform:
    return init.HeUniform(a, mode, nonlinearity)


def kaiming_normal_(
    shape: Shape, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> init.HeNormal:
    return init.HeNormal(a, mode, nonlinearity)


def orthogonal_(shape: Shape, gain: float = 1.0) -> init.Orthogonal:
    return init.Orthogonal(gain)


def eye_(shape: Shape) -> init.Identity:
    return init.Identity()


def dirac_(shape: Shape, groups: int = 1) -> init.Dirac:
    return init.Dirac(groups)


def sparse_(shape: Shape, sparsity: float, std: float = 0.01) -> init.Sparse:
    return init.Sparse(sparsity, std)
