"""Recordings in parts: what torch computed is held for some modules at a time, within a budget.

A first run records no more than shapes and dtypes. The units are then cut into runs of neighbours,
in the order in which torch's calls ended, each as long as fits into what the budget leaves at that
moment. Each part costs one more forward and backward of torch's whole network. A container whose
children were judged in an earlier part is played from their outputs and input gradients alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from harness import budget
from harness.backends.base import Call, Kept, array_leaves, is_float
from harness.budget import in_words
from harness.errors import BudgetError
from harness.isolation import Unit

#: Judging takes this many times what a module reads, returns and passes on: results of float32, of
#: float64 and of the port. Measured: up to 11.5 for leaves (a convolution of few channels lays out
#: its windows), 3 for containers; where more was seen, that holds from then on.
LEAF, CONTAINER = 12.0, 4.0

#: Modules below this size say nothing about that factor: what the frameworks set up once weighs
#: more.
_TELLING = 4 * 10**6


@dataclass
class Keeper:
    """What keeping to a memory budget has learned about one pair.

    limit: bytes. torch: by how much torch's whole network, run without recording, grows the
    process. leaf, container: how many times its own bytes judging a module takes. overruns: what
    was running when the process grew beyond the limit -> bytes.
    """

    limit: int
    torch: int = 0
    leaf: float = LEAF
    container: float = CONTAINER
    overruns: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def bare(self, what: str) -> Iterator[budget.Peak]:
        """Run a whole network, without recording, inside. Raises BudgetError where that alone
        exceeds the limit."""
        budget.resident()  # gives back what is free
        with budget.peak() as seen:
            yield seen
        if seen.most > self.limit:
            raise BudgetError(
                f"The whole network, {what}, takes the process to {in_words(seen.most)} before "
                f"any module is recorded; the budget is {in_words(self.limit)}."
            )

    def watched(self, what: str, seen: budget.Peak) -> None:
        """Note it where the process grew beyond the limit."""
        if seen.most > self.limit:
            self.overruns[what] = max(seen.most, self.overruns.get(what, 0))

    def notes(self) -> Iterator[str]:
        """A sentence for each time the budget did not hold."""
        for what, size in self.overruns.items():
            yield f"{what} took {in_words(size)}, above the budget of {in_words(self.limit)}"


class Parts:
    """The units of a recording, recorded part after part while they are iterated over.

    Whoever iterates sets every unit's own input gradients (``reference_run``) before going on,
    where containers are to be played from them, and keeps no unit.
    """

    def __init__(
        self,
        keeper: Keeper,
        planned: Sequence[Unit],
        weights: Mapping[str, int],
        record: Callable[[Kept], list[Unit]],
    ) -> None:
        """planned: the units with arrays that take no memory. weights: parameter -> bytes."""
        self.keeper, self.planned, self._record = keeper, planned, record
        self._weights = weights
        self._callers = {
            child.name: position
            for position, unit in enumerate(planned)
            for child in _children(unit)
        }

    def __len__(self) -> int:
        return len(self.planned)

    def __iter__(self) -> Iterator[Unit]:
        gradients: dict[str, dict[int, np.ndarray]] = {}
        start = 0
        while start < len(self):
            stop = self._end(start)
            units = self._part(start, stop)
            for position in range(start, stop):
                unit = units.pop(0)
                for child in _children(unit):
                    child.grad_inputs = gradients.pop(child.name, child.grad_inputs)
                with budget.peak() as seen:
                    yield unit
                self._learn(position, seen)
                if self._callers.get(unit.name, 0) >= stop:
                    gradients[unit.name] = unit.call.grad_inputs
                del unit
            start = stop

    def _part(self, start: int, stop: int) -> list[Unit]:
        """Units from start to stop, recorded."""
        own = self.planned[start:stop]
        whole = frozenset(unit.name for unit in own)
        played = frozenset(child.name for unit in own for child in _children(unit))
        with budget.peak() as seen:
            units = self._record(Kept(whole, played - whole))[start:stop]
        self.keeper.watched(f"recording {_named(own[0])}", seen)
        return units

    def _end(self, start: int) -> int:
        """Where the part ends that begins at a unit. Raises BudgetError where not one fits."""
        held = budget.resident()
        free = self.keeper.limit - held
        captured, working = 0, 0.0
        known: set[int] = set()
        for stop in range(start, len(self)):
            unit = self.planned[stop]
            arrays = _arrays(unit.call)
            arrays += [a for child in _children(unit) for _, a in array_leaves(child.output)]
            captured += sum({id(a): a.nbytes for a in arrays if id(a) not in known}.values())
            captured += sum(a.nbytes for a in _inputs(unit.call) if is_float(a))
            known.update(map(id, arrays))
            times = self.keeper.container if unit.wiring else self.keeper.leaf
            working = max(working, times * self._size(unit))
            needed = captured + max(self.keeper.torch, int(working))
            if needed <= free:
                continue
            if stop == start:
                raise BudgetError(
                    f"Recording and judging {_named(unit)} needs {in_words(needed)} beside the "
                    f"{in_words(held)} that the process holds; the budget is "
                    f"{in_words(self.keeper.limit)}."
                )
            return stop
        return len(self)

    def _size(self, unit: Unit) -> int:
        """Bytes that a unit reads, returns and passes on to its children, parameters included."""
        arrays = [a for call in (unit.call, *_children(unit)) for a in _arrays(call)]
        return sum(a.nbytes for a in arrays) + sum(self._weights[p] for p in unit.parameters)

    def _learn(self, position: int, seen: budget.Peak) -> None:
        unit = self.planned[position]
        self.keeper.watched(f"judging {_named(unit)}", seen)
        size = self._size(unit)
        if size < _TELLING:
            return
        if unit.wiring:
            self.keeper.container = max(self.keeper.container, seen.growth / size)
        else:
            self.keeper.leaf = max(self.keeper.leaf, seen.growth / size)


def _children(unit: Unit) -> list[Call]:
    return [child for calls in unit.played.values() for child in calls]


def _inputs(call: Call) -> list[np.ndarray]:
    return [a for _, a in array_leaves((call.args, call.kwargs))]


def _arrays(call: Call) -> list[np.ndarray]:
    outputs = [a for _, a in array_leaves(call.output)]
    return [*_inputs(call), *outputs, *call.cotangents.values()]


def _named(unit: Unit) -> str:
    return unit.name or "the network's own wiring"
