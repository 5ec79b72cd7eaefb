"""Learning rate schedules: the rate of every step of a run, on both sides.

torch: factory(optimizer, **kwargs) -> a scheduler. mindspore: factory(lr=..., steps=...,
steps_per_epoch=..., per=..., **kwargs) -> what ``harness.backends.mindspore_schedules.read`` takes.
A variant's kwargs say ``lr`` (0.1), ``steps``, ``steps_per_epoch``, ``per`` ("epoch" or "step":
when torch's scheduler is moved) and ``metrics``, which a plateau is shown; the rest goes to both.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from harness.errors import HarnessError
from harness.stages.stage import Stage
from harness.tolerance import EPSILON, FACTOR
from harness.verdict import AGREES, DIVERGES, Finding, Measurement, Result, Verdict

PLACE = "schedule"
#: Decimals of a rate in a sentence.
_RATE = ".6g"


def check_rates(stage: Stage) -> Verdict:
    """Both schedules give the same rate at every step of the run."""
    stage.open_both()
    ours, theirs, single = _both(stage)
    limits = _limits(theirs, single)
    every = stage.kwargs.get("steps_per_epoch", 1)
    results = tuple(_results(ours, theirs, limits))
    findings = tuple(_findings(ours, theirs, limits, every))
    return Verdict("", "rates", 0, results=results, findings=findings, compared=len(theirs))


def _both(stage: Stage) -> tuple[np.ndarray, np.ndarray, bool]:
    from harness.backends import mindspore_schedules, torch_schedules

    given = stage.kwargs
    steps, every = given.pop("steps", 0), given.pop("steps_per_epoch", 1)
    if steps <= 2 * every:
        raise HarnessError(
            f"{stage.pair.name}:{stage.variant} runs {steps} steps of {every} an epoch; kwargs say "
            f"more than two epochs, e.g. steps=13, steps_per_epoch=4."
        )
    base, per = given.pop("lr", 0.1), given.pop("per", "epoch")
    metrics = given.pop("metrics", ())
    moved = every if per == "epoch" else 1
    shared = {"base": base, "steps": steps, "every": moved, "metrics": metrics}
    run = {"lr": base, "steps": steps, "steps_per_epoch": every, "per": per}
    port = stage.factory("mindspore")
    with_run = {**given} if mindspore_schedules.wants_optimizer(port) else {**run, **given}
    theirs = _read(stage, "torch", torch_schedules.read, stage.factory("torch"), given, shared)
    ours, single = _read(stage, "mindspore", mindspore_schedules.read, port, with_run, shared)
    return np.array(ours), np.array(theirs), single


def _read(stage: Stage, side: str, read: Any, factory: Any, given: dict, shared: dict) -> Any:
    try:
        return read(factory, given, **shared)
    except HarnessError:
        raise
    except Exception as error:
        raise HarnessError(
            f"{stage.pair.name}:{stage.variant}: the {side} schedule raised "
            f"{type(error).__name__}: {error}"
        ) from error


def _limits(theirs: np.ndarray, single: bool) -> np.ndarray:
    """How far each rate may be off: what rounding it to float32 costs, and computing it.

    A schedule computed in float32 carries the rounding of its largest rate to its smallest; a list
    made in Python that of float64.
    """
    peak = float(np.abs(theirs).max())
    own = np.spacing(np.abs(theirs).astype(np.float32)).astype(np.float64)
    return FACTOR * np.maximum(own, EPSILON["float32" if single else "float64"] * peak)


def _results(ours: np.ndarray, theirs: np.ndarray, limits: np.ndarray) -> Iterator[Result]:
    for step, (want, limit) in enumerate(zip(theirs, limits)):
        unit = limit / FACTOR
        if step >= len(ours):
            found = Measurement(DIVERGES, "missing", "rate", size=1, note="there is no rate")
        else:
            error = abs(float(ours[step] - want))
            agrees = error <= limit
            note = "" if agrees else f"{ours[step]:{_RATE}}, torch's {want:{_RATE}}"
            found = Measurement(
                AGREES if agrees else DIVERGES, "" if agrees else "value", "rate", error, 0.0,
                float(limit), error / unit, float(want), 1, note=note,
            )  # fmt: skip
        yield Result(f"step{step}:rate", "whole", "", "train", found)


def _findings(
    ours: np.ndarray, theirs: np.ndarray, limits: np.ndarray, every: int
) -> Iterator[Finding]:
    steps, held = len(theirs), len(ours)
    if held < steps:
        yield Finding(
            PLACE,
            f"MindSpore's list ends early: it holds {held} rates for a run of {steps} steps. Past "
            f"its end the optimizer raises, or repeats the last rate, by device.",
            f"{steps} rates",
            f"{held} rates",
        )
    wrong = np.flatnonzero(np.abs(ours - theirs[:held]) > limits[:held])
    if wrong.size:
        step = int(wrong[0])
        yield Finding(
            PLACE,
            _sentence(ours, theirs, limits, every, wrong),
            f"{theirs[step]:{_RATE}} at step {step}",
            f"{ours[step]:{_RATE}} at step {step}",
        )


def _sentence(
    ours: np.ndarray, theirs: np.ndarray, limits: np.ndarray, every: int, wrong: np.ndarray
) -> str:
    """What the rates have in common, where they have; else from which step on they differ."""
    held, first = len(ours), int(wrong[0])
    tell = _Tell(ours, theirs, limits)
    index = np.arange(held)
    for steps in range(1, max(every, 2) + 1):
        if tell.same(index[steps:], index[steps:] - steps):
            return f"MindSpore's rates are torch's, {_steps(steps)} late: off by {steps}."
        if tell.same(index[:-steps], index[:-steps] + steps):
            return f"MindSpore's rates are torch's, {_steps(steps)} early: off by {steps}."
    if every > 1:
        if tell.same(index, index // every * every):
            return (
                f"MindSpore's rate is held within each epoch of {every} steps, torch's changes at "
                f"every step."
            )
        if tell.same(index, index // every):
            return (
                f"MindSpore's schedule moves once an epoch ({every} steps), torch's at every step."
            )
        if tell.same(index, index * every):
            return (
                f"MindSpore's schedule moves at every step, torch's once an epoch: it runs {every} "
                f"times as fast."
            )
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = float(np.median(ours[theirs[:held] != 0] / theirs[:held][theirs[:held] != 0]))
    if np.all(np.abs(ours - factor * theirs[:held]) <= limits[:held] * max(1.0, abs(factor))):
        return f"MindSpore's rate is {factor:.4g} times torch's at every step."
    least = int(np.argmin(theirs[:held]))
    if first > least and theirs[first] > theirs[least] and np.ptp(ours[least:]) <= limits[least]:
        return (
            f"torch's rate rises again after step {least}, where it is least; MindSpore's stays "
            f"there."
        )
    low = int(np.argmin(ours))
    if first > low and ours[first] > ours[low] and np.ptp(theirs[low:held]) <= limits[low]:
        return f"MindSpore's rate rises again after step {low}; torch's stays at its least."
    changes = np.flatnonzero(np.diff(theirs[:held])) + 1
    if changes.size and not np.isin(changes, wrong).any() and len(changes) < held // 2:
        return (
            "MindSpore's rate moves at every step where torch's is a staircase; they agree where "
            "torch's changes."
        )
    rest = "at every step" if len(wrong) == held else f"at {len(wrong)} of {held} steps"
    return (
        f"The rates differ from step {first} on, {rest}: there MindSpore's is "
        f"{ours[first]:{_RATE}}, torch's {theirs[first]:{_RATE}}."
    )


class _Tell:
    """Whether the port's rates at some steps are torch's at others, and say so."""

    def __init__(self, ours: np.ndarray, theirs: np.ndarray, limits: np.ndarray) -> None:
        self.ours, self.theirs, self.limits = ours, theirs, limits

    def same(self, at: Sequence[int] | np.ndarray, of: Sequence[int] | np.ndarray) -> bool:
        at, of = np.asarray(at), np.asarray(of)
        inside = (of >= 0) & (of < len(self.theirs))
        at, of = at[inside], of[inside]
        # A rate that never changes fits every shift.
        if at.size < 2 or np.ptp(self.theirs[of]) == 0:
            return False
        return bool(np.all(np.abs(self.ours[at] - self.theirs[of]) <= self.limits[of]))


def _steps(count: int) -> str:
    return "one step" if count == 1 else f"{count} steps"


CHECKS = {"rates": check_rates}
