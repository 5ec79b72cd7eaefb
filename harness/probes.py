"""Probes: modules that are not linear, run on the recorded input at another scale.

ReLU6 is ReLU while activations stay small, and eps is nothing while variances are near one. The
sign and the shape of the recorded input are kept, so what the network's own structure guarantees
(nothing negative after a ReLU) still holds.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from harness import isolation, tree
from harness.backends.base import Call, array_leaves, is_array, is_float
from harness.compare import judge
from harness.isolation import TORCH_NAMES, Unit
from harness.subject import Subject
from harness.tolerance import NARROW, WIDE
from harness.verdict import DIVERGES, Measurement, Result

#: Types whose output scales with their input: another scale shows nothing new.
_SCALING = ("Conv", "Linear", "Bilinear", "Embedding", "Pool", "Pad", "Upsample", "Dropout",
            "Identity", "Flatten", "Unflatten", "PixelShuffle", "Fold", "Unfold")  # fmt: skip


def probe(subject: Subject, unit: Unit, mode: str) -> list[Result]:
    """Forward results of a leaf on its recorded input, widened and narrowed."""
    module = subject.torch.inventory.paths[unit.call.path]
    if any(name in module.type for name in _SCALING):
        return []
    norm = "Norm" in module.type
    if norm and module.type.startswith("BatchNorm") and mode == "eval":
        return []  # affine in eval mode
    name, largest = ("narrow", NARROW) if norm else ("wide", WIDE)
    return list(_at_scale(subject, unit, mode, name, largest))


def _at_scale(
    subject: Subject, unit: Unit, mode: str, name: str, largest: float
) -> Iterator[Result]:
    call = unit.call
    arrays = [a for _, a in array_leaves((call.args, call.kwargs)) if is_float(a) and a.size]
    now = max((float(np.abs(a).max()) for a in arrays), default=0.0)
    if not 0 < now < np.inf or (name == "wide" and now >= largest):
        return
    factor = np.float32(largest / now)

    def scale(array: np.ndarray) -> np.ndarray:
        return array * factor if is_float(array) else array

    args, kwargs = tree.transform((call.args, call.kwargs), is_array, scale)
    scaled = replace(unit, call=Call(call.path, call.index, args, kwargs))
    outputs: list[dict[str, np.ndarray]] = []
    entry = f"{call.name}@{name}:out"
    for side in (subject.torch, subject.oracle, subject.port):
        try:
            run = isolation.run_unit(
                side.backend, side.model, scaled, side.names, train=mode == "train", backward=False
            )
        except Exception as error:
            if side is subject.port:
                note = f"{type(error).__name__} on inputs scaled by {factor:.3g}"
                failed = Measurement(DIVERGES, "error", note=note)
                yield Result(entry, "isolated", call.name, mode, failed)
            return  # torch itself does not take such values
        outputs.append(dict(isolation.entries(run, scaled, TORCH_NAMES, None)))
    want, true, ours = outputs
    for key, array in want.items():
        if not key.startswith(f"{call.name}:out"):
            continue
        found = judge(ours.get(key), array, true[key], channel_axis=1)
        if found.status == DIVERGES:
            found = replace(found, note=f"on its input scaled by {factor:.3g}")
            found = subject.profile.excuse(found, key, *subject.twins(call.path))
        suffix = key.removeprefix(f"{call.name}:out")
        yield Result(f"{entry}{suffix}", "isolated", call.name, mode, found)
