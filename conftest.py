"""The repository's own runs use the plugin that an installed harness registers by itself."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["harness.plugin"]

# MindSpore's first call of an operation is slow, so examples have no deadline.
settings.register_profile(
    "dev", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# The default repeats itself: a gate whose searches differ from run to run is switched off.
settings.register_profile("ci", settings.get_profile("dev"), max_examples=10, derandomize=True)
settings.register_profile("nightly", settings.get_profile("dev"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _no_test_changes_global_state(global_state_unchanged: None) -> None:
    """Every test of this repository, those without a case included."""
