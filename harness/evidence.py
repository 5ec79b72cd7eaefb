"""Evidence: everything measured for one pair variant, computed on demand and kept.

The checks of the battery read from one Evidence, so that models are built once, and one recording
and one isolation serve forward, state and backward alike.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from harness import alone, graphs, latent, rewired, whole
from harness.alone import same_bits
from harness.backends.base import Run
from harness.subject import Recording, Subject
from harness.verdict import Result


class Evidence(Subject):
    """Measures its subject, each mode ("eval" or "train") once."""

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
        backward = backward and self.differentiable
        for known in (True, backward):
            if (mode, known) in self._isolated:
                return self._isolated[mode, known]
        recording = self.record(mode, backward)
        oracle = whole.run_whole(self, self.oracle, mode, recording)
        port = whole.run_port(self, mode, recording)
        self._whole[mode] = (port, recording.run, oracle)
        recording.run.calls = []  # the units hold what is still needed
        found = alone.measure(self, recording.units, mode, backward)
        found = rewired.settle(self, found, mode, backward)
        self._isolated[mode, backward] = latent.settle(self, found, mode, backward)
        self._recordings[mode] = replace(recording, units=[])
        return self._isolated[mode, backward]

    def outputs(self, mode: str, backward: bool = True) -> tuple[Run, Run, Run]:
        """(port, torch float32, torch float64) runs of the whole network."""
        self.isolated(mode, backward)
        return self._whole[mode]

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
        return graphs.run_graph(self, mode, self._recordings[mode], *outputs)


def _arrays(run: Run) -> tuple[Mapping[Any, np.ndarray], ...]:
    return run.output, run.grad_inputs, run.grads
