"""README.zh-CN.md held beside README.md, section by section.

    python tests/translation.py                     say what is out of step
    python tests/translation.py --done "Measured"   this section is translated: note its English

Both copy code blocks and tables' numbers into the translation first. Under each heading of the
translation a comment holds the digest of the English text that it translates.
"""

import argparse
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"

_BLOCK = re.compile(r"^```.*?^```$", re.M | re.S)
_ROW = re.compile(r"^\|.*\|$", re.M)
_SPAN = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\]\(([^)]+)\)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NOTE = re.compile(r"<!-- en (\w+) -->\n\n?")
_BARE = re.compile(r"[\d.,]+( %| GB)?")  # a table's cell that reads the same in every language


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, to the next heading."""

    heading: str
    body: str

    @property
    def title(self) -> str:
        return self.heading.lstrip("# ")

    @property
    def level(self) -> int:
        return len(self.heading) - len(self.heading.lstrip("#"))

    @property
    def digest(self) -> str:
        """Of the words: not of line breaks, code blocks and numbers, which are compared."""
        words = " ".join(_NUMBER.sub("0", _BLOCK.sub("", self.body)).split())
        return hashlib.sha256(f"{self.title}\n{words}".encode()).hexdigest()[:8]

    @property
    def noted(self) -> str:
        """The digest that a translated section holds; "" where it holds none."""
        found = _NOTE.search(self.body)
        return found.group(1) if found else ""

    @property
    def blocks(self) -> list[str]:
        return _BLOCK.findall(self.body)

    @property
    def rows(self) -> list[list[str]]:
        """The cells of every row of its tables."""
        return [row.split("|")[1:-1] for row in _ROW.findall(self.body)]

    def counted(self, what: re.Pattern[str]) -> Counter[str]:
        """Code spans, links or numbers of the prose; numbers within code and links are theirs."""
        text = _NOTE.sub("", _BLOCK.sub("", self.body))
        if what is _NUMBER:
            text = _LINK.sub("", _SPAN.sub("", text))
        found = Counter(what.findall(text))
        for other in (ENGLISH.name, CHINESE.name):  # each document links to the other
            del found[other]
        return found


def sections(text: str) -> list[Section]:
    """The sections of a document; a # within a code block is no heading."""
    starts = [0]
    fenced = [found.span() for found in _BLOCK.finditer(text)]
    for found in re.finditer(r"^#+ ", text, re.M):
        at = found.start()
        if at and not any(begin <= at < end for begin, end in fenced):
            starts.append(at)
    parts = [text[begin:end] for begin, end in zip(starts, [*starts[1:], len(text)])]
    return [Section(*part.split("\n", 1)) for part in parts]


def problems(english: str, chinese: str) -> Iterator[str]:
    """What is out of step, each with its section's English name."""
    for ours, theirs in _paired(sections(english), sections(chinese)):
        if ours is None:
            yield f'"{theirs.title}" translates no section'
        elif theirs is None or ours.level != theirs.level:
            yield f'"{ours.title}" has no translation in its place'
        else:
            yield from (f'"{ours.title}": {what}' for what in _differences(ours, theirs))


def _paired(english: list[Section], chinese: list[Section]) -> Iterator[tuple[Any, Any]]:
    """Sections and their translations; a new or changed one leaves the pairs around it alone."""
    digests = [section.digest for section in english]
    matcher = SequenceMatcher(None, digests, [section.noted for section in chinese], False)
    for _, a, b, c, d in matcher.get_opcodes():
        yield from zip_longest(english[a:b], chinese[c:d])


def _differences(ours: Section, theirs: Section) -> Iterator[str]:
    if ours.digest != theirs.noted:
        yield (f"the English has changed; translate it, then run "
               f'python tests/translation.py --done "{ours.title}"')  # fmt: skip
    if ours.blocks != theirs.blocks:
        yield "code blocks differ"
    if [_numbers(row) for row in ours.rows] != [_numbers(row) for row in theirs.rows]:
        yield "tables have other rows, columns or numbers"
    for what, pattern in (("code", _SPAN), ("links", _LINK), ("numbers", _NUMBER)):
        want, found = ours.counted(pattern), theirs.counted(pattern)
        if want != found:
            yield (f"{what} of English only {sorted((want - found).elements())}, of Chinese only "
                   f"{sorted((found - want).elements())}")  # fmt: skip


def _numbers(row: list[str]) -> list[list[str]]:
    return [sorted(_NUMBER.findall(cell)) for cell in row]


def brought_up(english: str, chinese: str, done: list[str]) -> str:
    """The translation with code blocks, tables' numbers, and digests of what is ``done``."""
    ours, theirs = sections(english), sections(chinese)
    unknown = set(done) - {section.title for section in ours}
    if unknown:
        raise SystemExit(f"No section is called {', '.join(sorted(unknown))}.")
    if [s.level for s in ours] != [s.level for s in theirs]:
        raise SystemExit("\n".join(problems(english, chinese)))
    return "".join(_brought_up(o, t, o.title in done) for o, t in zip(ours, theirs))


def _brought_up(ours: Section, theirs: Section, done: bool) -> str:
    body = theirs.body
    if done:
        body = f"<!-- en {ours.digest} -->\n\n{_NOTE.sub('', body).lstrip()}"
    if len(ours.blocks) == len(theirs.blocks):
        blocks = iter(ours.blocks)
        body = _BLOCK.sub(lambda _: next(blocks), body)
    if [len(row) for row in ours.rows] == [len(row) for row in theirs.rows]:
        rows = iter(ours.rows)
        body = _ROW.sub(lambda row: _row(row.group(), next(rows)), body)
    return f"{theirs.heading}\n{body}"


def _row(line: str, want: list[str]) -> str:
    cells = [w if _BARE.fullmatch(w.strip()) else c for w, c in zip(want, line.split("|")[1:-1])]
    return f"|{'|'.join(cells)}|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--done", nargs="+", default=[], metavar="SECTION")
    options = parser.parse_args()
    english = ENGLISH.read_text(encoding="utf-8")
    text = brought_up(english, CHINESE.read_text(encoding="utf-8"), options.done)
    CHINESE.write_text(text, encoding="utf-8")
    left = list(problems(english, text))
    raise SystemExit("\n".join(left) if left else 0)


if __name__ == "__main__":
    main()
