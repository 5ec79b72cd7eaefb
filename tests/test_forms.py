"""What networks take and return: keywords, masks, nested arguments, output classes, losses."""

from dataclasses import replace
from functools import partial

import pytest
from forms.pairs import DROPPING, PAIRS, TIMESTEP

from harness import Variant, check_pair, parametrize_pairs
from harness.pair import resolve_factory
from harness.verdict import PROFILED


@parametrize_pairs(PAIRS)
def test_form(check):
    """Equivalent networks with such arguments and outputs pass the battery."""
    check()


@pytest.mark.parametrize("kept", ["undivided", "half"])
def test_wrong_stochastic_depth_is_found(kept):
    """Masks are the same on both sides, so a wrong share or scale is no matter of luck."""
    wrong = replace(DROPPING, variants={kept: Variant({"rate": 0.3, "kept": kept})})
    (verdict,) = check_pair(wrong, checks=["forward_train"])
    assert [culprit.path for culprit in verdict.culprits] == [""]
    (verdict,) = check_pair(wrong, checks=["forward_eval"])
    assert verdict.passed


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_coarse_kernel_in_a_networks_own_code_is_no_fault_of_the_port(seed):
    """MindSpore's exp and tanh on this device cost more than rounding: excused, and counted."""
    (verdict,) = check_pair(TIMESTEP, checks=["forward_eval"], seed=seed)
    assert verdict.passed
    notes = [r.measurement.note for r in verdict.results if r.measurement.status == PROFILED]
    assert all("exp 6.1e-06" in note and "tanh 1.0e-04" in note for note in notes)
    wrong = replace(TIMESTEP, mindspore=partial(resolve_factory(TIMESTEP.mindspore, ""), 9990.0))
    (verdict,) = check_pair(wrong, checks=["forward_eval"], seed=seed)
    assert [culprit.path for culprit in verdict.culprits] == [""]
