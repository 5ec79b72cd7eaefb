"""Evaluate MindSpore expressions of the API map, as ``torch_examples`` does torch's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.backends import runtime
from harness.backends.mindspore_arrays import tensor_of

runtime.quieten()
import mindspore as ms  # noqa: E402
from mindspore.common.initializer import initializer  # noqa: E402

#: The network that examples call ``net``.
NETWORK = (
    "nn.SequentialCell(nn.Conv2d(3, 4, 3, pad_mode='pad', has_bias=True), nn.BatchNorm2d(4), "
    "nn.ReLU())"
)
#: What a scheduler that watches a metric is shown: it stops improving.
METRICS = (1.0, 0.5, 0.5, 0.5, 0.5, 0.5)


def build(expression: str) -> ms.nn.Cell:
    """The cell that an expression builds."""
    return eval(expression, _names())  # noqa: S307  the API map's own text


def function(expression: str, inputs: Sequence[str], name: str) -> ms.nn.Cell:
    """A cell that evaluates an expression over its inputs, of type ``name``; PyNative mode only."""
    code = compile(expression, "<API map>", "eval")

    def construct(self: ms.nn.Cell, *values: ms.Tensor) -> Any:
        return eval(code, _names(), dict(zip(inputs, values)))  # noqa: S307

    return type(name, (ms.nn.Cell,), {"construct": construct})()


def value(expression: str, inputs: Mapping[str, np.ndarray], net: ms.nn.Cell | None) -> Any:
    """What an expression is worth; ``net`` and its ``params`` may stand in it."""
    given: dict[str, Any] = {name: tensor_of(a) for name, a in inputs.items()}
    if net is not None:
        given |= {"net": net, "params": net.trainable_params()}
    return eval(expression, {**_names(), **given})  # noqa: S307


def rates(expression: str, steps: int) -> list[float]:
    """The learning rate at each step: of a list, of a schedule Cell, or of a scheduler of
    ``optimizer``, which is one of ``mindspore.experimental`` and starts at 0.1."""
    parameter = ms.Parameter(np.zeros(1, np.float32), name="p")
    optimizer = ms.experimental.optim.SGD([parameter], lr=0.1)
    schedule = eval(expression, {**_names(), "optimizer": optimizer})  # noqa: S307
    if isinstance(schedule, (list, tuple)):
        return [float(rate) for rate in schedule[:steps]]
    if isinstance(schedule, ms.nn.Cell):
        return [float(schedule(ms.Tensor(step, ms.int32)).asnumpy()) for step in range(steps)]
    found = []
    plateau = isinstance(schedule, ms.experimental.optim.lr_scheduler.ReduceLROnPlateau)
    for step in range(steps):
        found.append(float(optimizer.param_groups[0]["lr"]))
        schedule.step(*([METRICS[step % len(METRICS)]] if plateau else []))
    return found


def is_tensor(value: Any) -> bool:
    return isinstance(value, ms.Tensor)


def array(value: ms.Tensor) -> np.ndarray:
    return value.init_data().asnumpy().copy() if value.has_init else value.asnumpy().copy()


def _names() -> dict[str, Any]:
    return {
        "mindspore": ms, "ms": ms, "nn": ms.nn, "ops": ms.ops, "mint": ms.mint, "np": np,
        "Tensor": ms.Tensor, "Parameter": ms.Parameter, "initializer": initializer,
    }  # fmt: skip
