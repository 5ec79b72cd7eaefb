"""README.zh-CN.md says what README.md says, section by section."""

import re

import pytest
from translation import CHINESE, ENGLISH, brought_up, problems, sections

README = ENGLISH.read_text(encoding="utf-8")
TRANSLATED = CHINESE.read_text(encoding="utf-8")


def test_the_translation_is_in_step() -> None:
    assert len(sections(README)) >= 11
    assert list(problems(README, TRANSLATED)) == []


def test_each_document_links_to_the_other_at_its_top() -> None:
    assert f"]({CHINESE.name})" in README.split("\n\n")[1]
    assert f"]({ENGLISH.name})" in TRANSLATED.split("\n\n")[1]


def test_every_section_is_written_in_chinese() -> None:
    for section in sections(TRANSLATED):
        assert re.search("[\u4e00-\u9fff]", section.title), section.title
        assert len(re.findall("[\u4e00-\u9fff]", section.body)) > 20, section.title


CHANGES = {
    "a word": ("ResNet-50 is the reference case.", "ResNet-18 is the reference case.", "numbers"),
    "a sentence": ("No tolerance is picked by hand.", "Tolerances are measured.", "How it judges"),
    "a heading": ("## A first port", "## The first port", "The first port"),
    "a section": ("## A first port", "## News\n\nSome.\n\n## A first port", '"News" has no'),
    "a command": ("check resnet50 -v`", "check resnet50 -vv`", "of English only"),
    "a block": ("harness layers\n", "harness layers --all\n", "code blocks differ"),
    "a link": ("(docs/tutorial.md)", "(docs/start.md)", "docs/start.md"),
    "a table's number": ("| ResNet-50 | 37 |", "| ResNet-50 | 38 |", "tables"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_english_alone_is_told(change: str) -> None:
    before, after, told = CHANGES[change]
    assert README.count(before) == 1
    found = list(problems(README.replace(before, after), TRANSLATED))
    assert any(told in line for line in found)
    assert len({line.partition('":')[0] for line in found}) == 1  # no other section is named


def test_other_line_breaks_are_no_change() -> None:
    wrapped = README.replace(
        "module that is wrong and the\nsetting", "module that is wrong and\nthe setting"
    )
    assert wrapped != README
    assert list(problems(wrapped, TRANSLATED)) == []


def test_blocks_and_numbers_of_tables_are_copied_and_words_are_not() -> None:
    changed = README.replace("| ResNet-50 | 37 |", "| ResNet-50 | 38 |")
    changed = changed.replace("harness layers\n", "harness layers --all\n")
    assert list(problems(changed, TRANSLATED)) != []
    assert list(problems(changed, brought_up(changed, TRANSLATED, []))) == []
    changed = README.replace("No tolerance is picked by hand.", "Tolerances are measured.")
    (left,) = problems(changed, brought_up(changed, TRANSLATED, []))
    assert '--done "How it judges"' in left
    assert list(problems(changed, brought_up(changed, TRANSLATED, ["How it judges"]))) == []
