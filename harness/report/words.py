"""Small pieces of text that every report is made of."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len

from harness.report.messages import Catalogue, catalogue
from harness.verdict import (
    AGREES,
    DIVERGES,
    INCONCLUSIVE,
    KNOWN,
    LATENT,
    NOT_JUDGED,
    PROFILED,
    UNINFORMATIVE,
)

WIDTH = 88
ENGLISH = catalogue()

#: Punctuation that begins no line, that which ends none, and characters that need no space.
_CLOSING, _OPENING, _WIDE = (
    "\u3001\u3002\uff09\uff0c\uff1a\uff1b\uff1f\u201d", "\uff08\u201c", "\u3400-\u9fff"
)  # fmt: skip
_PIECE = re.compile(
    rf"(\s*)([{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}{_CLOSING}]+)?[{_CLOSING}]*)"
)


def ratio(value: float) -> str:
    """An e/r to the digits that matter; "inf" where a bit-exact entry differs."""
    if value >= 1e6:
        return f"{value:.0e}"
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def listing(names: Sequence[str], say: Catalogue = ENGLISH, joint: str = "") -> str:
    """``a, b and c``; no more than six names. joint: what stands before the last one."""
    shown = list(names[:6])
    if len(names) > 6:
        return say("{names} and {n} more", names=say(", ").join(shown), n=len(names) - 6)
    if len(shown) < 2:
        return shown[0]
    return f"{say(', ').join(shown[:-1])} {joint or say('and')} {shown[-1]}"


def status(name: str, say: Catalogue = ENGLISH) -> str:
    """What became of an entry, see ``harness.verdict``."""
    return {
        AGREES: say("agrees"),
        DIVERGES: say("diverges"),
        UNINFORMATIVE: say("uninformative"),
        INCONCLUSIVE: say("inconclusive"),
        LATENT: say("latent"),
        PROFILED: say("profiled"),
        KNOWN: say("known"),
        NOT_JUDGED: say("not judged"),
    }.get(name, name)


def mode(name: str, say: Catalogue = ENGLISH) -> str:
    """The mode of the modules that an entry was measured in."""
    return {"eval": say("eval"), "train": say("train")}.get(name, name)


def sentences(parts: Sequence[str], say: Catalogue = ENGLISH) -> str:
    """Sentences after one another, which Chinese puts no space between."""
    return say(" ").join(parts)


def left(text: str, width: int) -> str:
    """The text, and spaces up to a width in cells of a terminal: a Chinese character takes two."""
    return text + " " * (width - cell_len(text))


def right(text: str, width: int) -> str:
    """Spaces up to a width in cells of a terminal, and the text."""
    return " " * (width - cell_len(text)) + text


def indented(title: str, names: Sequence[str]) -> list[str]:
    """A title, and names wrapped under each other beside it."""
    if not names:
        return []
    margin = cell_len(title)
    lines = wrap(" ".join(names), WIDTH - margin - 2)
    return [f"  {title if i == 0 else ' ' * margin}{line}" for i, line in enumerate(lines)]


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most ``width`` cells, broken between words and Chinese characters."""
    lines, line = [], ""
    for space, piece in _PIECE.findall(text):
        if not piece:  # the end
            break
        joined = f"{line} {piece}" if space and line else line + piece
        if line and cell_len(joined) > width:
            lines.append(line)
            line = piece
        else:
            line = joined
    return [*lines, line]


def place(source: str) -> str:
    """A file:line, relative to the working directory where it lies in it."""
    path = Path(source)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else source
