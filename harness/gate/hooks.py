"""``pytest --gate``: run what changed since it passed, keep what passes, end with one sentence.

The process that the user starts decides, before any test is collected, which of the tests that
passed are unchanged; processes of a run that pytest-xdist spreads are told, so that all of them
select the same. What a test reads is observed where it runs, and sent along with its report.
"""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness import known
from harness.errors import HarnessError
from harness.gate import base, passes
from harness.gate.importing import Sources
from harness.gate.observing import STARTED
from harness.gate.reach import Reach
from harness.gate.setting import differences, setting_of
from harness.gate.watch import KEY, Plan, Watch
from harness.report import gate as words
from harness.worker import Worker

_NOT_COLLECTED = 5
#: pytest's categories of what counts as a pass; a known divergence is expected to fail.
_GOOD = {"", "passed", "xfailed"}


def add_options(group: Any) -> None:
    """The options of this module."""
    group.addoption("--gate", action="store_true",
                    help="leave out the tests that passed and that nothing has changed for since; "
                         "say what ran and why")  # fmt: skip
    group.addoption("--gate-base", default="", metavar="REF",
                    help="with --gate: leave out, too, what the changes since a git commit do not "
                         "reach, whether or not it is known to pass")  # fmt: skip
    group.addoption("--reference-cache", default=None, metavar="DIR",
                    help="keep what torch computed, and do not run what is unchanged again (with "
                         "--gate by default in its folder; '' for not)")  # fmt: skip
    group.addoption("--gate-dir", default=".gate", metavar="DIR",
                    help="where what passed is kept (default: .gate below the root)")  # fmt: skip


def configure(config: pytest.Config, ledger: tuple[known.Known, ...], path: Path | None) -> None:
    """Register the hooks that --gate asks for. ledger, path: of known divergences."""
    if not config.getoption("--gate"):
        if config.getoption("--gate-base"):
            raise pytest.UsageError("--gate-base goes with --gate.")
        return
    if config.getoption("--shard"):
        raise pytest.UsageError(
            "--gate and --shard exclude each other: machines that know of different passes would "
            "split different tests. Use -n, or run all tests in parts."
        )
    sources = Sources(config.rootpath)
    reach = Reach(sources, ledger, (sources.relative(path) or "") if path else "")
    config.pluginmanager.register(Watch(reach), "harness-gate-watch")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gate(config, reach), "harness-gate")


@dataclass
class _Test:
    """One test of this run. process: that ran it, "" for this one."""

    good: bool = True
    seconds: float = 0.0
    skipped: bool = False
    reads: tuple[str | None, str, list[str]] | None = None
    process: str = ""


def references(config: pytest.Config) -> str:
    """The folder in which torch's runs are kept; "" where they are not."""
    given = config.getoption("--reference-cache")
    if given is None:
        given = f"{config.getoption('--gate-dir')}/reference" if config.getoption("--gate") else ""
    return str(config.rootpath / given) if given else ""


def closing(config: pytest.Config, worker: Worker) -> None:
    """Ask a worker process, before it ends, what the gate reports of it."""
    watch = config.pluginmanager.get_plugin("harness-gate-watch")
    if isinstance(watch, Watch) and worker.alive:
        watch.ask(worker)


