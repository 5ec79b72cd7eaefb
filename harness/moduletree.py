"""What a run measured as a tree: kinds, pairs, and the modules of each with their worst e/r."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import repeat

from harness import records
from harness.verdict import DIVERGES, INCONCLUSIVE, NOT_JUDGED, Verdict

KIND, PAIR, MODULE = "kind", "pair", "module"


@dataclass(frozen=True)
class Entry:
    """The entry that stands for all of a module: the first by status, then by e/r."""

    name: str
    status: str
    error: float
    reference: float
    ratio: float
    exact: bool

    @property
    def rank(self) -> tuple[bool, bool, float]:
        return self.status == DIVERGES, self.status == NOT_JUDGED, self.ratio


@dataclass(frozen=True)
class Measured:
    """What some entries came to.

    forward, backward: the largest e/r each way, None where nothing was measured; kinks are left
    out. counts: entries by status.
    """

    forward: float | None = None
    backward: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    worst: Entry | None = None

    @property
    def entries(self) -> int:
        return sum(self.counts.values())

    @property
    def largest(self) -> float | None:
        """The largest e/r either way."""
        return _larger(self.forward, self.backward)

    @property
    def wrong(self) -> bool:
        return bool(self.counts.get(DIVERGES))

    def __add__(self, other: "Measured") -> "Measured":
        counts = dict(self.counts)
        for status, number in other.counts.items():
            counts[status] = counts.get(status, 0) + number
        found = [entry for entry in (self.worst, other.worst) if entry]
        return Measured(
            _larger(self.forward, other.forward),
            _larger(self.backward, other.backward),
            counts,
            max(found, key=lambda entry: entry.rank, default=None),
        )


@dataclass(frozen=True)
class Node:
    """A kind, a variant of a pair, or a module, with what is below it.

    own: of this module's own entries, judged alone. whole: of a pair's entries that no module has
    alone: the network end to end, its steps, its graph, a stage. failing, not_run: a pair's checks
    that do not pass, and those that were not begun. latent: its modules that are wrong where the
    network masks it.
    """

    name: str
    level: str = MODULE
    type: str = ""
    own: Measured = field(default_factory=Measured)
    whole: Measured = field(default_factory=Measured)
    failing: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    latent: tuple[str, ...] = ()
    children: tuple["Node", ...] = ()

    @cached_property
    def total(self) -> Measured:
        """Of this module and all below it, each judged alone."""
        return sum((child.total for child in self.children), self.own)

    @cached_property
    def ends(self) -> Measured:
        """Of what no module has alone, here and below."""
        return sum((child.ends for child in self.children), self.whole)

    @cached_property
    def modules(self) -> int:
        """How many modules were judged alone, this one among them."""
        return bool(self.own.entries) + sum(child.modules for child in self.children)

    @cached_property
    def wrong(self) -> bool:
        """Whether something is wrong here or below."""
        return bool(self.failing) or self.own.wrong or any(child.wrong for child in self.children)


def kinds(verdicts: Iterable[Verdict]) -> tuple[Node, ...]:
    """A node for each kind of pairs, in the order they ran."""
    found: dict[str, dict[str, list[Verdict]]] = {}
    for verdict in verdicts:
        variants = found.setdefault(verdict.kind, {})
        variants.setdefault(variant_of(verdict.case), []).append(verdict)
    return tuple(
        Node(kind, KIND, children=tuple(pair(name, mine) for name, mine in variants.items()))
        for kind, variants in found.items()
    )


def variant_of(case: str) -> str:
    """``kind.name:variant`` of a case's id."""
    return case.rsplit("-", 3)[0]


def pair(name: str, verdicts: Sequence[Verdict]) -> Node:
    """The node of one variant of a pair, whose cases these are."""
    alone: dict[str, Measured] = {}
    whole = Measured()
    for verdict in verdicts:
        for path, found in _by_module(verdict):
            if path is None:
                whole += found
            else:
                alone[path] = alone.get(path, Measured()) + found
    types = {row.path: row.torch for verdict in verdicts for row in verdict.modules}
    root = _tree("", types, alone, _children([*types, *alone]))
    failing = tuple(v.check for v in verdicts if v.failed or v.blocked_by)
    latent = tuple(dict.fromkeys(culprit.path for v in verdicts for culprit in v.latent))
    return replace(
        root, name=name, level=PAIR, whole=whole, failing=failing, latent=latent,
        not_run=tuple(v.check for v in verdicts if v.not_run),
    )  # fmt: skip


def _by_module(verdict: Verdict) -> Iterator[tuple[str | None, Measured]]:
    """What each module's entries came to, None for those that no module has alone."""
    held = records.columns(verdict.results)
    columns = (
        value if isinstance(value := getattr(held, name), list) else repeat(value, held.count)
        for name in ("scope", "unit", "entry", "status", "error", "reference", "ratio", "exact")
    )
    rows: dict[str | None, list[Entry]] = {}
    for scope, unit, *values in zip(*columns):
        path = None if scope == "whole" else unit.partition("#")[0]
        rows.setdefault(path, []).append(Entry(*values))
    for path, entries in rows.items():
        counts: dict[str, int] = {}
        for entry in entries:
            counts[entry.status] = counts.get(entry.status, 0) + 1
        ratio = max((e.ratio for e in entries if e.status != INCONCLUSIVE), default=None)
        way = "backward" if verdict.check == "backward" else "forward"
        worst = max(entries, key=lambda entry: entry.rank)
        yield path, Measured(counts=counts, worst=worst, **{way: ratio})


def _children(paths: Iterable[str]) -> dict[str, list[str]]:
    """Path -> the paths right below it, in order; containers that nothing named are added."""
    found: dict[str, list[str]] = {"": []}
    for path in paths:
        parts = path.split(".") if path else []
        for depth in range(len(parts)):
            above, below = ".".join(parts[:depth]), ".".join(parts[: depth + 1])
            if below not in found:
                found[below] = []
                found[above].append(below)
    return found


def _tree(
    path: str, types: Mapping[str, str], alone: Mapping[str, Measured], below: dict[str, list[str]]
) -> Node:
    children = tuple(_tree(child, types, alone, below) for child in below[path])
    name = path.rpartition(".")[2]
    own = alone.get(path, Measured())
    return Node(name, type=types.get(path, ""), own=own, children=children)


def _larger(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
