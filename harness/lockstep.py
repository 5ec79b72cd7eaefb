"""Both sides of a training driven together: the port, torch, its nudged twins and the oracle.

Every side gets the same batches. Teacher-forced, every step starts from the reference's parameters;
free, each side goes on from its own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

import numpy as np

from harness import isolation
from harness.backends.base import Backend
from harness.backends.fused import Fused
from harness.backends.runner import Runner, Stepped
from harness.fusion import Fusion, Joins, derive_fusion
from harness.inputs import generator
from harness.loop import Loop
from harness.modulemap import derive_module_map
from harness.pair import Pair
from harness.parameters import ParameterMap, derive_parameter_map
from harness.running import raised
from harness.subject import Side

Batch = tuple[np.ndarray, np.ndarray]
Made = TypeVar("Made")

#: torch float32 trainings that start one ulp away: what rounding alone makes of a training.
TWINS = 2


class LoopFailure(Exception):
    """A side's loop raised: which side, what."""


@dataclass
class Seen:
    """One side after one step, under torch's names and layouts.

    moves: what was added to each trainable parameter, float64. buffers: the running statistics.
    """

    loss: float
    outputs: np.ndarray | None
    gradients: dict[str, np.ndarray]
    rates: dict[str, float]
    updates: int
    moves: dict[str, np.ndarray] = field(default_factory=dict)
    buffers: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class Step:
    """One step of all sides; the twins' are empty where nothing was nudged."""

    number: int
    port: Seen
    torch: Seen
    oracle: Seen
    twins: list[Seen]
    before: Mapping[str, np.ndarray]


