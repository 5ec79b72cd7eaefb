"""One drawn configuration of a pair, held to the battery: for property tests of layers.

A failing configuration, once hypothesis has shrunk it, comes with a snippet that shows the
difference in both frameworks and needs no harness.
"""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import target

from harness.backends import Settings
from harness.checks import run_check
from harness.evidence import Evidence
from harness.pair import Pair, Variant
from harness.report import failure
from harness.report.snippet import snippet
from harness.strategies.tensors import Configuration
from harness.tolerance import FACTOR

#: Those that a configuration can change, without compiling graphs.
CHECKS = ("structure", "forward_eval", "forward_train", "state", "backward")


def assert_equivalent(
    pair: Pair,
    configuration: Configuration,
    seed: int = 0,
    *,
    checks: Sequence[str] = CHECKS,
    settings: Settings | None = None,
) -> None:
    """Hold one configuration of a pair to the battery; call it inside a hypothesis test.

    configuration: (kwargs, inputs), what a strategy of ``harness.strategies`` yields. The search is
    led to the largest e/r. Raises AssertionError with the case's page and a snippet.
    """
    kwargs, inputs = configuration
    drawn = replace(pair, variants={"drawn": Variant(kwargs, inputs)})
    evidence = Evidence(drawn, "drawn", seed=seed, settings=settings)
    cases = evidence.profile.cases(drawn, seed)
    verdicts = [run_check(evidence, case.check) for case in cases if case.check in checks]
    target(min(max((v.worst_ratio for v in verdicts), default=0.0), FACTOR))
    for verdict in verdicts:
        if not verdict.passed:
            raise AssertionError(
                f"\n{failure.page(verdict)}\n\nAlone, without the harness:\n\n"
                f"{snippet(evidence, verdict)}"
            )
