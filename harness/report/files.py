"""A run's results as a file; the suffix says in which form."""

from pathlib import Path

from harness.results import Results

LANGUAGES = ("en", "zh")
SUFFIXES = (".json",)


def write(path: Path, found: Results, lang: str = "en", before: Results | None = None) -> None:
    """Write the file; it appears whole or not at all. before: an older run to set it beside."""
    found.save(path)
