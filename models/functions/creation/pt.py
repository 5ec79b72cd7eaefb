"""torch's functions that make a tensor, added to one that is given."""

import torch
from torch import Tensor

from models.functions.common.pt import module


@module
def arange(x: Tensor, *, start: int = 0, step: int = 1) -> Tensor:
    return x + torch.arange(start, start + step * x.shape[-1], step)


@module
def arange_integers(x: Tensor, *, end: int, start: int = 0, step: int = 1) -> Tensor:
    """Positions as they are, for their type."""
    return torch.arange(start, end, step)


@module
def linspace(x: Tensor, *, start: float, end: float) -> Tensor:
    return x + torch.linspace(start, end, x.shape[-1], dtype=x.dtype)


@module
def zeros_like(x: Tensor) -> Tensor:
    return x + torch.zeros_like(x)


@module
def ones_like(x: Tensor) -> Tensor:
    return x + torch.ones_like(x)


@module
def full_like(x: Tensor, *, fill_value: float) -> Tensor:
    return x + torch.full_like(x, fill_value)


@module
def zeros(x: Tensor) -> Tensor:
    return torch.cat([x, torch.zeros(x.shape[0], 2, dtype=x.dtype)], 1)


@module
def ones(x: Tensor) -> Tensor:
    return torch.cat([x, torch.ones(x.shape[0], 2, dtype=x.dtype)], 1)


@module
def full(x: Tensor, *, fill_value: float) -> Tensor:
    return x + torch.full(x.shape, fill_value, dtype=x.dtype)


@module
def eye(x: Tensor) -> Tensor:
    return x + torch.eye(x.shape[-2], x.shape[-1], dtype=x.dtype)


@module
def causal_mask(x: Tensor) -> Tensor:
    """-inf above the diagonal, as attention adds it to scores."""
    mask = torch.full(x.shape[-2:], float("-inf"), dtype=x.dtype)
    return torch.softmax(x + torch.triu(mask, 1), -1)
