"""Origins: the row where the whole network starts to differ, forward and backward."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from deferred import nn

from harness.checks import run_check
from harness.evidence import Evidence
from harness.origins import backward_rows, forward_rows
from harness.pair import resolve_factory
from harness.registry import find_pair

pytestmark = pytest.mark.usefixtures("frameworks")


def wrong_eps(**kwargs: Any) -> nn.Cell:
    block = resolve_factory("models.blocks.bottleneck.ms:build", "test")(**kwargs)
    for name in ("bn2", "downsample.1"):
        holder = block if name == "bn2" else block.downsample
        old = block.bn2 if name == "bn2" else holder[1]
        made = nn.BatchNorm2d(old.num_features, eps=1e-3)
        if name == "bn2":
            block.bn2 = made
        else:
            holder[1] = made
    return block


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    pair = replace(find_pair("blocks.bottleneck"), mindspore=wrong_eps)
    return Evidence(pair, "stride2")


def test_forward_starts_at_every_guilty_module_and_nowhere_else(evidence: Evidence) -> None:
    rows = {row.name: row.place for row in forward_rows(evidence, "eval")}
    assert {n for n, place in rows.items() if place == "starts here"} == {"bn2", "downsample.1"}
    assert rows["conv1"] == rows["conv2"] == ""
    assert rows[""] == rows["conv3"] == "downstream"


def test_backward_starts_behind_the_guilty_modules(evidence: Evidence) -> None:
    """A BatchNorm with another eps hands a wrong gradient to what feeds it."""
    rows = {row.name: row.place for row in backward_rows(evidence)}
    starts = {n for n, place in rows.items() if place == "starts here"}
    assert starts <= {"conv2", "downsample.0", "bn3", "relu#1", "conv3", "bn2"}
    assert starts
    assert rows[""] == ""


def test_explaining_a_failure_leaves_running_statistics_alone(evidence: Evidence) -> None:
    before = evidence.port.backend.read(evidence.port.model)
    assert not run_check(evidence, "forward_train").passed
    after = evidence.port.backend.read(evidence.port.model)
    assert [name for name in before if (after[name] != before[name]).any()] == []


def test_a_right_port_has_no_origin() -> None:
    clean = Evidence(find_pair("blocks.bottleneck"), "stride2")
    assert not any(row.place for row in forward_rows(clean, "train") + backward_rows(clean))
