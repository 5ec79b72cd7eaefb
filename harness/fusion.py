"""Parameters that one side joins and the other has in parts: q, k and v, or an LSTM's gates.

A joined parameter is shown in parts, ``attn.qkv.weight[0:64]``, ``[64:128]``, ..., each the twin of
a parameter of the other side. So parameters map one to one, and everything that reads, writes,
compares or steps them by name works on both kinds of sides alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate

import numpy as np

from harness.errors import ParameterMapError
from harness.inventory import Inventory, Parameter
from harness.parameters import Joined, ParameterRules, layout_of, matching, types_of

SIDES = ("torch", "MindSpore")


@dataclass(frozen=True)
class Part:
    """One piece of a joined parameter, from ``start`` to ``stop`` along its axis.

    name: what the piece is called. twin: the other side's parameter that it is.
    """

    name: str
    twin: str
    start: int
    stop: int


@dataclass(frozen=True)
class Join:
    """One joined parameter: its name, its parts in order, the axis along which they lie."""

    name: str
    axis: int
    parts: tuple[Part, ...]

    def split(self, array: np.ndarray) -> dict[str, np.ndarray]:
        """Part name -> its piece of the joined array."""
        before = (slice(None),) * self.axis
        return {
            p.name: np.ascontiguousarray(array[(*before, slice(p.start, p.stop))])
            for p in self.parts
        }

    def join(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """The exact inverse of ``split``. Raises ParameterMapError where a part is missing."""
        missing = [part.name for part in self.parts if part.name not in arrays]
        if missing:
            raise ParameterMapError(f"{self.name} cannot be joined without {', '.join(missing)}.")
        return np.concatenate([arrays[part.name] for part in self.parts], self.axis)

    def shown(self, parameter: Parameter, first: "Join | None") -> Iterator[Parameter]:
        """The parts as parameters. first: the join of the parameter that this one is tied to."""
        for index, part in enumerate(self.parts):
            shape = list(parameter.shape)
            shape[self.axis] = part.stop - part.start
            shares = first.parts[index].name if first else parameter.shares
            yield replace(
                parameter, name=part.name, shape=tuple(shape), shares=shares, twin=part.twin
            )


@dataclass(frozen=True)
class Joins:
    """What one side joins, by the joined parameters' names; empty for a side that joins nothing."""

    by_name: Mapping[str, Join] = field(default_factory=dict)

    def split(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Joined arrays replaced by their parts; all others, parts among them, as they are."""
        found: dict[str, np.ndarray] = {}
        for name, array in arrays.items():
            found |= self.by_name[name].split(array) if name in self.by_name else {name: array}
        return found

    def join(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The exact inverse of ``split``. Raises ParameterMapError where a part is missing."""
        return {
            whole: self.by_name[whole].join(arrays) if whole != name else arrays[name]
            for name, whole in self.wholes(arrays).items()
        }

    def each(self, values: Mapping[str, float]) -> dict[str, float]:
        """What is said of a joined parameter, said of each of its parts."""
        found: dict[str, float] = {}
        for name, value in values.items():
            join = self.by_name.get(name)
            found |= dict.fromkeys([part.name for part in join.parts] if join else [name], value)
        return found

    def wholes(self, names: Iterable[str]) -> dict[str, str]:
        """One name of each parameter -> the name that the framework knows, in the order given."""
        found = {self.whole_of.get(name, name): name for name in reversed(list(names))}
        return {name: whole for whole, name in reversed(found.items())}

    @cached_property
    def whole_of(self) -> dict[str, str]:
        """Part name -> the joined parameter's."""
        return {p.name: name for name, join in self.by_name.items() for p in join.parts}

    def shown(self, inventory: Inventory) -> Inventory:
        """The inventory with every joined parameter in parts."""
        parameters: list[Parameter] = []
        for parameter in inventory.parameters:
            join = self.by_name.get(parameter.name)
            first = self.by_name.get(parameter.shares)
            parameters += join.shown(parameter, first) if join else [parameter]
        return replace(inventory, parameters=tuple(parameters))


@dataclass(frozen=True)
class Fusion:
    """What both sides join."""

    torch: Joins = Joins()
    mindspore: Joins = Joins()


def derive_fusion(torch: Inventory, mindspore: Inventory, rules: ParameterRules) -> Fusion:
    """Find what ``rules.fused`` says in two inventories. Raises ParameterMapError for mistakes.

    A parameter that both sides have under its joined name, and neither in parts, stays as it is.
    """
    return _Finder(torch, mindspore, rules).find()


class _Finder:
    def __init__(self, torch: Inventory, mindspore: Inventory, rules: ParameterRules) -> None:
        self.names = dict(zip(SIDES, (torch.names, mindspore.names)))
        self.types, self.rules = types_of(mindspore), rules
        self.problems: list[str] = []
        #: Rule -> what is wrong with the first parameter that it matches and that has no part at
        #: all: no mistake of a rule that applies elsewhere, for "bias" is the end of many names.
        self.unmeant: dict[str, str] = {}
        self.applied: set[str] = set()
        #: (side, parameter) -> the joined parameter that it is a part of.
        self.taken: dict[tuple[str, str], str] = {}

    def find(self) -> Fusion:
        found = [Joins(dict(self._joins(own, other))) for own, other in (SIDES, SIDES[::-1])]
        self.problems += [
            problem for key, problem in self.unmeant.items() if key not in self.applied
        ]
        if self.problems:
            raise ParameterMapError(
                "\n  - ".join(["The parameters are not fused as the pair says.", *self.problems])
            )
        return Fusion(*found)

    def _joins(self, own: str, other: str) -> Iterator[tuple[str, Join]]:
        for name, parameter in self.names[own].items():
            key = matching(name, self.rules.fused)
            if not key:
                continue
            rule = self.rules.fused[key]
            if isinstance(rule, str):
                raise ParameterMapError(f"fused={{{key!r}: {rule!r}}}: give a tuple of names.")
            joined = rule if isinstance(rule, Joined) else Joined(rule)
            twins = [name.removesuffix(key) + part for part in joined.parts]
            missing = [twin for twin in twins if twin not in self.names[other]]
            if missing:
                problem = (
                    f"{own}'s {name!r} is said to be joined of {listed(twins)}, and {other} has no "
                    f"{listed(missing)}."
                )
                if len(missing) < len(twins):
                    self.problems.append(problem)
                elif name not in self.names[other]:
                    self.unmeant.setdefault(key, problem)
                continue
            self.applied.add(key)
            shapes = [self._shape(own, other, parameter, twin) for twin in twins]
            if _add_up(shapes, parameter.shape, joined.axis):
                self._take(other, name, twins)
                sizes = [shape[joined.axis] for shape in shapes]
                yield name, _join(name, joined.axis, twins, sizes)
            else:
                self.problems.append(
                    f"{own}'s {name!r} has shape {parameter.shape}, which {listed(twins)} of "
                    f"{other}, {', '.join(map(str, shapes))}, do not add up to along axis "
                    f"{joined.axis}."
                )

    def _shape(self, own: str, other: str, parameter: Parameter, twin: str) -> tuple[int, ...]:
        """The shape of a part, laid out as the joined parameter is."""
        part = self.names[other][twin]
        layout = layout_of(parameter if own == "MindSpore" else part, self.types, self.rules)
        change = layout.forward if own == "MindSpore" else layout.inverse
        return change(np.broadcast_to(np.float32(0), part.shape)).shape

    def _take(self, other: str, name: str, twins: list[str]) -> None:
        for twin in twins:
            if (other, twin) in self.taken:
                first = self.taken[other, twin]
                self.problems.append(
                    f"{other}'s {twin!r} is in two places, {first!r} and {name!r}."
                )
            self.taken[other, twin] = name
        for mapped in twins if other == "torch" else [name]:
            if key := matching(mapped, self.rules.explicit):
                self.problems.append(
                    f"torch's {mapped!r} is in two rules, explicit {key!r} and what is fused."
                )


def _add_up(shapes: Sequence[tuple[int, ...]], whole: tuple[int, ...], axis: int) -> bool:
    """Whether arrays of these shapes, joined along an axis, have the shape of the whole."""
    if not all(0 <= axis < len(shape) for shape in (whole, *shapes)):
        return False
    total = sum(shape[axis] for shape in shapes)
    return all((*s[:axis], total, *s[axis + 1 :]) == whole for s in shapes)


def _join(name: str, axis: int, twins: Sequence[str], sizes: Sequence[int]) -> Join:
    parts = []
    for twin, size, stop in zip(twins, sizes, accumulate(sizes)):
        where = ":," * axis + f"{stop - size}:{stop}"
        parts.append(Part(f"{name}[{where}]", twin, stop - size, stop))
    return Join(name, axis, tuple(parts))


def listed(names: Iterable[str]) -> str:
    """Names in quotes, separated by commas."""
    return ", ".join(map(repr, names))
