"""Run cases one after the other in one process, keeping the last Evidence for the next check."""

import gc
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.backends import runtime
from harness.backends.base import Settings
from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.pair import Case, Pair
from harness.precision import Precision, audit
from harness.progress import SILENT, Listener
from harness.stages import Stage
from harness.subject import Given, Subject
from harness.verdict import Verdict

#: So many objects are collected among in about 20 ms.
_MANY = 100_000


class Session:
    """Cases of one pair variant share models, recording and isolation; only the last is kept."""

    def __init__(self) -> None:
        self.listener = SILENT
        self._key: tuple | None = None
        self._evidence: Evidence | Stage | None = None

    def evidence(
        self, case: Case, settings: Settings, given: Given | None = None
    ) -> Evidence | Stage:
        """The Evidence, or Stage, a case reads from; the last case's where it is the same."""
        from harness.checks import open_evidence

        given = given or Given()
        key = (case.pair, case.variant, case.dtype, case.seed, settings, given.key)
        if self._evidence is None or key != self._key:
            self._evidence = None  # let go of the old models before building new ones
            runtime.forget_graphs()
            _set_aside()
            self._evidence = open_evidence(
                case.pair,
                case.variant,
                dtype=case.dtype,
                seed=case.seed,
                settings=settings,
                given=given,
            )
            self._key = key
        self._evidence.progress = self.listener.step
        return self._evidence


def _set_aside() -> None:
    """Leave what lives between two variants, the frameworks above all, out of later collections.

    MindSpore collects garbage before every compilation; with both frameworks loaded that takes
    longer than compiling a layer.
    """
    if len(gc.get_objects()) > _MANY:
        gc.collect()
        gc.freeze()


_SESSION = Session()


def listen(listener: Listener) -> None:
    """Report what this process's session does."""
    _SESSION.listener = listener


def evidence(case: Case, settings: Settings, given: Given | None = None) -> Evidence:
    """This process's Evidence for a variant of a pair of modules."""
    found = _SESSION.evidence(case, settings, given)
    assert isinstance(found, Evidence), f"{case.pair.name} is no pair of modules"
    return found


def run_case(
    case: Case, settings: Settings, given: Given | None = None, bundles: str = ""
) -> Verdict:
    """Run one case in this process's session.

    bundles: an absolute folder; a failing case writes its bundle below it and says where.
    """
    from harness.checks import run_check

    _SESSION.listener.case(case.id)
    own = _SESSION.evidence(case, settings, given)
    verdict = run_check(own, case.check)
    if not isinstance(own, Evidence):
        return verdict  # what a stage draws is drawn again from the case's name and seed
    if bundles and not verdict.blocked_by and (verdict.failed or verdict.latent):
        from harness.bundle import write_bundle

        try:
            return replace(verdict, bundle=str(write_bundle(Path(bundles), own, verdict)))
        except HarnessError as error:
            return replace(verdict, notes=(*verdict.notes, f"no bundle: {error}"))
    return verdict


def run_checks(
    pair: Pair,
    variant: str,
    checks: Sequence[str],
    seed: int,
    settings: Settings,
    given: Given | None = None,
    bundles: str = "",
) -> list[Verdict]:
    """Run some checks of one variant in this process's session."""
    return [
        run_case(case, settings, given, bundles)
        for case in pair.cases(seed)
        if case.variant == variant and case.check in checks
    ]


def reduce_and_bundle(
    pair: Pair, variant: str, seed: int, settings: Settings, bundles: str, given: Given
) -> tuple[Verdict, tuple[str, ...]]:
    """Reduce a failing pair; returns the smallest failure, bundled, and how it was reached."""
    from harness.bundle import write_bundle
    from harness.reduce import reduce

    found = reduce(Evidence(pair, variant, seed=seed, settings=settings, given=given))
    verdict = found.verdict
    if bundles:
        folder = write_bundle(Path(bundles), found.evidence, verdict)
        verdict = replace(verdict, bundle=str(folder))
    return verdict, found.steps


def size_of(pair: Pair, variant: str, seed: int, settings: Settings) -> tuple[int, int]:
    """Values of all parameters and buffers, and modules, of the reference of a variant."""
    case = Case(pair, variant, pair.checks[0], seed=seed)
    torch = evidence(case, settings).torch.inventory
    own = [parameter for parameter in torch.parameters if not parameter.shares]
    return sum(math.prod(parameter.shape) for parameter in own), len(torch.modules)


def audit_precision(
    pair: Pair, variant: str, seed: int, settings: Settings, level: str, train: bool
) -> list[Precision]:
    """The audit of ``harness.precision``, on models of its own."""
    return list(audit(Subject(pair, variant, seed=seed, settings=settings), level, train))
