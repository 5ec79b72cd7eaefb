"""Recorded calls of torch modules, played in the place of the modules themselves."""

from typing import Any

import torch

from harness import tree
from harness.backends.base import (
    Call,
    Fed,
    Player,
    array_leaves,
    is_array,
    original_type,
    recorded_gradient,
)
from harness.backends.torch_arrays import numpy_of


def play(
    backend: Any, player: Player, path: str, module: torch.nn.Module, args: Any, kwargs: Any
) -> Any:
    """Stand in for one call of a child."""
    values = [v for _, v in tree.leaves((args, kwargs), torch.is_tensor)]
    taken = player.take(path, [numpy_of(v) for v in values])
    if taken is None:
        return original_type(module).__call__(module, *args, **kwargs)
    recorded, fed = taken
    leaves = {
        leaf: backend.tensor(array).clone()  # the container may write to it
        for leaf, array in array_leaves(recorded.output)
    }
    played = {leaf: t for leaf, t in leaves.items() if t.is_floating_point()}
    floats = [v for v in values if v.is_floating_point()]
    outputs = _Playback.apply(backend, recorded, fed, played, player.dummy, *floats)
    leaves |= dict(zip(played, outputs))
    order = iter(leaves.values())
    return tree.transform(recorded.output, is_array, lambda _: next(order))


class _Playback(torch.autograd.Function):
    """Returns recorded outputs forward, the recorded input gradients backward.

    One class for all calls: a class made for each call would be cyclic garbage that keeps the
    arrays it closes over alive.
    """

    @staticmethod
    def forward(
        ctx: Any, backend: Any, call: Call, fed: Fed, played: dict[str, torch.Tensor],
        dummy: torch.Tensor, *inputs: torch.Tensor,
    ) -> Any:  # fmt: skip
        ctx.backend, ctx.call, ctx.fed, ctx.leaves = backend, call, fed, list(played)
        ctx.shapes = [tuple(value.shape) for value in inputs]
        return tuple(played.values())

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor | None) -> Any:
        for leaf, grad in zip(ctx.leaves, grads):
            if grad is not None:
                ctx.fed.cotangents[leaf] = numpy_of(grad)
        own = [recorded_gradient(ctx.call, i, shape) for i, shape in enumerate(ctx.shapes)]
        # autograd accumulates into what it is handed.
        return (None,) * 5 + tuple(ctx.backend.tensor(gradient).clone() for gradient in own)
