"""``bench`` judges ratios, says what is missed or grew, and reads both kinds of files."""

import json
import re
from pathlib import Path

import pytest

from harness import benchmarks
from harness.benchmarks import KEY, RATIOS, Turns
from harness.cli import main
from harness.errors import HarnessError
from harness.report import bench

ROOT = Path(__file__).parents[1]
QUIET = {name: Turns((0.5, 0.51, 0.52, 0.53), (1.0, 1.01, 1.02, 1.03)) for name in RATIOS}
# What is held to a tenth of its baseline.
QUIET |= {name: Turns((0.01,) * 4, (1.0,) * 4) for name in ("import", "help")}


def _with(name: str, *ours: float) -> dict[str, Turns]:
    return {**QUIET, name: Turns(ours, (1.0,) * len(ours))}


def _run(folder: Path, found: dict[str, Turns], *arguments: str) -> int:
    benchmarks.save(folder / "run.json", found)
    return main(["bench", str(folder / "run.json"), *arguments])


def test_what_is_within_its_limits_passes(tmp_path: Path, capsys) -> None:
    assert _run(tmp_path, QUIET) == 0
    limits = sum(bool(ratio.limit) for ratio in RATIOS.values())
    assert f"{limits} of {limits} limits are met." in capsys.readouterr().out


def test_a_missed_limit_fails_and_is_marked(tmp_path: Path, capsys) -> None:
    assert _run(tmp_path, _with("comparison", 2.1, 2.2)) == 1
    said = capsys.readouterr().out
    assert said.count("MISSED") == 1
    assert "2.10" in said


def test_the_best_round_decides(tmp_path: Path) -> None:
    assert _run(tmp_path, _with("comparison", 9.0, 1.9, 9.0)) == 0


def test_a_ratio_without_a_limit_never_fails(tmp_path: Path) -> None:
    assert not RATIOS["scan"].limit
    assert _run(tmp_path, _with("scan", 99.0)) == 0


def test_a_limit_that_was_not_measured_is_not_met(tmp_path: Path, capsys) -> None:
    found = {name: turns for name, turns in QUIET.items() if name != "isolation"}
    assert _run(tmp_path, found) == 1
    assert "not measured" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "now", "grew"),
    [
        ((1.0, 1.01, 1.02), (1.05, 1.06, 1.07), False),  # by less than a tenth
        ((1.0, 1.01, 1.02), (1.3, 1.31, 1.32), True),
        ((1.0, 1.5, 1.6), (1.2, 1.4, 1.5), False),  # within the noise of the older run
        ((1.3, 1.31, 1.32), (1.0, 1.01, 1.02), False),  # it fell
    ],
)
def test_a_ratio_that_grew_beyond_the_noise_fails(
    tmp_path: Path, capsys, before: tuple, now: tuple, grew: bool
) -> None:
    benchmarks.save(tmp_path / "old.json", _with("tracing-torch", *before))
    code = _run(tmp_path, _with("tracing-torch", *now), "--compare", str(tmp_path / "old.json"))
    assert code == int(grew)
    assert ("GREW: tracing in torch" in capsys.readouterr().out) == grew


def test_what_is_kept_is_read_back_and_so_is_pytest_benchmarks_own(tmp_path: Path) -> None:
    assert _run(tmp_path, QUIET, "--json", str(tmp_path / "kept.json")) == 0
    assert benchmarks.load(tmp_path / "kept.json") == QUIET
    rows = [{"extra_info": {}}]
    for name, turns in QUIET.items():
        rows.append({"extra_info": {KEY: name, "ours": turns.ours, "bare": turns.bare}})
    (tmp_path / "theirs.json").write_text(json.dumps({"benchmarks": rows}))
    assert benchmarks.load(tmp_path / "theirs.json") == QUIET


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"format": 99, "ratios": {}}', '{"format": 1, "ratios": {}}',
        '{"benchmarks": [{"extra_info": {}}]}', '{"benchmarks": [{}]}',
        '{"format": 1, "ratios": {"scan": {"ours": [1], "bare": []}}}',
        '{"format": 1, "ratios": {"scan": {"ours": [1], "bare": [0]}}}',
    ],
)  # fmt: skip
def test_another_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(HarnessError, match="other.json"):
        benchmarks.load(tmp_path / "other.json")
    assert main(["bench", str(tmp_path / "other.json")]) == 2
    assert main(["bench", str(tmp_path / "none.json")]) == 2


def test_the_readme_has_every_declared_ratio() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("<!-- bench -->\n")[2].partition("<!-- /bench -->")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    declared = [(r.what, r.bare, f"{r.limit:g}" if r.limit else "") for r in RATIOS.values()]
    assert [(what, bare, limit) for what, bare, _, _, limit in rows] == declared
    assert all(re.fullmatch(r"\d+\.\d+|-", ratio) for _, _, ratio, _, _ in rows)
    assert bench.in_readme(text, QUIET).count("| 0.50 |") == len(RATIOS) - 2


def test_every_declared_ratio_is_measured() -> None:
    text = (ROOT / "tests" / "test_benchmarks.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"([a-z0-9-]+)"', text)) | {"tracing-torch", "tracing-mindspore"}
    assert set(RATIOS) <= named
    assert 'f"tracing-{side}"' in text
