"""Every seeded bug of data pipelines and losses is found, and named where it is."""

import pytest
from seeded_stages import data_bugs, loss_bugs
from seeded_stages.bug import StageBug, assert_located, by_name, found, named

pytestmark = pytest.mark.usefixtures("frameworks")

BUGS = by_name(data_bugs.BUGS)


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_seeded_bug_is_found_where_it_is(bug: StageBug) -> None:
    """Its check fails, and a Finding names the place and says what is wrong there."""
    assert_located(bug)


LOSSES = by_name(loss_bugs.BUGS)


@pytest.mark.parametrize("bug", LOSSES.values(), ids=LOSSES)
def test_a_seeded_bug_of_a_loss_is_found_and_named(bug: StageBug) -> None:
    """The check fails, at the loss itself, and says which setting or quantity is wrong."""
    verdict = found(bug)
    assert not verdict.passed
    assert [culprit.path for culprit in verdict.culprits] == [""]
    assert named(bug, verdict), [
        *(f"{f.place}: {f.sentence}" for f in verdict.findings),
        *(str(culprit.facts) for culprit in verdict.culprits),
    ]
