"""torch's elementwise functions, as they are."""

import torch
from torch import Tensor

from models.functions.common.pt import module

exp = module(torch.exp)
exp2 = module(torch.exp2)
expm1 = module(torch.expm1)
log = module(torch.log)
log1p = module(torch.log1p)
log2 = module(torch.log2)
log10 = module(torch.log10)
sqrt = module(torch.sqrt)
rsqrt = module(torch.rsqrt)
square = module(torch.square)
reciprocal = module(torch.reciprocal)
abs = module(torch.abs)
neg = module(torch.neg)
sign = module(torch.sign)
sin = module(torch.sin)
cos = module(torch.cos)
tan = module(torch.tan)
asin = module(torch.asin)
acos = module(torch.acos)
atan = module(torch.atan)
sinh = module(torch.sinh)
cosh = module(torch.cosh)
asinh = module(torch.asinh)
acosh = module(torch.acosh)
atanh = module(torch.atanh)
tanh = module(torch.tanh)
sigmoid = module(torch.sigmoid)
erf = module(torch.erf)
erfc = module(torch.erfc)
floor = module(torch.floor)
ceil = module(torch.ceil)
trunc = module(torch.trunc)
frac = module(torch.frac)

add = module(torch.add)
sub = module(torch.sub)
mul = module(torch.mul)
maximum = module(torch.maximum)
minimum = module(torch.minimum)
fmod = module(torch.fmod)
atan2 = module(torch.atan2)
hypot = module(torch.hypot)
xlogy = module(torch.xlogy)
logaddexp = module(torch.logaddexp)
div = module(torch.div)
floor_divide = module(torch.floor_divide)
remainder = module(torch.remainder)
pow = module(torch.pow)
lerp = module(torch.lerp)
addcmul = module(torch.addcmul)
addcdiv = module(torch.addcdiv)
clamp = module(torch.clamp)

eq = module(torch.eq)
ne = module(torch.ne)
lt = module(torch.lt)
le = module(torch.le)
gt = module(torch.gt)
ge = module(torch.ge)
logical_and = module(torch.logical_and)
logical_or = module(torch.logical_or)
logical_xor = module(torch.logical_xor)
logical_not = module(torch.logical_not)


@module
def round(x: Tensor, *, scale: float = 1.0, decimals: int = 0) -> Tensor:
    return torch.round(x * scale, decimals=decimals)


@module
def isnan(x: Tensor, y: Tensor) -> Tensor:
    """0/0 is NaN, 1/0 infinite."""
    return torch.isnan(x / y)


@module
def isinf(x: Tensor, y: Tensor) -> Tensor:
    return torch.isinf(x / y)


@module
def isfinite(x: Tensor, y: Tensor) -> Tensor:
    return torch.isfinite(x / y)


@module
def nan_to_num(
    x: Tensor,
    y: Tensor,
    *,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    return torch.nan_to_num(x / y, nan, posinf, neginf)


def _holed(x: Tensor) -> Tensor:
    """NaN wherever x is above 1/2."""
    return x.masked_fill(x > 0.5, float("nan"))


@module
def nan_relu(x: Tensor) -> Tensor:
    return torch.relu(_holed(x))


@module
def nan_maximum(x: Tensor, y: Tensor) -> Tensor:
    return torch.maximum(_holed(x), y)


@module
def nan_minimum(x: Tensor, y: Tensor) -> Tensor:
    return torch.minimum(_holed(x), y)


@module
def nan_clamp(x: Tensor, *, min: float, max: float) -> Tensor:
    return torch.clamp(_holed(x), min, max)


@module
def nan_softplus(x: Tensor) -> Tensor:
    return torch.nn.functional.softplus(_holed(x))
