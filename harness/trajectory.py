"""Judge a training: where, and at which step, the port's leaves torch's.

Teacher-forced steps are judged like everything else: against the oracle, by torch's own error and
its nudged twins'. A free run is held against the distance between torch and its twins, and only
while they are close.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from harness.compare import judge
from harness.lockstep import Step
from harness.stepping import how_it_moves, judge_rate
from harness.tolerance import DRAWS, ONE_FACTOR, OTHER_FACTOR, Tolerance, floor_for
from harness.tolerance import UNINFORMATIVE as UNINFORMATIVE_SHARE
from harness.verdict import (
    AGREES,
    DIVERGES,
    INCONCLUSIVE,
    UNINFORMATIVE,
    Finding,
    Measurement,
    Result,
)


@dataclass
class Forced:
    """Teacher-forced steps, judged: results by entry, and where the port parts from torch."""

    results: list[Result] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def judge_forced(steps: Iterable[Step], parameters: Mapping[str, str]) -> Forced:
    """Judge teacher-forced steps. parameters: torch name -> the port's name."""
    found = Forced()
    raw: dict[tuple[str, str], list[tuple[int, Measurement]]] = {}
    kept: list[Step] = []
    strayed: set[str] = set()
    for step in steps:
        kept.append(step)
        for kind, name, measurement in _entries(step, parameters, strayed):
            raw.setdefault((kind, name), []).append((step.number, measurement))
    wrong: dict[str, list[tuple[str, int]]] = {}
    for (kind, name), measured in raw.items():
        settled = _settled(kind, measured, len(kept))
        for number, measurement in settled:
            entry = f"{parameters.get(name, name)}:{kind}{number}".lstrip(":")
            found.results.append(Result(entry, "whole", "", "train", measurement))
        first = next((n for n, m in settled if m.status == DIVERGES), 0)
        if first:
            wrong.setdefault(kind, []).append((name, first))
    found.findings = list(_findings(kept, wrong, parameters))
    return found


def _entries(
    step: Step, parameters: Mapping[str, str], strayed: set[str]
) -> Iterator[tuple[str, str, Measurement]]:
    """(kind, torch name or "", measurement) of everything a step shows."""
    port, torch, oracle, twins = step.port, step.torch, step.oracle, step.twins
    if torch.outputs is not None and port.outputs is not None and oracle.outputs is not None:
        yield (
            "outputs",
            "",
            _judged(port.outputs, torch.outputs, oracle.outputs, [t.outputs for t in twins]),
        )
    losses = [np.array([seen.loss]) for seen in (port, torch, oracle, *twins)]
    yield (
        "loss",
        "",
        _judged(losses[0].astype("f4"), losses[1].astype("f4"), losses[2], list(losses[3:])),
    )
    if torch.updates != port.updates:
        note = f"the optimizer is called {port.updates} times in this step, torch's {torch.updates}"
        yield "updates", "", Measurement(DIVERGES, "value", ratio=float("inf"), note=note)
        return
    yield "scale", "", _common_scale(port.gradients, torch.gradients)
    for name in parameters:
        ours, want, true = (seen.gradients.get(name) for seen in (port, torch, oracle))
        if want is None or true is None:
            want = true = None
        elif ours is not None:
            measured = _judged(ours, want, true, [t.gradients.get(name) for t in twins])
            yield "gradient", name, measured
            if measured.status == DIVERGES:
                strayed.add(name)  # what the optimizer keeps of it moves the later steps, too
        rates = port.rates.get(name), torch.rates.get(name)
        rate = AGREES
        if rates[0] is not None and rates[1] is not None:
            judged = judge_rate(rates[0], rates[1])
            rate = judged.status
            yield "rate", name, judged
        if name not in strayed and rate == AGREES and name in torch.moves:
            ours, want, true = (seen.moves[name] for seen in (port, torch, oracle))
            measured = _judged(ours, want, true, [t.moves[name] for t in twins])
            if measured.status == DIVERGES:
                note = how_it_moves(ours.ravel(), want.ravel(), step.before[name].ravel())
                measured = replace(measured, note=note)
            yield "move", name, measured
    for name, want in torch.buffers.items():
        if np.issubdtype(want.dtype, np.floating):
            true = oracle.buffers[name]
            yield (
                "state",
                name,
                _judged(port.buffers[name], want, true, [t.buffers[name] for t in twins]),
            )


