"""``doctor``: versions, devices and limits of this machine, what will not work here and the fix."""

import argparse
import sys
from pathlib import Path

from harness.errors import HarnessError
from harness.health import examine
from harness.report import health as report
from harness.report import health_html
from harness.report.console import console
from harness.report.messages import catalogue


def run(arguments: argparse.Namespace) -> int:
    """Print problems, each with its fix, then facts; 2 where something will not work."""
    say = catalogue(arguments.lang)
    health = examine(arguments.ms_device)
    if arguments.json == "-":
        print(report.as_json(health, say), end="")
    else:
        report.show(console(), health, say)
    for file, page in ((arguments.json, report.as_json), (arguments.html, health_html.page)):
        if file and file != "-":
            try:
                Path(file).write_text(page(health, say), encoding="utf-8")
            except OSError as error:
                raise HarnessError(f"{file} could not be written: {error.strerror}.") from error
            print(f"written: {file}", file=sys.stderr if arguments.json == "-" else sys.stdout)
    return 2 if health.blocked else 0
