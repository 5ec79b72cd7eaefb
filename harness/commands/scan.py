"""``scan``: every torch API that Python source uses, and its MindSpore counterpart."""

import argparse
from pathlib import Path

from harness.apimap.scan import STATUSES, scan
from harness.errors import HarnessError
from harness.report import scan as report
from harness.report import scan_html
from harness.report.bar import listening
from harness.report.console import console


def run(arguments: argparse.Namespace) -> int:
    """Scan, print or write; 1 where less is resolved than --min-resolved demands."""
    statuses = tuple(arguments.status.split(",")) if arguments.status else STATUSES
    wrong = [status for status in statuses if status not in STATUSES]
    if wrong:
        raise HarnessError(f"--status {','.join(wrong)}: there are {', '.join(STATUSES)}.")
    with listening() as listener:
        found = scan(arguments.target, listener.step)
    if arguments.json == "-":
        print(report.as_json(found))
    else:
        report.show(console(), found, arguments.verbose, statuses)
    for name, text in (("json", report.as_json), ("html", scan_html.page)):
        file = getattr(arguments, name)
        if file and file != "-":
            Path(file).write_text(text(found), encoding="utf-8")
            print(f"written: {file}")
    return 0 if found.resolved * 100 >= arguments.min_resolved else 1
