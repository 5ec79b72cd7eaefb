"""Every seeded bug of data pipelines and losses is found, and named where it is."""

import pytest
from seeded_stages import data_bugs
from seeded_stages.bug import StageBug, by_name, found, located

pytestmark = pytest.mark.usefixtures("frameworks")

BUGS = by_name(data_bugs.BUGS)


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_seeded_bug_is_found_where_it_is(bug: StageBug) -> None:
    """Its check fails, and a Finding names the place and says what is wrong there."""
    verdict = found(bug)
    said = [f"{f.place}: {f.sentence}" for f in verdict.findings] or list(verdict.problems)
    assert not verdict.passed
    assert located(bug, verdict), said
