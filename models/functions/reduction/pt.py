"""torch's reductions, as they are."""

import torch
from torch import Tensor

from models.functions.common.pt import module

sum = module(torch.sum)
mean = module(torch.mean)
max = module(torch.max)
min = module(torch.min)
amax = module(torch.amax)
amin = module(torch.amin)
aminmax = module(torch.aminmax)
prod = module(torch.prod)
argmax = module(torch.argmax)
argmin = module(torch.argmin)
all = module(torch.all)
any = module(torch.any)
var = module(torch.var)
std = module(torch.std)
var_mean = module(torch.var_mean)
std_mean = module(torch.std_mean)
logsumexp = module(torch.logsumexp)
cumsum = module(torch.cumsum)
cumprod = module(torch.cumprod)
cummax = module(torch.cummax)
median = module(torch.median)
count_nonzero = module(torch.count_nonzero)


def _holed(x: Tensor) -> Tensor:
    """NaN wherever x is above 1/2."""
    return x.masked_fill(x > 0.5, float("nan"))


@module
def nan_amax(x: Tensor, *, dim: int) -> Tensor:
    return torch.amax(_holed(x), dim)
