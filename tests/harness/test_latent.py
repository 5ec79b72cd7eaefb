"""Latent faults are told from failures by what the network itself masks, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from deferred import nn

from harness import Input, Pair, Variant
from harness.checks import run_check
from harness.evidence import Evidence
from harness.pair import resolve_factory
from harness.subject import Given

pytestmark = pytest.mark.usefixtures("frameworks")


def padded_with_zeros(**kwargs: Any) -> nn.Cell:
    """The stem's pool pads with zeros: equal after a ReLU, its gradient differs at ties."""
    stem = resolve_factory("models.blocks.stem.ms:Stem", "test")(**kwargs)
    stem.maxpool = nn.SequentialCell(nn.Pad(((0, 0), (0, 0), (1, 1), (1, 1))), nn.MaxPool2d(3, 2))
    return stem


def pool(**kwargs: Any) -> nn.Cell:
    return nn.SequentialCell(nn.Pad(((0, 0), (0, 0), (1, 1), (1, 1))), nn.MaxPool2d(3, 2))


@pytest.fixture(scope="module")
def stem() -> Pair:
    from harness.registry import find_pair

    return replace(find_pair("blocks.stem"), mindspore=padded_with_zeros)


def test_a_fault_that_the_network_masks_is_a_warning(stem: Pair) -> None:
    evidence = Evidence(stem, next(iter(stem.variants)))
    verdict = run_check(evidence, "backward")
    assert verdict.passed
    assert [culprit.path for culprit in verdict.latent] == ["maxpool"]
    assert verdict.counts["latent"] == 2


def test_the_same_fault_where_nothing_masks_it_fails() -> None:
    alone = Pair(
        "layers.pool",
        "torch.nn:MaxPool2d",
        pool,
        [Input((2, 3, 9, 8))],
        {"default": Variant({"kernel_size": 3, "stride": 2, "padding": 1})},
        has_parameters=False,
        has_state=False,
    )
    verdict = run_check(Evidence(alone, "default"), "forward_eval")
    assert not verdict.passed
    assert verdict.latent == ()


def test_a_zero_that_the_user_gave_masks_nothing() -> None:
    """A BatchNorm behind which gamma is zero is wrong all the same."""
    from harness.registry import find_pair

    def small_eps(**kwargs: Any) -> nn.Cell:
        block = resolve_factory("models.blocks.bottleneck.ms:build", "test")(**kwargs)
        block.bn2 = nn.BatchNorm2d(block.bn2.num_features, eps=1e-3)
        return block

    pair = replace(find_pair("blocks.bottleneck"), mindspore=small_eps)
    drawn = Evidence(pair, "stride2")
    parameters = drawn.parameters_for(drawn.bare_torch)
    parameters["bn3.weight"] = np.zeros_like(parameters["bn3.weight"])
    verdict = run_check(Evidence(pair, "stride2", given=Given(parameters)), "forward_eval")
    assert [culprit.path for culprit in verdict.culprits] == ["bn2"]
    assert verdict.latent == ()


def test_a_parameter_that_was_converted_wrongly_is_never_masked() -> None:
    """It is wrong in the user's checkpoint only; with drawn ones both sides agree to the bit."""
    from seeded.suite import BUGS, try_bug

    bug = next(bug for bug in BUGS if bug.name == "X_square_dense_transposed")
    verdict = try_bug(bug, (bug.check, "forward_eval")).verdicts["forward_eval"]
    assert not verdict.passed
    assert set(bug.at) & {culprit.path + ".weight" for culprit in verdict.culprits}
    assert verdict.latent == ()
