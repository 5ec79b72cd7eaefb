"""Runs spread over machines: ``--shard I/N`` runs one part, ``--results FILE`` keeps what it found.

All cases of one pair variant share models and recordings, so they belong to one part; tests without
a case go by their file. What a test is called and what it draws does not depend on its part.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness import results
from harness.pair import Case

_OUTPUT = "harness_shard"

#: What cannot be torn apart: (whether it has no case, name).
Group = tuple[bool, str]


def add_options(group: Any) -> None:
    """The options of this module."""
    group.addoption("--shard", default="", metavar="I/N",
                    help="run the I-th of N parts of the tests, on this machine")  # fmt: skip
    group.addoption("--results", default="", metavar="FILE.json",
                    help="keep every test's outcome, for python -m harness merge")  # fmt: skip


def configure(config: pytest.Config, left_out: dict[str, str]) -> None:
    """Register the hooks that the options ask for; left_out: filled by the end of the run."""
    shard, file = config.getoption("--shard"), config.getoption("--results")
    if not shard and not file:
        return
    spread = Spread(*shard_of(shard or "1/1"), named=bool(shard))
    config.pluginmanager.register(spread, "harness-spread")
    if file and not hasattr(config, "workerinput"):
        path = config.invocation_params.dir / file
        if path.is_dir() or not path.parent.is_dir():
            raise pytest.UsageError(f"--results {file}: name a file in a folder that exists.")
        recorder = Recorder(config, path, spread, left_out)
        config.pluginmanager.register(recorder, "harness-recorder")


def shard_of(text: str) -> tuple[int, int]:
    """(part, of) that a text says. Raises UsageError for what is no part."""
    found = re.fullmatch(r"(\d+)/(\d+)", text, re.ASCII)
    part, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= part <= of:
        raise pytest.UsageError(f"--shard {text}: write it as I/N with 1 <= I <= N, such as 2/3.")
    return part, of


def parts(groups: Iterable[Group], of: int) -> dict[Group, int]:
    """Each group's part, 1 .. of; a group stands in ``groups`` once for each of its tests.

    Cases first, so that they are spread evenly by themselves; the largest group first, into the
    part that holds fewest tests. Depends on the groups' names and sizes, on no order.
    """
    holds = [0] * of
    found = {}
    sizes = Counter(groups).items()
    for group, size in sorted(sizes, key=lambda entry: (entry[0][0], -entry[1], entry[0][1])):
        part = holds.index(min(holds))
        holds[part] += size
        found[group] = part + 1
    return found


def _group(item: pytest.Item) -> Group:
    case = item.callspec.params.get("case") if hasattr(item, "callspec") else None
    if isinstance(case, Case):
        return False, f"{case.pair.name}:{case.variant}"
    return True, item.nodeid.partition("::")[0]


class Spread:
    """The hooks that leave a run one part of its tests.

    collection, collected, selected: see ``harness.results``; the controller of a run that
    pytest-xdist spreads has them from its processes, which each collect.
    """

    def __init__(self, part: int, of: int, named: bool) -> None:
        self.part, self.of, self.named = part, of, named
        self.collection = results.digest(())
        self.collected = self.selected = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Iterator[None]:
        """Drop the other parts' tests, after every other selection and in the same order."""
        yield
        self.collection = results.digest(item.nodeid for item in items)
        self.collected = len(items)
        groups = [_group(item) for item in items]
        part_of = parts(groups, self.of)
        mine = [item for item, group in zip(items, groups) if part_of[group] == self.part]
        others = [item for item, group in zip(items, groups) if part_of[group] != self.part]
        self.selected = len(mine)
        if others:
            items[:] = mine
            config.hook.pytest_deselected(items=others)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the counts to the controller of a spread run."""
        if hasattr(session.config, "workerinput"):
            session.config.workeroutput[_OUTPUT] = (  # type: ignore[attr-defined]
                self.collection,
                self.collected,
                self.selected,
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the counts of a process; all collect the same."""
        output = getattr(node, "workeroutput", {})
        if _OUTPUT in output:
            self.collection, self.collected, self.selected = output[_OUTPUT]

    def pytest_report_header(self) -> str | None:
        """Which part this is."""
        return f"harness: shard {self.part} of {self.of}" if self.named else None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """How much of the whole this part is."""
        if self.named:
            terminalreporter.write_line(
                f"shard {self.part} of {self.of}: {self.selected} of {self.collected} tests"
            )


class Recorder:
    """The hooks that keep every test's outcome and write them when the run ends."""

    def __init__(
        self, config: pytest.Config, path: Path, spread: Spread, left_out: dict[str, str]
    ) -> None:
        self.config, self.path, self.spread, self.left_out = config, path, spread, left_out
        self.tests: dict[str, results.Outcome] = {}
        self.uncollected: dict[str, results.Outcome] = {}

    def pytest_sessionstart(self) -> None:
        """A run that is killed leaves no older run's file behind."""
        self.path.unlink(missing_ok=True)
        self.started = datetime.now(UTC).isoformat(timespec="seconds")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of a test."""
        before = self.tests.get(report.nodeid)
        category = self.config.hook.pytest_report_teststatus(report=report, config=self.config)[0]
        self.tests[report.nodeid] = _after(before, report, category)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that has no tests to run."""
        if not report.passed:
            category = "skipped" if report.skipped else "error"
            self.uncollected[report.nodeid] = _after(None, report, category)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the file."""
        option = self.config.getoption
        results.Results(
            versions=results.versions(),
            device=option("--ms-device"),
            seed=option("--seed"),
            part=self.spread.part,
            of=self.spread.of,
            collection=self.spread.collection,
            collected=self.spread.collected,
            selected=self.spread.selected,
            started=self.started,
            exit=int(exitstatus),
            tests=list(self.tests.values()),
            uncollected=list(self.uncollected.values()),
            left_out=dict(self.left_out),
        ).save(self.path)


def _after(before: results.Outcome | None, report: Any, category: str) -> results.Outcome:
    """A test's outcome after one more phase; a failure stays one, whatever its tear-down does."""
    seconds = getattr(report, "duration", 0.0) + (before.seconds if before else 0.0)
    case = dict(getattr(report, "user_properties", ())).get(results.PROPERTY, {})
    outcome, reason, text = "passed", "", ""
    if before:
        outcome, reason, text = before.outcome, before.reason, before.text
    if category in results.OUTCOMES and not (before and before.failed):
        outcome = category
        reason = "" if category == "passed" else _reason(report)
    if report.failed:
        text = f"{text}\n\n{report.longrepr}".strip("\n")
    return results.Outcome(report.nodeid, outcome, seconds, reason, text, case)


def _reason(report: Any) -> str:
    """One line on why a test did not pass."""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if isinstance(report.longrepr, tuple):  # a skip's file, line and reason
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    message = crash.message if crash else str(report.longrepr)
    return next((line for line in message.splitlines() if line.strip()), "")
