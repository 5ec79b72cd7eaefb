"""A loss below the least value that it can have is named, even where both sides agree on it."""

from dataclasses import replace

import pytest

from harness import Pair, check_pair
from harness.registry import find_pair
from harness.verdict import Verdict

pytestmark = pytest.mark.usefixtures("frameworks")

_LOSSES = "harness.backends.{}_losses:NLLLoss"


def _verdict(torch: str = "", mindspore: str = "") -> Verdict:
    base = find_pair("losses.cross_entropy")
    pair: Pair = replace(
        base,
        torch=_LOSSES.format("torch") if torch else base.torch,
        mindspore=_LOSSES.format("mindspore") if mindspore else base.mindspore,
    )
    return check_pair(pair, variants=["mean"], checks=["forward_eval"])[0]


def test_both_sides_may_agree_on_nll_loss_of_raw_logits() -> None:
    verdict = _verdict(torch="nll", mindspore="nll")
    assert not verdict.divergences
    assert [f.place for f in verdict.findings] == ["loss", "loss"]
    assert all("nll_loss on raw logits" in f.sentence for f in verdict.findings)
    assert [f.sentence.split("'")[0] for f in verdict.findings] == ["torch", "MindSpore"]


def test_the_side_that_computes_another_quantity_is_named() -> None:
    (finding,) = _verdict(torch="nll").findings
    assert finding.sentence.startswith("torch's loss is -")
    assert finding.mindspore == ""


def test_a_cross_entropy_raises_no_alarm() -> None:
    assert _verdict().findings == ()
