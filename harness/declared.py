"""Where something was declared: the user's file and line, for errors that say what to change."""

import ast
import os
import sys
from functools import lru_cache
from pathlib import Path

_OWN = os.path.dirname(__file__)


def call_site() -> tuple[str, int]:
    """(file, line) of the innermost call that neither this package nor the standard library makes.

    ("", 0) where there is none.
    """
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not (file.startswith((_OWN, "<")) or os.path.basename(file) == "dataclasses.py"):
            return file, frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return "", 0


def place(site: tuple[str, int], keyword: str = "") -> str:
    """ "my_pair.py:9" for the keyword argument of the call at a site; the call's own line where it
    is not written there, "" where the site is not known."""
    file, line = site
    if not file:
        return ""
    shown = os.path.relpath(file)
    if shown.startswith(os.pardir):
        shown = file
    return f"{shown}:{_keyword_lines(file, line).get(keyword, line)}"


@lru_cache(maxsize=64)
def _keyword_lines(file: str, line: int) -> dict[str, int]:
    """keyword -> line, of the outermost call that begins at a line of a file."""
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return {}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.lineno == line]
    if not calls:
        return {}
    widest = max(calls, key=lambda call: (call.end_lineno or 0, len(call.keywords)))
    return {keyword.arg: keyword.value.lineno for keyword in widest.keywords if keyword.arg}
