"""``params``: names and shapes of both sides, side by side."""

import argparse

from harness.commands import common
from harness.evidence import Evidence
from harness.report import text


def run(arguments: argparse.Namespace) -> int:
    """Print the table and the summary of the mapping; an uncovered parameter is an error."""
    pair, variant = common.chosen(arguments)
    evidence = Evidence(pair, variant)
    mapping = evidence.map
    print(text.parameter_table(evidence.torch.inventory, evidence.bare_port.inventory, mapping))
    print(f"\n{text.mapping_summary(mapping)}")
    return 0
