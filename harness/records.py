"""Verdicts as JSON: what ``--results`` keeps of each, and an exact way back for all that is kept.

Entries are columns, not rows: a network has thousands. A column whose values are all the same is
written once. Numbers keep six significant digits; the worst element's values keep all. JSON has no
inf and no nan: they are the texts "inf", "-inf" and "nan".
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, get_type_hints, overload

import msgspec

from harness.verdict import AGREES, Measurement, Result, Verdict

#: So many of a case's entries with the largest e/r keep their worst element, and all that differ.
_WORST = 5


@dataclass(frozen=True)
class Worst:
    """The worst element of one entry: its index, and the port's, torch's and float64's value.

    entry: the entry's number in the columns.
    """

    entry: int
    index: tuple[int, ...]
    values: tuple[float, float, float]


@dataclass(frozen=True)
class Entries:
    """The entries of a Verdict as columns of ``count`` values, or one value that all share.

    The columns are the fields of ``Result`` and ``Measurement`` in ``harness.verdict``.
    """

    count: int = 0
    entry: list[str] | str = ""
    scope: list[str] | str = ""
    unit: list[str] | str = ""
    mode: list[str] | str = ""
    status: list[str] | str = ""
    kind: list[str] | str = ""
    metric: list[str] | str = ""
    error: list[float] | float = 0.0
    reference: list[float] | float = 0.0
    limit: list[float] | float = 0.0
    ratio: list[float] | float = 0.0
    scale: list[float] | float = 0.0
    mean: list[float] | float = 0.0
    size: list[int] | int = 0
    share: list[float] | float = 0.0
    exact: list[bool] | bool = False
    note: list[str] | str = ""
    far: list[str] | str = ""
    worst: list[Worst] = field(default_factory=list)


_OF_RESULT = ("entry", "scope", "unit", "mode")
_OF_MEASUREMENT = tuple(
    column.name for column in fields(Entries) if column.name not in (*_OF_RESULT, "count", "worst")
)


class Rows(Sequence[Result]):
    """Columns read as Results, each made when it is asked for."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries
        self._worst = {worst.entry: worst for worst in entries.worst}
        for name in (*_OF_RESULT, *_OF_MEASUREMENT):
            column = getattr(entries, name)
            if isinstance(column, list) and len(column) != entries.count:
                raise ValueError(f"{name} has {len(column)} values for {entries.count} entries")

    def __len__(self) -> int:
        return self.entries.count

    def __iter__(self) -> Iterator[Result]:
        return map(self._row, range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, index: int | slice) -> Result | tuple[Result, ...]:
        found = range(len(self))[index]
        return tuple(map(self._row, found)) if isinstance(found, range) else self._row(found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def column(self, name: str) -> Sequence[Any]:
        """One field of every entry; far quicker than to make every Result."""
        column = getattr(self.entries, name)
        return column if isinstance(column, list) else [column] * self.entries.count

    def _row(self, number: int) -> Result:
        measured = {name: self._value(name, number) for name in _OF_MEASUREMENT}
        if worst := self._worst.get(number):
            measured |= {"worst": worst.index, "values": worst.values}
        return Result(
            **{name: self._value(name, number) for name in _OF_RESULT},
            measurement=Measurement(**measured),
        )

    def _value(self, name: str, number: int) -> Any:
        column = getattr(self.entries, name)
        return column[number] if isinstance(column, list) else column


def columns(results: Sequence[Result]) -> Entries:
    """The columns of some Results."""
    if isinstance(results, Rows):
        return results.entries
    measured = [result.measurement for result in results]
    found = {name: [getattr(result, name) for result in results] for name in _OF_RESULT}
    found |= {name: [_short(getattr(m, name)) for m in measured] for name in _OF_MEASUREMENT}
    ranked = sorted(range(len(measured)), key=lambda n: measured[n].ratio, reverse=True)
    kept = {*ranked[:_WORST], *(n for n, m in enumerate(measured) if m.status != AGREES)}
    worst = [Worst(n, m.worst, m.values) for n, m in enumerate(measured) if n in kept and m.worst]
    shared = {name: _shared(values) for name, values in found.items()}
    return Entries(count=len(measured), **shared, worst=worst)


def _shared(values: list[Any]) -> Any:
    """One value where all are the same."""
    return values[0] if values and values.count(values[0]) == len(values) else values


def _short(value: Any) -> Any:
    return float(f"{value:.6g}") if type(value) is float else value


#: A Verdict in a file: its own fields, with ``entries`` in the place of ``results``.
Record = dataclasses.make_dataclass(
    "Record",
    [
        *(
            (f.name, get_type_hints(Verdict)[f.name], field(default=f.default,
                                                            default_factory=f.default_factory))
            for f in fields(Verdict)
            if f.name != "results"
        ),
        ("entries", Entries, field(default_factory=Entries)),
    ],
    frozen=True,
)  # fmt: skip


def to_json(verdict: Verdict) -> dict[str, Any]:
    """A Verdict as what JSON can hold; a field that holds nothing is left out."""
    own = {name: getattr(verdict, name) for name in (f.name for f in fields(Verdict))}
    own["entries"] = columns(own.pop("results"))
    found = msgspec.to_builtins(own, enc_hook=str, str_keys=True)
    return {name: plain(value) for name, value in found.items() if value not in ("", [], {})}


def from_json(data: Any) -> Verdict:
    """The Verdict that ``to_json`` wrote. Raises ValueError for anything else."""
    own = vars(msgspec.convert(data, Record, strict=False)).copy()
    for name in ("culprits", "latent"):
        own[name] = tuple(replace(one, facts=_tuples(one.facts)) for one in own[name])
    return replace(Verdict(own.pop("case"), own.pop("check"), own.pop("seed")),
                   results=Rows(own.pop("entries")), **own)  # fmt: skip


def _tuples(value: Any) -> Any:
    """The same with tuples in the place of lists: JSON has no tuples, settings are written so."""
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def plain(value: Any) -> Any:
    """The same with texts in the place of numbers that JSON does not have."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def schema() -> dict[str, Any]:
    """The JSON Schema of a Verdict in a file, but for the texts in the place of inf and nan."""
    return msgspec.json.schema(Record)
