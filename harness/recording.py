"""``--results FILE``: what a run found, as JSON, a page or a summary."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness import languages, records, results
from harness.errors import HarnessError
from harness.report import files
from harness.sharding import Spread
from harness.verdict import Verdict

#: The attribute of a test's report that holds its case's verdict, as JSON: pytest-xdist carries
#: plain values from process to process.
_ATTRIBUTE = "harness_verdict"
_VERDICT = pytest.StashKey[str]()


def add_options(group: Any) -> None:
    """The option of this module."""
    group.addoption("--results", action="append", default=[], metavar="FILE",
                    help="keep every test's outcome and verdict: as .json (for python -m harness "
                         "report and merge), as a page (.html), or as a summary (.md); may be "
                         "given several times")  # fmt: skip
    group.addoption("--lang", **languages.option())


def configure(config: pytest.Config, spread: Spread, left_out: dict[str, str]) -> None:
    """Register the hooks that the option asks for; left_out: filled by the end of the run."""
    config.pluginmanager.register(_Carrier(), "harness-carrier")
    names = config.getoption("--results")
    if not names or hasattr(config, "workerinput"):
        return
    try:
        paths = files.targets("--results", names, config.invocation_params.dir)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Recorder(config, paths, spread, left_out), "harness-recorder")


def note(item: pytest.Item, verdict: Verdict) -> None:
    """Keep the verdict of a test's case, and what JUnit shows of it."""
    item.stash[_VERDICT] = msgspec.json.encode(records.to_json(verdict)).decode()
    counts = ", ".join(f"{number} {status}" for status, number in sorted(verdict.counts.items()))
    item.user_properties += [
        ("case", verdict.case),
        ("compared", verdict.compared),
        ("counts", counts),
        ("worst_ratio", f"{verdict.worst_ratio:.3g}"),
    ]


def verdict_of(report: Any) -> Verdict | None:
    """The verdict that a test's report carries; None where it has none."""
    text = getattr(report, _ATTRIBUTE, "")
    return records.from_json(msgspec.json.decode(text)) if text else None


class _Carrier:
    """The hook that puts a test's verdict on its report."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Put it on the report of the call."""
        report = yield
        if call.when == "call":
            setattr(report, _ATTRIBUTE, item.stash.get(_VERDICT, ""))
        return report


class Recorder:
    """The hooks that keep every test's outcome and write them when the run ends."""

    def __init__(
        self, config: pytest.Config, paths: list[Path], spread: Spread, left_out: dict[str, str]
    ) -> None:
        self.config, self.paths, self.spread, self.left_out = config, paths, spread, left_out
        self.tests: dict[str, results.Outcome] = {}
        self.uncollected: dict[str, results.Outcome] = {}

    def pytest_sessionstart(self) -> None:
        """A run that is killed leaves no older run's files behind."""
        for path in self.paths:
            path.unlink(missing_ok=True)
        self.started = results.now()

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
        """Write the files."""
        option = self.config.getoption
        found = results.Results(
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
            environment=results.environment(),
            benchmarks=_benchmarks(self.config),
        )
        for path in self.paths:
            files.write(path, found, option("--lang"))


def _benchmarks(config: pytest.Config) -> list[results.Benchmark]:
    """What pytest-benchmark timed in this run."""
    session = getattr(config, "_benchmarksession", None)
    return [
        results.Benchmark(
            timed.group or "", timed.name, timed.stats.median, timed.stats.q1, timed.stats.q3
        )
        for timed in (session.benchmarks if session else ())
        if not timed.has_error
    ]


def _after(before: results.Outcome | None, report: Any, category: str) -> results.Outcome:
    """A test's outcome after one more phase; a failure stays one, whatever its tear-down does."""
    seconds = getattr(report, "duration", 0.0) + (before.seconds if before else 0.0)
    verdict = verdict_of(report) or (before.verdict if before else None)
    outcome, reason, text = "passed", "", ""
    if before:
        outcome, reason, text = before.outcome, before.reason, before.text
    if category in results.OUTCOMES and not (before and before.failed):
        outcome = category
        reason = "" if category == "passed" else _reason(report)
    if report.failed:
        text = f"{text}\n\n{report.longrepr}".strip("\n")
    return results.Outcome(report.nodeid, outcome, seconds, reason, text, verdict)


def _reason(report: Any) -> str:
    """One line on why a test did not pass."""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if isinstance(report.longrepr, tuple):  # a skip's file, line and reason
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    message = crash.message if crash else str(report.longrepr)
    return next((line for line in message.splitlines() if line.strip()), "")
