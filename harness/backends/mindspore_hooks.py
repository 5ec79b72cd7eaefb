"""What is hung on MindSpore cells while they run: recording, dropout, rounding, dtypes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from harness import tree
from harness.backends import draws, runtime
from harness.backends.base import Call, array_leaves, narrower
from harness.backends.draws import DROPOUTS
from harness.backends.mindspore_arrays import as_tuple, is_tensor, leaf_names, tensor_of

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down


@contextmanager
def capturing(root: ms.nn.Cell, calls: list[Call]) -> Iterator[None]:
    """Record each cell's outputs and output gradients (inputs are not needed on this side)."""
    counts: dict[str, int] = {}
    by_path: dict[str, list[Call]] = {}
    handles = []

    def after(path: str, output: Any) -> None:
        index = counts.get(path, 0)
        counts[path] = index + 1
        recorded = tree.transform(output, is_tensor, lambda t: t.asnumpy().copy())
        call = Call(path, index, (), {}, recorded)
        calls.append(call)
        by_path.setdefault(path, []).append(call)

    def backward(path: str, grads: Any) -> None:
        # Backward hooks of a cell that is called several times fire in reverse order.
        pending = [call for call in by_path.get(path, []) if not call.cotangents]
        if pending:
            given, call = as_tuple(grads), pending[-1]
            names = [leaf for leaf, _ in array_leaves(call.output)]
            names = names if len(names) == len(given) else leaf_names(given)
            found = zip(names, given)
            call.cotangents = {leaf: g.asnumpy().copy() for leaf, g in found if is_tensor(g)}

    for path, cell in root.cells_and_names():
        handles.append(cell.register_forward_hook(lambda c, i, out, p=path: after(p, out)))
        handles.append(cell.register_backward_hook(lambda c, gi, go, p=path: backward(p, go)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def dropouts(cell: ms.nn.Cell) -> dict[str, ms.nn.Cell]:
    return {
        path: c
        for path, c in cell.cells_and_names()
        if type(c).__name__ in DROPOUTS
        and type(c).__module__.startswith("mindspore.")
        and c.training
    }


def rate_of(layer: ms.nn.Cell) -> float:
    """The share that a dropout layer drops."""
    # nn.Dropout keeps p, or keep_prob where that was given; nn.Dropout1d keeps prob, nn.Dropout2d
    # and nn.Dropout3d keep keep_prob.
    p = getattr(layer, "p", getattr(layer, "prob", None))
    return float(1 - layer.keep_prob if p is None else p)


def drop(rate: float, uniform: np.ndarray, value: ms.Tensor) -> ms.Tensor:
    """Dropout by a given pattern."""
    if rate == 1:
        return value * 0
    return value * tensor_of((uniform < 1 - rate).astype("float32")) / (1 - rate)


#: Modules whose ``dropout`` functions drop.
DROPPING = (ms.ops, ms.ops.function, ms.mint.nn.functional)


@contextmanager
def fixed_draws(mirrored: bool, tell: Callable[[], None]) -> Iterator[None]:
    """While inside, what a cell's own code draws comes from ``harness.backends.draws``.

    tell: called at every draw. mirrored: take uniform numbers from the other end, 1 - u for u, as
    code needs that keeps what lies above a share.
    """

    def uniform(shape: Sequence[int]) -> ms.Tensor:
        tell()
        found = draws.uniform(shape)
        return tensor_of(1 - found if mirrored else found)

    def normal(shape: Sequence[int]) -> ms.Tensor:
        tell()
        return tensor_of(draws.normal(shape))

    def sized(size: Sequence[Any]) -> Sequence[int]:
        return size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size

    def kept(value: ms.Tensor, share: Any) -> ms.Tensor:
        tell()
        share = share.asnumpy() if is_tensor(share) else share
        return tensor_of(draws.uniform(value.shape) < share).astype(value.dtype)

    def dropped(self: ms.ops.Dropout, x: ms.Tensor) -> tuple[ms.Tensor, ms.Tensor]:
        tell()
        mask = tensor_of((draws.uniform(x.shape) < self.keep_prob).astype("float32"))
        return x * mask / self.keep_prob, mask

    primitives: dict[Any, Any] = {
        ms.ops.UniformReal: lambda self, shape: uniform(shape),
        ms.ops.StandardNormal: lambda self, shape: normal(shape),
        ms.ops.Bernoulli: lambda self, x, p: kept(x, p),
        ms.ops.Dropout: dropped,
    }
    functions: dict[str, Any] = {
        "rand": lambda *size, **_: uniform(sized(size)),
        "rand_like": lambda input, **_: uniform(input.shape),
        "randn": lambda *size, **_: normal(sized(size)),
        "randn_like": lambda input, **_: normal(input.shape),
        "bernoulli": lambda input, **_: kept(input, input),
    }
    with ExitStack() as stack:
        for primitive, call in primitives.items():
            stack.enter_context(draws.replaced(primitive, {"__call__": call}))
        stack.enter_context(draws.replaced(ms.mint, functions))
        yield


_MATMULS = ("Conv1d", "Conv2d", "Conv3d", "Dense")


@contextmanager
def rounding(root: ms.nn.Cell) -> Iterator[None]:
    """Convolutions and matrix products take and give float16 values, as Ascend's cube unit does."""
    cells = [
        cell
        for _, cell in root.cells_and_names()
        if type(cell).__module__.startswith("mindspore.") and type(cell).__name__ in _MATMULS
    ]
    for cell in cells:
        own = cell.construct

        def rounded(value: ms.Tensor, own: Any = own) -> ms.Tensor:
            return _through_half(own(_through_half(value)))

        cell.__dict__["construct"] = rounded
    try:
        yield
    finally:
        for cell in cells:
            del cell.__dict__["construct"]


def _through_half(value: ms.Tensor) -> ms.Tensor:
    return value.astype(ms.float16).astype(ms.float32)


_DispatchMode: Any = getattr(ms, "MsDispatchMode", object)


def without_wrappers(path: str) -> str:
    """A cell's path without the wrappers that mixed precision puts around cells."""
    return ".".join(part for part in path.split(".") if part != "_backbone")


class DtypeLog(_DispatchMode):
    """Notes the dtypes of every operation under the cell whose code runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = [""]
        self.found: dict[str, str] = {}

    def __ms_dispatch__(self, func: Any, args: Any, kwargs: Any = None) -> Any:
        result = func(*args)
        if func.name != "Cast":
            for _, value in tree.leaves((tuple(args), result), is_tensor):
                narrower(self.found, self.stack[-1], str(value.dtype).lower())
        return result
