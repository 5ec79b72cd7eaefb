"""The ready files of GitHub Actions, GitLab, Gitee Go and pre-commit say what exists."""

import configparser
import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = (".github/workflows/gate.yml", ".gitlab-ci.yml", ".workflow/gate.yml")
HOOKS = (".pre-commit-hooks.yaml", ".pre-commit-config.yaml")

#: What one of them may call beside what the environment installs.
_INSTALLED_FIRST = {"pip", "tox"}


def _read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def _commands(value: Any, key: str = "") -> Iterator[str]:
    """The command lines in a file, by the keys that hold them."""
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from _commands(inside, str(name))
    elif isinstance(value, list):
        for inside in value:
            yield from _commands(inside, key)
    elif key in ("run", "script", "commands", "entry"):
        yield from str(value).splitlines()


def _tox() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini")
    return parser


@pytest.mark.parametrize("name", [*WORKFLOWS, *HOOKS])
def test_every_command_names_what_exists(
    name: str, request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> None:
    commands = list(_commands(_read(name)))
    assert commands
    for command in commands:
        words = shlex.split(command)
        if words[:2] == ["cat", "gate.md"]:
            continue
        assert words[0] in ("python", "python3"), command
        assert words[1] == "-m", command
        found = importlib.util.find_spec(words[2]) is not None
        assert found or words[2] in _INSTALLED_FIRST, command
        environments = [words[n + 1] for n, word in enumerate(words) if word == "-e"]
        for environment in environments:
            assert f"testenv:{environment}" in _tox(), command
        if words[2] in ("pytest", "tox"):
            _require_options(words[words.index("--") if "--" in words else 3 :], pytestconfig)


def _require_options(words: list[str], config: pytest.Config) -> None:
    known = {name for option in config._parser._anonymous.options for name in option.names()}
    known |= {n for g in config._parser._groups for o in g.options for n in o.names()}
    for word in words:
        if word.startswith("-") and word != "--":
            assert word in known, word


def test_the_gate_lints_and_leaves_out_what_is_unchanged() -> None:
    commands = _tox()["testenv:gate"]["commands"]
    for word in ("ruff check", "ruff format --check", "mypy", "pytest --gate -n 2"):
        assert word in commands
    assert "PYTHONHASHSEED = 0" in _tox()["testenv"]["set_env"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_workflow_runs_the_gate_keeps_what_passed_and_shows_what_it_found(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(
        r"tox run -qq -e gate -- --junitxml gate.xml --results gate.json --results gate.html "
        r"--results gate.md\n",
        text,
    )
    for kept in (".gate", "pip", "gate.html", "gate.json", "gate.md", "gate.xml"):
        assert kept in text
    for ignored in (".gate/", ".cache/", "gate.html", "gate.json", "gate.md", "gate.xml"):
        assert ignored in (ROOT / ".gitignore").read_text().splitlines()


def test_what_each_service_wants_is_there() -> None:
    github, gitlab, gitee = map(_read, WORKFLOWS)
    # YAML 1.1 reads the key "on" as true.
    assert {"pull_request", "push"} <= set(github[True])
    steps = github["jobs"]["gate"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    saves = [step for step in steps if "cache/save" in step.get("uses", "")]
    assert [step["if"] for step in saves] == ["always()"]
    assert gitlab["gate"]["artifacts"]["reports"] == {"junit": "gate.xml"}
    assert {entry["paths"][0] for entry in gitlab["gate"]["cache"]} == {".cache/pip", ".gate"}
    assert gitee["version"] == "1.0"
    (step,) = gitee["stages"][0]["steps"]
    assert (step["step"], step["pythonVersion"]) == ("build@python", "3.11")


def test_the_hooks_run_the_gate_on_what_changed() -> None:
    (hook,) = _read(".pre-commit-hooks.yaml")
    own = _read(".pre-commit-config.yaml")["repos"][0]["hooks"]
    for found in (hook, next(entry for entry in own if entry["id"] == hook["id"])):
        assert "pytest --gate --gate-base HEAD" in found["entry"]
        assert found["always_run"]
        assert not found["pass_filenames"]
    for entry in (hook, *own):
        assert {"id", "name", "entry", "language"} <= set(entry)
