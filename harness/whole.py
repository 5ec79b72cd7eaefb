"""The network end to end."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from harness import isolation
from harness.backends.base import Run
from harness.compare import judge
from harness.inputs import generator
from harness.running import raised
from harness.subject import Recording, Side, Subject
from harness.tolerance import NUDGES
from harness.verdict import DIVERGES, Measurement, Result


def run_whole(
    subject: Subject, side: Side, mode: str, recording: Recording, backward: bool = False
) -> Run:
    """Run one side's whole network; what the port raises is told in the result, not raised."""
    subject.progress(f"the whole network, {side.backend.name}, {mode}", 0, 0)
    try:
        return side.backend.run(
            side.model,
            *recording.arguments,
            train=mode == "train",
            cotangents=subject.cotangents(recording.entropy)
            if backward and subject.differentiable
            else None,
            parameters=side.names.parameter(subject.trainable),
            state=side.names.parameter(subject.state),
        )
    except Exception as error:
        if side is not subject.port:
            raise
        return failed_run(error)


def run_port(subject: Subject, mode: str, recording: Recording) -> Run:
    """The port's whole network.

    Where random numbers were drawn, it takes them from the end that brings it nearer to torch: to
    keep what lies below a share, or above one minus it, is the same decision.
    """
    if not recording.run.random:
        return run_whole(subject, subject.port, mode, recording)
    backend: Any = subject.port.backend
    found = []
    for backend.mirrored in (False, True):
        run = run_whole(subject, subject.port, mode, recording)
        found.append((_distance(run, recording.run), backend.mirrored, run))
    _, backend.mirrored, run = min(found, key=lambda item: item[:2])
    return run


def _distance(run: Run, reference: Run) -> float:
    """The largest difference of an output; infinite where one cannot be compared."""
    distances = [0.0]
    for leaf, want in reference.output.items():
        ours = run.output.get(leaf)
        if ours is None or ours.shape != want.shape:
            return math.inf
        difference = np.abs(ours.astype(np.float64) - want.astype(np.float64))
        distances.append(float(np.nan_to_num(difference, nan=math.inf).max(initial=0)))
    return max(distances)


def failed_run(error: Exception) -> Run:
    """A run that ended in an exception, which ``judge_whole`` turns into its one result."""
    return Run({"raised": np.array(raised(error))})


def judge_whole(
    subject: Subject, mode: str, port: Run, reference: Run, oracle: Run
) -> Iterator[Result]:
    """Outputs and state of the network end to end.

    Its gradients jump when one ReLU decides differently on a rounding difference, in the reference
    too: the modules alone decide about gradients.
    """
    if "raised" in port.output:
        failed = Measurement(DIVERGES, "error", note=str(port.output["raised"]))
        yield Result(":out", "whole", "", mode, failed)
        return
    nudged = _NudgedWhole(subject, mode)
    for what, ours, want, true in (
        ("out", port.output, reference.output, oracle.output),
        ("state", port.state, subject.laid_out(reference.state), subject.laid_out(oracle.state)),
    ):
        for name, array in want.items():
            entry = f":out{'.' + name if name else ''}" if what == "out" else f"{name}:{what}"
            found = judge(
                ours.get(name),
                array,
                true[name],
                channel_axis=None,
                nudged=partial(nudged.arrays, what, name),
            )
            yield Result(entry, "whole", "", mode, found)


class _NudgedWhole:
    """torch float32 reruns of the whole network with inputs and parameters nudged one ulp."""

    def __init__(self, subject: Subject, mode: str) -> None:
        self.subject, self.mode = subject, mode
        self._runs: list[Run] | None = None

    def arrays(self, what: str, name: str) -> list[np.ndarray | None]:
        if self._runs is None:
            self._runs = [self._run(number) for number in range(NUDGES)]
        if what == "out":
            return [run.output.get(name) for run in self._runs]
        return [self.subject.laid_out(run.state).get(name) for run in self._runs]

    def _run(self, number: int) -> Run:
        side = self.subject.torch
        rng = generator(self.subject.entropy, f"nudge.whole.{number}")
        original = side.backend.read(side.model)
        side.backend.write(
            side.model, {name: isolation.nudge(a, rng) for name, a in original.items()}
        )
        try:
            return side.backend.run(
                side.model,
                *self.subject.signature.filled(
                    isolation.nudge(a, rng) for a in self.subject.inputs()
                ),
                train=self.mode == "train",
                state=self.subject.state,
                noise=self.subject.kernel_noise,
                coarse=self.subject.coarse(number),
            )  # type: ignore[call-arg]  # torch alone adds errors
        finally:
            side.backend.write(side.model, original)
