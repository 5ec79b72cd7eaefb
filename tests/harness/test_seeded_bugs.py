"""The detector is tried on planted bugs: each must be found, and at the right place."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import pytest
from seeded.bases import BASES
from seeded.kinds import Bug, Control
from seeded.suite import BUGS, CONTROLS, try_bug, try_clean, try_control

pytestmark = pytest.mark.usefixtures("frameworks")

#: What controls are tried in: everything that looks at what the port computes.
_COMPUTED = ("structure", "parameters", "forward_eval", "forward_train", "state", "backward")


#: Gradients that are zero in exact arithmetic, so that nothing but rounding is left of them: a
#: softmax does not see a shift of all its keys, standardised images none of a bias before it.
ZERO_BY_NATURE = {
    "blocks.0.attention.key.bias:grad",
    "blocks.1.attention.key.bias:grad",
    "last.bias:grad",
}


#: The deepest networks: every sixth of what is planted in them is tried by default, all of it with
#: -m slow.
DEEP = ("resnet50", "resnext50")


def _planted(all_of_them: Sequence[Bug] | Sequence[Control]) -> Iterator[object]:
    deep = [planted.name for planted in all_of_them if planted.base in DEEP]
    slow = {name for number, name in enumerate(deep) if number % 6}
    for planted in all_of_them:
        marks = [pytest.mark.slow] * (planted.name in slow)
        yield pytest.param(planted, id=planted.name, marks=marks)


@pytest.mark.parametrize("bug", _planted(BUGS))
def test_a_planted_bug_is_found_where_it_was_planted(bug: Bug) -> None:
    outcome = try_bug(bug, (bug.check,))
    assert bug.check in outcome.failed
    assert outcome.exact, f"planted at {bug.at}, named {outcome.named}"


@pytest.mark.parametrize("control", _planted(CONTROLS))
def test_another_way_to_write_the_same_raises_no_alarm(control: Control) -> None:
    alarm = try_control(control, _COMPUTED)
    assert alarm.failed == ()
    assert alarm.latent == set(control.latent)


@pytest.mark.parametrize("base", BASES)
def test_without_a_bug_nothing_is_reported(base: str) -> None:
    verdicts = try_clean(base)
    assert [v.case for v in verdicts.values() if not v.passed] == []
    # An alone module that could hide anything would make every detection above worthless.
    alone = [r for v in verdicts.values() for r in v.results if r.scope != "whole"]
    unsure = {r.entry for r in alone if r.measurement.status != "agrees"}
    assert alone
    assert [e for e in unsure if not any(fnmatchcase(e, p) for p in BASES[base].undecided)] == []
