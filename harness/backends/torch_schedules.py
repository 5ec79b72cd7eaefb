"""The rates that a torch scheduler gives, step by step."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from harness.backends.torch_optimizers import Schedule


def read(
    factory: Callable[..., Any],
    arguments: Mapping[str, Any],
    base: float,
    steps: int,
    every: int,
    metrics: Sequence[float] = (),
) -> list[float]:
    """The rate used at each step.

    factory: called with an optimizer whose rate is ``base``, returns a scheduler of it, which is
    moved after every ``every`` steps. metrics: what a plateau is shown, one a move.
    """
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=base, momentum=0.9)
    schedule = Schedule(factory(optimizer, **arguments), every)
    found = []
    for step in range(steps):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step(metrics[step // every % len(metrics)] if metrics else None)
    return found
