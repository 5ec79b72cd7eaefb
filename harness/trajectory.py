"""Judge a training: where, and at which step, the port's leaves torch's.

Teacher-forced steps are judged like everything else: against the oracle, by torch's own error and
its nudged twins'. A free run is held against the distance between torch and its twins, and only
while they are close.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from harness.blame import factor_of, findings_of
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
    Curve,
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
    found.findings = list(findings_of(kept, wrong, parameters))
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
    factors = np.array([factor_of(ours[n], want[n]) for n in want if n in ours])
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


def curve(name: str, steps: Sequence[Mapping[str, float]]) -> Curve:
    """A quantity of "torch", its twins and "mindspore", by step, in the envelope of torch's."""
    own = [[value for side, value in step.items() if side != "mindspore"] for step in steps]
    return Curve(
        name, tuple(float(number) for number in range(1, len(steps) + 1)),
        tuple(step["torch"] for step in steps), tuple(step["mindspore"] for step in steps),
        tuple(map(min, own)), tuple(map(max, own)),
    )  # fmt: skip


def curves(losses: Sequence[Mapping[str, float]], free: Free) -> Iterator[Curve]:
    """What a free run showed: losses, and the distance of the port's parameters from torch's.

    losses: of "torch", its twins and "mindspore", by step.
    """
    loss = curve("loss", losses)
    yield loss
    measured = [result.measurement for result in free.results]
    yield Curve(
        "distance of the parameters", loss.x,
        tuple(m.reference for m in measured), tuple(m.error for m in measured),
        (0.0,) * len(measured),
        tuple(float("nan") if m.status == UNINFORMATIVE else m.limit for m in measured),
    )  # fmt: skip


def _distances(
    side: Mapping[str, np.ndarray], torch: Mapping[str, np.ndarray], names: Mapping[str, str]
) -> dict[str, float]:
    return {n: _norm(side[n].astype(np.float64) - torch[n]) for n in names}


def _norm(array: np.ndarray) -> float:
    return float(np.sqrt(np.einsum("x,x->", array.ravel(), array.ravel())))
