"""``map``: the API map, as it was run; and running it again."""

import argparse
import os

from rich.console import Console

from harness.apimap import verify
from harness.apimap.executed import FOLDER, Executed, load_executed
from harness.apimap.rows import STATUSES, Row, load_rows
from harness.errors import HarnessError
from harness.report import apimap as report
from harness.report.bar import listening
from harness.report.console import console as open_console


def run(arguments: argparse.Namespace) -> int:
    """Show rows, run them, or regenerate what the installed versions say."""
    rows = _chosen(arguments)
    console = open_console()
    if arguments.update:
        if arguments.names or arguments.status:
            raise HarnessError("map --update runs every row; leave names and --status out.")
        return _update(rows, console)
    if arguments.run:
        return _verdict(rows, _execute(rows), console)
    executed = load_executed()
    if len(rows) == 1 or (arguments.names and len(rows) <= 3):
        for row in rows.values():
            report.show_row(console, row, executed.rows.get(row.torch))
    else:
        report.show_rows(console, rows, executed, listed=bool(arguments.names or arguments.status))
    return 0


def _chosen(arguments: argparse.Namespace) -> dict[str, Row]:
    rows = load_rows()
    if arguments.names:
        exact = {name: rows[name] for name in arguments.names if name in rows}
        parts = [name.lower() for name in arguments.names if name not in rows]
        near = {n: r for n, r in rows.items() if any(part in n.lower() for part in parts)}
        rows = exact | near
        if not rows:
            raise HarnessError(f"The API map has no row for {', '.join(arguments.names)}.")
    if arguments.status:
        statuses = arguments.status.split(",")
        if wrong := [status for status in statuses if status not in STATUSES]:
            raise HarnessError(f"--status {','.join(wrong)}: there are {', '.join(STATUSES)}.")
        rows = {name: row for name, row in rows.items() if row.status in statuses}
    return rows


def _execute(rows: dict[str, Row]) -> Executed:
    os.environ.setdefault("GLOG_v", "4")  # naive calls fail on purpose: no word on each
    from harness.apimap.execute import execute

    with listening() as listener:
        return execute(rows, progress=listener.step)


def _update(rows: dict[str, Row], console: Console) -> int:
    after = _execute(rows)
    try:
        before = load_executed()
    except HarnessError:
        before = None
    path = after.save(FOLDER)
    console.print(f"written: {path.name}", soft_wrap=True)
    if before is not None:
        found = list(verify.changes(before, after))
        for line in found:
            console.print(line, markup=False, soft_wrap=True)
        versions = f"torch {before.torch}, mindspore {before.mindspore}"
        console.print(f"{len(found)} changes since {versions}")
    return _verdict(rows, after, console)


def _verdict(rows: dict[str, Row], executed: Executed, console: Console) -> int:
    wrong = 0
    for name, row in rows.items():
        found = list(verify.complaints(row, executed.rows[name]))
        wrong += bool(found)
        for sentence in found:
            console.print(f"{name} {sentence}", markup=False, style="red", soft_wrap=True)
    done = sum(len(executed.rows[name].outcomes) for name in rows)
    console.print(f"{len(rows)} rows, {done} expressions run; {wrong} rows do not do what they say")
    return 1 if wrong else 0
