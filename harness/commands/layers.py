"""``layers``: the layer and function pairs, their variants, and what a device lacks."""

import argparse

from harness import registry
from harness.apimap.rows import load_rows
from harness.profile import load_profile
from harness.report import layers as report
from harness.report.console import console

KINDS = ("layers", "functions")


def run(arguments: argparse.Namespace) -> int:
    """Print every pair with its number of variants, and why what is not run is not."""
    pairs = [pair for pair in registry.all_pairs().values() if pair.kind in KINDS]
    profile = load_profile(arguments.ms_device, arguments.profile)
    report.show(console(), pairs, profile, load_rows())
    return 0
