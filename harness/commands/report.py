"""``report``: what a run kept, rendered again; with a newer run, what changed."""

import argparse
from pathlib import Path

from harness.changes import between
from harness.commands.check import UNFINISHED
from harness.report import files, overview
from harness.report.console import console
from harness.report.messages import catalogue
from harness.results import Results


def run(arguments: argparse.Namespace) -> int:
    """Print the run, or the newer of two; 1 where it fails, or where the newer newly fails."""
    targets = files.targets("-o", arguments.output, Path())
    runs = [Results.load(Path(name)) for name in (arguments.results, arguments.newer) if name]
    shown, before = runs[-1], runs[0] if len(runs) == 2 else None
    overview.show(console(), shown, arguments.verbose, catalogue(arguments.lang), before)
    for target in targets:
        files.write(target, shown, arguments.lang, before)
    if before:
        return 1 if between(before, shown).failing else 0
    if not shown.passed:
        return 1
    return UNFINISHED if any(verdict.unfinished for verdict in overview.judged(shown)) else 0
