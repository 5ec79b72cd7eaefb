"""The rates that MindSpore's ways of saying a schedule give, step by step."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.backends import runtime

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down
from mindspore.experimental import optim  # noqa: E402


def read(
    factory: Callable[..., Any],
    arguments: Mapping[str, Any],
    base: float,
    steps: int,
    every: int,
    metrics: Sequence[float] = (),
) -> tuple[list[float], bool]:
    """The rate used at each step, as far as there is one, and whether it was computed in float32.

    factory: gives a list with a rate a step; a Cell that maps a step to a rate, as
    ``nn.CosineDecayLR``; an object with ``rate`` and ``step(metric)``; or, where its first argument
    is ``optimizer``, a scheduler of one of ``mindspore.experimental``, moved as torch's is.
    """
    optimizer = None
    if wants_optimizer(factory):
        parameter = ms.Parameter(np.zeros(1, np.float32), name="p")
        optimizer = optim.SGD([parameter], lr=base)
        made = factory(optimizer, **arguments)
    else:
        made = factory(**arguments)
    if isinstance(made, (list, tuple, np.ndarray)):
        return [float(rate) for rate in made[:steps]], False
    if optimizer is None and isinstance(made, ms.nn.Cell):
        indices = (ms.Tensor(step, ms.int32) for step in range(steps))
        return [float(made(index).asnumpy()) for index in indices], True
    found = []
    for step in range(steps):
        rate = made.rate if optimizer is None else optimizer.lrs[0].asnumpy()
        found.append(float(rate))
        if (step + 1) % every == 0:
            made.step(*([metrics[step // every % len(metrics)]] if metrics else []))
    return found, optimizer is not None


def wants_optimizer(factory: Callable[..., Any]) -> bool:
    """Whether a factory makes a scheduler of an optimizer, its first argument."""
    return next(iter(inspect.signature(factory).parameters), "") == "optimizer"
