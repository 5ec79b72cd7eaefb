"""The pytest plugin: options, markers from cases, the ``check`` fixture, a closing table."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import fixtures, known, recording, registry, results, sharding
from harness.backends import runtime
from harness.backends.base import Settings
from harness.errors import DeviceError, HarnessError
from harness.gate import hooks as gate
from harness.pair import KINDS, MODES, Case, Pair
from harness.profile import Profile, load_profile
from harness.report import failure, text
from harness.report.messages import catalogue
from harness.verdict import KNOWN, Verdict
from harness.worker import Worker, WorkerFailure

_MARK = "harness_pairs"
_DATA_VARIABLE = "HARNESS_DATA"
_LEDGER = pytest.StashKey[tuple[known.Known, ...]]()
_COLLECTED = pytest.StashKey[set[str]]()
_LEFT_OUT = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the harness."""
    group = parser.getgroup("harness", "equivalence of PyTorch and MindSpore models")
    group.addoption("--pair", action="append", default=[], metavar="MODULE[:NAME]",
                    help="run the battery on the pairs of an importable module; beside test files "
                         "on the command line, register them for their tests")  # fmt: skip
    group.addoption("--seed", type=int, default=0, help="the seed that all draws derive from")
    group.addoption("--ms-device", default="CPU", metavar="DEVICE",
                    help="MindSpore's device: CPU (default), Ascend, GPU")  # fmt: skip
    group.addoption("--device-profile", default="", metavar="FILE",
                    help="a device profile in place of the shipped one")  # fmt: skip
    group.addoption("--require-device", action="store_true",
                    help="end the run at once where --ms-device is not there")  # fmt: skip
    group.addoption("--in-process", action="store_true",
                    help="run cases inside pytest (for debuggers and profilers) instead of in a "
                         "worker process that survives crashes and hangs")  # fmt: skip
    group.addoption("--case-timeout", type=float, default=300.0, metavar="SECONDS",
                    help="stop a case that runs longer (default 300)")  # fmt: skip
    group.addoption("--bundle-dir", default="bundles", metavar="DIR",
                    help="where failing cases write what replays them (default: bundles below the "
                         "root; '' for nowhere)")  # fmt: skip
    group.addoption("--strict-latent", action="store_true",
                    help="fail where a module is wrong but its network masks it")  # fmt: skip
    group.addoption("--known", metavar="FILE",
                    help="ledger of known divergences (default: ini's harness_known)")  # fmt: skip
    sharding.add_options(group)
    recording.add_options(group)
    gate.add_options(group)
    parser.addini("harness_known", "ledger of known divergences, relative to the ini file")
    group.addoption("--harness-data", default=os.environ.get(_DATA_VARIABLE), metavar="DIR",
                    help=f"folder with extra real data (or set {_DATA_VARIABLE})")  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers that cases carry; read the ledger of known divergences."""
    path = _ledger_path(config)
    try:
        config.stash[_LEDGER] = known.read_ledger(path) if path else ()
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    if config.getoption("--pair"):
        folder = str(config.invocation_params.dir)
        if folder not in sys.path:
            sys.path.insert(0, folder)  # as "python -m pytest" and "python -m harness" have it
        if _runs_named_pairs(config):
            config.args = []
    config.pluginmanager.register(fixtures, "harness.fixtures")
    config.stash[_COLLECTED] = set()
    config.stash[_LEFT_OUT] = {}
    # Before sharding, so that what --results counts is what the gate left.
    gate.configure(config, config.stash[_LEDGER], path)
    spread = sharding.configure(config)
    recording.configure(config, spread, config.stash[_LEFT_OUT])
    config.addinivalue_line("markers", f"{_MARK}(kind, pairs): pairs a test is run for")
    config.addinivalue_line("markers", "slow: heavier cases, left out of the default run")
    for kind in KINDS:
        config.addinivalue_line("markers", f"{kind}: cases of a pair of this kind")
    for check in MODES:
        config.addinivalue_line("markers", f"{check}: cases of this check of the battery")


def _runs_named_pairs(config: pytest.Config) -> bool:
    """Whether the pairs of --pair are all that was asked for."""
    asked = config.args_source != pytest.Config.ArgsSource.ARGS
    return bool(config.getoption("--pair")) and asked


class _Suite(pytest.Module):
    """The tests of ``harness.suite``, collected without a file of the user's."""

    def _getobj(self) -> Any:
        return importlib.import_module("harness.suite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """With --pair and no test files, the battery of these pairs is the run."""
    if _runs_named_pairs(session.config):
        path = Path(__file__).with_name("suite.py")
        suite = _Suite.from_parent(session, path=path, name="pairs", nodeid="pairs")
        items.extend(session.genitems(suite))


def _ledger_path(config: pytest.Config) -> Path | None:
    if config.getoption("--known"):
        return config.invocation_params.dir / config.getoption("--known")
    named = config.getini("harness_known")
    folder = config.inipath.parent if config.inipath else config.rootpath
    return folder / named if named else None


def pytest_report_header(config: pytest.Config) -> str:
    """Versions under test, read without importing a framework."""
    found = [f"{name} {number}" for name, number in results.versions().items() if name != "harness"]
    device = config.getoption("--ms-device")
    return f"harness: {', '.join(found)}; MindSpore on {device}, seed {config.getoption('--seed')}"


def pytest_sessionstart(session: pytest.Session) -> None:
    """With --require-device, end with one sentence where the device is missing."""
    config = session.config
    if not config.getoption("--require-device") or hasattr(config, "workerinput"):
        return
    worker = Worker()
    try:
        worker.call(
            "probing the device", 120.0, runtime.require_device, config.getoption("--ms-device")
        )
    except (DeviceError, WorkerFailure) as error:
        raise pytest.UsageError(str(error)) from None
    finally:
        worker.close()


def parametrize_pairs(
    pairs: Sequence[Pair] | None = None, *, kind: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run a test for every case of some pairs: the given ones, or all registered of a kind.

    The test takes the fixture ``check`` and calls it; ``case`` holds the Case.
    """
    return pytest.mark.harness_pairs(pairs=pairs, kind=kind)


#: Runs a test for every case of the pairs that --pair names.
named_pairs = pytest.mark.harness_pairs(pairs=None, kind="", named=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Turn the mark of ``parametrize_pairs`` into one test a case."""
    mark = metafunc.definition.get_closest_marker(_MARK)
    if mark is None:
        return
    pairs = mark.kwargs["pairs"]
    if pairs is None:
        references = metafunc.config.getoption("--pair")
        try:
            if mark.kwargs.get("named"):
                found = [pair for text in references for pair in registry.pairs_at(text)]
            else:
                found = list(registry.all_pairs(references).values())
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from error
        pairs = [pair for pair in found if mark.kwargs["kind"] in ("", pair.kind)]
    seed = metafunc.config.getoption("--seed")
    option = metafunc.config.getoption
    device = load_profile(option("--ms-device"), option("--device-profile"))
    cases = [case for pair in pairs for case in device.cases(pair, seed)]
    stash = metafunc.config.stash
    stash[_COLLECTED].update(case.id for case in cases)
    stash[_LEFT_OUT].update(_left_out(pairs, device))
    if not cases:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: no pair to run for.")
    metafunc.parametrize("case", [pytest.param(c, id=c.id, marks=_marks(c)) for c in cases])


def _left_out(pairs: Sequence[Pair], device: Profile) -> Iterator[tuple[str, str]]:
    """(what, why) of what is declared and not run."""
    for pair in pairs:
        for check, why in pair.without.items():
            yield f"{pair.name} without {check}", why
        for variant in pair.variants:
            for what, why in device.lacks(pair, variant).items():
                yield f"{pair.name}:{variant} {what}", why


def pytest_collection_finish(session: pytest.Session) -> None:
    """Every entry of the ledger must match a case of its pair, and of anything in a full run."""
    config = session.config
    everything = _spread(config).get("harness_everything", _is_everything(config))
    if session.testsfailed:
        everything = False  # not everything was looked at
    ledger, collected = config.stash[_LEDGER], config.stash[_COLLECTED]
    left = known.unmatched(ledger, collected, complete=everything)
    path = _ledger_path(config)
    if left and path:
        raise pytest.UsageError(known.complaint(path, left))


def _is_everything(config: pytest.Config) -> bool:
    """Whether the run was asked for all there is."""
    sources = pytest.Config.ArgsSource
    asked = config.args_source == sources.TESTPATHS or (
        config.args_source == sources.INVOCATION_DIR
        and config.invocation_params.dir == config.rootpath
    )
    return asked and not (config.getoption("ignore") or config.getoption("ignore_glob"))


def _spread(config: pytest.Config) -> dict[str, Any]:
    """What pytest-xdist's controller told this process; empty where the run is not spread."""
    return getattr(config, "workerinput", {})


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of a spread run what only the controller knows."""
    node.workerinput["harness_everything"] = _is_everything(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a process of a spread run left out."""
    node.config.stash[_LEFT_OUT].update(
        getattr(node, "workeroutput", {}).get("harness_left_out", {})
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was left out to the controller of a spread run."""
    if _spread(session.config):
        session.config.workeroutput["harness_left_out"] = session.config.stash[_LEFT_OUT]  # type: ignore[attr-defined]


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    names = [case.check, *(["slow"] if case.slow else [])]
    if case.pair.kind in KINDS:
        names.append(case.pair.kind)
    return [getattr(pytest.mark, name) for name in names]


@pytest.fixture(scope="session")
def harness_settings(request: pytest.FixtureRequest) -> Settings:
    """What the command line says about devices."""
    option = request.config.getoption
    return Settings(
        ms_device=option("--ms-device"),
        profile=option("--device-profile"),
        references=gate.references(request.config),
    )


@pytest.fixture(scope="session")
def harness_worker(pytestconfig: pytest.Config) -> Iterator[Worker]:
    """The worker process that cases run in."""
    worker = Worker()
    yield worker
    gate.closing(pytestconfig, worker)
    worker.close()


@pytest.fixture(scope="session")
def harness_data(request: pytest.FixtureRequest) -> str:
    """The folder with extra real data; skips, counted, where none is named."""
    folder = request.config.getoption("--harness-data")
    if not folder:
        pytest.skip(f"no extra data: name the folder with --harness-data or {_DATA_VARIABLE}")
    return folder


@pytest.fixture
def run_case(
    request: pytest.FixtureRequest, harness_settings: Settings, harness_worker: Worker
) -> Callable[[Case], Verdict]:
    """Run any Case and return its Verdict; a crash or hang fails the test and names the case."""

    def run(case: Case) -> Verdict:
        from harness import session

        timeout = request.config.getoption("--case-timeout")
        folder = request.config.getoption("--bundle-dir")
        bundles = str(request.config.rootpath / folder) if folder else ""
        try:
            if request.config.getoption("--in-process"):
                return session.run_case(case, harness_settings, None, bundles)
            return harness_worker.call(
                case.id, timeout, session.run_case, case, harness_settings, None, bundles
            )
        except (HarnessError, WorkerFailure) as error:
            pytest.fail(str(error), pytrace=False)

    return run


@pytest.fixture
def check(
    request: pytest.FixtureRequest,
    case: Case,
    run_case: Callable[[Case], Verdict],
    global_state_unchanged: None,
) -> Callable[[], Verdict]:
    """Run this test's case; fail with its page where the two sides disagree, xfail where the
    ledger knows of every divergence."""

    def fail(verdict: Verdict) -> None:
        references = request.config.getoption("--pair")
        reference = next((r for r in references if case.pair in registry.pairs_at(r)), "")
        page = failure.page(verdict, reference, request.config.getoption("--lang"))
        pytest.fail(page, pytrace=False)

    def run() -> Verdict:
        found, ledger = run_case(case), request.config.stash[_LEDGER]
        verdict = known.excused(found, ledger)
        recording.note(request.node, verdict)
        if not verdict.passed or (verdict.latent and request.config.getoption("--strict-latent")):
            fail(verdict)
        if verdict.counts.get(KNOWN):
            pytest.xfail(known.reasons(verdict, ledger))
            # Under --runxfail the line above does nothing; a divergence is no pass even then.
            fail(found)
        return verdict

    return run


@pytest.fixture
def global_state_unchanged() -> Iterator[None]:
    """The test may not leave modes, threads, dtypes or the working directory changed."""
    before = runtime.global_state()
    yield
    after = runtime.global_state()
    changed = {k: (v, after[k]) for k, v in before.items() if after[k] != v}
    assert not changed, f"global state was left changed (before, after): {changed}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The distribution of e/r over the run, and what was counted but decides nothing."""
    reports = [
        report
        for category in ("passed", "failed", "xfailed")
        for report in terminalreporter.stats.get(category, ())
        if getattr(report, "when", "") == "call"
    ]
    verdicts = [verdict for report in reports if (verdict := recording.verdict_of(report))]
    if not verdicts:
        return
    terminalreporter.section("equivalence")
    say = catalogue(terminalreporter.config.getoption("--lang"))
    left_out = terminalreporter.config.stash[_LEFT_OUT]
    terminalreporter.write_line(text.closing(verdicts, left_out, say))
    for line in text.masked(verdicts, say):
        terminalreporter.write_line(line, yellow=True)
