"""Probes: modules run on the recorded input at another scale, and at another size.

ReLU6 is ReLU while activations stay small, and eps is nothing while variances are near one. A
window that is padded by input size, or a mean over a fixed size, is right at one size only. The
sign of the recorded input is kept, so what the network's own structure guarantees (nothing negative
after a ReLU) still holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness import isolation, tree
from harness.backends.base import Call, array_leaves, is_array, is_float
from harness.compare import judge
from harness.isolation import Unit
from harness.running import Nudged, raised, run_on
from harness.subject import Subject
from harness.tolerance import NARROW, WIDE
from harness.verdict import DIVERGES, Measurement, Result

#: Types whose output scales with their input: another scale shows nothing new.
_SCALING = ("Conv", "Linear", "Bilinear", "Embedding", "Pool", "Pad", "Upsample", "Dropout",
            "Identity", "Flatten", "Unflatten", "PixelShuffle", "Fold", "Unfold")  # fmt: skip


#: Types whose result depends on the size of the planes that they are given.
_SIZED = ("Conv", "Pool", "Pad", "Upsample")


#: Rows and columns that are enough to see how a window is padded; even.
LARGEST_PLANE = 16


def probe(subject: Subject, unit: Unit, mode: str) -> list[Result]:
    """Forward results of a leaf on its input widened, narrowed or cropped, of a container on one
    sample of its input."""
    if unit.wiring:
        return list(_one_sample(subject, unit)) if mode == "eval" else []
    kind = subject.torch.inventory.paths[unit.call.path].type
    if any(name in kind for name in _SIZED):
        return list(_run(subject, unit, mode, "cropped", _cropped)) if mode == "eval" else []
    if any(name in kind for name in _SCALING):
        return []
    norm = "Norm" in kind
    if norm and kind.startswith("BatchNorm") and mode == "eval":
        return []  # affine in eval mode
    name, largest = ("narrow", NARROW) if norm else ("wide", WIDE)
    now = max((float(np.abs(a).max()) for a in _floats(unit.call)), default=0.0)
    if not 0 < now < np.inf or (name == "wide" and now >= largest):
        return []
    factor = np.float32(largest / now)
    return list(_run(subject, unit, mode, name, lambda a: a * factor))


def _floats(call: Call) -> list[np.ndarray]:
    return [a for _, a in array_leaves((call.args, call.kwargs)) if is_float(a) and a.size]


def _cropped(array: np.ndarray) -> np.ndarray:
    """One sample on smaller planes: even ones become odd, and odd ones even."""
    planes = tuple(slice(0, _smaller(n)) for n in array.shape[2:])
    return np.ascontiguousarray(array[(slice(0, 1), slice(None), *planes)])


def _smaller(size: int) -> int:
    smaller = max(1, size - 1)
    return min(smaller, LARGEST_PLANE + smaller % 2)


def _one_sample(subject: Subject, unit: Unit) -> Iterator[Result]:
    """A container alone on the first sample: one that knows its batch size shows."""
    arrays = [a for _, a in array_leaves((unit.call.args, unit.call.kwargs))]
    batch = arrays[0].shape[0] if arrays and arrays[0].ndim else 0
    if batch < 2 or any(a.ndim == 0 or a.shape[0] != batch for a in arrays):
        return

    def first(value: Any) -> Any:
        return tree.transform(
            value, is_array, lambda a: a[:1].copy() if a.ndim and a.shape[0] == batch else a
        )

    def cut(call: Call) -> Call:
        args, kwargs = first((call.args, call.kwargs))
        return Call(call.path, call.index, args, kwargs, first(call.output))

    played = {path: tuple(cut(child) for child in calls) for path, calls in unit.played.items()}
    yield from _judged(subject, replace(unit, call=cut(unit.call), played=played), "eval", "one")


def _run(
    subject: Subject,
    unit: Unit,
    mode: str,
    name: str,
    change: Callable[[np.ndarray], np.ndarray],
) -> Iterator[Result]:
    call = unit.call
    if name == "cropped" and not all(a.ndim > 2 for a in _floats(call)):
        return

    def changed(array: np.ndarray) -> np.ndarray:
        return change(array) if is_float(array) else array

    args, kwargs = tree.transform((call.args, call.kwargs), is_array, changed)
    yield from _judged(
        subject, replace(unit, call=Call(call.path, call.index, args, kwargs)), mode, name
    )


def _judged(subject: Subject, probed: Unit, mode: str, name: str) -> Iterator[Result]:
    call = probed.call
    scope = "wiring" if probed.wiring else "isolated"
    outputs: list[dict[str, np.ndarray]] = []
    entry = f"{call.name}@{name}:out"
    for side in (subject.torch, subject.oracle, subject.port):
        try:
            run = run_on(side, probed, mode, backward=False)
        except Exception as error:
            if side is subject.port:
                failed = Measurement(DIVERGES, "error", note=_noted(raised(error), name))
                yield Result(entry, scope, call.name, mode, failed)
            return  # torch itself does not take such values
        outputs.append(dict(isolation.entries(run, probed, side.names, None)))
    nudged = Nudged(subject, probed, mode, backward=False)
    want, true, ours = outputs
    for key, array in want.items():
        if not key.startswith(f"{call.name}:out"):
            continue
        again = partial(judge, ours.get(key), array, true[key], channel_axis=1)
        found = again(nudged=partial(nudged.arrays, key))
        if found.status == DIVERGES:
            found = replace(found, note=_noted(found.note, name))
            if not probed.wiring:
                twins = subject.twins(call.path)
                alone = subject.is_operation(call.path)
                found = subject.profile.excuse(found, key, *twins, alone)
            found = nudged.priced(found, key, again)
        suffix = key.removeprefix(f"{call.name}:out")
        yield Result(f"{entry}{suffix}", scope, call.name, mode, found)


_HOW = {
    "wide": f"scaled up to {WIDE:g}",
    "narrow": f"scaled down to {NARROW:g}",
    "cropped": "cropped to planes of the other parity",
    "one": "cut to one sample",
}


def _noted(note: str, name: str) -> str:
    return f"{note} on its input {_HOW[name]}".strip()
