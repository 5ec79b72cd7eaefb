"""torch's reductions in MindSpore, whose indices and counts are int32."""

from mindspore import Tensor, int64, ops

from models.functions.common.ms import cell

Dims = int | tuple[int, ...] | None


@cell
def sum(x: Tensor, *, dim: Dims = None, keepdim: bool = False) -> Tensor:
    return ops.sum(x, dim, keepdim)


@cell
def mean(x: Tensor, *, dim: Dims = None, keepdim: bool = False) -> Tensor:
    return ops.mean(x, dim, keepdim)


@cell
def max(
    x: Tensor, *, dim: int | None = None, keepdim: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    """x.max(axis=1) is numpy's: no indices. x.max(1) gives both."""
    if dim is None:
        return x.max()
    values, indices = ops.max(x, dim, keepdim)
    return values, indices.astype(int64)


@cell
def min(
    x: Tensor, *, dim: int | None = None, keepdim: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    if dim is None:
        return x.min()
    values, indices = ops.min(x, dim, keepdim)
    return values, indices.astype(int64)


@cell
def amax(x: Tensor, *, dim: Dims = None, keepdim: bool = False) -> Tensor:
    return ops.amax(x, dim, keepdim)


@cell
def amin(x: Tensor, *, dim: Dims = None, keepdim: bool = False) -> Tensor:
    return ops.amin(x, dim, keepdim)


@cell
def aminmax(x: Tensor, *, dim: int | None = None, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    return ops.amin(x, dim, keepdim), ops.amax(x, dim, keepdim)


@cell
def prod(x: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return ops.prod(x, dim, keepdim)


@cell
def argmax(x: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return ops.argmax(x, dim, keepdim).astype(int64)


@cell
def argmin(x: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return ops.argmin(x, dim, keepdim).astype(int64)


@cell
def all(x: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return ops.all(x != 0, dim, keepdim)


@cell
def any(x: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return ops.any(x != 0, dim, keepdim)


@cell
def var(x: Tensor, *, dim: Dims = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    """ddof is 0 by default here."""
    return ops.var(x, dim, int(unbiased), keepdim)


@cell
def std(x: Tensor, *, dim: Dims = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    """ddof is 0 by default here."""
    return ops.std(x, dim, int(unbiased), keepdim)


@cell
def var_mean(
    x: Tensor, *, dim: Dims = None, unbiased: bool = True, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    return ops.var_mean(x, dim, int(unbiased), keepdim)


@cell
def std_mean(
    x: Tensor, *, dim: Dims = None, unbiased: bool = True, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    return ops.std_mean(x, dim, int(unbiased), keepdim)


@cell
def logsumexp(x: Tensor, *, dim: int | tuple[int, ...], keepdim: bool = False) -> Tensor:
    return ops.logsumexp(x, dim, keepdim)


@cell
def cumsum(x: Tensor, *, dim: int) -> Tensor:
    return ops.cumsum(x, dim)


@cell
def cumprod(x: Tensor, *, dim: int) -> Tensor:
    return ops.cumprod(x, dim)


@cell
def cummax(x: Tensor, *, dim: int) -> tuple[Tensor, Tensor]:
    return ops.cummax(x, dim)


@cell
def median(
    x: Tensor, *, dim: int | None = None, keepdim: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    """x.median() gives an index as well."""
    if dim is None:
        return ops.median(x.reshape(-1), 0)[0]
    return ops.median(x, dim, keepdim)


@cell
def count_nonzero(x: Tensor, *, dim: int | None = None) -> Tensor:
    return (x != 0).astype(int64).sum(dim)


@cell
def nan_amax(x: Tensor, *, dim: int) -> Tensor:
    """ops.amax passes over NaN on CPU; a sum does not."""
    x = ops.masked_fill(x, x > 0.5, float("nan"))
    total = x.sum(dim)
    return ops.where(ops.isnan(total), total, ops.amax(x, dim))
