"""Evidence: everything measured for one pair variant, computed on demand and kept.

The checks of the battery read from one Evidence, so that models are built once, and one recording
and one isolation serve forward, state and backward alike.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from harness import alone, graphs, latent, rewired, whole
from harness.alone import same_bits
from harness.backends.base import Run
from harness.subject import Recording, Subject
from harness.verdict import NOT_JUDGED, Result


class Evidence(Subject):
    """Measures its subject, each mode ("eval" or "train") once."""

    #: Set where no check will read a gradient: none is computed then.
    forward_only = False

    @cached_property
    def _isolated(self) -> dict[tuple[str, bool], list[Result]]:
        return {}

    @cached_property
    def _recordings(self) -> dict[str, Recording]:
        """What is left of the recordings: inputs, and the reference's whole run."""
        return {}

    @cached_property
    def _whole(self) -> dict[str, tuple[Run, Run, Run]]:
        return {}

    def isolated(self, mode: str, backward: bool = True) -> list[Result]:
        """Every unit alone: outputs, and with ``backward`` gradients, and state."""
        backward = backward and self.differentiable and not self.forward_only
        for known in (True, backward):
            if (mode, known) in self._isolated:
                return self._isolated[mode, known]
        self.port, self.oracle  # noqa: B018  built, so that what they hold is known
        recording = self.record(mode, backward)
        with self._bare("float64 and the port"):
            oracle = whole.run_whole(self, self.oracle, mode, recording)
            port = whole.run_port(self, mode, recording)
        self._whole[mode] = (port, recording.run, oracle)
        recording.run.calls = []  # the units hold what is still needed
        found = alone.measure(self, recording.units, mode, backward)
        found = rewired.settle(self, found, mode, backward)
        found = latent.settle(self, found, mode, backward)
        self._isolated[mode, backward] = found
        self._recordings[mode] = replace(recording, units=[])
        return self._isolated[mode, backward]

    def outputs(self, mode: str, backward: bool = True) -> tuple[Run, Run, Run]:
        """(port, torch float32, torch float64) runs of the whole network."""
        self.isolated(mode, backward)
        return self._whole[mode]

    def _bare(self, what: str) -> AbstractContextManager[Any]:
        return self.keeper.bare(what) if self.keeper else nullcontext()

    def measures(self, mode: str) -> bool:
        """Whether a mode was measured, or there is time to."""
        return mode in self._whole or not self.settings.budget.over

    def untouched(self, mode: str) -> list[Result]:
        """What stands for a mode that the budget left no time for."""
        found = alone.not_judged("", "whole", mode, self.differentiable, self.state)
        for path in self.modules.twins:
            found += alone.not_judged(path, "isolated", mode, self.differentiable, ())
        return found

    def begins(self, check: str) -> bool:
        """Whether a check may run: there is time, or a part of what it reads was measured."""
        both = {"state", "backward"}
        return not self.settings.budget.over or any(
            check == f"forward_{mode}" or check in both for mode in self._whole
        )

    def budget_notes(self) -> tuple[str, ...]:
        """How far the minutes reached, and where the memory did not suffice."""
        notes = []
        for (mode, _), results in self._isolated.items():
            units = {r.unit: r.measurement.status != NOT_JUDGED for r in results}
            if not all(units.values()):
                notes.append(
                    f"{self.settings.budget.words} ended after {sum(units.values())} of "
                    f"{len(units)} modules in {mode} mode"
                )
        return (*notes, *(self.keeper.notes() if self.keeper else ()))

    def whole(self, mode: str, backward: bool = True) -> list[Result]:
        """The network end to end."""
        return list(whole.judge_whole(self, mode, *self.outputs(mode, backward)))

    @property
    def graph_modes(self) -> tuple[str, ...]:
        """The modes whose graphs differ: a lone stateless module that runs bit for bit alike in
        PyNative's two modes, forward and backward, is compiled in one."""
        if len(self.bare_port.inventory.modules) == 1 and not self.state:
            runs = [self.outputs(mode)[0] for mode in ("eval", "train")]
            if all(same_bits(*parts) for parts in zip(*map(_arrays, runs))):
                return ("eval",)
        return ("eval", "train")

    def graph(self, mode: str) -> list[Result]:
        """The port compiled as a graph."""
        outputs = self.outputs(mode)
        with self._bare("compiled as a graph"):
            return graphs.run_graph(self, mode, self._recordings[mode], *outputs)


def _arrays(run: Run) -> tuple[Mapping[Any, np.ndarray], ...]:
    return run.output, run.grad_inputs, run.grads
