"""Every seeded bug of optimizers, schedules and initializers is found, and named where it is."""

import pytest
from seeded_stages import init_bugs, optimizer_bugs, schedule_bugs
from seeded_stages.bug import StageBug, assert_located, by_name

pytestmark = pytest.mark.usefixtures("frameworks")

BUGS = by_name([*optimizer_bugs.BUGS, *init_bugs.BUGS, *schedule_bugs.BUGS])


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_seeded_bug_is_found_where_it_is(bug: StageBug) -> None:
    """Its check fails, and a Finding names the place and says what is wrong there."""
    assert_located(bug)
