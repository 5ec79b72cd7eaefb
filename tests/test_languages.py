"""What a person reads in Chinese: the same names and numbers, in tables that stand in line."""

import re
from pathlib import Path

import pytest
from elsewhere import pytest_in
from rich.cells import cell_len

from harness.cli import main

PORT = """
from mindspore import nn

class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, pad_mode="valid", has_bias=True)
        self.norm = nn.BatchNorm2d(4, eps=1e-3)
        self.relu = nn.ReLU()

    def construct(self, x):
        return self.relu(self.norm(self.conv(x)))
"""
TORCH = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.norm(self.conv(x)))
"""
PAIR = """
from harness import Input, Pair

PAIR = Pair("networks.mine", torch="source:Net", mindspore="port:Net", inputs=[Input((2, 3, 8, 8))])
"""
CHECK = ["check", "pair_of_mine:PAIR", "--checks", "forward_eval", "--in-process", "--bundle-dir"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("source", TORCH), ("port", PORT), ("pair_of_mine", PAIR)):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?(?:e[+-]\d+)?", text)


def _page(said: str) -> str:
    """The page of the failure within what ``check`` prints."""
    return said.partition("-" * 88)[2].partition("\n\npytest")[0]


@pytest.mark.usefixtures("frameworks")
def test_a_failure_reads_alike_in_both_languages(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(folder)
    pages = {}
    for lang in ("en", "zh"):
        assert main([*CHECK, "bundles", "--lang", lang]) == 1
        pages[lang] = _page(capsys.readouterr().out).partition("rerun")[0].partition("重跑")[0]
    assert "settings that differ" in pages["en"]
    assert "不同的设置" in pages["zh"]
    assert _numbers(pages["zh"]) == _numbers(pages["en"])
    for name in ("networks.mine", "conv", "norm", "relu", "BatchNorm2d", "eps   torch 1e-05"):
        assert pages["zh"].count(name) == pages["en"].count(name) > 0, name
    assert re.findall(r"\b(the|its|of|and|alone|is|are)\b", pages["zh"]) == []
    table = pages["zh"].partition("  条目")[2].partition("\n  （共比较")[0].splitlines()
    ends = {cell_len(re.split("  （| <-|  受", f"  条目{row}" if i == 0 else row)[0].rstrip())
            for i, row in enumerate(table)}  # fmt: skip
    assert len(table) == 5 and len(ends) == 1, pages["zh"]


def test_pytest_fails_in_the_language(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_LANG", "zh")
    selected = ["-k", "forward_eval", "--bundle-dir", ""]
    code, said = pytest_in(folder, "--pair", "pair_of_mine:PAIR", "-q", *selected)
    assert code == 1
    assert "差异始于 norm；它的所有输入都一致。" in said
    assert "norm（BatchNorm2d）；不同的设置：" in said


def test_commands_take_the_language_of_the_environment_unless_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARNESS_LANG", "zh")
    assert main(["recipe", "resnet20"]) == 0
    assert "训练技巧" in capsys.readouterr().out
    assert main(["recipe", "resnet20", "--lang", "en"]) == 0
    assert "training tricks" in capsys.readouterr().out


@pytest.mark.parametrize("locale", ["LC_ALL", "LANG"])
def test_a_locale_chooses_no_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], locale: str
) -> None:
    monkeypatch.delenv("HARNESS_LANG", raising=False)
    monkeypatch.setenv(locale, "zh_CN.UTF-8")
    assert main(["recipe", "resnet20"]) == 0
    assert "training tricks" in capsys.readouterr().out


def test_another_language_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["check", "resnet50", "--lang", "fr"])
    assert "there is no language 'fr': choose en or zh" in capsys.readouterr().err
    monkeypatch.setenv("HARNESS_LANG", "fr")
    with pytest.raises(SystemExit):
        main(["check", "resnet50"])
    assert "there is no language 'fr': choose en or zh" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    ["check", "compare", "replay", "train", "evaluate", "recipe", "migrate", "reduce", "doctor"],
)
def test_help_names_the_variable(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "--lang {en,zh}" in said
    assert "default: the environment variable HARNESS_LANG, or else en" in said
