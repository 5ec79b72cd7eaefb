"""What a migration consists of besides modules: one module a kind of pairs.

A kind's module holds ``CHECKS``, check -> a function that takes a ``Stage`` and returns a Verdict.
The names of the checks stand in ``harness.pair.STAGES``; what the factories of a kind take and
return is said in its module.
"""

import importlib
from collections.abc import Callable, Mapping

from harness.stages.stage import Stage
from harness.verdict import Verdict

__all__ = ["Stage", "checks_for"]


def checks_for(kind: str) -> Mapping[str, Callable[[Stage], Verdict]]:
    """The checks of a kind of pairs, by name."""
    return importlib.import_module(f"harness.stages.{kind}").CHECKS