def _common_scale(ours: Mapping[str, np.ndarray], want: Mapping[str, np.ndarray]) -> Measurement:
    """Whether all gradients are torch's times one factor, which no rounding and no kink does."""
    factors = np.array([_factor(ours[n], want[n]) for n in want if n in ours])
    factors = factors[np.isfinite(factors)]
    middle = float(np.median(factors)) if factors.size else 1.0
    common = factors.size > 1 and bool(np.all(np.abs(factors - middle) <= ONE_FACTOR * middle))
    if common and abs(middle - 1) > OTHER_FACTOR:
        return Measurement(DIVERGES, "value", "scale", abs(middle - 1), ratio=float("inf"))
    return Measurement(AGREES, metric="scale", size=factors.size)


def _judged(
    ours: np.ndarray, want: np.ndarray, true: np.ndarray, twins: Sequence[np.ndarray | None]
) -> Measurement:
    return judge(ours, want, true.astype(np.float64), nudged=lambda: twins)


def _settled(
    kind: str, measured: Sequence[tuple[int, Measurement]], steps: int
) -> list[tuple[int, Measurement]]:
    """What a step's difference means: a gradient is wrong where from some step on all of them are.

    One ReLU that decides differently on a rounding difference changes a step's gradients, and what
    Adam makes of a value near zero, in torch's own twins too.
    """
    wrong = [m for _, m in measured if m.status == DIVERGES]
    if kind not in ("gradient", "move") or not wrong:
        return list(measured)
    if any(m.kind != "value" or "does not move" in m.note for m in wrong):
        return list(measured)
    begun = [m.status for _, m in measured]
    later = [s for s in begun[begun.index(DIVERGES) :] if s != UNINFORMATIVE]
    if len(wrong) >= min(DRAWS, steps) and set(later) == {DIVERGES}:
        return list(measured)
    note = f"differs in {len(wrong)} of {steps} steps: a decision on a rounding difference"
    return [
        (n, replace(m, status=INCONCLUSIVE, note=note) if m.status == DIVERGES else m)
        for n, m in measured
    ]


# -- naming the place ----------------------------------------------------------------------------


def _findings(
    steps: Sequence[Step],
    wrong: Mapping[str, Sequence[tuple[str, int]]],
    parameters: Mapping[str, str],
) -> Iterator[Finding]:
    if "updates" in wrong:
        ours = sum(step.port.updates for step in steps)
        want = sum(step.torch.updates for step in steps)
        yield Finding(
            "loop.updates",
            f"in {len(steps)} steps the optimizer is called {ours} times, torch's {want}",
            str(want), str(ours),
        )  # fmt: skip
        return
    first = {kind: min(number for _, number in found) for kind, found in wrong.items()}
    if "outputs" in wrong or ("loss" in wrong and "outputs" not in first):
        step = steps[min(first.get("outputs", 10**9), first.get("loss", 10**9)) - steps[0].number]
        yield _of_forward(step, "outputs" in wrong)
        return
    if "scale" in wrong:
        yield _of_scale(next(s for s in steps if s.number == first["scale"]))
    elif "gradient" in wrong:
        yield _of_gradient(steps, wrong["gradient"], parameters)
    if "rate" in wrong:
        yield _of_rate(steps, wrong["rate"])
    if "move" in wrong:
        yield _of_move(steps, wrong["move"], parameters)
    if "state" in wrong:
        names = ", ".join(parameters.get(n, n) for n, _ in wrong["state"][:3])
        yield Finding("state", f"the running statistics differ from step {first['state']} on, "
                               f"first {names}")  # fmt: skip


