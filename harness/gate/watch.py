"""The gate in a process that collects and runs tests: it leaves out what is unchanged, and
observes what each test reads, which goes along with the test's report."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness import references
from harness.errors import HarnessError
from harness.gate.observing import Observer
from harness.gate.reach import Reach, is_doubtful, unattributed
from harness.pair import Case
from harness.registry import network_of
from harness.report import gate as words
from harness.worker import Worker, WorkerFailure

#: Seconds.
_PATIENCE = 20.0
#: Names the gate's part of what processes of a spread run tell each other.
KEY = "harness_gate"


@dataclass
class Plan:
    """What is left out, and why the rest is not.

    unchanged: ids. changed: id -> what it depends on and changed. base: the commit, and the files
    that changed since; only where one was named.
    """

    unchanged: set[str] = field(default_factory=set)
    changed: dict[str, list[str]] = field(default_factory=dict)
    otherwise: str = words.NEVER_PASSED
    base: str = ""
    since_base: list[str] = field(default_factory=list)


class Watch:
    """The hooks of a process that collects and runs tests: select, observe."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.plan = Plan()
        self.counts: dict[str, Any] = {}
        self.references = Counter[str]()
        self._observer: Observer | None = None
        self._folder = ""
        self._shared: dict[Any, set[str]] = {}
        self._open = ExitStack()
        self._reads: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Observe, unless the tests run in other processes."""
        given = getattr(session.config, "workerinput", {}).get(KEY)
        if given:
            self.plan = Plan(**json.loads(Path(given).read_text()))
            self.plan.unchanged = set(self.plan.unchanged)
        if not session.config.pluginmanager.hasplugin("dsession"):
            self._folder = tempfile.mkdtemp(prefix="harness-gate-")
            self._observer = Observer(self.reach.sources.root, Path(self._folder, "reads"))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[Any]:
        """What collecting a file reads, its tests without a case depend on."""
        with self._shared_by(collector.nodeid.partition("::")[0]):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[Any]:
        """What setting a fixture up reads, all who use it depend on."""
        with self._shared_by(fixturedef):
            return (yield)

    def _shared_by(self, key: Any) -> ExitStack:
        stack = ExitStack()
        if self._observer is not None:
            reads = stack.enter_context(self._observer.reads())
            stack.callback(lambda: self._shared.setdefault(key, set()).update(reads))
            stack.callback(self._observer.take)
        return stack

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Iterator[None]:
        """Leave out what is unchanged, after every other selection."""
        yield
        kept, dropped, reasons = [], [], Counter[str]()
        apart = Counter(item.nodeid for item in items)
        for item in items:
            reason = self._why(item) if apart[item.nodeid] == 1 else words.NEVER_PASSED
            if reason:
                kept.append(item)
                reasons[reason] += 1
            else:
                dropped.append(item)
        known_to_pass = sum(item.nodeid in self.plan.unchanged for item in dropped)
        self.counts = {"collected": len(items), "reasons": dict(reasons),
                       "unchanged": known_to_pass,
                       "untouched": len(dropped) - known_to_pass}  # fmt: skip
        if dropped:
            items[:] = kept
            config.hook.pytest_deselected(items=dropped)

    def _why(self, item: pytest.Item) -> str:
        """Why a test is run; "" where it is not."""
        if item.nodeid in self.plan.unchanged:
            return ""
        reason = words.changed(self.plan.changed.get(item.nodeid, ())) or self.plan.otherwise
        if not self.plan.base:
            return reason
        sources, changed = self.reach.sources, set(self.plan.since_base)
        if not changed:
            return ""
        everywhere = unattributed(sources, changed)
        if everywhere:
            return words.touches_everything(everywhere)
        case, file = _case(item), self._file(item)
        if file is None or (case is None and is_doubtful(sources, file)):
            return words.IN_DOUBT
        roots = self._roots(case) if case else set()
        return words.changed(
            sorted(changed & self.reach.static(file, case.pair.name if case else "", roots))
        )

    def _roots(self, case: Case) -> set[str]:
        """The files of a case's pair, and of the network that it trains."""
        found = self.reach.roots(case.pair)
        if case.pair.kind == "recipes" and case.pair.recipe is not None:
            found |= self.reach.roots(network_of(case.pair.recipe)[0])
        return found

    def _file(self, item: pytest.Item) -> str | None:
        """The file of a test as the tree calls it; "" for the harness's own; None elsewhere."""
        found = self.reach.sources.relative(item.path)
        own = item.path == Path(__file__).parents[1] / "suite.py"
        return "" if own and not found else found

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Iterator[Any]:
        """Observe one test, in all its phases."""
        if self._observer is None:
            return (yield)
        with self._observer.reads() as self._reads:
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Iterator[Any]:
        """Send along what the test read, when it is over."""
        report = yield
        if call.when == "teardown" and self._observer is not None:
            self._observer.take()
            case, file = _case(item), self._file(item)
            reads = set(self._reads)
            for fixtures in item._fixtureinfo.name2fixturedefs.values():  # type: ignore[attr-defined]
                for fixture in fixtures:
                    reads |= self._shared.get(fixture, set())
            if case is None:
                reads |= self._shared.get(item.nodeid.partition("::")[0], set())
            else:
                # Cases of one variant share what the first of them built.
                group = self._shared.setdefault((case.pair.name, case.variant), set())
                group |= reads
                reads = group | self._roots(case)
            setattr(report, KEY, [file, case.pair.name if case else "", sorted(reads)])
        return report

    @pytest.hookimpl(trylast=True)  # after pytest tore down what was set up for the session
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the rest to the controller of a spread run."""
        if hasattr(session.config, "workerinput"):
            told = [self.counts, self.at_import, dict(self.references)]
            session.config.workeroutput[KEY] = told  # type: ignore[attr-defined]

    def pytest_unconfigure(self) -> None:
        """Stop observing."""
        if self._observer is not None:
            self._observer.close()
            self._observer = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, worker: Worker) -> None:
        """How often a process that runs cases took torch's runs from where they are kept."""
        with suppress(WorkerFailure, HarnessError):
            self.references.update(
                worker.call("counting torch's runs", _PATIENCE, references.counts)
            )

    @property
    def at_import(self) -> dict[str, list[str]]:
        """File -> what its import read, in this process and those it started."""
        if self._observer is None:
            return {}
        self._observer.take()
        return {file: sorted(reads) for file, reads in self._observer.at_import.items()}


def _case(item: pytest.Item) -> Case | None:
    case = item.callspec.params.get("case") if hasattr(item, "callspec") else None
    return case if isinstance(case, Case) else None
