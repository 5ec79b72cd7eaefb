"""Runs in parts, as several machines make them, and the parts merged into one report."""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elsewhere import pytest_in

from harness import records, sharding
from harness.cli import main
from harness.results import Outcome, Results
from harness.verdict import Verdict

ROOT = Path(__file__).parents[1]

PAIRS = """
from harness import Input, Pair, Variant

ONE = Pair(
    name="networks.one", torch="torch.nn:Linear", mindspore="mindspore.nn:Dense",
    inputs=[Input((5, 3))], checks=["forward_eval", "backward", "structure"],
    without={"state": "it keeps none"},
    variants={
        "a": Variant({"in_channels": 3, "out_channels": 4}),
        "b": Variant({"in_channels": 3, "out_channels": 2}),
        "c": Variant({"in_channels": 3, "out_channels": 1}),
    },
)
REAL = Pair(
    name="networks.real", torch="torch.nn:Tanh", mindspore="mindspore.nn:Tanh",
    inputs=[Input((5, 3))], checks=["forward_eval", "backward"],
    variants={"a": Variant(), "b": Variant(inputs=[Input((4, 2))])},
)
"""
# The verdicts are made by hand, from what a case draws from: no framework is loaded.
TESTS = """
import pairs
import pytest
from harness import parametrize_pairs
from harness.verdict import Measurement, Result, Verdict

@pytest.fixture
def run_case():
    def run(case):
        wrong = case.variant == "c" and case.check == "backward"
        ratio = float("inf") if wrong else case.entropy % 1000 / 100 + 1
        measured = Measurement("diverges" if wrong else "agrees", ratio=ratio)
        result = Result("act:out", "whole", "act", "eval", measured)
        problems = ("The port has a gradient of its own.",) if wrong else ()
        counted = {"results": (result,), "problems": problems, "compared": 3}
        return Verdict(case.id, case.check, case.seed, **counted)
    return run

@parametrize_pairs([pairs.ONE])
def test_pair(check):
    check()

def test_skipped():
    pytest.skip("no data here")

@pytest.mark.xfail(reason="a known bug", strict=True)
def test_xfailed():
    raise ValueError

@pytest.fixture
def torn():
    yield
    raise ValueError("torn down badly")

def test_error(torn):
    pass
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder, in which nothing is written but results."""
    path = tmp_path_factory.mktemp("user")
    (path / "pairs.py").write_text(PAIRS)
    (path / "test_mine.py").write_text(TESTS)
    (path / "test_other.py").write_text("def test_other(): pass\n")
    return path


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, str]:
    """The run in one go, as whole.json, and its two parts, one of them over two processes."""
    runs = {
        "whole": ("--results", "whole.json"),
        "1": ("--results", "1.json", "--shard", "1/2", "-n", "2"),
        "2": ("--results", "2.json", "--shard", "2/2"),
    }
    return {name: pytest_in(folder, *options)[1] for name, options in runs.items()}


