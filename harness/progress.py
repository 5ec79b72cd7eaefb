"""How long work tells what it is doing."""

from collections.abc import Callable

#: (what is being done, done, of how many; 0 of 0 where it has no steps)
Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
