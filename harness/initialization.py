"""Do both factories leave the same initial values, or draw them from the same distribution?

Every parameter is seen in several builds, each under a seed of its own. What is the same in every
build must be the same on both sides, bit for bit; what is drawn must come from one distribution.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator

from harness.inputs import generator
from harness.subject import Subject
from harness.tolerance import (
    ENOUGH_VALUES,
    FEWEST_VALUES,
    INITIAL_FALSE_ALARMS,
    MOST_VALUES,
)
from harness.verdict import AGREES, DIVERGES, UNINFORMATIVE, Measurement, Result

SIDES = ("torch", "mindspore")

#: Tensors and elements that may be built on each side, all builds together, to pool the values of
#: small parameters: what keeps this a fraction of a second. Two builds are always made.
_TENSORS, _ELEMENTS = 128, 2**21


@dataclass(frozen=True)
class Fresh:
    """One parameter as the builds of one side left it.

    size: its elements. fixed: its values, any shape, where every build left the same; else None.
    drawn: otherwise, values pooled over the builds, one dimension. zeros: elements of a drawn
    parameter that every build left at 0, such as the row of a padding index; None without any.
    """

    size: int
    fixed: np.ndarray | None = None
    drawn: np.ndarray = field(default_factory=lambda: np.empty(0))
    zeros: np.ndarray | None = None


def fresh(first: np.ndarray, second: np.ndarray, rng: Generator) -> Fresh:
    """Two builds of one parameter, of one shape; ``rng`` chooses which values a large one keeps."""
    if np.array_equal(first, second, equal_nan=True):
        return Fresh(first.size, fixed=first)
    both = (first == 0) & (second == 0)
    # A draw may hit 0 by chance; only what stays at 0 from build to build is meant.
    chance = max(np.count_nonzero(first == 0), np.count_nonzero(second == 0)) - both.sum()
    meant = both.sum() > 9 * chance
    drawn = np.concatenate([_some(array, MOST_VALUES // 2, rng) for array in (first, second)])
    return Fresh(first.size, drawn=drawn, zeros=both if meant else None)


def pooled(seen: Fresh, another: np.ndarray, rng: Generator) -> Fresh:
    """The values of one more build added to those of a drawn parameter."""
    room = MOST_VALUES - seen.drawn.size
    if seen.fixed is not None or room <= 0:
        return seen
    return replace(seen, drawn=np.concatenate([seen.drawn, _some(another, room, rng)]))


def _some(array: np.ndarray, most: int, rng: Generator) -> np.ndarray:
    flat = array.ravel()
    if flat.size <= most:
        return flat
    return flat[rng.choice(flat.size, most, replace=False, shuffle=False)]


def judge_fresh(torch: Fresh, port: Fresh, false_alarms: float) -> Measurement:
    """Hold what the port's factory leaves in one parameter against what torch's leaves.

    torch, port: the same parameter in the port's layout. false_alarms: the rate at which two
    samples of one distribution may be told apart.
    """
    if torch.fixed is not None and port.fixed is not None:
        return _judge_fixed(torch.fixed.astype(port.fixed.dtype), port.fixed)
    if torch.fixed is not None or port.fixed is not None:
        note = f"torch {_words(torch)}, mindspore {_words(port)}"
        return _differs("value", torch.size, note)
    finite = [bool(np.isfinite(side.drawn).all()) for side in (torch, port)]
    if not all(finite):
        note = f"{_where(finite)} not finite values"
        if any(finite):
            return _differs("nonfinite", torch.size, note)
        return Measurement(UNINFORMATIVE, metric="initial", size=torch.size, note=note)
    if not _same_zeros(torch, port):
        counts = [0 if s.zeros is None else int(s.zeros.sum()) for s in (torch, port)]
        note = f"always 0: {counts[0]} elements in torch, {counts[1]} in mindspore"
        note += ", not the same ones" if counts[0] == counts[1] else ""
        return _differs("value", torch.size, note)
    return _judge_drawn(torch, port, false_alarms)


def _judge_fixed(want: np.ndarray, ours: np.ndarray) -> Measurement:
    if np.array_equal(want, ours, equal_nan=True):
        strange = int((~np.isfinite(ours)).sum())
        note = f"{strange} elements are not finite on both sides" if strange else ""
        return Measurement(AGREES, metric="initial", size=ours.size, exact=True, note=note)
    if _constant(want) and _constant(ours):
        note = f"torch {want.flat[0]:g}, mindspore {ours.flat[0]:g}, everywhere"
    else:
        wide = np.abs(ours.astype(np.float64) - want.astype(np.float64))
        note = f"the same in every build, and {(wide != 0).mean():.0%} of the elements differ"
        note += f", by up to {np.nanmax(wide):.2g}" if np.isfinite(wide).any() else ""
    return _differs("value", ours.size, note)


def _judge_drawn(torch: Fresh, port: Fresh, false_alarms: float) -> Measurement:
    from scipy.stats import ks_2samp  # half a second to import

    count = min(torch.drawn.size, port.drawn.size)
    if count < FEWEST_VALUES:
        note = f"{count} drawn values cannot tell two distributions apart"
        return Measurement(UNINFORMATIVE, metric="initial", size=count, note=note)
    # Absolute values tell spreads around 0 apart with a quarter of the values.
    sides = torch.drawn, port.drawn
    tests = [ks_2samp(*sides), ks_2samp(*map(np.abs, sides))]
    found = min(tests, key=lambda test: test.pvalue)
    distance, p = float(found.statistic), float(found.pvalue)
    if p * len(tests) >= false_alarms:
        return Measurement(AGREES, metric="initial", error=distance, size=count)
    chance = "p < 1e-12" if p < 1e-12 else f"p = {p:.0e}"
    return replace(_differs("value", count, _spreads(torch, port, chance)), error=distance)


def _differs(kind: str, size: int, note: str) -> Measurement:
    return Measurement(DIVERGES, kind, "initial", ratio=math.inf, size=size, note=note)


def _same_zeros(torch: Fresh, port: Fresh) -> bool:
    if torch.zeros is None or port.zeros is None:
        return torch.zeros is port.zeros
    return np.array_equal(torch.zeros, port.zeros)


def _constant(array: np.ndarray) -> bool:
    return bool((array == array.flat[0]).all())


def _words(side: Fresh) -> str:
    if side.fixed is not None:
        value = f"{side.fixed.flat[0]:g} everywhere" if _constant(side.fixed) else "the same values"
        return f"leaves {value} in every build"
    return f"draws it (std {side.drawn.std(dtype=np.float64):.3g})"


def _where(finite: list[bool]) -> str:
    if not any(finite):
        return "both sides draw"
    return "mindspore draws" if finite[0] else "torch draws"


def _spreads(torch: Fresh, port: Fresh, chance: str) -> str:
    """Both samples in the numbers that tell them apart."""
    arrays = [side.drawn.astype(np.float64) for side in (torch, port)]
    stds = [array.std() for array in arrays]
    shifted = any(abs(a.mean()) > 5 * s / math.sqrt(a.size) for a, s in zip(arrays, stds))
    shaped = abs(stds[0] - stds[1]) <= 0.1 * max(stds)
    sides = []
    for name, array, std in zip(SIDES, arrays, stds):
        mean = f" mean {array.mean():.3g}," if shifted else ""
        largest = f", largest {np.abs(array).max():.3g}" if shaped else ""
        sides.append(f"{name}{mean} std {std:.3g}{largest}")
    return f"{', '.join(sides)} (KS {chance})"


def judge_initialization(subject: Subject) -> list[Result]:
    """Every mapped parameter and buffer, as the factories leave it; what a case loads is not seen.

    Raises ParameterMapError where the two sides do not map one to one.
    """
    ours, theirs = (_two_builds(subject, name) for name in SIDES)
    for number in range(2, _builds_wanted(ours)):
        for name, seen in zip(SIDES, (ours, theirs)):
            rng = generator(subject.entropy, f"initial.{name}.{number}")
            for entry, array in _build(subject, name, number).items():
                seen[entry] = pooled(seen[entry], array, rng)
    drawn = sum(ours[e].fixed is None and theirs[e].fixed is None for e in ours)
    rate = INITIAL_FALSE_ALARMS / max(drawn, 1)
    return [
        Result(f"{entry}:init", "whole", "", "eval", judge_fresh(ours[entry], theirs[entry], rate))
        for entry in ours
    ]


def _build(subject: Subject, name: str, number: int) -> dict[str, np.ndarray]:
    """One fresh build's values by MindSpore name, in MindSpore's layout."""
    entries = subject.map.entries
    side = subject.open(name, number)
    arrays = side.backend.read(side.model)
    if name == "torch":
        return subject.laid_out(arrays)
    return {entry.mindspore: arrays[entry.mindspore] for entry in entries}


def _two_builds(subject: Subject, name: str) -> dict[str, Fresh]:
    rng = generator(subject.entropy, f"initial.{name}")
    first, second = (_build(subject, name, number) for number in range(2))
    return {entry: fresh(first[entry], second[entry], rng) for entry in first}


def _builds_wanted(seen: Mapping[str, Fresh]) -> int:
    """Builds that give the smallest drawn parameter enough values, where that is cheap."""
    sizes = [side.size for side in seen.values() if side.fixed is None]
    if not sizes:
        return 2
    elements = sum(side.size for side in seen.values())
    cheap = min(_TENSORS // len(seen), _ELEMENTS // elements)
    return max(2, min(math.ceil(ENOUGH_VALUES / min(sizes)), cheap))
