"""The detector is tried on planted bugs: each must be found, and at the right place."""

import pytest
from seeded_bugs import BUGS, CLEAN, Bug, pair_with

from harness.checks import run_check
from harness.evidence import Evidence
from harness.pair import CHECKS
from harness.subject import Given
from harness.verdict import Verdict

pytestmark = pytest.mark.usefixtures("frameworks")

PYNATIVE = [check for check, mode in CHECKS.items() if mode == "pynative"]


def _verdicts(seeded: Bug) -> dict[str, Verdict]:
    """Verdicts of the PyNative battery, by check, for a pair with a bug in it."""
    pair = pair_with(seeded)
    given = Given()
    if seeded.tamper is not None:
        clean = Evidence(pair, "default")
        converted = clean.map.to_mindspore(clean.parameters_for(clean.bare_torch))
        seeded.tamper(converted)
        given = Given(port_parameters=converted)
    evidence = Evidence(pair, "default", given=given)
    return {check: run_check(evidence, check) for check in PYNATIVE}


def _named(verdict: Verdict) -> set[str]:
    """What a verdict points at: modules, or for a conversion the parameters."""
    if verdict.check == "parameters":
        return {r.entry.rpartition(":")[0] for r in verdict.divergences}
    return {culprit.path for culprit in verdict.culprits}


@pytest.mark.parametrize("seeded", BUGS, ids=lambda b: b.name)
def test_a_planted_bug_is_found_where_it_was_planted(seeded: Bug) -> None:
    verdict = _verdicts(seeded)[seeded.check]
    assert not verdict.passed
    if seeded.check == "structure":
        text = "\n".join(verdict.problems)
        assert all(name in text for name in seeded.at), text
    elif seeded.name == "W01_all_statistics_swapped":
        assert set(seeded.at) < _named(verdict)
    else:
        assert _named(verdict) == set(seeded.at)


@pytest.mark.parametrize("name", CLEAN)
def test_without_a_bug_nothing_is_reported(name: str) -> None:
    evidence = Evidence(CLEAN[name], "default")
    verdicts = [run_check(evidence, check) for check in PYNATIVE]
    assert [v.case for v in verdicts if not v.passed] == []
    assert sum(v.compared for v in verdicts) > 500
    # An alone module that could hide anything would make every detection above worthless.
    alone = [r for v in verdicts for r in v.results if r.scope != "whole"]
    assert [r.entry for r in alone if r.measurement.status != "agrees"] == []
