"""Do both factories leave the same initial values, or draw them from the same distribution?

Every parameter is seen in several builds, each under a seed of its own. What is the same in every
build must be the same on both sides, bit for bit; what is drawn must come from one distribution.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator

from harness.inputs import generator
from harness.subject import Subject
from harness.tolerance import (
    ENOUGH_VALUES,
    FEWEST_COPIED,
    FEWEST_VALUES,
    INITIAL_FALSE_ALARMS,
    MOST_VALUES,
)
from harness.verdict import AGREES, DIVERGES, UNINFORMATIVE, Measurement, Result

SIDES = ("torch", "mindspore")

#: Tensors and elements that may be built on each side, all builds together, to pool the values of
#: small parameters: what keeps this a fraction of a second. Two builds are always made.
_TENSORS, _ELEMENTS = 128, 2**21

#: Elements of a network that is built four times where one of its parameters is small.
_AFFORDABLE = 2**24


@dataclass(frozen=True)
class Fresh:
    """One parameter as the builds of one side left it.

    size: its elements. fixed: its values, any shape, where every build left the same; else None.
    drawn: otherwise, values pooled over the builds, one dimension. zeros: elements of a drawn
    parameter that every build left at 0, such as the row of a padding index; None without any.
    mark: the same for two parameters whose first builds hold the same bits. moments: how many
    values all builds drew, and the means of their squares and of their fourth powers.
    """

    size: int
    fixed: np.ndarray | None = None
    drawn: np.ndarray = field(default_factory=lambda: np.empty(0))
    zeros: np.ndarray | None = None
    mark: bytes = b""
    moments: tuple[float, float, float] = (0.0, 0.0, 0.0)


def fresh(first: np.ndarray, second: np.ndarray, rng: Generator) -> Fresh:
    """Two builds of one parameter, of one shape; ``rng`` chooses which values a large one keeps."""
    if np.array_equal(first, second, equal_nan=True):
        return Fresh(first.size, fixed=first)
    both = (first == 0) & (second == 0)
    # A draw may hit 0 by chance; only what stays at 0 from build to build is meant.
    chance = max(np.count_nonzero(first == 0), np.count_nonzero(second == 0)) - both.sum()
    meant = both.sum() > 9 * chance
    drawn = np.concatenate([_some(array, MOST_VALUES // 2, rng) for array in (first, second)])
    mark = hashlib.sha256(np.ascontiguousarray(first).tobytes()).digest()
    moments = _added(_moments(first), _moments(second))
    return Fresh(first.size, None, drawn, both if meant else None, mark, moments)


def _moments(array: np.ndarray) -> tuple[float, float, float]:
    squares = np.square(array, dtype=np.float64).ravel()
    return float(squares.size), float(squares.mean()), float(np.square(squares).mean())


def _added(
    a: tuple[float, float, float], b: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Moments of two sets of values together."""
    count = a[0] + b[0]
    second, fourth = ((x * a[0] + y * b[0]) / count for x, y in zip(a[1:], b[1:]))
    return count, second, fourth


def pooled(seen: Fresh, another: np.ndarray, rng: Generator) -> Fresh:
    """The values of one more build added to those of a drawn parameter."""
    if seen.fixed is not None:
        return seen
    room = max(MOST_VALUES - seen.drawn.size, 0)
    drawn = np.concatenate([seen.drawn, _some(another, room, rng)]) if room else seen.drawn
    return replace(seen, drawn=drawn, moments=_added(seen.moments, _moments(another)))


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
    # Absolute values tell spreads around 0 apart with a quarter of the values.
    sides = torch.drawn, port.drawn
    found = min((ks_2samp(*sides), ks_2samp(*map(np.abs, sides))), key=lambda test: test.pvalue)
    distance = float(found.statistic)
    tests = {
        "KS": 2 * float(found.pvalue),
        "largest values": _one_sided_extremes(*map(np.abs, sides)),
        "mean square": _mean_squares(torch.moments, port.moments),
    }
    which, p = min(tests.items(), key=lambda test: test[1])
    if p * len(tests) >= false_alarms:
        if count < FEWEST_VALUES:
            note = f"{count} drawn values tell only distributions apart that hardly overlap"
            return Measurement(UNINFORMATIVE, metric="initial", size=count, note=note)
        return Measurement(AGREES, metric="initial", error=distance, size=count)
    chance = f"{which}, p < 1e-12" if p < 1e-12 else f"{which}, p = {p:.0e}"
    return replace(_differs("value", count, _spreads(torch, port, chance)), error=distance)


def _mean_squares(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    """The chance that mean squares of large samples differ as these do, by the central limit."""
    if min(a[0], b[0]) < MOST_VALUES:
        return 1.0  # the Kolmogorov-Smirnov test sees as much, and is exact
    error = math.sqrt(sum((fourth - second**2) / count for count, second, fourth in (a, b)))
    return math.erfc(abs(a[1] - b[1]) / error / math.sqrt(2)) if error else 1.0


def _one_sided_extremes(a: np.ndarray, b: np.ndarray) -> float:
    """The chance that the largest values of two equal samples are as one-sided as these.

    A truncated or bounded distribution has the other's body without its tail, where the
    Kolmogorov-Smirnov distance is small. The run of largest values that one side alone holds has,
    under exchangeability, a probability of its side's share to the power of its length.
    """
    bounds = float(a.max()), float(b.max())
    beyond = (a > bounds[1]).sum(), (b > bounds[0]).sum()
    longer = int(np.argmax(beyond))
    share = (a.size, b.size)[longer] / (a.size + b.size)
    return float(min(1.0, 2 * share ** int(beyond[longer])))


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
    return f"{', '.join(sides)} ({chance})"


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
    copied = _copied(ours, theirs)
    return [
        Result(
            f"{entry}:init", "whole", "", "eval",
            copied.get(entry) or judge_fresh(ours[entry], theirs[entry], rate),
        )
        for entry in ours
    ]  # fmt: skip


def _copied(torch: Mapping[str, Fresh], port: Mapping[str, Fresh]) -> dict[str, Measurement]:
    """Parameters that start as copies of others on one side only, as deep-copied blocks do."""
    alike = [_alike(side) for side in (torch, port)]
    found = {}
    for entry in torch:
        ours, theirs = (side.get(entry, frozenset()) for side in alike)
        if ours != theirs:
            only = [n for n in (*sorted(theirs - ours), *sorted(ours - theirs)) if n != entry]
            side = "mindspore" if theirs - ours else "torch"
            note = f"starts as a copy of {', '.join(only[:3])} in {side} only"
            found[entry] = _differs("value", torch[entry].size, note)
    return found


def _alike(side: Mapping[str, Fresh]) -> dict[str, frozenset[str]]:
    """Entry -> all entries that were drawn the very same values, where there are several."""
    groups: dict[bytes, list[str]] = {}
    for entry, seen in side.items():
        if seen.fixed is None and seen.size >= FEWEST_COPIED:
            groups.setdefault(seen.mark, []).append(entry)
    return {e: frozenset(group) for group in groups.values() if len(group) > 1 for e in group}


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
    # Four builds tell a bias of ten values apart that overlaps torch's hardly at all.
    few = 4 if 2 * min(sizes) < FEWEST_VALUES and elements < _AFFORDABLE else 2
    return max(few, min(math.ceil(ENOUGH_VALUES / min(sizes)), cheap))
