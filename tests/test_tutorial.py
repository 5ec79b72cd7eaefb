"""The tutorial, executed: files are written, edits made, commands run, what they print is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs" / "tutorial.md"
NUMBER = re.compile(r"\d[\d.]*(?:e[+-]?\d+)?(?:\+\w+)?")


def steps(text: str) -> list[tuple[str, str]]:
    """(language, block) in order."""
    return re.findall(r"```(\w+)\n(.*?)```", text, re.S)


def written(block: str, folder: Path) -> None:
    """A file, named by its first line."""
    (folder / block.splitlines()[0].removeprefix("# ")).write_text(block)


def edited(block: str, folder: Path) -> None:
    """A file with one line replaced; the line stands there once."""
    name, *lines = block.splitlines()
    (before,) = [line[1:] for line in lines if line.startswith("-")]
    (after,) = [line[1:] for line in lines if line.startswith("+")]
    file = folder / name.removeprefix("# ")
    source = file.read_text()
    assert source.count(before + "\n") == 1, f"{before!r} in\n{source}"
    file.write_text(source.replace(before, after))


def said(command: str, folder: Path) -> str:
    """What a command prints."""
    words = command.removeprefix("python -m ").split()
    plugin = ["-p", "harness.plugin"] if words[0] == "pytest" else []
    done = subprocess.run(
        [sys.executable, "-m", *words, *plugin],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=600,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def normal(line: str) -> str:
    """A line without its numbers and the width of its columns."""
    return " ".join(NUMBER.sub("#", line).split())


def holds(output: str, wanted: str) -> None:
    """Every line of the tutorial is printed, or begins one that is, in the tutorial's order."""
    found = iter([normal(line) for line in output.splitlines()])
    for line in wanted.splitlines():
        want = normal(line)
        if want not in ("", "..."):
            assert any(have.startswith(want) for have in found), f"{line!r} is not in\n{output}"


@pytest.mark.parametrize("tutorial", [TUTORIAL], ids=lambda path: path.name)
def test_the_tutorial_happens_as_told(tutorial: Path, tmp_path: Path) -> None:
    commands = 0
    for language, block in steps(tutorial.read_text(encoding="utf-8")):
        if language == "python":
            written(block, tmp_path)
        elif language == "diff":
            edited(block, tmp_path)
        else:
            assert language == "console"
            command, _, wanted = block.removeprefix("$ ").partition("\n")
            holds(said(command, tmp_path), wanted)
            commands += 1
    assert commands >= 5


def test_a_line_that_is_not_printed_is_noticed() -> None:
    holds("a 1.5 s\nb\nc 3\n", "a  2.5 s\n...\nc 4\n")
    for missing in ("d\n", "b\na 1 s\n"):
        with pytest.raises(AssertionError):
            holds("a 1.5 s\nb\nc 3\n", missing)
