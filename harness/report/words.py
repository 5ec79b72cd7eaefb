"""Small pieces of text that every report is made of."""

from collections.abc import Sequence
from pathlib import Path

WIDTH = 88


def ratio(value: float) -> str:
    """An e/r to the digits that matter; "inf" where a bit-exact entry differs."""
    if value >= 1e6:
        return f"{value:.0e}"
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def listing(names: Sequence[str], joint: str = "and") -> str:
    """``a, b and c``; no more than six names."""
    shown = list(names[:6])
    if len(names) > 6:
        return f"{', '.join(shown)} and {len(names) - 6} more"
    return f" {joint} ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def indented(title: str, names: Sequence[str]) -> list[str]:
    """A title, and names wrapped under each other beside it."""
    if not names:
        return []
    lines = wrap(" ".join(names), WIDTH - len(title) - 2)
    return [f"  {title if i == 0 else ' ' * len(title)}{line}" for i, line in enumerate(lines)]


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most ``width`` characters, broken between words."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def place(source: str) -> str:
    """A file:line, relative to the working directory where it lies in it."""
    path = Path(source)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else source
