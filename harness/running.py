"""Units run on one side, as they are and nudged by an ulp."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from harness import isolation
from harness.backends.base import Run
from harness.inputs import generator
from harness.isolation import TORCH_NAMES, Unit
from harness.subject import Side, Subject
from harness.tolerance import NUDGES
from harness.verdict import AGREES, DIVERGES, Measurement

#: Judges an entry against further reference arrays, given as ``nudged``.
Judged = Callable[..., Measurement]


def run_on(side: Side, unit: Unit, mode: str, backward: bool, **more: Any) -> Run:
    """Run a unit on one side. Raises whatever the framework raises."""
    train = mode == "train"
    return isolation.run_unit(
        side.backend, side.model, unit, side.names, train=train, backward=backward, **more
    )


def raised(error: Exception) -> str:
    """A framework's exception in one line, without MindSpore's C++ call stack."""
    reason = " ".join(str(error).partition("\n\n---")[0].split())
    return f"{type(error).__name__}: {reason}"


class Nudged:
    """torch float32 reruns of one unit with inputs nudged one ulp, made when first asked for."""

    def __init__(self, subject: Subject, unit: Unit, mode: str, backward: bool) -> None:
        self.subject, self.unit, self.mode, self.backward = subject, unit, mode, backward
        self._runs: list[dict[str, np.ndarray]] | None = None

    def arrays(self, entry: str) -> list[np.ndarray | None]:
        if self._runs is None:
            side = self.subject.torch
            self._runs = []
            for number in range(NUDGES):
                rng = generator(self.subject.entropy, f"nudge.{self.unit.name}.{number}")
                moved = isolation.nudged_unit(self.unit, rng)
                run = run_on(side, moved, self.mode, self.backward)
                self._runs.append(
                    dict(isolation.entries(run, moved, TORCH_NAMES, self.subject.map))
                )
        return [run.get(entry) for run in self._runs]

    def priced(self, found: Measurement, entry: str, again: Judged) -> Measurement:
        """A divergence as profiled, where coarse kernels that torch's own code calls explain it.

        again: judges the entry once more, given further reference arrays.
        """
        if found.status != DIVERGES or found.kind != "value" or not self.subject.profile.kernels:
            return found
        ran, runs = self._coarse_runs
        arrays = [run.get(entry) for run in runs]
        if not ran or again(nudged=lambda: arrays).status != AGREES:
            return found
        return self.subject.profile.priced(found, ran)

    @cached_property
    def _coarse_runs(self) -> tuple[set[str], list[dict[str, np.ndarray]]]:
        """The device's coarse kernels that torch's code calls, and torch float32 with their errors
        added."""
        ran: set[str] = set()
        found = []
        for number in range(NUDGES):
            coarse = self.subject.coarse(number)
            run = run_on(self.subject.torch, self.unit, self.mode, self.backward, coarse=coarse)
            entries = isolation.entries(run, self.unit, TORCH_NAMES, self.subject.map)
            found.append(dict(entries))
            ran |= coarse.ran
        return ran, found
