"""Every seeded bug of a training loop is found where it is; right loops are left alone."""

import pytest
from seeded_stages import loop_bugs
from seeded_stages.bug import StageBug, assert_located, by_name

from harness.checks import check_pair
from harness.pair import Pair
from harness.report import failure

BUGS = by_name(loop_bugs.BUGS)

pytestmark = pytest.mark.usefixtures("frameworks")


@pytest.mark.parametrize("pair", loop_bugs.CLEAN, ids=lambda pair: pair.name)
def test_a_right_loop_passes_every_check(pair: Pair) -> None:
    """A loop written by hand, as the recipe says, trains as torch does."""
    verdicts = check_pair(pair)
    assert [v.check for v in verdicts] == list(pair.checks)
    for verdict in verdicts:
        assert verdict.passed, failure.page(verdict)


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_seeded_bug_is_found_where_it_is(bug: StageBug) -> None:
    """Its check fails, and a Finding names the place and says what is wrong there."""
    assert_located(bug)
