"""Units run on one side, as they are and nudged by an ulp."""

import numpy as np

from harness import isolation
from harness.backends.base import Run
from harness.inputs import generator
from harness.isolation import TORCH_NAMES, Unit
from harness.subject import Side, Subject
from harness.tolerance import NUDGES


def run_on(side: Side, unit: Unit, mode: str, backward: bool) -> Run:
    """Run a unit on one side. Raises whatever the framework raises."""
    return isolation.run_unit(
        side.backend, side.model, unit, side.names, train=mode == "train", backward=backward
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