class Gate:
    """The hooks of the process that the user starts: decide, keep what passed, close."""

    def __init__(self, config: pytest.Config, reach: Reach) -> None:
        self.config, self.reach = config, reach
        self.on = datetime.now(UTC).isoformat(timespec="seconds")
        self.folder = config.rootpath / config.getoption("--gate-dir")
        self.setting = setting_of(config)
        self.kept = passes.load(self.folder, self.setting)
        self.notes = [self.kept.note] if self.kept.note else []
        self.plan = self._plan()
        self.tests: dict[str, _Test] = {}
        self.counts: dict[str, Any] = {}
        self.at_import: dict[str, set[str]] = {}
        self.references = Counter[str]()
        self.ended: set[str] = {""}
        self._told = ""
        self._states: dict[frozenset[str], dict[str, str] | None] = {}

    def _plan(self) -> Plan:
        plan = Plan()
        found: dict[int, list[str]] = {}
        for name, test in self.kept.tests.items():
            if id(test.reads) not in found:
                found[id(test.reads)] = self.reach.changed(test.reads)
            changed = found[id(test.reads)]
            if changed:
                plan.changed[name] = changed
            else:
                plan.unchanged.add(name)
        if not self.kept.tests:
            other = passes.other_setting(self.folder, self.setting)
            if other is not None:
                plan.otherwise = words.another(list(differences(other, self.setting)))
        if self.config.getoption("--gate-base"):
            plan.base = self.config.getoption("--gate-base")
            try:
                plan.since_base = sorted(base.changed_since(self.config.rootpath, plan.base))
            except HarnessError as error:
                raise pytest.UsageError(str(error)) from None
        return plan

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Tell the process's own watch what was decided."""
        self._watch.plan = self.plan

    @property
    def _watch(self) -> Watch:
        found: Watch = self.config.pluginmanager.get_plugin("harness-gate-watch")  # type: ignore[assignment]
        return found

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of a spread run what was decided."""
        if not self._told:
            self._told = tempfile.mkdtemp(prefix="harness-gate-")
            plan = {**vars(self.plan), "unchanged": sorted(self.plan.unchanged)}
            Path(self._told, "plan.json").write_text(json.dumps(plan))
        node.workerinput[KEY] = str(Path(self._told, "plan.json"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a process of a spread run saw; one that crashed did not say."""
        output = getattr(node, "workeroutput", {})
        if KEY in output:
            self.counts, seen, references = output[KEY]
            self.references.update(references)
            self.ended.add(node.gateway.id)
            for file, reads in seen.items():
                self.at_import.setdefault(file, set()).update(reads)

    def pytest_report_header(self) -> list[str]:
        """What is known before anything is collected."""
        return words.header(len(self.plan.unchanged), len(self.plan.changed), self.notes)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of a test."""
        test = self.tests.setdefault(report.nodeid, _Test())
        category = self.config.hook.pytest_report_teststatus(report=report, config=self.config)[0]
        test.good = test.good and category in _GOOD and not report.failed
        test.skipped = test.skipped or category == "skipped"
        test.seconds += report.duration
        test.reads = getattr(report, KEY, test.reads)
        node = getattr(report, "node", None)
        test.process = node.gateway.id if node is not None else ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Keep what passed; where nothing was left to run, that is no failure. After pytest's own
        closing lines, say so in one sentence."""
        if not self.counts:
            self.counts = self._watch.counts
            self.at_import = {file: set(reads) for file, reads in self._watch.at_import.items()}
        left_out = self.counts.get("unchanged", 0) + self.counts.get("untouched", 0)
        if session.exitstatus == _NOT_COLLECTED and left_out:
            session.exitstatus = 0
        if not self.config.getoption("--collect-only"):
            self._keep()
        yield
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            line = words.closing(self.counts, self._summary(), int(session.exitstatus))
            reporter.write_line(line, red=bool(session.exitstatus), green=not session.exitstatus)

    def _summary(self) -> dict[str, int]:
        return {
            "ran": len(self.tests),
            "failed": sum(not t.good and not t.skipped for t in self.tests.values()),
            "skipped": sum(t.skipped for t in self.tests.values()),
        }

    def _keep(self) -> None:
        """Write which tests passed, and on what."""
        passed, late = {}, 0
        for name, test in self.tests.items():
            if not test.good or test.reads is None or test.process not in self.ended:
                continue
            file, pair, reads = test.reads
            if file is None:
                continue
            start = self.reach.static(file, pair)
            state = self._state(self.reach.seen(start, reads, self.at_import))
            if state is None:
                late += 1
            else:
                passed[name] = passes.Passed(state, self.on, test.seconds)
        if late:
            self.notes.append(words.late(late))
        gone = [name for name in self.tests if name not in passed]
        try:
            passes.update(self.folder, self.setting, passed, gone)
        except OSError as error:
            self.notes.append(words.not_kept(self.folder, error))

    def _state(self, names: frozenset[str]) -> dict[str, str] | None:
        """Name -> digest; None where one is of after the run began."""
        if names not in self._states:
            late = self.reach.changed_since(names, STARTED)
            self._states[names] = None if late else {n: self.reach.digest(n) for n in names}
        return self._states[names]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """What ran and why, and what took longest."""
        terminalreporter.section("gate")
        dates = sorted(self.kept.tests[name].on for name in self.plan.unchanged)
        seconds: dict[str, float] = {}
        for name, test in self.tests.items():
            seconds[_group(name)] = seconds.get(_group(name), 0.0) + test.seconds
        for line in words.summary(self.counts, dates, self.plan.base, seconds):
            terminalreporter.write_line(line)
        torch = self.references + self._watch.references
        for line in (*words.references(torch), *self.notes):
            terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        if self._told:
            shutil.rmtree(self._told, ignore_errors=True)


def _group(nodeid: str) -> str:
    """What the time of a test counts for: its pair, or its file."""
    file, _, rest = nodeid.partition("::")
    _, _, case = rest.partition("[")
    pair, colon, _ = case.partition(":")
    return pair if colon and "." in pair and " " not in pair else file
