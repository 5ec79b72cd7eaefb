"""Data-parallel training: both frameworks over two processes, and what goes wrong there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ranks import TRAINED

from harness.cli import main
from harness.distributed import Plan, check_processes, judged, planned, recorded
from harness.errors import HarnessError, PairError
from harness.report import failure
from harness.stages.stage import Stage
from harness.trace import Trace

pytestmark = pytest.mark.usefixtures("frameworks")


def _stage(torch: str = "") -> Stage:
    pair = replace(TRAINED, torch=f"ranks.loops:{torch}") if torch else TRAINED
    return Stage(pair, "default")


@pytest.fixture(scope="module")
def plan() -> Plan:
    """What both sides train with."""
    return planned(_stage(), 2)


@pytest.fixture(scope="module")
def ranks(plan: Plan) -> dict[str, list[Trace]]:
    """What both frameworks' processes recorded; they are started once."""
    return {side: recorded(plan, side) for side in ("torch", "mindspore")}


def test_two_processes_step_as_one(plan: Plan, ranks: dict[str, list[Trace]]) -> None:
    """Without running statistics the joined batch in one process gives the same step."""
    verdict = judged(plan, ranks)
    assert verdict.passed, failure.page(verdict)
    assert not plan.sharded
    assert verdict.counts["agrees"] == verdict.compared
    decided = {r.entry.partition(" ")[0] for r in verdict.results if ":gradient" in r.entry}
    assert decided == {"torch", "mindspore"}


def _altered(
    ranks: list[Trace], change: Callable[[str, np.ndarray], np.ndarray], only: int | None = None
) -> list[Trace]:
    return [
        trace if only not in (None, rank)
        else Trace(trace.meta, {n: change(n, a) for n, a in trace.entries.items()})
        for rank, trace in enumerate(ranks)
    ]  # fmt: skip


MISTAKES: dict[str, tuple[Callable[[list[Trace]], list[Trace]], str, str]] = {
    "summed": (
        lambda ranks: _altered(ranks, lambda n, a: a * 2 if ".gradient." in n else a),
        "distributed.average",
        "every gradient is 2 times the one process's: they are summed over the ranks",
    ),
    "not_averaged": (
        lambda ranks: _altered(ranks, lambda n, a: a * 1.5 if ".gradient." in n else a, only=1),
        "distributed.average",
        "rank 1 is handed other gradients than rank 0's",
    ),
    "another_start": (
        lambda ranks: _altered(ranks, lambda n, a: a + 1 if ".after.fc." in n else a, only=1),
        "distributed.parameters",
        "rank 1 is handed rank 0's gradients and ends with other values in 2 of 4 parameters",
    ),
    "overlapping_shards": (
        lambda ranks: _altered(ranks, lambda n, a: np.arange(4) if ".rows." in n else a, only=1),
        "distributed.shards",
        "2 are read by no rank and 2 by more than one",
    ),
    "another_step": (
        lambda ranks: _altered(ranks, lambda n, a: a * 1.01 if ".after.fc." in n else a),
        "distributed.optimizer",
        "2 ranks step unlike one process",
    ),
}


@pytest.mark.parametrize("side", ["torch", "mindspore"])
@pytest.mark.parametrize(("change", "place", "says"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_what_ranks_recorded_is_named(
    change: Callable[[list[Trace]], list[Trace]],
    place: str,
    says: str,
    side: str,
    plan: Plan,
    ranks: dict[str, list[Trace]],
) -> None:
    verdict = judged(plan, {side: change(ranks[side])})
    assert not verdict.passed
    said = [f"{f.place}: {f.sentence}" for f in verdict.findings]
    assert any(line.startswith(f"{place}: {side}: ") and says in line for line in said), said
    assert "train over several processes" in failure.page(verdict).replace("\n", " ")


def test_a_wrong_loop_is_found() -> None:
    """Processes run a loop that draws its own parameters and sums gradients: both are named."""
    verdict = check_processes(_stage("by_itself"), 2, ["torch"])
    said = {finding.place: finding.sentence for finding in verdict.findings}
    assert said.keys() == {"distributed.parameters", "distributed.average"}
    assert "seed every rank alike" in said["distributed.parameters"]
    assert "is 2 times the one process's: they are summed" in said["distributed.average"]


def test_a_rank_that_fails_is_shown_with_its_log() -> None:
    with pytest.raises(HarnessError, match="(?s)rank 1 ended with exit code 1.*rank 1 has no data"):
        check_processes(_stage("crashing"), 2, ["torch"])


def test_a_folder_that_hides_pythons_own_modules_hides_none_from_a_rank(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As MindSpore's mixed precision leaves one at the head of the path."""
    (tmp_path / "math.py").write_text("raise ImportError\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(HarnessError, match="rank 1 has no data"):
        check_processes(_stage("crashing"), 2, ["torch"])


def test_what_cannot_be_trained_over_processes_is_said_first() -> None:
    with pytest.raises(PairError, match="the torch factory takes average="):
        check_processes(_stage("deaf"), 2)
    with pytest.raises(HarnessError, match="batch size 8 is a multiple"):
        check_processes(_stage(), 3)


def test_a_network_with_batchnorm_is_held_against_its_shards(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One process, too, then computes gradients shard by shard, and a note says so."""
    small = ["--set", "structure={'blocks': 1}", "--set", "batch_size=8"]
    assert main(["train", "resnet20", *small, "--processes", "2", "--framework", "torch"]) == 0
    said = capsys.readouterr().out
    assert "equal    recipes.resnet20_cifar10:default-distributed-pynative-f32" in said
    assert "the mean of one process's gradients shard by shard" in said