def _of_forward(step: Step, outputs: bool) -> Finding:
    port, torch = step.port, step.torch
    loss = f"{torch.loss:.6g}", f"{port.loss:.6g}"
    if not outputs:
        factor = port.loss / torch.loss if torch.loss else float("inf")
        return Finding(
            "loss",
            f"at step {step.number} the network's outputs agree and the loss is {factor:.4g} times "
            f"torch's",
            *loss,
        )
    moving = [n for n, a in torch.buffers.items() if not np.array_equal(a, step.before[n])]
    if moving and all(np.array_equal(port.buffers[n], step.before[n]) for n in moving):
        return Finding(
            "mode",
            f"at step {step.number} the network is not in train mode: its running statistics stay "
            f"as they are, and its outputs differ",
            *loss,
        )
    shapes = [None if s.outputs is None else s.outputs.shape for s in (torch, port)]
    if shapes[0] != shapes[1]:
        return Finding("network", "the outputs' shapes differ", *map(str, shapes))
    return Finding(
        "network", f"the network's outputs differ at step {step.number}, in train mode", *loss
    )


def _of_gradient(
    steps: Sequence[Step], wrong: Sequence[tuple[str, int]], parameters: Mapping[str, str]
) -> Finding:
    step = next(s for s in steps if s.number == min(number for _, number in wrong))
    ours, want = step.port.gradients, step.torch.gradients
    names = [n for n, _ in wrong if n in ours and n in want]
    shown = ", ".join(parameters[n] for n in names[:3])
    swapped = [
        f"{parameters[n]} gets that of {parameters[other]}"
        for n in names
        for other in want
        if other != n and want[other].shape == ours[n].shape and _same(ours[n], want[other])
    ]
    if swapped:
        return Finding("gradient.order", f"the optimizer is handed gradients in another order: "
                                         f"{'; '.join(swapped[:3])}")  # fmt: skip
    if any(ours[n].shape != want[n].shape for n in names):
        return Finding("gradient.order", f"gradients have other parameters' shapes, first {shown}")
    largest = {k: max(float(np.abs(g).max()) for g in grads.values())
               for k, grads in (("torch", want), ("mindspore", ours))}  # fmt: skip
    if largest["torch"] and abs(largest["mindspore"] / largest["torch"] - 1) > OTHER_FACTOR:
        return Finding(
            "gradient",
            f"the loss agrees, and from step {step.number} on gradients of {len(names)} of "
            f"{len(want)} parameters differ, first {shown}",
            f"largest {largest['torch']:.4g}", f"largest {largest['mindspore']:.4g}",
        )  # fmt: skip
    return Finding(
        "gradient",
        f"the loss agrees, and from step {step.number} on gradients of {len(names)} of {len(want)} "
        f"parameters differ, first {shown}",
    )


def _of_scale(step: Step) -> Finding:
    ours, want = step.port.gradients, step.torch.gradients
    factor = float(np.median([_factor(ours[n], want[n]) for n in want if n in ours]))
    norms = [
        math.sqrt(sum(float((g.astype("f8") ** 2).sum()) for g in grads.values()))
        for grads in (want, ours)
    ]
    return Finding(
        "gradient.scale",
        f"at step {step.number} every gradient that the optimizer is handed is {factor:.4g} times "
        f"torch's (a loss scale, an accumulation, a mean over devices, or clipping)",
        f"norm {norms[0]:.4g}", f"norm {norms[1]:.4g}",
    )  # fmt: skip


def _same(ours: np.ndarray, want: np.ndarray) -> bool:
    scale = float(np.abs(want).max())
    return scale > 0 and float(np.abs(ours - want).max()) < ONE_FACTOR * scale


def _factor(ours: np.ndarray, want: np.ndarray) -> float:
    norms = np.linalg.norm(ours.astype("f8")), np.linalg.norm(want.astype("f8"))
    return float(norms[0] / norms[1]) if norms[1] else float("nan")


def _of_rate(steps: Sequence[Step], wrong: Sequence[tuple[str, int]]) -> Finding:
    name, first = min(wrong, key=lambda found: found[1])
    ours = [step.port.rates.get(name, float("nan")) for step in steps]
    want = [step.torch.rates.get(name, float("nan")) for step in steps]
    factors = {round(a / b, 6) for a, b in zip(ours, want) if b}
    values = _series(want), _series(ours)
    if first == steps[0].number and len(factors) == 1 and len(set(want)) == len(set(ours)):
        factor = factors.pop()
        return Finding("optimizer.lr", f"the learning rate is {factor:g} times torch's", *values)
    return Finding("schedule", f"the learning rate differs from step {first} on", *values)


