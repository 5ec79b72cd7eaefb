"""How long work tells what it is doing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

#: (what is being done, done, of how many; 0 of 0 where it has no steps)
Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def unannounced(case: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Listener:
    """Who hears of long work. case: each case, or other large part, as it begins. step: what runs
    in it."""

    case: Callable[[str], None] = unannounced
    step: Progress = silent


SILENT = Listener()


def counted(
    progress: Progress, what: str, items: Iterable[Item], total: int, first: int = 0
) -> Iterator[Item]:
    """The items, each told of before it is worked on; first: how many came before."""
    for done, item in enumerate(items, start=first):
        progress(what, done, total)
        yield item
