"""torch's functions that make a tensor, in MindSpore, added to one that is given."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell


@cell
def arange(x: Tensor, *, start: int = 0, step: int = 1) -> Tensor:
    return x + ops.arange(start, start + step * x.shape[-1], step)


@cell
def arange_integers(x: Tensor, *, end: int, start: int = 0, step: int = 1) -> Tensor:
    return ops.arange(start, end, step)


@cell
def linspace(x: Tensor, *, start: float, end: float) -> Tensor:
    return x + ops.linspace(start, end, x.shape[-1])


@cell
def zeros_like(x: Tensor) -> Tensor:
    return x + ops.zeros_like(x)


@cell
def ones_like(x: Tensor) -> Tensor:
    return x + ops.ones_like(x)


@cell
def full_like(x: Tensor, *, fill_value: float) -> Tensor:
    return x + ops.full_like(x, fill_value)


@cell
def zeros(x: Tensor) -> Tensor:
    return ops.cat([x, ops.zeros((x.shape[0], 2), x.dtype)], 1)


@cell
def ones(x: Tensor) -> Tensor:
    return ops.cat([x, ops.ones((x.shape[0], 2), x.dtype)], 1)


@cell
def full(x: Tensor, *, fill_value: float) -> Tensor:
    return x + ops.full(x.shape, fill_value, dtype=x.dtype)


@cell
def eye(x: Tensor) -> Tensor:
    return x + ops.eye(x.shape[-2], x.shape[-1], x.dtype)


@cell
def causal_mask(x: Tensor) -> Tensor:
    """ops.triu of minus infinity gives NaN where it multiplies by 0; a mask does not."""
    above = ops.triu(ops.ones(x.shape[-2:], x.dtype), 1) > 0
    return ops.softmax(ops.masked_fill(x, above, float("-inf")), -1)
