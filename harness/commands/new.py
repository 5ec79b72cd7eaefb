"""``new``: write the first port of a torch network, and say what is left to a person."""

import argparse

from rich.console import Console

from harness.porting.folder import Request, write_folder
from harness.report.console import console as open_console


def run(arguments: argparse.Namespace) -> int:
    """Write NAME/pt.py, ms.py and pair.py; print what was written and what is left."""
    written = write_folder(
        Request(
            arguments.name,
            arguments.torch,
            tuple(arguments.kwargs),
            tuple(arguments.input),
            arguments.out,
            arguments.package,
            arguments.force,
        )
    )
    console = open_console()
    for path in written.files:
        _say(console, f"written  {path}")
    for note in written.notes:
        _say(console, f"note     {note}")
    layers = f"{written.layers} layers are written with every argument resolved"
    if written.left:
        _say(console, f"\n{layers}; {len(written.left)} things are left to you:")
        for number, left in enumerate(written.left, 1):
            place = f"{left.file}:{left.line}" if left.line else left.file or written.port
            _say(console, f"{number:3}. {place}  {left.source}")
            _say(console, f"     {left.why}")
            if left.place:
                _say(console, f"     in the port: {left.place}")
    else:
        _say(console, f"\n{layers}; nothing is left to you that is known of.")
    where = f"cd {written.root} && " if written.root != "." else ""
    _say(console, f"\ncheck it  {where}python -m harness check {written.pair}")
    return 0


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
