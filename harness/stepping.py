"""What an optimizer step shows and a forward does not: what moves, how far, and by what rate.

Both optimizers are fed the same gradients, bounded away from zero: real ones would let Adam amplify
what is nearly zero, in torch too. What is judged is the distance that each parameter moved.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.backends.base import Training
from harness.compare import Nudged, judge
from harness.inputs import generator
from harness.pair import resolve_factory
from harness.subject import Side, Subject
from harness.tolerance import DECAY_REST, FACTOR
from harness.verdict import AGREES, DIVERGES, Measurement, Result

#: Factors of the gradients fed in successive steps: small first, where the place of Adam's eps
#: shows; momentum shows from the second step on.
SCALES = (1e-4, 1.0, -0.5, 1.0)

#: Elements of a parameter that are judged: optimizers treat all alike.
SAMPLE = 4096


@dataclass(frozen=True)
class Moves:
    """The same steps on all three sides, and the gradients they were fed, by torch name."""

    port: Training
    torch: Training
    oracle: Training
    gradients: Mapping[str, np.ndarray | None]


def steps(subject: Subject) -> tuple[list[Result], tuple[str, ...]]:
    """Distances moved and rates used, step by step; and notes on the optimizers."""
    found = moves(subject, SCALES)
    return list(judged(subject, found)), tuple(notes(found))


def moves(subject: Subject, scales: Sequence[float]) -> Moves:
    """Step all three sides with the pair's optimizers.

    scales: factors of the gradients fed in successive steps.
    """
    unused = set(subject.record("train", backward=True).run.unused)
    own = _gradients(subject, unused)
    layouts = {entry.mindspore: entry.layout for entry in subject.map.entries}
    laid_out = {
        entry.mindspore: None if g is None else entry.layout.forward(g)
        for entry in subject.map.entries
        if entry.torch in own
        for g in [own[entry.torch]]
    }
    torch, oracle = (
        again(subject, side, optimizer_factory(subject, "torch"), own, scales)
        for side in (subject.torch, subject.oracle)
    )
    port = _train(
        subject, subject.port, optimizer_factory(subject, "mindspore"), laid_out, scales,
        lambda name, a: _sample(layouts[name].inverse(a) if name in layouts else a),
    )  # fmt: skip
    return Moves(port, torch, oracle, own)


def again(
    subject: Subject,
    side: Side,
    factory: Callable[..., Any],
    gradients: Mapping[str, np.ndarray | None],
    scales: Sequence[float],
) -> Training:
    """The steps of a torch optimizer, on the side of torch or of the oracle."""
    return _train(subject, side, factory, gradients, scales, lambda _, a: _sample(a))


def optimizer_factory(subject: Subject, framework: str) -> Callable[..., Any]:
    """What makes the pair's optimizer of "torch" or "mindspore"."""
    given = getattr(subject.pair.optimizers, framework)
    return resolve_factory(given, f"Pair(name={subject.pair.name!r}, optimizers={given!r})")


def _gradients(subject: Subject, unused: set[str]) -> dict[str, np.ndarray | None]:
    names = subject.torch.inventory.names
    found: dict[str, np.ndarray | None] = {}
    for name in subject.trainable:
        rng = generator(subject.entropy, f"step.{name}")
        drawn = rng.uniform(0.5, 1.0, SAMPLE - 1) * rng.choice([-1.0, 1.0], SAMPLE - 1)
        # Repeated, where the parameter is larger: random numbers for millions take seconds.
        gradient = np.resize(drawn.astype(np.float32), names[name].shape)
        found[name] = None if name in unused else gradient
    return found


