"""Recorded calls of MindSpore cells, played in the place of the cells themselves."""

from typing import Any

from harness import tree
from harness.backends import runtime
from harness.backends.base import (
    Call,
    Fed,
    Player,
    array_leaves,
    is_array,
    original_type,
    recorded_gradient,
)
from harness.backends.mindspore_arrays import as_tuple, is_tensor, tensor_of

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down

#: The innermost dummy input of the loss being differentiated: it makes the gradient reach played
#: children whose inputs carry none.
DUMMY: list[ms.Tensor] = []


class _Playback(ms.nn.Cell):
    """Returns a recorded output forward, the recorded input gradients backward."""

    def __init__(self, call: Call, fed: Fed, outputs: dict[str, ms.Tensor]) -> None:
        super().__init__()
        self.call, self.fed_here, self.outputs = call, fed, outputs

    def construct(self, dummy, *inputs):
        values = tuple(self.outputs.values())
        return values if len(values) > 1 else values[0]

    def bprop(self, dummy, *rest):
        *inputs, _, grads = rest
        for leaf, grad in zip(self.outputs, as_tuple(grads)):
            self.fed_here.cotangents[leaf] = grad.asnumpy().copy()
        return ms.ops.zeros_like(dummy), *(
            tensor_of(recorded_gradient(self.call, position, tuple(value.shape)))
            for position, value in enumerate(inputs)
        )


def play(player: Player, path: str, cell: ms.nn.Cell, args: Any, kwargs: Any) -> Any:
    """Stand in for one call of a child."""
    values = [value for _, value in tree.leaves((args, kwargs), is_tensor)]
    taken = player.take(path, [value.asnumpy().copy() for value in values])
    if taken is None:
        return original_type(cell).__call__(cell, *args, **kwargs)
    recorded, fed = taken
    leaves = {leaf: tensor_of(array) for leaf, array in array_leaves(recorded.output)}
    floats = {leaf: t for leaf, t in leaves.items() if t.is_floating_point()}
    if DUMMY and floats:
        inputs = [value for value in values if value.is_floating_point()]
        outputs = _Playback(recorded, fed, floats)(DUMMY[-1], *inputs)
        leaves |= dict(zip(floats, as_tuple(outputs)))
    order = iter(leaves.values())
    return tree.transform(recorded.output, is_array, lambda _: next(order))
