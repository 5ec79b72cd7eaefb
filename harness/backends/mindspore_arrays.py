"""MindSpore tensors and parameters as NumPy arrays, by name, and put back afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from harness.backends import runtime

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down


def tensor_of(array: np.ndarray) -> ms.Tensor:
    return ms.Tensor(np.array(array, order="C"))


def is_tensor(value: Any) -> bool:
    return isinstance(value, ms.Tensor)


def as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def leaf_names(outputs: Sequence[Any]) -> list[str]:
    return [""] if len(outputs) == 1 else [str(i) for i in range(len(outputs))]


def dtype_name(parameter: ms.Parameter) -> str:
    return str(parameter.dtype).lower()


def assign(parameter: ms.Parameter, array: np.ndarray) -> None:
    # assign writes in place: compiled functions and used optimizers see it, unlike set_data.
    ms.ops.assign(parameter, tensor_of(array.astype(dtype_name(parameter), copy=False)))


@contextmanager
def restored(parameters: list[ms.Parameter]) -> Iterator[None]:
    saved = [p.asnumpy().copy() for p in parameters]
    try:
        yield
    finally:
        for parameter, value in zip(parameters, saved):
            assign(parameter, value)


def named_parameters(model: ms.nn.Cell) -> dict[str, ms.Parameter]:
    """Parameters by path, a tied one under each of its names (MindSpore's own list has the first).

    The order is MindSpore's, aliases last.
    """
    found = dict(model.parameters_and_names())
    for path, cell in model.cells_and_names():
        for local, parameter in cell._params.items():
            if parameter is not None:
                found.setdefault(f"{path}.{local}" if path else local, parameter)
    return found


def unique_of(names: Sequence[str], own: Mapping[str, ms.Parameter]) -> dict[int, str]:
    """id of each parameter to differentiate -> the first of its names."""
    found: dict[int, str] = {}
    for name in names:
        if own[name].requires_grad:
            found.setdefault(id(own[name]), name)
    return found


def under_every_name(
    names: Sequence[str],
    own: Mapping[str, ms.Parameter],
    unique: Mapping[int, str],
    grads: Sequence[ms.Tensor],
) -> dict[str, np.ndarray]:
    arrays = {key: gradient.asnumpy().copy() for key, gradient in zip(unique, grads)}
    return {name: arrays[id(own[name])] for name in names if id(own[name]) in arrays}


def rate_of_each(optimizer: ms.nn.Cell) -> list[float]:
    """The learning rate of every parameter, in the optimizer's order; empty where it tells none.

    Optimizers of ``mindspore.experimental`` keep a rate a group, those of ``nn`` have ``get_lr``.
    """
    if hasattr(optimizer, "lrs"):
        groups = zip(optimizer.param_groups, optimizer.lrs)
        found = tuple(rate for group, rate in groups for _ in group["params"])
    elif hasattr(optimizer, "get_lr"):
        found = optimizer.get_lr()
    else:
        return []
    each = found if isinstance(found, tuple) else (found,) * len(optimizer.parameters)
    return [float(rate.asnumpy()) for rate in each]
