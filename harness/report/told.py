"""What checks say, in the language of a report: sentences known by their templates."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from harness.report.messages import Catalogue

_NAME = re.compile(r"\{(\w+)\}")
#: Where a text falls into clauses, what stands there in English, and what in Chinese.
_SENTENCE = r"(?<=\.) (?=[A-Z]|torch )"
_CLAUSES = ((re.compile(_SENTENCE), " ", ""), (re.compile("; "), "; ", "\uff1b"))


def told(text: str, say: Catalogue) -> str:
    """The text, or as much of it as has a translation; without one it stays as it is."""
    return text if say.lang == "en" else _told(text, say.lang)


@lru_cache(maxsize=4096)
def _told(text: str, lang: str) -> str:
    found = _whole(text, lang)
    if found is not None:
        return found
    for clause, space, joint in _CLAUSES:
        parts = clause.split(text)
        if len(parts) > 1:
            *before, last = _clauses(parts, space, lang)
            return "".join(one + (space if one in text else joint) for one in before) + last
    return text


def _clauses(parts: list[str], space: str, lang: str) -> Iterator[str]:
    """Every clause told, the longest run of them that one template holds at once."""
    while parts:
        runs = ((n, _whole(space.join(parts[:n]), lang)) for n in range(len(parts), 1, -1))
        count, found = next((run for run in runs if run[1] is not None), (1, None))
        yield _told(parts[0], lang) if found is None else found
        parts = parts[count:]


def _whole(text: str, lang: str) -> str | None:
    """What the whole text is by one template, its values told, too; it may end in a full stop."""
    if text == ".":
        return "\u3002"
    forms = [(text, "")] + ([(text[:-1], "\u3002")] if text.endswith(".") else [])
    for pattern, translation in templates(lang):
        for form, stop in forms:
            if found := pattern.fullmatch(form):
                values = {name: _told(value, lang) for name, value in found.groupdict().items()}
                return translation.format(**values) + stop
    return None


@cache
def templates(lang: str) -> list[tuple[re.Pattern[str], str]]:
    """A language's templates as patterns, those with most letters of their own first."""
    pairs = sorted(written(lang).items(), key=lambda pair: -len(_NAME.sub("", pair[0])))
    return [(_pattern(template), translation) for template, translation in pairs]


def written(lang: str) -> dict[str, str]:
    """English template -> translation, of all sections of a language's file."""
    file = Path(__file__).parent / "messages" / f"{lang}_checks.toml"
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {template: said for section in sections.values() for template, said in section.items()}


def _pattern(template: str) -> re.Pattern[str]:
    """A template as a pattern. What a value can be follows from how its name begins."""
    pattern = ""
    for i, part in enumerate(_NAME.split(template)):
        if i % 2 == 0:
            pattern += re.escape(part.replace("{{", "{").replace("}}", "}"))
        elif part.startswith("many"):
            pattern += f"(?P<{part}>.*?)"
        elif part.startswith("path"):
            pattern += rf"(?P<{part}>the root|\S+?)"
        else:  # no more than one clause
            pattern += rf"(?P<{part}>(?:(?!; |{_SENTENCE}).)*?)"
    return re.compile(pattern, re.S)