def _sample(array: np.ndarray) -> np.ndarray:
    flat = array.reshape(-1)
    return flat[:: max(1, flat.size // SAMPLE)].copy()


def _train(
    subject: Subject,
    side: Side,
    factory: Callable[..., Any],
    gradients: Mapping[str, np.ndarray | None],
    scales: Sequence[float],
    keep: Callable[[str, np.ndarray], np.ndarray],
) -> Training:
    subject.progress(f"optimizer steps, {side.backend.name}", 0, 0)
    return side.backend.train(side.model, factory, gradients, scales, keep)


def starts(subject: Subject) -> dict[str, np.ndarray]:
    """What each torch parameter and buffer starts from, as much of it as is judged."""
    drawn = subject.parameters_for(subject.torch)
    return {name: _sample(array).astype(np.float64) for name, array in drawn.items()}


def judged(
    subject: Subject, found: Moves, nudged: Callable[[], Sequence[Training]] | None = None
) -> Iterator[Result]:
    """Every parameter's distance moved and rate, step by step up to the first that is wrong.

    Of running statistics, which no optimizer moves, one entry. nudged: torch's steps with settings
    and gradients off by rounding, consulted before an alarm.
    """
    port, torch, oracle = found.port, found.torch, found.oracle
    origins = starts(subject)
    for entry in subject.map.entries:
        origin = origins[entry.torch]
        if entry.torch not in torch.steps[0].parameters:
            if subject.torch.inventory.names[entry.torch].trainable:
                continue  # a tied parameter, which is stepped under its first name
            if not np.array_equal(port.steps[-1].parameters[entry.mindspore], origin):
                note = "moved by the optimizer, though it is no trainable parameter"
                wrong_state = Measurement(
                    DIVERGES, "value", "moved", ratio=float("inf"), size=origin.size, note=note
                )
                yield Result(f"{entry.mindspore}:moved", "whole", "", "train", wrong_state)
            continue
        names = (entry.mindspore, entry.torch, entry.torch)
        before: tuple[np.ndarray, ...] = (origin, origin, origin)
        for number, now in enumerate(zip(port.steps, torch.steps, oracle.steps), start=1):
            rates = now[0].rates.get(entry.mindspore), now[1].rates.get(entry.torch)
            rate = None if None in rates else judge_rate(*rates)  # type: ignore[arg-type]
            if rate is not None:
                yield Result(f"{entry.mindspore}:rate{number}", "whole", "", "train", rate)
            after = tuple(s.parameters[n].astype(np.float64) for s, n in zip(now, names))
            ours, want, true = (a - b for a, b in zip(after, before))
            measured = judge(
                ours, want, true, nudged=_same_step(nudged, entry.torch, number, origin)
            )
            if measured.status == DIVERGES:
                measured = replace(measured, note=how_it_moves(ours, want, before[1]))
            wrong = measured.status == DIVERGES
            if not (wrong and rate is not None and rate.status == DIVERGES):
                yield Result(f"{entry.mindspore}:step{number}", "whole", "", "train", measured)
            if wrong or (rate is not None and rate.status == DIVERGES):
                break  # later steps carry this one's difference on
            before = after


def how_it_moves(ours: np.ndarray, want: np.ndarray, parameter: np.ndarray) -> str:
    """What kind of difference it is: nothing moves, the parameter itself is in it, a factor."""
    if not ours.any():
        return "does not move"
    if not want.any():
        return "moves, and torch's does not"
    difference = want - ours
    if not parameter.any():
        return f"moves {_factor(ours, want):.4g} times as far as torch's, in the median"
    share = float(difference @ parameter / (parameter @ parameter))
    rest = difference - share * parameter
    if float(np.abs(rest).max()) < DECAY_REST * float(np.abs(difference).max()):
        return f"the difference is {share:.2g} times the parameter: weight decay on one side"
    return f"moves {_factor(ours, want):.4g} times as far as torch's, in the median"


def _factor(ours: np.ndarray, want: np.ndarray) -> float:
    middle = float(np.median(np.abs(want)))
    return float(np.median(np.abs(ours))) / middle if middle else float("inf")


def judge_rate(ours: float, theirs: float) -> Measurement:
    """Hold the port's learning rate against torch's: the same float32, or a few ulp off."""
    if np.float32(ours) == np.float32(theirs):
        return Measurement(AGREES, size=1, exact=True)
    error = abs(ours - theirs)
    unit = float(np.spacing(np.float32(theirs)))
    agrees = error <= FACTOR * unit
    note = "" if agrees else f"the rate used is {ours:.6g}, torch's {theirs:.6g}"
    return Measurement(
        AGREES if agrees else DIVERGES, "" if agrees else "value", "rate", error, 0.0,
        FACTOR * unit, error / unit, theirs, 1, note=note,
    )  # fmt: skip


def _same_step(
    nudged: Callable[[], Sequence[Training]] | None, name: str, number: int, start: np.ndarray
) -> Nudged | None:
    if nudged is None:
        return None
    return lambda: [move_of(training, name, number, start) for training in nudged()]


def move_of(training: Training, name: str, number: int, start: np.ndarray) -> np.ndarray:
    """How far one step, counted from 1, moved a parameter that began at ``start``."""
    steps = training.steps
    before = steps[number - 2].parameters[name].astype(np.float64) if number > 1 else start
    return steps[number - 1].parameters[name].astype(np.float64) - before


def notes(found: Moves) -> Iterator[str]:
    """What both optimizers keep, where one keeps nothing."""
    ours, theirs = found.port.slots, found.torch.slots
    if bool(ours) != bool(theirs):
        yield f"slots kept: torch {_listed(theirs)}, MindSpore {_listed(ours)}"


def _listed(slots: tuple[str, ...]) -> str:
    return ", ".join(slots) or "none"