class Lockstep:
    """A port's Loop beside torch's, its twins' and the oracle's, all from torch's parameters.

    Raises LoopFailure where a side's loop cannot be made.
    """

    def __init__(
        self,
        pair: Pair,
        torch: tuple[Backend, Callable[[], Loop]],
        oracle: tuple[Backend, Callable[[], Loop]],
        port: tuple[Backend, Callable[[], Loop]],
        entropy: int,
        twins: int = TWINS,
    ) -> None:
        self.pair, self.entropy = pair, entropy
        self._sides = {"torch": torch, "torch64": oracle, "mindspore": port}
        self.torch = self.runner("torch")
        self.port = self.runner("mindspore")
        self.fusion = Fusion()
        self._show_in_parts()
        self.start = self.torch.read()
        self.port.write(self.map.to_mindspore(self.start))
        self._twins = twins

    def _show_in_parts(self) -> None:
        """Let all backends show in parts what their side joins."""
        if not self.pair.parameters.fused:
            return
        torch, port = (r.backend.inventory(r.loop.network) for r in (self.torch, self.port))
        self.fusion = derive_fusion(torch, port, self.pair.parameters)
        for name, (backend, make) in self._sides.items():
            self._sides[name] = (Fused(backend, self._joins(name)), make)
        self.torch.backend, self.port.backend = (
            self._sides[name][0] for name in ("torch", "mindspore")
        )

    def _joins(self, name: str) -> Joins:
        return self.fusion.mindspore if name == "mindspore" else self.fusion.torch

    def runner(self, name: str) -> Runner:
        """A new loop of one side, freshly made under the case's seed."""
        backend, make = self._sides[name]

        def seeded() -> Loop:
            with backend.seeded(self.entropy):
                return make()

        kind = runner_kind(name)
        try:
            return kind(backend, seeded)
        except Exception as error:
            raise LoopFailure(f"{name}: making the loop raised {raised(error)}") from error

    @cached_property
    def oracle(self) -> Runner:
        found = self.runner("torch64")
        found.write(self.start)
        return found

    @cached_property
    def twins(self) -> list[Runner]:
        found = []
        for number in range(self._twins):
            twin = self.runner("torch")
            twin.write(nudged(self.start, self.entropy, f"twin.{number}"))
            found.append(twin)
        return found

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """torch's and the port's networks as the mapping knows them."""
        return (
            Side(self.torch.backend, self.torch.loop.network),
            Side(self.port.backend, self.port.loop.network),
        )

    @cached_property
    def map(self) -> ParameterMap:
        torch, port = (side.inventory for side in self.sides)
        modules = derive_module_map(torch, port, self.pair.modules)
        return derive_parameter_map(torch, port, self.pair.parameters, modules)

    @cached_property
    def trainable(self) -> list[str]:
        """Mapped trainable parameters, torch's names."""
        names = self.sides[0].inventory.names
        return [e.torch for e in self.map.entries if names[e.torch].trainable]

    def port_name(self, name: str) -> str:
        """A parameter's name in the port."""
        return self._names[name]

    @cached_property
    def _names(self) -> dict[str, str]:
        return {entry.torch: entry.mindspore for entry in self.map.entries}

    @property
    def everyone(self) -> list[Runner]:
        """All sides, the port last."""
        return [self.torch, *self.twins, self.oracle, self.port]

    def begin_epoch(self) -> None:
        for runner in self.everyone:
            _guarded(runner, runner.loop.begin_epoch)

    def end_epoch(self, evaluation_loss: float) -> None:
        for runner in self.everyone:
            _guarded(runner, partial(runner.loop.end_epoch, evaluation_loss))

    def forced(self, batches: Iterator[Batch], first: int = 1) -> Iterator[Step]:
        """Steps that all sides begin with the reference's parameters. Raises LoopFailure."""
        for number, (images, labels) in enumerate(batches, start=first):
            before = self.torch.read()
            self.oracle.write(before)
            twins_before = []
            for index, twin in enumerate(self.twins):
                moved = nudged(before, self.entropy, f"{index}.{number}")
                twin.write(moved)
                twins_before.append(moved)
            self.port.write(self.map.to_mindspore(before))
            yield Step(
                number,
                self._seen(self.port, images, labels, before),
                self._seen(self.torch, images, labels, before),
                self._seen(self.oracle, images, labels, before),
                [
                    self._seen(twin, images, labels, start)
                    for twin, start in zip(self.twins, twins_before)
                ],
                before,
            )

    def joined(self) -> None:
        """Let every side go on from the reference's parameters and buffers, the twins nudged."""
        arrays = self.torch.read()
        self.oracle.write(arrays)
        for number, twin in enumerate(self.twins):
            twin.write(nudged(arrays, self.entropy, f"joined.{number}"))
        self.port.write(self.map.to_mindspore(arrays))

    def free(self, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
        """One step of every side but the oracle, each from its own parameters: name -> loss."""
        named = {"torch": self.torch}
        named |= {f"twin {number}": twin for number, twin in enumerate(self.twins, start=1)}
        named["mindspore"] = self.port
        return {
            name: _guarded(runner, partial(runner.train, images, labels))
            for name, runner in named.items()
        }

    def port_arrays(self) -> dict[str, np.ndarray]:
        """The port's parameters and buffers under torch's names, in its layouts."""
        return self.map.to_torch(self.port.read())

    def _seen(
        self, runner: Runner, images: np.ndarray, labels: np.ndarray, before: Mapping
    ) -> Seen:
        said = _guarded(runner, partial(runner.step, images, labels))
        joins = self._joins("mindspore" if runner is self.port else "torch")
        said.gradients, said.rates = joins.split(said.gradients), joins.each(said.rates)
        after = runner.read()
        if runner is self.port:
            after = self.map.to_torch(after)
            said = self._in_torch_terms(said)
        found = Seen(said.loss, said.outputs, said.gradients, said.rates, said.updates)
        for name in self.trainable:
            found.moves[name] = after[name].astype(np.float64) - before[name].astype(np.float64)
        trainable = set(self.trainable)
        found.buffers = {
            e.torch: after[e.torch] for e in self.map.entries if e.torch not in trainable
        }
        return found

    def _in_torch_terms(self, said: Stepped) -> Stepped:
        said.gradients = {
            entry.torch: entry.layout.inverse(said.gradients[entry.mindspore])
            for entry in self.map.entries
            if entry.mindspore in said.gradients
        }
        said.rates = {
            entry.torch: said.rates[entry.mindspore]
            for entry in self.map.entries
            if entry.mindspore in said.rates
        }
        return said


def runner_kind(name: str) -> type[Runner]:
    """What drives the loops of a side; imports its framework."""
    if name == "mindspore":
        from harness.backends.mindspore_training import MindSporeRunner

        return MindSporeRunner
    from harness.backends.torch_training import TorchRunner

    return TorchRunner


def nudged(arrays: Mapping[str, np.ndarray], entropy: int, name: str) -> dict[str, np.ndarray]:
    """Every floating value one ulp away, up or down."""
    rng = generator(entropy, f"nudge.{name}")
    return {key: isolation.nudge(array, rng) for key, array in arrays.items()}


def _guarded(runner: Runner, call: Callable[[], Made]) -> Made:
    try:
        return call()
    except Exception as error:
        raise LoopFailure(f"{runner.backend.name}: the loop raised {raised(error)}") from error
