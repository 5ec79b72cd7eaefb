"""Every module alone, measured: units run on all three sides and are judged entry by entry."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness import isolation
from harness.backends.base import Call, Run
from harness.compare import judge
from harness.isolation import TORCH_NAMES, Unit
from harness.pair import Pair
from harness.parts import Parts
from harness.probes import probe
from harness.running import Nudged, raised, run_on
from harness.subject import Side, Subject
from harness.tolerance import DRAWS
from harness.verdict import DIVERGES, INCONCLUSIVE, NOT_JUDGED, Measurement, Result

#: Leaf types that only move or select values: forward must be bit-identical.
EXACT_TYPES = frozenset({"ReLU", "ReLU6", "MaxPool1d", "MaxPool2d", "Flatten", "Identity"})


def measure(
    subject: Subject, units: Sequence[Unit] | Parts, mode: str, backward: bool
) -> list[Result]:
    """Judge every unit of a recording; what has been judged is let go of.

    Units that the budget leaves no time for have results of their own, which say so.
    """
    results: list[Result] = []
    planned = units.planned if isinstance(units, Parts) else units
    recorded = iter(units)
    done = 0
    while done < len(planned) and not subject.settings.budget.over:
        unit = next(recorded)
        subject.progress(f"{unit.name or 'the whole'} alone, {mode}", done, len(planned))
        results += _unit_results(subject, unit, mode, backward)
        for children in unit.played.values():
            for child in children:
                _release(child)
        del unit
        done += 1
    results = _confirm(subject, results, mode)
    for unit in planned[done:]:
        scope = "wiring" if unit.wiring else "isolated"
        state = subject.port.names.parameter(unit.state)
        results += not_judged(unit.name, scope, mode, backward, state)
    return results


def not_judged(
    name: str, scope: str, mode: str, backward: bool, state: Sequence[str]
) -> list[Result]:
    """An entry for each claim about a unit for which there was no time."""
    entries = [f"{name}:out", *[f"{name}:grad_in"] * backward, *(f"{s}:state" for s in state)]
    return [Result(entry, scope, name, mode, Measurement(NOT_JUDGED)) for entry in entries]


def _unit_results(subject: Subject, unit: Unit, mode: str, backward: bool) -> list[Result]:
    reference = reference_run(subject, unit, mode, backward)
    results = _judged(subject, unit, mode, backward, reference)
    if not any(result.diverges for result in results):
        results += probe(subject, unit, mode)
    if any(result.diverges for result in results):
        results = _unless_random(subject, unit, mode, results)
    return results


def _judged(
    subject: Subject, unit: Unit, mode: str, backward: bool, reference: Run
) -> list[Result]:
    oracle = run_on(subject.oracle, unit, mode, backward)
    scope = "wiring" if unit.wiring else "isolated"
    try:
        port = run_on(subject.port, unit, mode, backward)
    except Exception as error:  # whatever a framework raises is this unit's divergence
        failed = Measurement(DIVERGES, "error", note=raised(error))
        return [Result(f"{unit.name}:out", scope, unit.name, mode, failed)]
    ours = dict(isolation.entries(port, unit, subject.port.names, subject.map))
    want = dict(isolation.entries(reference, unit, TORCH_NAMES, subject.map))
    true = dict(isolation.entries(oracle, unit, TORCH_NAMES, subject.map))
    nudged = Nudged(subject, unit, mode, backward)
    broken_shape = False
    leaf_type = subject.torch.inventory.paths[unit.call.path].type
    results = []
    for entry, array in want.items():
        if entry not in ours and (broken_shape or _never_fed(entry, ours)):
            continue
        again = partial(
            judge,
            ours.get(entry),
            array,
            true[entry],
            channel_axis=0 if entry.endswith(":grad") else 1,
            exact=not unit.wiring and exact_entry(leaf_type, entry, subject.pair),
        )
        measurement = again(nudged=partial(nudged.arrays, entry))
        broken_shape |= measurement.kind == "shape"
        if measurement.kind and not unit.wiring:
            twins = subject.twins(unit.call.path)
            alone = subject.is_operation(unit.call.path)
            measurement = subject.profile.excuse(measurement, entry, *twins, alone)
        measurement = nudged.priced(measurement, entry, again)
        results.append(Result(entry, scope, unit.name, mode, measurement))
    for path in port.surplus:
        extra = Measurement(DIVERGES, "missing", note="called more often than torch calls it")
        results.append(Result(f"{path}:out", scope, unit.name, mode, extra))
    return results


def _unless_random(subject: Subject, unit: Unit, mode: str, results: list[Result]) -> list[Result]:
    """Say where a side that computes something else each time makes an alarm what it is."""
    first, again = (_forward(subject.torch, unit, mode) for _ in range(2))
    if not same_bits(first[0], again[0]):
        unsure = Measurement(INCONCLUSIVE, note="torch itself is random here: two runs differ")
        return [replace(r, measurement=unsure) if r.diverges else r for r in results]
    try:
        runs = [_forward(subject.port, unit, mode) for _ in range(2)]
    except Exception:  # the results already say that it raises
        return results
    if not same_bits(runs[0][0], runs[1][0]):
        note = "the port is random here: two runs differ"
    elif runs[0][1] and not first[1]:
        note = "the port is random here: it draws numbers, torch does not"
    else:
        return results
    return [
        replace(r, measurement=replace(r.measurement, note=note)) if r.diverges else r
        for r in results
    ]


def _forward(side: Side, unit: Unit, mode: str) -> tuple[dict[str, np.ndarray], bool]:
    """What a unit returns and feeds to its played children; whether it drew random numbers."""
    run = run_on(side, unit, mode, False)
    return dict(isolation.entries(run, unit, side.names, None)), run.random


def same_bits(a: Mapping[Any, np.ndarray], b: Mapping[Any, np.ndarray]) -> bool:
    """Whether two sets of arrays are equal bit for bit."""
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)


def reference_run(subject: Subject, unit: Unit, mode: str, backward: bool) -> Run:
    """Run a unit in torch float32 and keep its input gradients for the unit that plays it."""
    run = run_on(subject.torch, unit, mode, backward)
    unit.call.grad_inputs = run.grad_inputs
    return run


def _confirm(subject: Subject, results: list[Result], mode: str) -> list[Result]:
    """Draw again for gradients that alarm: one decision of a ReLU is no error of the port."""
    suspects = {r.unit for r in results if r.diverges and _is_gradient(r.entry)}
    for draw in range(1, DRAWS):
        if not suspects:
            break
        recording = subject.record(mode, backward=True, draw=draw)
        again: dict[tuple[str, str], Result] = {}
        left = set(suspects)
        for unit in recording.units:
            if unit.name in suspects:
                for result in _unit_results(subject, unit, mode, backward=True):
                    again[result.unit, result.entry] = result
                left.remove(unit.name)
                if not left:
                    break
            else:
                reference_run(subject, unit, mode, backward=True)
        results = [_after_redraw(r, again.get((r.unit, r.entry))) for r in results]
        suspects = {r.unit for r in results if r.diverges and _is_gradient(r.entry)}
    return results


def _after_redraw(first: Result, again: Result | None) -> Result:
    if not first.diverges or not _is_gradient(first.entry):
        return first
    if again is None or again.diverges:
        return first
    calm = replace(again.measurement, note="one draw took another branch; drawn again")
    return replace(first, measurement=calm)


def exact_entry(leaf_type: str, entry: str, pair: Pair | None) -> bool:
    """Whether a leaf's entry must be bit-identical: it only moves or selects values."""
    return entry.endswith(":out") and (leaf_type in EXACT_TYPES or bool(pair and pair.exact))


def _is_gradient(entry: str) -> bool:
    return entry.endswith(":grad") or "<grad" in entry or ":grad_in" in entry


def _never_fed(entry: str, ours: Mapping[str, np.ndarray]) -> bool:
    """Whether the entry is about a child that the port computes by other means than calling it."""
    child, arrow, _ = entry.partition("<")
    return bool(arrow) and f"{child}<in" not in ours


def _release(call: Call) -> None:
    """Let go of a recorded call's arrays once the module that called it has been judged."""
    call.args, call.kwargs, call.output = (), {}, None
    call.cotangents, call.grad_inputs = {}, {}
