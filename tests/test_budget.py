"""A check within a budget: modules recorded in parts, and what there was no time for is told."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness import budget
from harness.backends import Settings
from harness.budget import Budget
from harness.checks import check_pair
from harness.cli import main
from harness.errors import BudgetError
from harness.evidence import Evidence
from harness.parts import Parts
from harness.registry import find_pair
from harness.verdict import NOT_JUDGED, Result, Verdict

HERE = Path(__file__).parent

#: More than any test's process takes.
AMPLE = Budget(memory=10**12)

pytestmark = pytest.mark.usefixtures("frameworks")


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Parts of 17 units; returns where they were cut."""
    cut: list[tuple[int, int]] = []

    def end(self: Parts, start: int) -> int:
        cut.append((start, min(start + 17, len(self))))
        return cut[-1][1]

    monkeypatch.setattr(Parts, "_end", end)
    return cut


def _measured(name: str, mode: str, kept: Budget = AMPLE) -> list[Result]:
    evidence = Evidence(find_pair(name), "default", settings=Settings(budget=kept))
    return evidence.isolated(mode) + evidence.whole(mode)


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_parts_measure_the_same_bit_for_bit(mode: str, short_parts: list[tuple[int, int]]) -> None:
    at_once = _measured("deep_blocks:SMALL", mode, Budget())
    assert short_parts == []
    in_parts = _measured("deep_blocks:SMALL", mode)
    assert len(short_parts) > 7
    assert in_parts == at_once
    assert sum(":grad" in r.entry for r in at_once) > 100


def test_a_bug_is_found_at_the_same_module(short_parts: list[tuple[int, int]]) -> None:
    checks = ["forward_eval"]
    (at_once,) = check_pair(find_pair("deep_blocks:WRONG"), checks=checks)
    (in_parts,) = check_pair(find_pair("deep_blocks:WRONG"), checks=checks, budget=AMPLE)
    assert short_parts
    assert [c.path for c in in_parts.culprits] == ["1.2.0.bn"]
    assert in_parts.culprits == at_once.culprits
    assert in_parts.results == at_once.results


