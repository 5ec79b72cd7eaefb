"""Every registered learning rate schedule, read at each step of a run."""

from collections.abc import Callable

import pytest

from harness import parametrize_pairs
from harness.errors import HarnessError
from harness.recipe import NAMED, Setting
from harness.schedules import FORMULAS, rates


@parametrize_pairs(kind="schedules")
def test_schedule(check: Callable[[], object]) -> None:
    """Both sides give the same rate at every step."""
    check()


def test_every_schedule_of_a_recipe_has_rates() -> None:
    assert {*FORMULAS, "plateau"} == set(NAMED["schedule"])


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        (Setting("plateau"), "hang on the run"),
        (Setting("step"), "step_size"),
        (Setting("one_cycle", {"max_lr": 0.1, "total_steps": 5, "per": "step"}), "ends after"),
    ],
    ids=["plateau", "an_argument_missing", "past_the_end"],
)
def test_rates_say_why_there_are_none(setting: Setting, says: str) -> None:
    with pytest.raises(HarnessError, match=says):
        rates(setting, 0.1, 20)
