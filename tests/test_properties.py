"""Layer and function configurations drawn by hypothesis: the same ones every time, unless
HYPOTHESIS_PROFILE says dev (25 new ones) or nightly (1,000)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.properties import assert_equivalent
from harness.strategies import STRATEGIES, Configuration


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_configuration_is_equivalent(name: str) -> None:
    """Whatever arguments and inputs are drawn, the two sides agree, forward and backward."""
    pair = registry.find_pair(name)

    @given(configuration=STRATEGIES[name](), seed=st.integers(0, 2**16))
    def holds(configuration: Configuration, seed: int) -> None:
        assert_equivalent(pair, configuration, seed)

    holds()
