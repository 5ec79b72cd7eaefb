"""``merge``: what ``pytest --results`` kept on several machines, as one report."""

import argparse
from pathlib import Path

from harness import results
from harness.report import files, overview, text
from harness.report.console import console
from harness.report.messages import catalogue
from harness.results import Results


def run(arguments: argparse.Namespace) -> int:
    """Print the parts, and the run that they make as ``report`` prints it; 1 where it fails."""
    targets = files.targets("-o", arguments.output, Path())
    runs = [Results.load(Path(path)) for path in arguments.results]
    merged = results.merge(arguments.results, runs)
    for target in targets:
        files.write(target, merged, arguments.lang)
    say = catalogue(arguments.lang)
    for name, each in zip(arguments.results, runs):
        print(text.part(each, name, say))
    print()
    overview.show(console(), merged, arguments.verbose, say)
    return 0 if merged.passed else 1
