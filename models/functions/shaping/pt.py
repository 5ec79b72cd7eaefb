"""torch's functions that give a tensor another shape, as they are."""

import torch
from torch import Tensor

from models.functions.common.pt import module

reshape = module(torch.reshape)
permute = module(torch.permute)
transpose = module(torch.transpose)
swapaxes = module(torch.swapaxes)
movedim = module(torch.movedim)
squeeze = module(torch.squeeze)
unsqueeze = module(torch.unsqueeze)
flatten = module(torch.flatten)
unflatten = module(torch.unflatten)
broadcast_to = module(torch.broadcast_to)
tile = module(torch.tile)
repeat_interleave = module(torch.repeat_interleave)


@module
def view(x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    return x.view(shape)


@module
def view_as(x: Tensor, other: Tensor) -> Tensor:
    return x.view_as(other)


@module
def t(x: Tensor) -> Tensor:
    return x.t()


@module
def mT(x: Tensor) -> Tensor:
    return x.mT


@module
def expand(x: Tensor, *, sizes: tuple[int, ...]) -> Tensor:
    return x.expand(sizes)


@module
def expand_as(x: Tensor, other: Tensor) -> Tensor:
    return x.expand_as(other)


@module
def repeat(x: Tensor, *, repeats: tuple[int, ...]) -> Tensor:
    return x.repeat(repeats)


@module
def cat(*tensors: Tensor, dim: int = 0) -> Tensor:
    return torch.cat(tensors, dim)


@module
def stack(*tensors: Tensor, dim: int = 0) -> Tensor:
    return torch.stack(tensors, dim)


@module
def hstack(*tensors: Tensor) -> Tensor:
    return torch.hstack(tensors)


@module
def vstack(*tensors: Tensor) -> Tensor:
    return torch.vstack(tensors)


@module
def meshgrid(*tensors: Tensor, indexing: str) -> tuple[Tensor, ...]:
    return torch.meshgrid(*tensors, indexing=indexing)
