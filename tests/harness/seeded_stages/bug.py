"""A seeded bug of a stage: a pair whose MindSpore side is wrong, and where it must be found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from harness import registry
from harness.checks import open_evidence, run_check
from harness.pair import Pair
from harness.verdict import Finding, Verdict


@dataclass(frozen=True)
class StageBug:
    """One wrong MindSpore side.

    pair: a Pair, or the name of a registered one with the variant that shows the bug:
        "optimizers.sgd:momentum"; its first variant where none is named. check: the one that must
        fail. mindspore: the wrong factory, called as the pair's own. place: what the place of a
        Finding must begin with. says: words that its sentence must contain. change: settings of
        the Pair (``dataclasses.replace``) that differ.
    """

    name: str
    pair: Pair | str
    check: str
    mindspore: Callable[..., Any] | None
    place: str
    says: str = ""
    change: dict[str, Any] = field(default_factory=dict)

    @property
    def declared(self) -> tuple[Pair, str]:
        """The clean pair and the variant that shows the bug."""
        if isinstance(self.pair, Pair):
            return self.pair, next(iter(self.pair.variants))
        name, _, variant = self.pair.partition(":")
        pair = registry.all_pairs()[name]
        return pair, variant or next(iter(pair.variants))


def found(bug: StageBug) -> Verdict:
    """What the bug's own check says about the pair with the bug in it."""
    pair, variant = bug.declared
    changes = {**({"mindspore": bug.mindspore} if bug.mindspore else {}), **bug.change}
    return run_check(open_evidence(replace(pair, **changes), variant), bug.check)


def located(bug: StageBug, verdict: Verdict) -> list[Finding]:
    """The findings that name the bug's place and say what it is."""
    return [
        finding
        for finding in verdict.findings
        if finding.place.startswith(bug.place) and bug.says in finding.sentence
    ]


def named(bug: StageBug, verdict: Verdict) -> bool:
    """Whether the verdict names the bug's place; of losses, which are modules, also a setting."""
    if bug.place.startswith("setting."):
        setting = bug.place.removeprefix("setting.")
        return any(setting == fact[0] for c in verdict.culprits for fact in c.facts)
    if bug.place == "root":
        return [culprit.path for culprit in verdict.culprits] == [""]
    if bug.place == "error":
        return all(result.measurement.kind == "error" for result in verdict.divergences)
    return bool(located(bug, verdict))


def by_name(bugs: Iterable[StageBug]) -> dict[str, StageBug]:
    """Name -> bug. Raises ValueError for a name used twice."""
    known: dict[str, StageBug] = {}
    for bug in bugs:
        if bug.name in known:
            raise ValueError(f"two seeded bugs are called {bug.name!r}")
        known[bug.name] = bug
    return known


def assert_located(bug: StageBug) -> None:
    """The bug's check fails, and a Finding names the place and says what is wrong there."""
    verdict = found(bug)
    said = [f"{f.place}: {f.sentence}" for f in verdict.findings] or list(verdict.problems)
    assert not verdict.passed, f"{bug.name} is not found"
    assert located(bug, verdict), said
