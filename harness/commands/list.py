"""``list``: the registered pairs; imports no framework."""

import argparse

from harness import registry
from harness.errors import HarnessError


def run(arguments: argparse.Namespace) -> int:
    """Print each pair with its variants, or every case id."""
    pairs = registry.all_pairs(arguments.pair)
    if not pairs:
        raise HarnessError("No pairs were found: no models/ here, no --pair, none installed.")
    for pair in pairs.values():
        if arguments.cases:
            for case in pair.cases():
                print(case.id + ("  slow" if case.slow else ""))
        else:
            variants = " ".join(
                name + ("*" if pair.slow or v.slow else "") for name, v in pair.variants.items()
            )
            print(f"{pair.name:<28} {variants}")
            for check, why in pair.without.items():
                print(f"{'':<28} without {check}: {why}")
    if not arguments.cases:
        cases = sum(len(pair.cases()) for pair in pairs.values())
        print(f"\n{len(pairs)} pairs, {cases} cases; * is slow (pytest -m slow)")
    return 0
