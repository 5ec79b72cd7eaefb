"""README.zh-CN.md says what README.md says, section by section."""

import re

import pytest
from translation import CHINESE, ENGLISH, brought_up, problems, sections

README = ENGLISH.read_text(encoding="utf-8")
TRANSLATED = CHINESE.read_text(encoding="utf-8")

#: A document and its translation, to be changed.
ONE = """\
# Title

[other](README.zh-CN.md)

Some words, over
two lines.

## Numbers

Run `it` 3 times, as [told](docs/told.md):

```sh
it --now
# no heading
```

| what | n |
|---|---|
| runs | 1,200 |

## Last

The end.
"""
OTHER = """\
# 标题

[other](README.md)

一些文字，共两行。

## 数字

按[说明](docs/told.md)运行 `it` 3 次：

```sh
it --now
# no heading
```

| 项目 | 数 |
|---|---|
| 运行 | 1,200 |

## 末尾

结束。
"""
TITLES = ["Title", "Numbers", "Last"]
IN_STEP = brought_up(ONE, OTHER, TITLES)


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


def test_what_is_translated_and_noted_is_in_step() -> None:
    assert [section.title for section in sections(ONE)] == TITLES
    assert list(problems(ONE, IN_STEP)) == []
    assert len(list(problems(ONE, OTHER))) == 3  # not noted yet
    assert list(problems(ONE.replace("over\ntwo", "over two"), IN_STEP)) == []


CHANGES = {
    "a word": ("The end.", "The very end.", '--done "Last"'),
    "a heading": ("## Last", "## First", '--done "First"'),
    "a section": ("## Last", "## News\n\nSome.\n\n## Last", '"News" has no translation'),
    "a section less": ("## Last\n\nThe end.\n", "", '"末尾" translates no section'),
    "a number": ("3 times", "4 times", "numbers of English only ['4'], of Chinese only ['3']"),
    "code": ("`it`", "`that`", "code of English only ['`that`']"),
    "a block": ("it --now", "it --later", '"Numbers": code blocks differ'),
    "a link": ("docs/told.md", "docs/new.md", "links of English only ['docs/new.md']"),
    "a table's number": ("1,200", "1,300", '"Numbers": tables have other rows'),
    "a row": ("| runs | 1,200 |", "| runs | 1,200 |\n| more | 2 |", "tables have other rows"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_english_alone_is_told(change: str) -> None:
    before, after, told = CHANGES[change]
    assert ONE.count(before) == 1
    found = list(problems(ONE.replace(before, after), IN_STEP))
    assert any(told in line for line in found), found
    assert len({line.split('"')[1] for line in found}) == 1  # no other section is named


def test_blocks_and_numbers_of_tables_are_copied_and_words_are_not() -> None:
    changed = ONE.replace("1,200", "1,300").replace("it --now", "it --later")
    assert list(problems(changed, brought_up(changed, IN_STEP, []))) == []
    changed = ONE.replace("The end.", "The very end.")
    (left,) = problems(changed, brought_up(changed, IN_STEP, []))
    assert 'python tests/translation.py --done "Last"' in left
    assert list(problems(changed, brought_up(changed, IN_STEP, ["Last"]))) == []


def test_a_section_that_is_not_there_cannot_be_done() -> None:
    with pytest.raises(SystemExit, match="No section is called Frist"):
        brought_up(ONE, IN_STEP, ["Frist"])
    with pytest.raises(SystemExit, match='"News" has no translation'):
        brought_up(ONE + "\n## News\n", IN_STEP, ["News"])
