"""The tests of a run, grouped as a reader looks for them: by kind, by pair and variant."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.pair import KINDS
from harness.results import Outcome, Results

#: What can be said of a test, what needs looking at first.
STATES = ("failed", "error", "blocked", "partly", "xpassed", "xfailed", "skipped", "passed")


@dataclass(frozen=True)
class Line:
    """One test in the list: what it is called there, and what an older run said of it."""

    test: Outcome
    name: str
    before: Outcome | None

    @cached_property
    def state(self) -> str:
        return state_of(self.test)

    @cached_property
    def worst(self) -> float | None:
        """The largest e/r that decides; None where nothing was measured."""
        return worst_of(self.test)

    @cached_property
    def older(self) -> float | None:
        """The largest e/r that decided in the older run."""
        return worst_of(self.before) if self.before else None

    @property
    def growth(self) -> float | None:
        """How many times as large its e/r is as in the older run."""
        if not self.worst or not self.older or math.isinf(self.older):
            return None
        return self.worst / self.older

    @property
    def changed(self) -> bool:
        """Whether the older run said something else of it."""
        return self.before is not None and state_of(self.before) != self.state


@dataclass(frozen=True)
class Subject:
    """The tests of one variant of a pair; or, where kind is "", other tests of one file."""

    number: int
    name: str
    kind: str
    lines: tuple[Line, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Tests by state."""
        found = Counter(line.state for line in self.lines)
        return {state: found[state] for state in STATES if found[state]}

    @cached_property
    def worst(self) -> float | None:
        return max((w for line in self.lines if (w := line.worst) is not None), default=None)

    @property
    def growth(self) -> float | None:
        return max((g for line in self.lines if (g := line.growth) is not None), default=None)

    @property
    def failed(self) -> bool:
        return bool(self.counts.get("failed") or self.counts.get("error"))


def state_of(test: Outcome) -> str:
    """One of STATES: pytest's outcome, or why there is no verdict that tells anything."""
    if test.verdict and test.outcome == "failed" and not test.verdict.failed:
        if test.verdict.blocked_by:
            return "blocked"
        if test.verdict.unfinished:
            return "partly"
    return test.outcome


def worst_of(test: Outcome) -> float | None:
    return test.verdict.worst_ratio if test.verdict and test.verdict.results else None


def numbered(results: Results, before: Results | None) -> list[Subject]:
    """All subjects of a run: kinds in their usual order, other tests at the end."""
    older = {test.nodeid: test for test in _all(before)} if before else {}
    found: dict[tuple[str, str], list[Line]] = {}
    for test in _all(results):
        name, kind, shown = _names(test)
        found.setdefault((kind, name), []).append(Line(test, shown, older.get(test.nodeid)))
    order = {kind: number for number, kind in enumerate((*_kinds(found), ""))}
    ranked = sorted(found.items(), key=lambda item: order[item[0][0]])
    return [
        Subject(number, name, kind, tuple(lines))
        for number, ((kind, name), lines) in enumerate(ranked)
    ]


def _kinds(found: Iterable[tuple[str, str]]) -> Sequence[str]:
    """Networks first: they are what is being ported."""
    usual = ["networks", *(kind for kind in KINDS if kind != "networks")]
    return list(dict.fromkeys([*usual, *(kind for kind, _ in found if kind)]))


def _all(results: Results) -> list[Outcome]:
    return [*results.tests, *results.uncollected]


def _names(test: Outcome) -> tuple[str, str, str]:
    """Subject, kind, and what the test is called within the subject."""
    if test.verdict:
        parts = test.verdict.case.rsplit("-", 3)
        if len(parts) == 4:
            return parts[0], test.verdict.kind, "-".join(parts[1:])
        return test.verdict.case, test.verdict.kind, test.verdict.check
    path, _, name = test.nodeid.partition("::")
    return path, "", name or path