@pytest.fixture
def merge(
    folder: Path, said: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run the command on results, or on files; returns its exit code and what it says."""

    def run(*given: Results | Path, options: tuple[str, ...] = ()) -> tuple[int, str]:
        paths = []
        for number, one in enumerate(given):
            path = one if isinstance(one, Path) else tmp_path / f"{'ABCDE'[number]}.json"
            if isinstance(one, Results):
                one.save(path)
            paths.append(str(path))
        code = main(["merge", *paths, *options])
        printed = capsys.readouterr()
        return code, (printed.out + printed.err).replace(f"{tmp_path}{os.sep}", "")

    return run


def _found(path: Path) -> list[tuple[Any, ...]]:
    tests = Results.load(path).tests
    return sorted(
        (t.nodeid, t.outcome, t.reason, _drawn(t.verdict) if t.verdict else "") for t in tests
    )


def _drawn(verdict: Verdict) -> str:
    """What a verdict found; only its time may differ."""
    return json.dumps(records.to_json(replace(verdict, seconds=0.0, bundle="")))


def test_parts_run_every_test_once_and_find_what_one_run_finds(
    folder: Path, said: dict[str, str]
) -> None:
    first, second = _found(folder / "1.json"), _found(folder / "2.json")
    assert sorted(first + second) == _found(folder / "whole.json")
    assert len(first + second) == 13
    assert f"shard 1 of 2: {len(first)} of 13 tests" in said["1"]
    assert f"shard 2 of 2: {len(second)} of 13 tests" in said["2"]
    homes = [
        {t[0].partition("-")[0] for t in part if "networks." in t[0]} for part in (first, second)
    ]
    assert not homes[0] & homes[1]
    assert [len(home) for home in homes] == [2, 1]


def test_the_merged_report_says_what_one_run_says(
    folder: Path, merge: Callable[..., tuple[int, str]], said: dict[str, str], tmp_path: Path
) -> None:
    parts = (folder / "1.json", folder / "2.json")
    code, report = merge(*parts, options=("-o", str(tmp_path / "all.json"), "-v"))
    assert code == 1
    start, end = "worst e/r of each case", "9 cases, 27 entries: 8 agrees, 1 diverges"
    table = said["whole"][said["whole"].index(start) : said["whole"].index(end)]
    assert "networks  backward                 3" in table
    assert table in report
    assert end in report
    for line in (
        "9 passed, 1 failed, 1 skipped, 1 xfailed, 1 error",
        "it keeps none  (networks.one without state)",
        "no data here  (test_mine.py::test_skipped)",
        "FAILED   networks.one:c-backward-pynative-f32 ",
        "s  worst e/r inf",
        "XFAILED  test_mine.py::test_xfailed  a known bug",
        "ERROR    test_mine.py::test_error  ValueError: torn down badly",
        "  The port has a gradient of its own.",
    ):
        assert line in report
    again = merge(tmp_path / "all.json", options=("-v",))
    assert again[0] == 1
    assert again[1].partition("\n\n")[2] == report.partition("\n\n")[2]


Parts = Callable[[Results, Results], list[Results]]
REFUSED: dict[str, tuple[Parts, str]] = {
    "missing": (lambda a, b: [a], "Part 2 of 2 is missing."),
    "several missing": (
        lambda a, b: [replace(a, of=4), replace(b, of=4)], "Parts 3 and 4 of 4 are missing.",
    ),
    "twice": (lambda a, b: [a, b, a], "Part 1 of 2 is given twice: A.json, C.json."),
    "of different N": (
        lambda a, b: [a, replace(b, of=3)], "A.json is one of 2 parts and B.json is one of 3;",
    ),
    "whole runs that overlap": (
        lambda a, b: [replace(a, of=1), replace(a, of=1)], "is given twice: A.json, B.json.",
    ),
    "seed": (lambda a, b: [a, replace(b, seed=1)], "with seed 0 and B.json with seed 1;"),
    "device": (lambda a, b: [a, replace(b, device="GPU")], "device CPU and B.json with device GPU"),
    "version": (
        lambda a, b: [a, replace(b, versions={**b.versions, "mindspore": "2.9"})],
        "B.json with mindspore 2.9; only runs of the same versions",
    ),
    "other tests": (
        lambda a, b: [a, replace(b, collection="0", collected=12)],
        "A.json is a part of 13 tests and B.json of 12 others;",
    ),
    "interrupted": (lambda a, b: [a, replace(b, exit=2)], "B.json: the run was interrupted;"),
    "not all ran": (
        lambda a, b: [replace(a, tests=_passed(a.tests[:2]), exit=0), b], "A.json holds 2 of the",
    ),
    "not all are in a part": (
        lambda a, b: [a, replace(b, tests=_passed(b.tests[:2]), selected=2, exit=0)],
        "of 13 tests: something chose among the tests after they were spread.",
    ),
    "nothing ran": (
        lambda a, b: [replace(a, of=1, tests=[], selected=0, collected=0, exit=5)],
        "No test was run.",
    ),
}  # fmt: skip


def _passed(tests: list[Outcome]) -> list[Outcome]:
    return [replace(test, outcome="passed") for test in tests]


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_not_one_run_is_refused(
    folder: Path, merge: Callable[..., tuple[int, str]], case: tuple[Parts, str]
) -> None:
    parts = (Results.load(folder / "1.json"), Results.load(folder / "2.json"))
    code, complaint = merge(*case[0](*parts))
    assert (code, complaint.count("\n")) == (2, 1), complaint
    assert case[1] in complaint


DAMAGE: dict[str, Callable[[str], str]] = {
    "cut off": lambda text: text[: len(text) // 2],
    "no object": lambda text: "[1, 2]",
    "a field less": lambda text: text.replace('"device"', '"devise"'),
    "a type": lambda text: text.replace('"seed":0', '"seed":"zero"'),
    "an outcome": lambda text: text.replace('"passed"', '"past"'),
    "a case": lambda text: text.replace('"case":"', '"cases":"'),
    "another format": lambda text: text.replace('"format":2', '"format":1'),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_files_are_refused(
    folder: Path, merge: Callable[..., tuple[int, str]], damage: Callable[[str], str],
    tmp_path: Path,
) -> None:  # fmt: skip
    path = tmp_path / "damaged.json"
    text = (folder / "1.json").read_text()
    path.write_text(damage(text))
    assert path.read_text() != text
    code, complaint = merge(path, folder / "2.json")
    assert (code, complaint.count("\n")) == (2, 1), complaint
    assert complaint.startswith("error: damaged.json ")


def test_runs_that_pass_merge_to_one_that_passes(
    folder: Path, merge: Callable[..., tuple[int, str]]
) -> None:
    parts = (Results.load(folder / "1.json"), Results.load(folder / "2.json"))
    code, report = merge(*(replace(p, tests=_passed(p.tests), exit=0) for p in parts))
    assert (code, report.splitlines()[-3]) == (0, "13 passed")


def test_the_pairs_of_the_command_line_are_spread_and_draw_the_same(folder: Path) -> None:
    named = ("--pair", "pairs:REAL", "-k", "forward_eval or backward")
    code, said = pytest_in(folder, *named, "--results", "real.json")
    assert code == 0, said
    code, said = pytest_in(
        folder, *named, "--results", "real2.json", "--shard", "2/2", "-n", "2", "--dist", "loadfile"
    )
    assert code == 0, said
    assert "shard 2 of 2: 2 of 4 tests" in said
    whole = _found(folder / "real.json")
    assert _found(folder / "real2.json") == [test for test in whole if "real:b" in test[0]]
    assert all(json.loads(test[3])["entries"]["ratio"] for test in whole)


LEDGER = """
[[known]]
case = "networks.one:{variant}-backward-pynative-f32"
entry = "act:out"
kind = "value"
reason = "rounding"
repro = "https://example.org/1"
torch = "2.13.0"
mindspore = "2.10.0"
"""


def test_the_ledger_is_held_against_all_parts(folder: Path, tmp_path: Path) -> None:
    """Entries for the other parts' cases are no mistake; one for no case is one in every part."""
    ledger = tmp_path / "ledger.toml"
    part = ("--collect-only", "-q", "--known", str(ledger), "--shard", "2/2")
    ledger.write_text(LEDGER.format(variant="a"))
    code, said = pytest_in(folder, *part)
    assert (code, "one:b-" in said, "one:a-" in said) == (0, True, False), said
    ledger.write_text(LEDGER.format(variant="z"))
    code, said = pytest_in(folder, *part)
    assert code == 4
    assert "networks.one:z-backward-pynative-f32  act:out" in said


def test_groups_stay_whole_and_cases_are_spread_evenly_in_any_order() -> None:
    cases = [(False, f"layers.l{n}:default") for n in range(100) for _ in range(n % 9 + 1)]
    files = [(True, f"tests/test_{n}.py") for n in range(100) for _ in range(n % 12 + 1)]
    found = sharding.parts([*cases, *files], 7)
    for groups in (cases, [*cases, *files]):
        sizes = Counter(found[group] for group in groups)
        assert set(sizes) == set(range(1, 8))
        assert max(sizes.values()) - min(sizes.values()) <= 1
    mixed = [*cases, *files]
    random.Random(0).shuffle(mixed)
    assert sharding.parts(mixed, 7) == found


@pytest.mark.parametrize("text", ["0/3", "4/3", "1/0", "3", "a/b", "1/2/3", "-1/2", "1/2 "])
def test_a_shard_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(pytest.UsageError, match=r"^--shard .*: write it as I/N .*2/3\.$"):
        sharding.shard_of(text)
