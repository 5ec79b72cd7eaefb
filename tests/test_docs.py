"""What the documents say is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from elsewhere import pytest_in

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def _commands() -> list[str]:
    lines = [line for block in _blocks(README, "sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("python -m harness")]


def test_ci_runs_the_readmes_test_command() -> None:
    command = next(b.strip() for b in _blocks(README, "sh") if "-e py311" in b)
    assert command in (ROOT / ".ci" / "run").read_text()


def test_every_tox_environment_of_the_readme_exists() -> None:
    named = set(re.findall(r"tox run (?:-qq )?-e (\w+)", README))
    declared = set(re.findall(r"\[testenv:(\w+)\]", (ROOT / "tox.ini").read_text()))
    assert named
    assert named <= declared


def test_the_readmes_commands_run_as_printed(tmp_path: Path) -> None:
    commands = _commands()
    assert len(commands) >= 8
    for command in commands:
        arguments = [sys.executable, *command.split()[1:]]
        code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from harness.cli import main"
        arguments[1:3] = ["-c", f"{code}; sys.exit(main(sys.argv[1:]))", str(ROOT)]
        done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.usefixtures("frameworks")
def test_the_readmes_pair_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.checks import check_pair
    from harness.registry import find_pair

    pair = next(b for b in _blocks(README, "python") if "my_pair.py" in b)
    (tmp_path / "my_pair.py").write_text(pair)
    (tmp_path / "my_port.py").write_text("from models.layers.convolution.ms import Conv2d\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert all(v.passed for v in check_pair(find_pair("my_pair:PAIR")))


def test_the_readmes_test_file_runs_in_a_folder_of_its_own(tmp_path: Path) -> None:
    for block in _blocks(README, "python"):
        (tmp_path / re.match(r"# (\w+\.py)", block).group(1)).write_text(block)
    (tmp_path / "my_port.py").write_text("from models.layers.convolution.ms import Conv2d\n")
    code, said = pytest_in(tmp_path, "test_mine.py", "-q")
    assert code == 0, said
    assert "10 passed" in said


@pytest.mark.usefixtures("frameworks")
def test_the_three_files_of_contributing_are_a_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.checks import check_pair
    from harness.registry import find_pair

    folder = tmp_path / "logistic_pair"
    folder.mkdir()
    for block in _blocks(CONTRIBUTING, "python"):
        name = re.match(r"# models/layers/logistic/(\w+\.py)", block)
        assert name
        text = block.replace("models.layers.logistic", "logistic_pair")
        (folder / name.group(1)).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    verdicts = check_pair(find_pair("logistic_pair.pair:PAIR"))
    assert [v.case for v in verdicts if not v.passed] == []
    assert {v.check for v in verdicts} >= {"forward_eval", "backward", "same_as_pynative"}


@pytest.mark.usefixtures("frameworks")
def test_the_row_of_contributing_does_what_it_says(tmp_path: Path) -> None:
    from harness.apimap import verify
    from harness.apimap.execute import run_row
    from harness.apimap.rows import load_rows
    from harness.backends import Settings

    (block,) = _blocks(CONTRIBUTING, "toml")
    (tmp_path / "row.toml").write_text(block)
    ((name, row),) = load_rows(tmp_path).items()
    assert name in CONTRIBUTING
    assert list(verify.complaints(row, run_row(row, Settings()))) == []


def test_the_index_of_tests_names_files_that_exist() -> None:
    named = re.findall(r"`(test_\w+\.py)`", (ROOT / "tests" / "README.md").read_text())
    assert set(named) == {path.name for path in (ROOT / "tests").glob("test_*.py")}
