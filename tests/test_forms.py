"""What networks take and return: keywords, masks, nested arguments, output classes, losses."""

from dataclasses import replace

import pytest

from harness import Variant, check_pair, parametrize_pairs
from tests.forms.pairs import DROPPING, PAIRS


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
