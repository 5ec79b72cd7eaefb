"""torch's functions that select, scatter and sort, as they are."""

import torch
from torch import Tensor
from torch.nn import functional as F

from models.functions.common.pt import module

where = module(torch.where)
masked_select = module(torch.masked_select)
topk = module(torch.topk)
sort = module(torch.sort)
argsort = module(torch.argsort)
narrow = module(torch.narrow)
unbind = module(torch.unbind)
chunk = module(torch.chunk)
split = module(torch.split)
roll = module(torch.roll)
flip = module(torch.flip)
tril = module(torch.tril)
triu = module(torch.triu)
diagonal = module(torch.diagonal)
diag_embed = module(torch.diag_embed)
nonzero = module(torch.nonzero)
unique = module(torch.unique)
bincount = module(torch.bincount)
one_hot = module(F.one_hot)


@module
def gather(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    return torch.gather(x, dim, index)


@module
def index_select(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    return torch.index_select(x, dim, index)


@module
def take_along_dim(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    return torch.take_along_dim(x, index, dim)


@module
def masked_fill(x: Tensor, mask: Tensor, *, value: float) -> Tensor:
    return x.masked_fill(mask, value)


@module
def scatter(x: Tensor, index: Tensor, src: Tensor, *, dim: int) -> Tensor:
    return torch.scatter(x, dim, index, src)


@module
def scatter_add(x: Tensor, index: Tensor, src: Tensor, *, dim: int) -> Tensor:
    return torch.scatter_add(x, dim, index, src)


@module
def index_add(x: Tensor, index: Tensor, source: Tensor, *, dim: int, alpha: float = 1) -> Tensor:
    return torch.index_add(x, dim, index, source, alpha=alpha)


@module
def index_fill(x: Tensor, index: Tensor, *, dim: int, value: float) -> Tensor:
    return torch.index_fill(x, dim, index, value)


@module
def tensor_split(
    x: Tensor, *, indices_or_sections: int | tuple[int, ...], dim: int = 0
) -> tuple[Tensor, ...]:
    return torch.tensor_split(x, indices_or_sections, dim)


@module
def searchsorted(boundaries: Tensor, x: Tensor, *, right: bool = False) -> Tensor:
    return torch.searchsorted(boundaries.sort()[0], x, right=right)


@module
def bucketize(x: Tensor, boundaries: Tensor, *, right: bool = False) -> Tensor:
    return torch.bucketize(x, boundaries.sort()[0], right=right)


@module
def index_rows(x: Tensor, index: Tensor) -> Tensor:
    return x[index]


@module
def index_columns(x: Tensor, index: Tensor) -> Tensor:
    return x[:, index]


@module
def index_pairs(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    return x[rows, columns]


@module
def index_mask(x: Tensor, mask: Tensor) -> Tensor:
    return x[mask]


@module
def index_assign(x: Tensor, index: Tensor, values: Tensor) -> Tensor:
    x = x.clone()
    x[index] = values
    return x


@module
def slices(x: Tensor) -> Tensor:
    return x[:, 1:-1, None, ..., -1]


@module
def slice_steps(x: Tensor) -> Tensor:
    return x[:, :, ::2, ::2]


@module
def slice_assign(x: Tensor, values: Tensor) -> Tensor:
    x = x.clone()
    x[:, 1:3] = values
    return x
