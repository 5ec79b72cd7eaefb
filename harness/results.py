"""What a run found, as one JSON file: written by ``--results``, read by ``merge`` and ``report``.

Format 2 is an object with these fields:

format: 2.
versions: name -> version of harness, torch, mindspore and numpy; "missing" where there is none.
environment: what else a result may depend on -> what it was: interpreter, system, processor.
device: MindSpore's device, as --ms-device names it. seed: of the run.
part, of: the run was the part-th of so many; 1 of 1 where it was not spread, or is merged.
collection: a digest of the ids of all tests that were to be spread; parts of one run share it.
collected: how many tests these are. selected: how many of them belong to this part.
started: UTC, ISO 8601. exit: pytest's exit code, or the command's.
tests: one object a test that ran; see ``Outcome``. Its verdict is written as ``harness.records``
    says.
uncollected: the same for files that could not be collected or were skipped as a whole.
left_out: what is declared and was not run -> why.
benchmarks: what was timed; see ``Benchmark``.
"""

import hashlib
import json
import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from harness import __version__, records
from harness.errors import HarnessError
from harness.report.words import listing
from harness.trace import atomic_file
from harness.verdict import Verdict

FORMAT = 2

OUTCOMES = ("passed", "failed", "skipped", "xfailed", "xpassed", "error")

_UNFINISHED = {2: "was interrupted", 3: "ended with an internal error", 4: "was refused by pytest"}


@dataclass(frozen=True)
class Outcome:
    """One test.

    nodeid: pytest's id. outcome: one of OUTCOMES; "error" where its set-up or tear-down failed.
    seconds: set-up, call and tear-down together. reason: one line on why it did not pass.
    text: the page or traceback of a failure. verdict: of its case; None where it has none, or did
    not come to one.
    """

    nodeid: str
    outcome: str
    seconds: float
    reason: str = ""
    text: str = ""
    verdict: Verdict | None = None

    @property
    def failed(self) -> bool:
        return self.outcome in ("failed", "error")


@dataclass(frozen=True)
class Benchmark:
    """What pytest-benchmark timed: its group and name, the median and the quartiles in seconds."""

    group: str
    name: str
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Results:
    """A run; the fields are those of the file."""

    versions: dict[str, str]
    device: str
    seed: int
    part: int
    of: int
    collection: str
    collected: int
    selected: int
    started: str
    exit: int
    tests: list[Outcome]
    uncollected: list[Outcome]
    left_out: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    benchmarks: list[Benchmark] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing failed, by the outcomes and by pytest."""
        return self.exit != 1 and not self.failures

    @property
    def failures(self) -> list[Outcome]:
        """The tests and files that failed."""
        return [test for test in (*self.tests, *self.uncollected) if test.failed]

    @property
    def outcomes(self) -> dict[str, int]:
        """How many tests there are of each outcome, files that were not collected among them."""
        found = Counter(test.outcome for test in (*self.tests, *self.uncollected))
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}

    @property
    def settings(self) -> dict[str, str]:
        """All that the results may depend on."""
        return {**self.versions, "device": self.device, "seed": str(self.seed)} | self.environment

    def save(self, path: Path) -> None:
        """Write the file; it appears whole or not at all."""
        data = {"format": FORMAT} | {f.name: getattr(self, f.name) for f in fields(self)}
        for key in ("tests", "uncollected"):
            data[key] = [_written(outcome) for outcome in data[key]]
        with atomic_file(path) as temporary:
            temporary.write_bytes(msgspec.json.encode(data) + b"\n")

    @staticmethod
    def load(path: Path) -> "Results":
        """Read a file. Raises HarnessError for anything that is not one, or of another format."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            found = data.pop("format")
            if found == FORMAT:
                tests, left = (
                    [_read(entry) for entry in data[key]] for key in ("tests", "uncollected")
                )
                run = msgspec.convert(data | {"tests": [], "uncollected": []}, Results)
                return replace(run, tests=tests, uncollected=left)
        except FileNotFoundError:
            raise HarnessError(f"{path}: no such file.") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise HarnessError(f"{path} is damaged, or not written by --results: {error}") from None
        raise HarnessError(f"{path} has results format {found!r}; this is {FORMAT}.")


def _written(outcome: Outcome) -> dict[str, Any]:
    found = {f.name: getattr(outcome, f.name) for f in fields(outcome)}
    found["verdict"] = records.to_json(outcome.verdict) if outcome.verdict else None
    return found


def _read(entry: dict[str, Any]) -> Outcome:
    verdict = entry.pop("verdict")
    found = msgspec.convert(entry, Outcome)
    if found.outcome not in OUTCOMES:
        raise ValueError(f"there is no outcome {found.outcome!r}")
    return replace(found, verdict=None if verdict is None else records.from_json(verdict))


