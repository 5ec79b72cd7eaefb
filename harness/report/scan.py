"""A scan as text and as JSON."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from harness.apimap.rewrite import short
from harness.apimap.scan import STATUSES, UNRESOLVED, FileScan, Scan, Use

#: Version of the JSON's layout.
SCHEMA = 1

COLOURS = {"same": "green", "differs": "yellow", "missing": "red", "not on CPU": "magenta",
           UNRESOLVED: "cyan"}  # fmt: skip
_MEANING = {
    "same": "the call is the same but for the API's name",
    "differs": "names, defaults or meaning differ: see the call",
    "missing": "MindSpore has no counterpart",
    "not on CPU": "exists, and has no CPU kernel",
    UNRESOLVED: "torch's, or may be, and not in the map",
}


def sentence(scan: Scan) -> str:
    """What the scan found, in one sentence."""
    calls = scan.calls.total()
    files = f"{len(scan.files)} file{'s' * (len(scan.files) != 1)}"
    if not calls:
        return f"{scan.target}: {files}, no torch call."
    return (
        f"{scan.target}: {calls} torch calls in {files}; {scan.resolved:.1%} resolved, "
        f"{scan.coverage:.1%} have a counterpart that runs."
    )


def show(console: Console, scan: Scan, verbose: bool, statuses: Collection[str] = STATUSES) -> None:
    """Print a scan: every use of a single file, else the APIs; then the summary."""
    for file in scan.files:
        shown = [use for use in file.uses if use.status in statuses]
        if shown and (verbose or len(scan.files) == 1):
            console.print(Text(file.path, style="bold"))
            console.print(_uses(shown))
            console.print()
    if not (verbose or len(scan.files) == 1):
        console.print(_apis(scan, statuses))
        console.print()
        console.print(Text("-v lists every use with its MindSpore call", style="dim"))
    _unresolved(console, scan)
    for broken in scan.errors:
        console.print(Text(f"{broken.path}: {broken.error}", style="red"), soft_wrap=True)
    console.print(summary(scan))
    console.print(Text(sentence(scan), style="bold"), soft_wrap=True)
    versions = f"torch {scan.torch}, mindspore {scan.mindspore} on {scan.device}"
    console.print(Text(f"The API map was run on {versions}; {len(scan.rows)} rows.", style="dim"))


def _uses(uses: Collection[Use]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for justify in ("right", "left", "left"):
        table.add_column(justify=justify, overflow="fold")
    for use in uses:
        status = Text(use.status, style=COLOURS[use.status], no_wrap=True)
        table.add_row(str(use.line), status, Group(*_use(use)))
    return table


def _use(use: Use) -> Iterator[Text]:
    head = Text(use.source or use.api)
    if use.source and use.api.rpartition(".")[2] not in use.source:
        head.append(f"  ({use.api})", style="dim")
    yield head
    if use.port and use.status != "missing":
        yield Text(f"-> {use.port}", style="bold" if use.complete else "")
    notes = [*use.notes, use.why, _certainty(use)]
    if any(notes):
        yield Text("   " + "; ".join(note for note in notes if note), style="dim")


def _certainty(use: Use) -> str:
    if not use.guess or use.guess.startswith("by"):
        return f"known {use.guess}" if use.guess else ""
    return f"if it is {use.guess}"


def _apis(scan: Scan, statuses: Collection[str]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title, justify in (("uses", "right"), ("torch", "left"), ("status", "left"),
                           ("MindSpore", "left"), ("first at", "left")):  # fmt: skip
        table.add_column(title, justify=justify, overflow="fold")  # type: ignore[arg-type]
    first: dict[tuple[str, str], tuple[str, Use]] = {}
    for path, use in scan.uses:
        first.setdefault((use.status, use.api), (path, use))
    for status in STATUSES:
        if status == UNRESOLVED or status not in statuses:
            continue
        for api, number in scan.apis[status].most_common():
            path, use = first[status, api]
            table.add_row(
                str(number), Text(api), Text(status, style=COLOURS[status]), Text(short(use.to)),
                Text(f"{PurePath(path).name}:{use.line}", style="dim"),
            )  # fmt: skip
    return table


def _unresolved(console: Console, scan: Scan) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], str] = {}
    for path, use in scan.uses:
        if use.status == UNRESOLVED:
            counted[use.api, use.why] += 1
            places.setdefault((use.api, use.why), f"{path}:{use.line}")
    if not counted:
        return
    console.print(Text(f"{counted.total()} uses are not resolved:", style=COLOURS[UNRESOLVED]))
    for (api, why), number in counted.most_common():
        line = f"  {number:>4}  {api}  {why}  ({places[api, why]})"
        console.print(Text(line), soft_wrap=True)
    console.print()


def summary(scan: Scan) -> Table:
    """Uses, calls and APIs by status."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title, justify in (("status", "left"), ("APIs", "right"), ("uses", "right"),
                           ("calls", "right"), ("", "left")):  # fmt: skip
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for status in STATUSES:
        table.add_row(
            Text(status, style=COLOURS[status]), str(len(scan.apis[status])),
            str(scan.counts[status]), str(scan.calls[status]),
            Text(_MEANING[status], style="dim"),
        )  # fmt: skip
    return table


def as_json(scan: Scan) -> str:
    """The scan as JSON; see ``to_data``."""
    return json.dumps(to_data(scan), indent=1)


def to_data(scan: Scan) -> dict[str, Any]:
    """The scan as plain data.

    schema (1), target, versions {torch, mindspore, device}, summary {status: {apis, uses, calls},
    resolved, coverage}, files [{path, error, uses [Use's fields]}], apis [{torch, status, uses, to,
    note}].
    """
    statuses = {
        status: {
            "apis": len(scan.apis[status]),
            "uses": scan.counts[status],
            "calls": scan.calls[status],
        }
        for status in STATUSES
    }
    return {
        "schema": SCHEMA,
        "target": scan.target,
        "versions": {"torch": scan.torch, "mindspore": scan.mindspore, "device": scan.device},
        "summary": {**statuses, "resolved": scan.resolved, "coverage": scan.coverage},
        "apis": list(_api_data(scan)),
        "files": [_file_data(file) for file in scan.files],
    }


def _api_data(scan: Scan) -> Iterator[dict[str, Any]]:
    for status in STATUSES:
        for api, number in scan.apis[status].most_common():
            row = scan.rows.get(api)
            known = {"to": row.to or row.call, "note": row.note} if row else {}
            yield {"torch": api, "status": status, "uses": number, **known}


def _file_data(file: FileScan) -> dict[str, Any]:
    return {"path": file.path, "error": file.error, "uses": [asdict(use) for use in file.uses]}
