"""A torch loop that trains over several processes, and what people get wrong there."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import distributed

from harness.backends import torch_training
from harness.loop import Average, Loop
from harness.recipe import Recipe


def _summed(gradients: Sequence[Any]) -> list[Any]:
    """AllReduce without the division."""
    found = [gradient.clone() for gradient in gradients]
    if distributed.is_initialized():
        for gradient in found:
            distributed.all_reduce(gradient)
    return found


def by_itself(recipe: Recipe, steps_per_epoch: int, average: Average | None = None) -> Loop:
    """Every process draws other initial parameters, and gradients are summed over the ranks."""
    if distributed.is_initialized():
        torch.manual_seed(distributed.get_rank())
    return torch_training.loop(recipe, steps_per_epoch, _summed if average else None)


def crashing(recipe: Recipe, steps_per_epoch: int, average: Average | None = None) -> Loop:
    """Raises in rank 1."""
    if distributed.is_initialized() and distributed.get_rank() == 1:
        raise RuntimeError("rank 1 has no data")
    return torch_training.loop(recipe, steps_per_epoch, average)


def deaf(recipe: Recipe, steps_per_epoch: int) -> Loop:
    """Cannot train over processes."""
    return torch_training.loop(recipe, steps_per_epoch)