def _series(rates: Sequence[float]) -> str:
    return ", ".join(f"{rate:.6g}" for rate in rates[:8]) + (", ..." if len(rates) > 8 else "")


def _of_move(
    steps: Sequence[Step], wrong: Sequence[tuple[str, int]], parameters: Mapping[str, str]
) -> Finding:
    first = min(number for _, number in wrong)
    step = next(s for s in steps if s.number == first)
    names = [n for n, number in wrong if number == first]
    still = [n for n in parameters if n in step.port.moves and not step.port.moves[n].any()
             and step.torch.moves[n].any()]  # fmt: skip
    if still:
        which = "no parameter moves" if len(still) == len(parameters) else (
            f"{len(still)} of {len(parameters)} parameters do not move, first "
            f"{', '.join(parameters[n] for n in still[:3])}"
        )  # fmt: skip
        return Finding("optimizer.parameters", f"at step {first} {which}")
    how = how_it_moves(
        step.port.moves[names[0]].ravel(), step.torch.moves[names[0]].ravel(),
        step.before[names[0]].ravel(),
    )  # fmt: skip
    return Finding(
        "optimizer",
        f"the gradients and the rate agree, and at step {first} {len(names)} of {len(parameters)} "
        f"parameters move differently, first {parameters[names[0]]}: {how}",
    )


# -- the free run --------------------------------------------------------------------------------


@dataclass
class Free:
    """A free run, judged while torch's twins are close.

    results: the distance of all parameters together, by step. left: (step, parameter) where the
    port left the envelope, and what lies furthest outside it there. close: steps in which the twins
    were close enough to tell anything.
    """

    results: list[Result] = field(default_factory=list)
    left: tuple[int, str] | None = None
    close: int = 0


def judge_free(
    number: int,
    start: Mapping[str, np.ndarray],
    port: Mapping[str, np.ndarray],
    torch: Mapping[str, np.ndarray],
    twins: Sequence[Mapping[str, np.ndarray]],
    names: Mapping[str, str],
    found: Free,
) -> None:
    """Add one step of a free run: how far the parameters are from torch's, beside its twins'.

    All parameters are one entry: Adam makes the whole step of a gradient whose sign is rounding, in
    torch and its twins too, and how many of a large network are such is alike on all sides.
    """
    moved = {n: torch[n].astype(np.float64) - start[n] for n in names}
    others = [_distances(twin, torch, names) for twin in twins]
    ours = _distances(port, torch, names)
    scale = _norm(np.array([_norm(a) for a in moved.values()]))
    own = max(_norm(np.array(list(twin.values()))) for twin in others)
    error = _norm(np.array(list(ours.values())))
    tolerance = Tolerance(own, float(floor_for(np.array(scale))))
    status = AGREES
    if tolerance.limit > UNINFORMATIVE_SHARE * scale:
        status = UNINFORMATIVE  # the twins are far apart
    elif error > tolerance.limit:
        status = DIVERGES
        if found.left is None:
            furthest = max(names, key=lambda n: ours[n] / (max(t[n] for t in others) or 1e-300))
            found.left = (number, names[furthest])
    measured = Measurement(
        status, "value" if status == DIVERGES else "", "L2", error, own, tolerance.limit,
        error / tolerance.unit, scale, sum(a.size for a in moved.values()),
    )  # fmt: skip
    found.close += status != UNINFORMATIVE
    found.results.append(Result(f"parameters:at{number}", "whole", "", "train", measured))


def _distances(
    side: Mapping[str, np.ndarray], torch: Mapping[str, np.ndarray], names: Mapping[str, str]
) -> dict[str, float]:
    return {n: _norm(side[n].astype(np.float64) - torch[n]) for n in names}


def _norm(array: np.ndarray) -> float:
    return float(np.sqrt(np.einsum("x,x->", array.ravel(), array.ravel())))
