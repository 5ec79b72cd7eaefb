"""Containers that are wired differently to the same result: a ReLU behind the pool, a call less.

With its children played a container is held to torch's order of calls. Where only that order
differs, the container with its real children computes the same; that is no fault.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from harness.backends.base import Run
from harness.compare import judge
from harness.isolation import Unit, recorded
from harness.running import raised
from harness.subject import Side, Subject
from harness.tolerance import DRAWS
from harness.verdict import AGREES, DIVERGES, PROFILED, Measurement, Result

_NOTE = "wired differently, to the same result"


def settle(subject: Subject, results: list[Result], mode: str, backward: bool) -> list[Result]:
    """Let containers pass that feed their children differently and compute the same with them."""
    suspects = {r.unit for r in results if r.diverges and r.scope == "wiring" and _about_a_child(r)}
    same = {unit for unit in suspects if _computes_the_same(subject, unit, mode, backward)}
    if not same:
        return results
    return [
        replace(r, measurement=Measurement(AGREES, size=r.measurement.size, note=_NOTE))
        if r.diverges and r.unit in same
        else r
        for r in results
    ]


def _about_a_child(result: Result) -> bool:
    return "<" in result.entry or result.measurement.kind == "missing"


def _computes_the_same(subject: Subject, unit: str, mode: str, backward: bool) -> bool:
    """In any draw: one ReLU may set right gradients apart, but makes no wrong ones agree."""
    for draw in range(DRAWS):
        recording = subject.record(mode, backward, draw)
        found = next((u for u in recording.units if u.name == unit), None)
        if found is None:
            return False
        entries = [m.status for m in _entries(subject, found, mode, backward)]
        if entries and all(status in (AGREES, PROFILED) for status in entries):
            return True
    return False


def _entries(subject: Subject, unit: Unit, mode: str, backward: bool) -> Iterator[Measurement]:
    """Everything that the container computes with its real children, judged."""
    call = unit.call
    under = f"{call.path}." if call.path else ""
    trainable = [name for name in subject.trainable if name.startswith(under)]
    state = [name for name in subject.state if name.startswith(under)]

    def run(side: Side) -> Run:
        return side.backend.run(
            side.model,
            call.args,
            call.kwargs,
            path=side.names.module(call.path),
            train=mode == "train",
            cotangents=recorded(call) if backward else None,
            parameters=side.names.parameter(trainable),
            state=side.names.parameter(state),
        )

    try:
        port = run(subject.port)
    except Exception as error:
        yield Measurement(DIVERGES, "error", note=raised(error))
        return
    torch, oracle = run(subject.torch), run(subject.oracle)
    laid = subject.laid_out
    for ours, want, true in (
        (port.output, torch.output, oracle.output),
        (port.state, laid(torch.state), laid(oracle.state)),
        (port.grads, laid(torch.grads), laid(oracle.grads)),
        (_numbered(port), _numbered(torch), _numbered(oracle)),
    ):
        for name, array in want.items():
            yield judge(ours.get(name), array, true[name])


def _numbered(run: Run) -> dict[str, np.ndarray]:
    return {str(position): array for position, array in run.grad_inputs.items()}
