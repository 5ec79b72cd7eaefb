"""A run's results as a file; the suffix says in which form."""

from pathlib import Path

from harness.report.results_html import page
from harness.results import Results
from harness.trace import atomic_file

SUFFIXES = (".json", ".html")


def write(path: Path, found: Results, lang: str = "en", before: Results | None = None) -> None:
    """Write the file; it appears whole or not at all. before: an older run to set it beside."""
    if path.suffix == ".html":
        with atomic_file(path) as temporary:
            written = page(found, lang, before, home=str(path.parent))
            temporary.write_text(written, encoding="utf-8")
    else:
        found.save(path)
