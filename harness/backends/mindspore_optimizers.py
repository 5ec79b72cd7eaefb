"""MindSpore's optimizers by the names of a recipe, configured so that they move as torch's do.

``mindspore.experimental.optim`` agrees with torch where ``mindspore.nn`` does not: ``nn.Adam`` has
its eps outside the bias correction, ``nn.AdamWeightDecay`` corrects no bias, and all of ``nn``
leave parameters named gamma or beta out of the decay. ``mint.optim`` moves nothing in PyNative.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from harness.backends.mindspore_arrays import assign, tensor_of

import mindspore as ms  # isort: skip
from mindspore.experimental import optim  # isort: skip

Make = Callable[..., Any]


class Adam(optim.AdamW):
    """torch's Adam: AdamW without its decay, the weights added to the gradients instead."""

    def __init__(self, params: Any, weight_decay: float = 0.0, **arguments: Any) -> None:
        super().__init__(params, weight_decay=0.0, **arguments)
        self.l2 = float(weight_decay)

    def construct(self, gradients: Sequence[ms.Tensor]) -> Any:
        if self.l2:
            gradients = tuple(g + self.l2 * p for g, p in zip(gradients, self.parameters))
        return super().construct(gradients)


def _of(kind: Any, **defaults: Any) -> Make:
    """A maker with torch's defaults, where MindSpore's differ."""

    def make(model: ms.nn.Cell, **arguments: Any) -> Any:
        return kind(model.trainable_params(), **{**defaults, **_tuples(arguments)})

    return make


def _tuples(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Data files have lists where MindSpore wants tuples, and integers where it wants floats."""
    found = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    return {k: float(v) if type(v) is int else v for k, v in found.items()}


#: A recipe's name -> what makes the optimizer of a cell, with torch's arguments.
OPTIMIZERS: dict[str, Make] = {
    "sgd": _of(optim.SGD, lr=1e-3),
    "adam": _of(Adam, lr=1e-3),
    "adamw": _of(optim.AdamW, lr=1e-3, weight_decay=1e-2),
    "adamax": _of(optim.Adamax),
    "adagrad": _of(optim.Adagrad),
    "adadelta": _of(optim.Adadelta),
    "rmsprop": _of(optim.RMSprop),
    "rprop": _of(optim.Rprop),
    "asgd": _of(optim.ASGD),
    "nadam": _of(optim.NAdam),
    "radam": _of(optim.RAdam),
}


def clip(gradients: Sequence[ms.Tensor], norm: float, value: float) -> tuple[ms.Tensor, ...]:
    """Gradients clipped by their values and then by their common norm, as torch does; 0 is off.

    ``ops.clip_by_global_norm`` divides by the norm alone; torch by the norm and 1e-6.
    """
    found = tuple(gradients)
    if value:
        found = tuple(ms.ops.clamp(g, -value, value) for g in found)
    if norm:
        norms = ms.ops.stack([ms.ops.sqrt((g * g).sum()) for g in found])
        total = ms.ops.sqrt((norms * norms).sum())
        share = ms.ops.clamp(norm / (total + 1e-6), max=1.0)
        found = tuple(g * share for g in found)
    return found


def rate(optimizer: Any) -> float:
    """The learning rate of the first group."""
    return rates(optimizer)[0]


def rates(optimizer: Any) -> list[float]:
    """The learning rate of every parameter, in the optimizer's order; empty where unknown."""
    if hasattr(optimizer, "param_groups"):
        return [_number(group["lr"]) for group in optimizer.param_groups for _ in group["params"]]
    if not hasattr(optimizer, "get_lr"):
        return []
    found = optimizer.get_lr()
    each = found if isinstance(found, tuple) else (found,) * len(optimizer.parameters)
    return [_number(value) for value in each]


def _number(value: Any) -> float:
    return float(value.asnumpy()) if isinstance(value, ms.Tensor) else float(value)


def set_rate(optimizer: Any, value: float) -> None:
    """Set the learning rate of every group."""
    for group in optimizer.param_groups:
        assign(group["lr"], np.asarray(value, np.float32))


def state(optimizer: Any) -> dict[str, np.ndarray]:
    """Slots, step counts and rates, as named arrays that ``load_state`` takes."""
    return {name: p.asnumpy().copy() for name, p in _held(optimizer)}


def load_state(optimizer: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Put slots, step counts and rates back, bit for bit and in place."""
    for name, parameter in _held(optimizer):
        ms.ops.assign(parameter, tensor_of(arrays[name]))


def _held(optimizer: Any) -> Iterator[tuple[str, ms.Parameter]]:
    """Parameters that the optimizer keeps beside those it moves."""
    moved = {id(p) for p in optimizer.parameters}
    seen: set[int] = set()
    holders = {**vars(optimizer), **optimizer._params}
    for name, value in holders.items():
        for number, item in enumerate(value if isinstance(value, (list, tuple)) else (value,)):
            if isinstance(item, ms.Parameter) and id(item) not in moved | seen:
                seen.add(id(item))
                yield f"{name}.{number}", item