def of_command(tests: Sequence[Outcome], device: str, seed: int, started: str) -> Results:
    """The Results of a command that ran all of these, and nothing else."""
    return Results(
        versions=versions(),
        device=device,
        seed=seed,
        part=1,
        of=1,
        collection=digest(test.nodeid for test in tests),
        collected=len(tests),
        selected=len(tests),
        started=started,
        exit=1 if any(test.failed for test in tests) else 0,
        tests=list(tests),
        uncollected=[],
        left_out={},
        environment=environment(),
    )


def now() -> str:
    """When a run starts, as the file says it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def environment() -> dict[str, str]:
    """What a result may depend on besides versions, read without importing a framework."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
    }


def versions() -> dict[str, str]:
    """The versions under test, read without importing a framework."""
    found = {"harness": __version__}
    for package in ("torch", "mindspore", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def digest(nodeids: Iterable[str]) -> str:
    """A digest of test ids, independent of their order."""
    return hashlib.sha256("\n".join(sorted(nodeids)).encode()).hexdigest()


def merge(names: Sequence[str], runs: Sequence[Results]) -> Results:
    """The parts of one spread run, or whole runs of different tests, as one run.

    names: what to call each run. Raises HarnessError where a run is not complete, where they were
    not made with the same versions, device and seed, and where a part is missing or given twice.
    """
    first = runs[0]
    for name, run in zip(names, runs):
        _require_complete(name, run)
        _require_alike(names[0], first, name, run)
    if first.of > 1:
        _require_all_parts(names, runs)
    _require_disjoint(names, runs)
    parts = first.of > 1
    tests = [test for run in runs for test in run.tests]
    merged = replace(
        first,
        part=1,
        of=1,
        collection=first.collection if parts else digest(run.collection for run in runs),
        collected=first.collected if parts else sum(run.collected for run in runs),
        selected=sum(run.selected for run in runs),
        started=min(run.started for run in runs),
        tests=tests,
        # Every part collects all files.
        uncollected=list({test.nodeid: test for run in runs for test in run.uncollected}.values()),
        left_out={what: why for run in runs for what, why in run.left_out.items()},
        benchmarks=[benchmark for run in runs for benchmark in run.benchmarks],
        exit=0 if all(run.passed for run in runs) else 1,
    )
    if merged.selected != merged.collected:
        raise HarnessError(
            f"The files hold {merged.selected} of {merged.collected} tests: something chose among "
            f"the tests after they were spread."
        )
    if not tests and merged.passed:
        raise HarnessError("No test was run.")
    return merged


def _require_complete(name: str, run: Results) -> None:
    if run.exit in _UNFINISHED:
        why = [f" ({test.nodeid}: {test.reason})" for test in run.uncollected if test.failed]
        raise HarnessError(
            f"{name}: the run {_UNFINISHED[run.exit]}{''.join(why[:1])}; run this part again."
        )
    if len(run.tests) < run.selected and run.passed:
        raise HarnessError(
            f"{name} holds {len(run.tests)} of the run's {run.selected} tests; run it again."
        )


def _require_alike(first_name: str, first: Results, name: str, run: Results) -> None:
    wanted = {"seed": first.seed, "device": first.device, **first.versions}
    found = {"seed": run.seed, "device": run.device, **run.versions}
    for what, value in wanted.items():
        if found.get(what) != value:
            raise HarnessError(
                f"{first_name} was run with {what} {value} and {name} with {what} "
                f"{found.get(what)}; only runs of the same versions, device and seed can be merged."
            )
    if run.of != first.of:
        raise HarnessError(
            f"{first_name} is one of {first.of} parts and {name} is one of {run.of}; only parts of "
            f"the same run can be merged."
        )


def _require_all_parts(names: Sequence[str], runs: Sequence[Results]) -> None:
    of = runs[0].of
    given: dict[int, str] = {}
    for name, run in zip(names, runs):
        if run.collection != runs[0].collection:
            raise HarnessError(
                f"{names[0]} is a part of {runs[0].collected} tests and {name} of {run.collected} "
                f"others; run all parts from the same files with the same selection."
            )
        if run.part in given:
            raise HarnessError(
                f"Part {run.part} of {of} is given twice: {given[run.part]}, {name}."
            )
        given[run.part] = name
    missing = [str(part) for part in range(1, of + 1) if part not in given]
    if missing:
        s, are = ("s", "are") if len(missing) > 1 else ("", "is")
        raise HarnessError(f"Part{s} {listing(missing)} of {of} {are} missing.")


def _require_disjoint(names: Sequence[str], runs: Sequence[Results]) -> None:
    homes: dict[str, str] = {}
    for name, run in zip(names, runs):
        for test in run.tests:
            if test.nodeid in homes:
                raise HarnessError(f"{test.nodeid} is given twice: {homes[test.nodeid]}, {name}.")
            homes[test.nodeid] = name
