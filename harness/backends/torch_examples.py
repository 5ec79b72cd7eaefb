"""Evaluate torch expressions of the API map: as modules, as functions, as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from harness.backends.torch_arrays import numpy_of

#: The network that examples call ``net``.
NETWORK = "torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU())"
#: What a scheduler that watches a metric is shown: it stops improving.
METRICS = (1.0, 0.5, 0.5, 0.5, 0.5, 0.5)


def build(expression: str) -> torch.nn.Module:
    """The module that an expression builds."""
    return eval(expression, _names())  # noqa: S307  the API map's own text


def function(expression: str, inputs: Sequence[str], name: str) -> torch.nn.Module:
    """A module that evaluates an expression over its inputs, of type ``name``."""
    code = compile(expression, "<API map>", "eval")

    def forward(self: torch.nn.Module, *values: torch.Tensor) -> Any:
        return eval(code, _names(), dict(zip(inputs, values)))  # noqa: S307

    return type(name, (torch.nn.Module,), {"forward": forward})()


def value(expression: str, inputs: Mapping[str, np.ndarray], net: torch.nn.Module | None) -> Any:
    """What an expression is worth; ``net`` and its ``params`` may stand in it."""
    given: dict[str, Any] = {name: torch.from_numpy(a.copy()) for name, a in inputs.items()}
    if net is not None:
        given |= {"net": net, "params": net.parameters()}
    return eval(expression, {**_names(), **given})  # noqa: S307


def rates(expression: str, steps: int) -> list[float]:
    """The learning rate at each step under a scheduler of ``optimizer``, which starts at 0.1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = eval(expression, {**_names(), "optimizer": optimizer})  # noqa: S307
    found = []
    for step in range(steps):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        plateau = isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau)
        scheduler.step(*([METRICS[step % len(METRICS)]] if plateau else []))
    return found


def is_tensor(value: Any) -> bool:
    return torch.is_tensor(value)


def array(value: torch.Tensor) -> np.ndarray:
    return numpy_of(value)


def _names() -> dict[str, Any]:
    return {"torch": torch, "np": np}
