"""The same functions of mindspore.mint, which has torch's names and arguments."""

from mindspore import Tensor, mint

from models.functions.common.ms import cell

sum = cell(mint.sum)
mean = cell(mint.mean)
max = cell(mint.max)
min = cell(mint.min)
amax = cell(mint.amax)
amin = cell(mint.amin)
prod = cell(mint.prod)
argmax = cell(mint.argmax)
argmin = cell(mint.argmin)
all = cell(mint.all)
any = cell(mint.any)
logsumexp = cell(mint.logsumexp)
cumsum = cell(mint.cumsum)
cumprod = cell(mint.cumprod)
cummax = cell(mint.cummax)
median = cell(mint.median)
count_nonzero = cell(mint.count_nonzero)

Dims = int | tuple[int, ...] | None


@cell
def var(x: Tensor, *, dim: Dims = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    return mint.var(x, dim, correction=int(unbiased), keepdim=keepdim)


@cell
def std(x: Tensor, *, dim: Dims = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    return mint.std(x, dim, correction=int(unbiased), keepdim=keepdim)
