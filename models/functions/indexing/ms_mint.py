"""The same functions of mindspore.mint, which has torch's names and arguments."""

from mindspore import Tensor, mint, ops
from mindspore.mint.nn import functional as F

from models.functions.common.ms import cell

where = cell(mint.where)
masked_select = cell(mint.masked_select)
topk = cell(mint.topk)
sort = cell(mint.sort)
argsort = cell(mint.argsort)
narrow = cell(mint.narrow)
unbind = cell(mint.unbind)
chunk = cell(mint.chunk)
split = cell(mint.split)
roll = cell(mint.roll)
flip = cell(mint.flip)
tril = cell(mint.tril)
triu = cell(mint.triu)
nonzero = cell(mint.nonzero)
unique = cell(mint.unique)
bincount = cell(mint.bincount)
one_hot = cell(F.one_hot)


@cell
def gather(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    return mint.gather(x, dim, index)


@cell
def index_select(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    return mint.index_select(x, dim, index)


@cell
def scatter(x: Tensor, index: Tensor, src: Tensor, *, dim: int) -> Tensor:
    return mint.scatter(x, dim, index, src)


@cell
def scatter_add(x: Tensor, index: Tensor, src: Tensor, *, dim: int) -> Tensor:
    return mint.scatter_add(x, dim, index, src)


@cell
def searchsorted(boundaries: Tensor, x: Tensor, *, right: bool = False) -> Tensor:
    return mint.searchsorted(ops.sort(boundaries)[0], x, right=right)
