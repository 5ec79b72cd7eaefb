"""The same functions of mindspore.mint, which has torch's names and arguments."""

from mindspore import Tensor, mint

from models.functions.common.ms import cell

exp = cell(mint.exp)
exp2 = cell(mint.exp2)
expm1 = cell(mint.expm1)
log = cell(mint.log)
log1p = cell(mint.log1p)
log2 = cell(mint.log2)
log10 = cell(mint.log10)
sqrt = cell(mint.sqrt)
rsqrt = cell(mint.rsqrt)
square = cell(mint.square)
reciprocal = cell(mint.reciprocal)
abs = cell(mint.abs)
neg = cell(mint.neg)
sign = cell(mint.sign)
sin = cell(mint.sin)
cos = cell(mint.cos)
tan = cell(mint.tan)
asin = cell(mint.asin)
acos = cell(mint.acos)
atan = cell(mint.atan)
sinh = cell(mint.sinh)
cosh = cell(mint.cosh)
asinh = cell(mint.asinh)
acosh = cell(mint.acosh)
atanh = cell(mint.atanh)
tanh = cell(mint.tanh)
sigmoid = cell(mint.sigmoid)
erf = cell(mint.erf)
erfc = cell(mint.erfc)
floor = cell(mint.floor)
ceil = cell(mint.ceil)
trunc = cell(mint.trunc)
frac = cell(mint.frac)
add = cell(mint.add)
sub = cell(mint.sub)
mul = cell(mint.mul)
maximum = cell(mint.maximum)
minimum = cell(mint.minimum)
fmod = cell(mint.fmod)
atan2 = cell(mint.atan2)
xlogy = cell(mint.xlogy)
logaddexp = cell(mint.logaddexp)
div = cell(mint.div)
floor_divide = cell(mint.floor_divide)
remainder = cell(mint.remainder)
pow = cell(mint.pow)
lerp = cell(mint.lerp)
addcmul = cell(mint.addcmul)
addcdiv = cell(mint.addcdiv)
clamp = cell(mint.clamp)
eq = cell(mint.eq)
ne = cell(mint.ne)
lt = cell(mint.lt)
le = cell(mint.le)
gt = cell(mint.gt)
ge = cell(mint.ge)
logical_and = cell(mint.logical_and)
logical_or = cell(mint.logical_or)
logical_xor = cell(mint.logical_xor)
logical_not = cell(mint.logical_not)


@cell
def round(x: Tensor, *, scale: float = 1.0, decimals: int = 0) -> Tensor:
    return mint.round(x * scale, decimals=decimals)


@cell
def isnan(x: Tensor, y: Tensor) -> Tensor:
    return mint.isnan(x / y)


@cell
def isinf(x: Tensor, y: Tensor) -> Tensor:
    return mint.isinf(x / y)


@cell
def isfinite(x: Tensor, y: Tensor) -> Tensor:
    return mint.isfinite(x / y)


@cell
def nan_to_num(
    x: Tensor,
    y: Tensor,
    *,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    return mint.nan_to_num(x / y, nan, posinf, neginf)
