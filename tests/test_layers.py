"""The battery over every registered layer, and what the device has no kernels for."""

from collections.abc import Callable

import pytest

from harness import availability, parametrize_pairs, registry
from harness.backends.base import Settings
from harness.profile import load_profile
from harness.subject import Subject
from harness.worker import Worker


@parametrize_pairs(kind="layers")
def test_layer(check: Callable[[], object]) -> None:
    """The two layers are equivalent in what this case checks."""
    check()


def _lacking(pair: str, variant: str, settings: Settings, recorded: dict[str, str]) -> None:
    subject = Subject(registry.all_pairs()[pair], variant, settings=settings)
    availability.still_lacking(subject, recorded)


def test_what_the_device_lacks_is_what_its_profile_says(
    pytestconfig: pytest.Config, harness_settings: Settings, harness_worker: Worker
) -> None:
    """No pair is left out that the device could run by now: each is run again, and must raise."""
    profile = load_profile(harness_settings.ms_device, harness_settings.profile)
    timeout = pytestconfig.getoption("--case-timeout")
    for case, recorded in profile.missing.items():
        pair, _, variant = case.partition(":")
        harness_worker.call(case, timeout, _lacking, pair, variant, harness_settings, recorded)
