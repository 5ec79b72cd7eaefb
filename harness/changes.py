"""What changed from one run to another: which tests fail now, which ratios grew, what differs."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.results import Outcome, Results
from harness.tolerance import GROWN


@dataclass(frozen=True)
class Change:
    """A test in two runs, by its case or pytest's id; None where a run does not have it."""

    name: str
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True)
class Grown:
    """A case that passes in both runs and whose worst e/r grew."""

    name: str
    before: float
    after: float


@dataclass(frozen=True)
class Changes:
    """From an older run to a newer one.

    failing: fails now and did not, tests that are new among them. passing: failed, and passes now.
    new, gone: in one run only; those that fail are in failing. stopped: was run, is skipped now.
    grown: by more than ``tolerance.GROWN``. settings: (name, before, after) of what a run depends
    on: versions, device, seed, environment.
    """

    failing: tuple[Change, ...]
    passing: tuple[Change, ...]
    new: tuple[Change, ...]
    gone: tuple[Change, ...]
    stopped: tuple[Change, ...]
    grown: tuple[Grown, ...]
    settings: tuple[tuple[str, str, str], ...]

    @property
    def nothing(self) -> bool:
        """Whether the two runs tell the same."""
        return not any(vars(self).values())


def between(before: Results, after: Results) -> Changes:
    """What changed from ``before`` to ``after``."""
    cases = {test.verdict.case for run in (before, after) for test in run.tests if test.verdict}
    old, new = _by_name(before, cases), _by_name(after, cases)
    changes = [Change(name, old.get(name), new.get(name)) for name in {**new, **old}]
    both = [change for change in changes if change.before and change.after]
    failing = tuple(c for c in changes if _failed(c.after) and not _failed(c.before))
    return Changes(
        failing=failing,
        passing=tuple(
            c for c in both if _failed(c.before) and _ran(c.after) and not _failed(c.after)
        ),
        new=tuple(c for c in changes if not c.before and c not in failing),
        gone=tuple(c for c in changes if not c.after),
        stopped=tuple(c for c in both if _ran(c.before) and not _ran(c.after)),
        grown=_grown(both),
        settings=_settings(before, after),
    )


def _by_name(run: Results, cases: set[str]) -> dict[str, Outcome]:
    """Each test by its case where it has one, so that a command's run is held against pytest's."""
    found: dict[str, Outcome] = {}
    for test in (*run.tests, *run.uncollected):
        # A test that came to no verdict still has its case's id as pytest's parameter.
        case = test.verdict.case if test.verdict else test.nodeid.partition("[")[2][:-1]
        name = case if case in cases and case not in found else test.nodeid
        found[name] = test
    return found


def _failed(test: Outcome | None) -> bool:
    return test is not None and test.failed


def _ran(test: Outcome | None) -> bool:
    return test is not None and test.outcome != "skipped"


def _grown(changes: Sequence[Change]) -> tuple[Grown, ...]:
    """Cases whose e/r grew, the fastest first. Below 1 the port is closer than torch itself."""
    found = []
    for change in changes:
        before, after = (test.verdict if test else None for test in (change.before, change.after))
        if before and after and before.passed and after.passed:
            one, other = before.worst_ratio, after.worst_ratio
            if other > GROWN * max(one, 1.0):
                found.append(Grown(change.name, one, other))
    return tuple(sorted(found, key=lambda grown: max(grown.before, 1.0) / grown.after))


def _settings(before: Results, after: Results) -> tuple[tuple[str, str, str], ...]:
    old, new = before.settings, after.settings
    return tuple(
        (name, old.get(name, ""), new.get(name, ""))
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    )
