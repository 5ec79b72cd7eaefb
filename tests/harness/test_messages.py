"""Every message of the reports has a translation, and every translation a message."""

import ast
import string
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.report.messages import Catalogue, catalogue, translations

REPORT = Path(__file__).parents[2] / "harness" / "report"


def _calls() -> list[ast.Call]:
    return [
        node
        for folder in (REPORT, REPORT.with_name("commands"))
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"
    ]


def _said() -> set[str]:
    """The first argument of every ``say``."""
    return {ast.literal_eval(call.args[0]) for call in _calls()}


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_message_is_a_literal_given_what_it_names() -> None:
    for call in _calls():
        assert len(call.args) == 1 and isinstance(call.args[0], ast.Constant), ast.unparse(call)
        given = {keyword.arg for keyword in call.keywords}
        # A call with **values is told by the run.
        assert None in given or given == _placeholders(call.args[0].value), ast.unparse(call)


def test_every_message_is_translated() -> None:
    assert sorted(_said() - set(translations("zh"))) == []


def test_no_translation_is_left_over() -> None:
    assert sorted(set(translations("zh")) - _said()) == []


def test_translations_keep_what_they_are_given() -> None:
    for template, said in translations("zh").items():
        assert _placeholders(said) == _placeholders(template), template


def test_no_message_stands_in_two_sections() -> None:
    sections = tomllib.loads((REPORT / "messages" / "zh.toml").read_text(encoding="utf-8"))
    found = Counter(template for section in sections.values() for template in section)
    assert [template for template, number in found.items() if number > 1] == []


def test_a_message_is_said_in_the_language() -> None:
    say = Catalogue("zh", {"{n} {n:check|checks} of {kind}": "{kind}:{n} 项检查"})
    assert say("{n} {n:check|checks} of {kind}", n=2, kind="layers") == "layers:2 项检查"


@pytest.mark.parametrize(("n", "said"), [(0, "0 checks"), (1, "1 check"), (2, "2 checks")])
def test_plurals_and_messages_without_translation_are_english(n: int, said: str) -> None:
    assert Catalogue("zh", {})("{n} {n:check|checks}", n=n) == said


def test_braces_in_values_are_kept() -> None:
    assert catalogue()("{name}", name="{x:|}") == "{x:|}"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(HarnessError, match="no language 'fr': choose en or zh"):
        catalogue("fr")