_PEAKS = """
import json, os, sys
from dataclasses import replace
from harness.budget import Budget, resident
from harness.evidence import Evidence
from harness.registry import find_pair

def peak():
    return 1024 * int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])

evidence = Evidence(find_pair("deep_blocks:DEEP"), "default")
for side in evidence.torch, evidence.oracle, evidence.port:
    side.backend.run(side.model, evidence.inputs())
limit = resident() + int(sys.argv[1])
settings = evidence.settings
evidence.settings = replace(settings, budget=Budget(memory=limit))
in_parts = evidence.isolated("eval", backward=False)
found = [limit, peak(), evidence.budget_notes()]
evidence.settings, evidence.keeper = settings, None
evidence._isolated.clear()
same = evidence.isolated("eval", backward=False) == in_parts
print(json.dumps([*found, peak(), same]), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in /proc")
def test_a_deep_network_stays_within_its_memory(tmp_path: Path) -> None:
    """VmHWM, the peak of resident memory, of one process: within the budget, then without."""
    room = 85 * 10**6
    # 10 MB above the limit were seen once, between two samples of the memory; why was not found.
    slack = room // 4
    code = f"import sys; sys.path[:0] = [{str(HERE.parent)!r}, {str(HERE)!r}]\n{_PEAKS}"
    done = subprocess.run(
        [sys.executable, "-c", code, str(room)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    limit, peak, notes, free_peak, same = json.loads(done.stdout.splitlines()[-1])
    assert notes == []
    assert peak <= limit + slack
    assert free_peak > limit + 2 * slack
    assert same


def test_a_module_that_does_not_fit_is_named_with_what_it_needs() -> None:
    evidence = Evidence(find_pair("deep_blocks:SMALL"), "default")
    evidence.port, evidence.oracle  # noqa: B018  built, so that they are held
    pair = find_pair("deep_blocks:SMALL")
    with pytest.raises(BudgetError, match=r"takes the process to [0-9.]+ [MG]B before any module"):
        check_pair(pair, checks=["forward_eval"], budget=Budget(memory=10**8))
    recording = Evidence(pair, "default", settings=Settings(budget=AMPLE)).record("eval", True)
    assert isinstance(recording.units, Parts)
    recording.units.keeper.limit = budget.resident() + 1000
    with pytest.raises(
        BudgetError, match=r"Recording and judging 0\.0\.0\.conv needs [0-9.]+ MB beside"
    ):
        next(iter(recording.units))


def _ended_after(units: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time be over as soon as so many modules were judged."""
    judged: list[str] = []

    def told(self: Evidence, what: str, done: int, total: int) -> None:
        judged.append(what)

    monkeypatch.setattr(
        Budget, "over", property(lambda self: self.minutes is not None and len(judged) > units)
    )
    from harness import alone

    unit_results = alone._unit_results

    def counted(*arguments: object) -> list[Result]:
        judged.append("one")
        return unit_results(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(alone, "_unit_results", counted)


def _by_check(verdicts: Sequence[Verdict]) -> dict[str, Verdict]:
    return {verdict.check: verdict for verdict in verdicts}


def test_what_there_was_no_time_for_is_told_and_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    _ended_after(9, monkeypatch)
    found = _by_check(check_pair(find_pair("deep_blocks:SMALL"), budget=Budget(minutes=10)))
    assert found["structure"].passed
    partly = found["forward_eval"]
    assert "the budget of 10 minutes ended after 10 of 121 modules in eval mode" in partly.notes
    assert partly.counts[NOT_JUDGED] == 111
    assert partly.compared == len(partly.results) - 111
    assert not partly.passed and not partly.failed
    assert set(partly.right).isdisjoint({"", "2.2.2"})
    assert found["backward"].unfinished and found["backward"].compared
    for check in ("forward_train", "optimizer_step", "same_as_pynative"):
        assert found[check].not_run == "the budget of 10 minutes ended"
        assert not found[check].passed


def test_the_command_says_how_far_it_judged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    _ended_after(9, monkeypatch)
    command = ["check", "deep_blocks:SMALL", "--in-process", "--budget", "minutes=10"]
    assert main(command) == 3
    said = capsys.readouterr().out
    assert "EQUIVALENT as far as it was judged: 6 checks" in said
    assert "not judged)" in said
    assert said.rstrip().endswith("3 checks not run.")
    assert "3 not run, by reason:" in said
    assert list(tmp_path.iterdir()) == []  # no bundle: nothing failed


def test_time_that_ends_at_once_judges_nothing_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "deep_blocks:SMALL", "--in-process", "--budget", "minutes=1e-9"]) == 3
    said = capsys.readouterr().out
    assert "NOT JUDGED: the budget ended before anything was compared. 9 checks not run." in said


@pytest.mark.parametrize(
    ("text", "memory", "minutes"),
    [
        ("memory=500MB", 500 * 10**6, None),
        ("memory=1.5GiB,minutes=10", 3 * 2**29, 10),
        ("minutes=0.5, memory=4gb", 4 * 10**9, 0.5),
    ],
)
def test_budgets_are_read(text: str, memory: int, minutes: float | None) -> None:
    assert budget.parse(text) == Budget(memory, minutes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("memory=4", "'4' is no size; write it as 500MB, 4GB or 1.5GiB"),
        ("memory=0GB", "is no size"),
        ("memory=1.2.3GB", "is no size"),
        ("minutes=-1", "'-1' is no number of minutes above 0"),
        ("minutes=nan", "is no number of minutes"),
        ("hours=1", "write memory=4GB,minutes=10"),
        ("minutes=1,minutes=2", "write memory=4GB,minutes=10"),
    ],
)
def test_a_wrong_budget_is_refused_in_one_sentence(
    text: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "deep_blocks:SMALL", "--in-process", "--budget", text]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
