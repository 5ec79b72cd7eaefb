"""torch's elementwise functions in MindSpore."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell

exp = cell(ops.exp)
exp2 = cell(ops.exp2)
log = cell(ops.log)
log2 = cell(ops.log2)
log10 = cell(ops.log10)
sqrt = cell(ops.sqrt)
rsqrt = cell(ops.rsqrt)
square = cell(ops.square)
reciprocal = cell(ops.reciprocal)
abs = cell(ops.abs)
neg = cell(ops.neg)
sign = cell(ops.sign)
sin = cell(ops.sin)
cos = cell(ops.cos)
tan = cell(ops.tan)
asin = cell(ops.asin)
acos = cell(ops.acos)
atan = cell(ops.atan)
sinh = cell(ops.sinh)
cosh = cell(ops.cosh)
asinh = cell(ops.asinh)
acosh = cell(ops.acosh)
atanh = cell(ops.atanh)
tanh = cell(ops.tanh)
sigmoid = cell(ops.sigmoid)
erf = cell(ops.erf)
erfc = cell(ops.erfc)
floor = cell(ops.floor)
ceil = cell(ops.ceil)
trunc = cell(ops.trunc)
frac = cell(ops.frac)

mul = cell(ops.mul)
maximum = cell(ops.maximum)
minimum = cell(ops.minimum)
fmod = cell(ops.fmod)
atan2 = cell(ops.atan2)
hypot = cell(ops.hypot)
xlogy = cell(ops.xlogy)
logaddexp = cell(ops.logaddexp)
div = cell(ops.div)
floor_divide = cell(ops.floor_divide)
remainder = cell(ops.remainder)
pow = cell(ops.pow)
lerp = cell(ops.lerp)
addcmul = cell(ops.addcmul)
addcdiv = cell(ops.addcdiv)
clamp = cell(ops.clamp)

eq = cell(ops.eq)
ne = cell(ops.ne)
lt = cell(ops.lt)
le = cell(ops.le)
gt = cell(ops.gt)
ge = cell(ops.ge)
logical_and = cell(ops.logical_and)
logical_or = cell(ops.logical_or)
logical_xor = cell(ops.logical_xor)
logical_not = cell(ops.logical_not)


@cell
def expm1(x: Tensor) -> Tensor:
    """ops.expm1 is exp(x) - 1 on CPU, with nothing left of a tiny x."""
    return 2 * ops.sinh(x / 2) * ops.exp(x / 2)


@cell
def log1p(x: Tensor) -> Tensor:
    """ops.log1p is log(1 + x) on CPU, with nothing left of a tiny x; this is for x up to 1e3."""
    return 2 * ops.atanh(x / (2 + x))


@cell
def add(x: Tensor, y: Tensor, *, alpha: float = 1) -> Tensor:
    """ops.add has no alpha."""
    return x + alpha * y


@cell
def sub(x: Tensor, y: Tensor, *, alpha: float = 1) -> Tensor:
    """ops.sub has no alpha."""
    return x - alpha * y


@cell
def round(x: Tensor, *, scale: float = 1.0, decimals: int = 0) -> Tensor:
    """CPU has no kernel for decimals."""
    return ops.round(x * scale * 10**decimals) / 10**decimals


@cell
def isnan(x: Tensor, y: Tensor) -> Tensor:
    return ops.isnan(x / y)


@cell
def isinf(x: Tensor, y: Tensor) -> Tensor:
    return ops.isinf(x / y)


@cell
def isfinite(x: Tensor, y: Tensor) -> Tensor:
    return ops.isfinite(x / y)


@cell
def nan_to_num(
    x: Tensor,
    y: Tensor,
    *,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    return ops.nan_to_num(x / y, nan, posinf, neginf)


def _holed(x: Tensor) -> Tensor:
    return ops.masked_fill(x, x > 0.5, float("nan"))


@cell
def nan_relu(x: Tensor) -> Tensor:
    """ops.relu turns NaN into 0 on CPU; a comparison keeps it."""
    x = _holed(x)
    return ops.where(x < 0, ops.zeros_like(x), x)


@cell
def nan_maximum(x: Tensor, y: Tensor) -> Tensor:
    """ops.maximum drops NaN on CPU; NaN is in both halves of x + y."""
    x = _holed(x)
    return ops.where(ops.isnan(x + y), x + y, ops.maximum(x, y))


@cell
def nan_minimum(x: Tensor, y: Tensor) -> Tensor:
    x = _holed(x)
    return ops.where(ops.isnan(x + y), x + y, ops.minimum(x, y))


@cell
def nan_clamp(x: Tensor, *, min: float, max: float) -> Tensor:
    """ops.clamp turns NaN into a bound on CPU."""
    x = _holed(x)
    return ops.where(ops.isnan(x), x, ops.clamp(x, min, max))


@cell
def nan_softplus(x: Tensor) -> Tensor:
    """ops.softplus turns NaN into infinity on CPU."""
    x = _holed(x)
    return ops.where(ops.isnan(x), x, ops.softplus(x))
