"""``reduce``: shrink a failing pair to its smallest block, batch and input, and bundle that."""

import argparse
from pathlib import Path

from harness import session
from harness.commands import common
from harness.report import failure
from harness.report.messages import catalogue


def run(arguments: argparse.Namespace) -> int:
    """Print how it shrank and the page of what is left; exit 1, since it fails."""
    pair, variant = common.chosen(arguments)
    data, notes = common.given(arguments, pair, variant)
    for note in notes:
        print(catalogue(arguments.lang)("note: {note}", note=note))
    settings = common.settings_of(arguments)
    bundles = str(Path(arguments.bundle_dir).resolve()) if arguments.bundle_dir else ""
    with common.runner(arguments) as runner:
        verdict, steps = runner.call(
            f"{pair.name}:{variant}", session.reduce_and_bundle,
            pair, variant, arguments.seed, settings, bundles, data,
        )  # fmt: skip
    print("\n".join(f"  {step}" for step in steps))
    print(f"\n{failure.page(verdict, lang=arguments.lang)}")
    return 1
