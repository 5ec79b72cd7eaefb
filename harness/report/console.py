"""Where tables are printed: as wide as the terminal, and wide enough where there is none."""

import sys

from rich.console import Console

#: Columns of a file or a pipe, which has no width of its own.
PIPED = 140


def console() -> Console:
    """The console of standard output."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPED)
