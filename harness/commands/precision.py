"""``precision``: the dtype that every module computes in, at a level of mixed precision."""

import argparse

from harness import session
from harness.commands import common
from harness.report import text


def run(arguments: argparse.Namespace) -> int:
    """Print the audit; exit 1 where twins compute in different precisions."""
    pair, variant = common.chosen(arguments)
    with common.runner(arguments) as runner:
        rows = runner.call(
            f"{pair.name}:{variant}", session.audit_precision,
            pair, variant, arguments.seed, common.settings_of(arguments), arguments.amp,
            arguments.train,
        )  # fmt: skip
    print(text.precision_table(rows, arguments.amp))
    return 1 if any(row.differs for row in rows) else 0
