"""Layer configurations drawn by hypothesis; profiles dev, ci, nightly (HYPOTHESIS_PROFILE)."""

from dataclasses import replace

import pytest
from hypothesis import given, target
from hypothesis import strategies as st

from harness import Variant, check_pair, registry, strategies
from harness.report import failure
from harness.tolerance import FACTOR

CHECKS = ("structure", "forward_eval", "forward_train", "state", "backward")


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize("layer", ["conv2d", "batchnorm2d", "maxpool2d", "dense"])
def test_every_configuration_of_a_layer_is_equivalent(layer: str) -> None:
    pair = registry.find_pair(f"layers.{layer}")

    @given(configuration=getattr(strategies, layer)(), seed=st.integers(0, 2**16))
    def holds(configuration: strategies.Configuration, seed: int) -> None:
        kwargs, inputs = configuration
        drawn = replace(pair, variants={"drawn": Variant(kwargs, inputs)})
        verdicts = check_pair(drawn, checks=CHECKS, seed=seed)
        # The search climbs to the configuration with the largest e/r.
        target(min(max(v.worst_ratio for v in verdicts), FACTOR))
        for verdict in verdicts:
            assert verdict.passed, f"\n{kwargs} {inputs}\n{failure.page(verdict)}"

    holds()
