"""What checks say is known by its templates, and keeps its values."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.report.messages import catalogue
from harness.report.told import told, written

HARNESS = Path(__file__).parents[2] / "harness"
SAY = catalogue("zh")
TEMPLATES = written("zh")
CHINESE = re.compile("[\u3002\u3400-\u9fff\uff00-\uffef]")


def _trees() -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in HARNESS.rglob("*.py")]


def _names(template: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(template) if name)


def test_every_template_is_made_of_strings_of_the_harness() -> None:
    strings = [
        node.value
        for tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    source = "\0".join(strings)
    for template in TEMPLATES:
        parts = [part for part, _, _, _ in string.Formatter().parse(template)]
        clauses = [c.strip(" .") for part in parts for c in re.split(r", |\. ", part)]
        assert any(clauses), template
        assert [clause for clause in clauses if clause not in source] == [], template


def test_translations_keep_their_values() -> None:
    for template, said in TEMPLATES.items():
        assert _names(said) == _names(template), template
        assert CHINESE.search(said), template


def _sentences() -> Iterator[str]:
    """What findings are told to say, where it stands as one string, 7 for every value."""
    for tree in _trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"):
                continue
            said = node.args[1] if len(node.args) > 1 else node
            if isinstance(said, ast.Constant):
                yield said.value
            elif isinstance(said, ast.JoinedStr):
                yield "".join(p.value if isinstance(p, ast.Constant) else "7" for p in said.values)


def test_what_findings_say_is_told_in_chinese() -> None:
    # Two values beside each other are words, which 7 is not.
    sentences = [s for s in _sentences() if re.search("[a-z]", s) and "7 7" not in s]
    assert len(sentences) > 50
    for sentence in sentences:
        said = told(sentence, SAY)
        assert CHINESE.search(said), sentence
        assert said.count("7") == sentence.count("7"), sentence
        assert not re.search(r"\b(the|its|of|and|are|is|where|that)\b", said), said


SAID = {
    "MindSpore's differs by 252 at most, 100% of the values differ: it is not scaled: "
    "Rescale(1/255) is missing (255 times too large).":
        "MindSpore 的结果最多相差 252，有 100% 的值不同：没有缩放："
        "缺少 Rescale(1/255)（大了 255 倍）。",
    "No one setting of torch's moves as MindSpore does. a.weight, step1: does not move; b, step1: "
    "moves, and torch's does not.":
        "改变 torch 的任何单个设置，都得不到 MindSpore 那样的更新。a.weight，第 1 步：没有更新；"
        "b，第 1 步：有更新，而 torch 没有。",
    "told to train, the root trains in torch and evaluates in MindSpore":
        "设为训练模式时，根模块 在 torch 中处于训练模式，在 MindSpore 中处于推理模式",
    "Nothing knows this. MindSpore decays no parameter. Nor this.":
        "Nothing knows this. MindSpore 没有对任何参数做权重衰减。Nor this.",
    "nothing knows this": "nothing knows this",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize("english", SAID)
def test_sentences_are_told_with_what_they_hold(english: str) -> None:
    assert told(english, SAY) == SAID[english]
    assert told(english, catalogue("en")) == english
