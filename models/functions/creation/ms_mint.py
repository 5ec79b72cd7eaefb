"""The same functions of mindspore.mint."""

from mindspore import Tensor, mint

from models.functions.common.ms import cell


@cell
def arange(x: Tensor, *, start: int = 0, step: int = 1) -> Tensor:
    return x + mint.arange(start, start + step * x.shape[-1], step)


@cell
def arange_integers(x: Tensor, *, end: int, start: int = 0, step: int = 1) -> Tensor:
    return mint.arange(start, end, step)


@cell
def linspace(x: Tensor, *, start: float, end: float) -> Tensor:
    return x + mint.linspace(start, end, x.shape[-1])


@cell
def zeros_like(x: Tensor) -> Tensor:
    return x + mint.zeros_like(x)


@cell
def ones_like(x: Tensor) -> Tensor:
    return x + mint.ones_like(x)


@cell
def full_like(x: Tensor, *, fill_value: float) -> Tensor:
    return x + mint.full_like(x, fill_value)


@cell
def zeros(x: Tensor) -> Tensor:
    return mint.cat([x, mint.zeros((x.shape[0], 2), dtype=x.dtype)], 1)


@cell
def ones(x: Tensor) -> Tensor:
    return mint.cat([x, mint.ones((x.shape[0], 2), dtype=x.dtype)], 1)


@cell
def full(x: Tensor, *, fill_value: float) -> Tensor:
    return x + mint.full(x.shape, fill_value, dtype=x.dtype)


@cell
def eye(x: Tensor) -> Tensor:
    return x + mint.eye(x.shape[-2], x.shape[-1], x.dtype)
