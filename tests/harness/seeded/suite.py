"""Try a seeded bug, or a control, and say what the harness made of it. Used by pytest and score."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np

from harness.checks import FORWARD_ONLY, run_check
from harness.evidence import Evidence
from harness.inventory import parent
from harness.pair import CHECKS, Pair, resolve_factory
from harness.subject import Given
from harness.verdict import Verdict
from seeded import (
    controls,
    conversion_bugs,
    gradient_bugs,
    init_bugs,
    layer_bugs,
    mode_bugs,
    precision_bugs,
    wiring_bugs,
)
from seeded.bases import BASES
from seeded.kinds import Bug, Change, Control, by_name

BUGS: list[Bug] = [
    *layer_bugs.BUGS,
    *wiring_bugs.BUGS,
    *gradient_bugs.BUGS,
    *init_bugs.BUGS,
    *conversion_bugs.BUGS,
    *mode_bugs.BUGS,
    *precision_bugs.BUGS,
]
CONTROLS = controls.CONTROLS

_BY_NAME = {**by_name(BUGS), **by_name(CONTROLS)}
#: Checks whose verdict names parameters, in entries such as ``bn1.gamma:value``.
_OF_PARAMETERS = ("parameters", "initialization", "optimizer_step")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


@dataclass(frozen=True)
class Outcome:
    """What the harness said about one bug.

    failed: every check that failed. named: what the bug's own check points at. exact: that is where
    it was planted, and nothing else. near: the right block, or a neighbour in it.
    """

    bug: Bug
    verdicts: dict[str, Verdict]
    named: tuple[str, ...]
    exact: bool
    near: bool
    seconds: float

    @property
    def failed(self) -> tuple[str, ...]:
        return _failed(self.verdicts)

    @property
    def in_its_check(self) -> bool:
        return self.bug.check in self.failed


@dataclass(frozen=True)
class Alarm:
    """What the harness said about one control: the checks that failed, the latent modules."""

    control: Control
    verdicts: dict[str, Verdict]
    seconds: float

    @property
    def failed(self) -> tuple[str, ...]:
        return _failed(self.verdicts)

    @property
    def latent(self) -> set[str]:
        return {culprit.path for v in self.verdicts.values() for culprit in v.latent}


def try_bug(bug: Bug, checks: Sequence[str] = (), seed: int = 0) -> Outcome:
    """Run the checks (every PyNative one by default) on a pair with a bug in it."""
    began = time.perf_counter()
    evidence = _evidence(bug, seed)
    verdicts = _verdicts(evidence, checks)
    named = _named(evidence, verdicts[bug.check])
    return Outcome(
        bug,
        verdicts,
        tuple(sorted(named)),
        _exact(bug, verdicts[bug.check], named),
        all(any(_near(at, name) for name in named) for at in bug.at),
        time.perf_counter() - began,
    )


def try_control(control: Control, checks: Sequence[str] = (), seed: int = 0) -> Alarm:
    """Run the checks (every PyNative one by default) on a port that is written differently."""
    began = time.perf_counter()
    verdicts = _verdicts(_evidence(control, control.seed + seed), checks)
    return Alarm(control, verdicts, time.perf_counter() - began)


def try_clean(base: str) -> dict[str, Verdict]:
    """Every PyNative check of a base without a bug."""
    return _verdicts(Evidence(BASES[base].pair, "default"), ())


def build_with(name: str, **kwargs: Any) -> Any:
    """The port's factory with a change planted; importable, so that workers can call it."""
    seeded = _BY_NAME[name]
    net = resolve_factory(BASES[seeded.base].pair.mindspore, "seeded bugs")(**kwargs)
    if seeded.change.plant is not None:
        seeded.change.plant(net)
    return net


def pair_with(seeded: Bug | Control) -> Pair:
    """The clean pair with a change in it."""
    pair = BASES[seeded.base].pair
    change: Change = seeded.change
    if change.edit is not None:
        pair = change.edit(pair)
    if change.plant is not None:
        pair = replace(pair, mindspore=partial(build_with, seeded.name))
    return pair


def _evidence(seeded: Bug | Control, seed: int) -> Evidence:
    given = Given()
    if seeded.change.tamper is not None:
        arrays = dict(_converted(seeded.base, seed))
        seeded.change.tamper(arrays)
        given = Given(port_parameters=arrays)
    return Evidence(pair_with(seeded), "default", seed=seed, given=given)


@cache
def _converted(base: str, seed: int) -> dict[str, np.ndarray]:
    """What a right conversion gives; the same for every bug of a base, as it hangs on its name."""
    clean = Evidence(BASES[base].pair, "default", seed=seed)
    return clean.map.to_mindspore(clean.parameters_for(clean.bare_torch))


def _verdicts(evidence: Evidence, checks: Sequence[str]) -> dict[str, Verdict]:
    """Verdicts by check, in the battery's order."""
    evidence.forward_only = bool(checks) and FORWARD_ONLY.issuperset(checks)
    return {
        case.check: run_check(evidence, case.check)
        for case in evidence.pair.cases()
        if CHECKS[case.check] == "pynative" and (not checks or case.check in checks)
    }


def _failed(verdicts: dict[str, Verdict]) -> tuple[str, ...]:
    return tuple(check for check, verdict in verdicts.items() if not verdict.passed)


def _named(evidence: Evidence, verdict: Verdict) -> set[str]:
    """What a verdict points at: modules, or parameters where the check is about them."""
    if verdict.check == "structure":
        return set(_known_names(evidence, "\n".join(verdict.problems)))
    if verdict.check in _OF_PARAMETERS:
        return {r.entry.rpartition(":")[0] for r in verdict.divergences}
    return {culprit.path for culprit in verdict.culprits}


def _known_names(evidence: Evidence, text: str) -> Iterator[str]:
    """The parameters that a text mentions."""
    known = {*evidence.torch.inventory.names, *evidence.bare_port.inventory.names}
    for found in _NAME.finditer(text):
        if found.group() in known:
            yield found.group()


def _exact(bug: Bug, verdict: Verdict, named: set[str]) -> bool:
    if bug.check == "structure":
        told = all(any(_covers(at, name) for name in named) for at in bug.at)
        return told and all(any(_covers(at, name) for at in bug.at) for name in named)
    if bug.only_some:
        return set(bug.at) < named
    if bug.construct and not all(culprit.wiring for culprit in verdict.culprits):
        return False
    return named == set(bug.at)


def _covers(at: str, name: str) -> bool:
    """Whether a parameter is the one, or lies in the module, or is its twin of the other side."""
    return name == at or name.startswith(f"{at}.") or parent(name) == parent(at)


def _near(at: str, name: str) -> bool:
    """Whether two places lie in one block."""
    above, other = parent(at), parent(name)
    return name in (at, above) or at == other or (above == other != "")
