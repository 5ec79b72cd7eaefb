"""What ops does to tiny values and to NaN on CPU: not what torch does."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell

expm1 = cell(ops.expm1)
log1p = cell(ops.log1p)


def _holed(x: Tensor) -> Tensor:
    return ops.masked_fill(x, x > 0.5, float("nan"))


@cell
def nan_relu(x: Tensor) -> Tensor:
    return ops.relu(_holed(x))


@cell
def nan_maximum(x: Tensor, y: Tensor) -> Tensor:
    return ops.maximum(_holed(x), y)


@cell
def nan_minimum(x: Tensor, y: Tensor) -> Tensor:
    return ops.minimum(_holed(x), y)


@cell
def nan_clamp(x: Tensor, *, min: float, max: float) -> Tensor:
    return ops.clamp(_holed(x), min, max)


@cell
def nan_softplus(x: Tensor) -> Tensor:
    return ops.softplus(_holed(x))
