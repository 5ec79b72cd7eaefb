"""Every word of a report, in the language of whoever reads it.

A message is its English template; ``zh.toml`` holds the Chinese of each. What has no translation is
said in English.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from harness.errors import HarnessError
from harness.languages import LANGUAGES


class _Format(string.Formatter):
    """str.format, where ``{n:check|checks}`` is the one or the other by whether n is 1."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        if not bar:
            return str(super().format_field(value, format_spec))
        return one if value == 1 else many


_FORMAT = _Format()


@dataclass(frozen=True)
class Catalogue:
    """Says messages in one language: ``say("{n} {n:check|checks} not run", n=3)``.

    A call's first argument is a literal, so that a test can tell which messages there are.
    """

    lang: str
    translations: Mapping[str, str]

    def __call__(self, template: str, **values: object) -> str:
        return _FORMAT.vformat(self.translations.get(template, template), (), values)

    @property
    def tag(self) -> str:
        """The language as a document declares it."""
        return LANGUAGES[self.lang]


def catalogue(lang: str = "en") -> Catalogue:
    """The catalogue of a language. Raises HarnessError where there is none."""
    if lang not in LANGUAGES:
        raise HarnessError(f"There is no language {lang!r}: choose {' or '.join(LANGUAGES)}.")
    return Catalogue(lang, {} if lang == "en" else translations(lang))


@cache
def translations(lang: str) -> Mapping[str, str]:
    """English template -> translation, of all sections of a language's file."""
    sections = tomllib.loads((files(__name__) / f"{lang}.toml").read_text(encoding="utf-8"))
    return {template: said for section in sections.values() for template, said in section.items()}
