"""torch's products of matrices and vectors, and the functions that convolve, as they are."""

import torch
from torch import Tensor
from torch.nn import functional as F

from models.functions.common.pt import module

matmul = module(torch.matmul)
mm = module(torch.mm)
bmm = module(torch.bmm)
mv = module(torch.mv)
dot = module(torch.dot)
outer = module(torch.outer)
inner = module(torch.inner)
addmm = module(torch.addmm)
baddbmm = module(torch.baddbmm)
addbmm = module(torch.addbmm)
addmv = module(torch.addmv)
tensordot = module(torch.tensordot)
kron = module(torch.kron)
trace = module(torch.trace)

linear = module(F.linear)
conv1d = module(F.conv1d)
conv2d = module(F.conv2d)
conv3d = module(F.conv3d)


@module
def cross(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    return torch.linalg.cross(x, y, dim=dim)


@module
def einsum(*tensors: Tensor, equation: str) -> Tensor:
    return torch.einsum(equation, *tensors)
