"""A run's results as a file; the suffix says in which form."""

from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError
from harness.report import markdown
from harness.report.results_html import page
from harness.results import Results
from harness.trace import atomic_file

SUFFIXES = (".json", ".md", ".html")


def targets(option: str, names: Sequence[str], folder: Path) -> list[Path]:
    """The files that an option names, relative to a folder.

    Raises HarnessError for one that cannot be written, before anything runs.
    """
    paths = [folder / name for name in names]
    for name, path in zip(names, paths):
        if path.is_dir() or not path.parent.is_dir():
            raise HarnessError(f"{option} {name}: name a file in a folder that exists.")
        if path.suffix not in SUFFIXES:
            raise HarnessError(f"{option} {name}: the name must end in {', '.join(SUFFIXES)}.")
    return paths


def write(path: Path, found: Results, lang: str = "en", before: Results | None = None) -> None:
    """Write the file; it appears whole or not at all. before: an older run to set it beside."""
    if path.suffix == ".json":
        found.save(path)
        return
    if path.suffix == ".md":
        text = markdown.summary(found, lang, before)
    else:
        text = page(found, lang, before, home=str(path.parent.absolute()))
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
