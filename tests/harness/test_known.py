"""The ledger of known divergences is strict: what is known is never a pass, what is not fails."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import HarnessError
from harness.known import Known, excused, match, read_ledger, unmatched
from harness.report import failure, text
from harness.verdict import AGREES, DIVERGES, KNOWN, Culprit, Measurement, Result, Verdict

ROOT = Path(__file__).parents[2]
CASE = "layers.fake:default-forward_eval-pynative-f32"
REPRO = "tests/test_framework_bugs.py::test_gradient_of_a_strided_index"

ENTRY = Known(CASE, "act:out", "value", "The kernel rounds twice.", REPRO, "2.13.0", "2.10.0")


def ledger_text(*entries: Known) -> str:
    tables = []
    for known in entries:
        lines = [f"{key} = {value!r}" for key, value in vars(known).items()]
        tables.append("\n".join(["[[known]]", *lines]))
    return "\n\n".join(tables)


def result(entry: str, status: str = DIVERGES, kind: str = "value", note: str = "") -> Result:
    unit = entry.partition(":")[0]
    found = Measurement(status, kind if status == DIVERGES else "", note=note)
    return Result(entry, "isolated", unit, "eval", found)


def verdict(*results: Result) -> Verdict:
    return Verdict(CASE, "forward_eval", 0, results=results, compared=len(results))


# -- reading ---------------------------------------------------------------------------------------


def test_the_ledger_of_this_repository_is_valid() -> None:
    read_ledger(ROOT / "tests" / "known_divergences.toml")


def test_the_example_in_its_header_is_an_entry(tmp_path: Path) -> None:
    header = (ROOT / "tests" / "known_divergences.toml").read_text()
    example = header[header.index("# [[known]]") : header.index("# Strict:")]
    (tmp_path / "known.toml").write_text(example.replace("\n# ", "\n").removeprefix("# "))
    link = (tmp_path / "known.toml").read_text().replace(REPRO, "https://example.org/1")
    (tmp_path / "known.toml").write_text(link)
    (known,) = read_ledger(tmp_path / "known.toml")
    assert known.entry == "act:grad_in.0"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    entries = (
        replace(ENTRY, repro="https://example.org/issues/1"),
        replace(ENTRY, entry="", kind="RuntimeError", repro="test_it.py::TestIt::test_that[a-b]"),
    )
    (tmp_path / "test_it.py").write_text("class TestIt:\n    def test_that(self, x): ...\n")
    (tmp_path / "known.toml").write_text(ledger_text(*entries))
    assert read_ledger(tmp_path / "known.toml") == entries


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "wrong"}, "use missing, shape, dtype"),
        ({"kind": "Value"}, "the type name of an exception"),
        ({"reason": " "}, "reason = ' ' must be a text that is not empty"),
        ({"entry": ""}, "only an exception may name the root"),
        ({"case": "layers.fake:default"}, "is no case id"),
        ({"case": CASE.replace("eval", "evil")}, "is no case id"),
        ({"case": CASE.replace("pynative", "graph")}, "is no case id"),
        ({"repro": "tests/test_framework_bugs.py::test_nothing"}, "neither a link nor a test"),
        ({"repro": "tests/no_such_file.py::test_x"}, "neither a link nor a test"),
        ({"repro": "I saw it"}, "neither a link nor a test"),
    ],
)
def test_a_wrong_entry_is_told(changes: dict[str, str], said: str, tmp_path: Path) -> None:
    entry = replace(ENTRY, **{"repro": "https://example.org/1", **changes})
    (tmp_path / "known.toml").write_text(ledger_text(entry))
    with pytest.raises(HarnessError, match=said):
        read_ledger(tmp_path / "known.toml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[known]]\ncase = 'x'", "entry 1 lacks entry, kind, reason, repro, torch, mindspore"),
        (ledger_text(ENTRY) + "\ntolerance = 1", "has unknown keys tolerance"),
        (ledger_text(ENTRY).replace("'2.10.0'", "2.1"), "mindspore = 2.1 must be a text"),
        ("[[divergence]]", r"only \[\[known\]\] tables"),
        ("known = 3", r"only \[\[known\]\] tables"),
        ("[[known", "not readable as TOML"),
        (None, "no ledger of known divergences can be read"),
    ],
)
def test_a_wrong_file_is_told(content: str | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "known.toml").write_text(content)
    with pytest.raises(HarnessError, match=said):
        read_ledger(tmp_path / "known.toml")


def test_an_entry_written_twice_is_told(tmp_path: Path) -> None:
    entry = replace(ENTRY, repro="https://example.org/1")
    (tmp_path / "known.toml").write_text(ledger_text(entry, entry))
    with pytest.raises(HarnessError, match="entry 2 repeats"):
        read_ledger(tmp_path / "known.toml")


# -- matching --------------------------------------------------------------------------------------


def test_a_known_divergence_is_expected_and_everything_else_is_not() -> None:
    results = (result("act:out"), result("bn:out"), result("conv:out", AGREES))
    found = match(verdict(*results), [ENTRY])
    assert (found.expected, found.unexpected, found.unused) == (results[:1], results[1:2], ())


def test_the_ledger_of_another_case_excuses_nothing() -> None:
    found = match(verdict(result("act:out")), [replace(ENTRY, case=CASE.replace("eval", "train"))])
    assert (len(found.unexpected), found.unused) == (1, ())


@pytest.mark.parametrize("entry", ["act", "act:out"])
@pytest.mark.parametrize("kind", ["RuntimeError", "error"])
def test_an_exception_is_named_by_its_module_and_its_type(entry: str, kind: str) -> None:
    raised = verdict(result("act:out", kind="error", note="RuntimeError: 6 input memory"))
    assert match(raised, [replace(ENTRY, entry=entry, kind=kind)]).expected
    assert match(raised, [replace(ENTRY, entry=entry, kind="TypeError")]).unexpected


def test_an_excused_verdict_passes_and_counts_what_is_known() -> None:
    wrong = result("act:out")
    culprit = Culprit("act", "GELU", "GELU", False, (wrong,))
    found = excused(replace(verdict(wrong), culprits=(culprit,)), [ENTRY])
    assert found.passed
    assert (found.counts, found.culprits) == ({KNOWN: 1}, ())
    assert text.one_line(found).startswith("known")
    assert text.summary([found]).startswith("EQUIVALENT but for 1 known divergence")


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ((result("act:out", AGREES),), "unexpectedly agrees: remove it from the ledger"),
        ((result("act:out", "uninformative"),), r"no longer differs \(uninformative\)"),
        ((result("act:out", kind="shape"),), "declared as 'value' and differs in shape"),
        ((result("relu:out", AGREES),), "is no entry of this case"),
    ],
)
def test_an_entry_that_matches_no_divergence_is_a_problem(
    results: tuple[Result, ...], said: str
) -> None:
    found = excused(verdict(*results), [ENTRY])
    assert not found.passed
    assert re.search(said, failure.page(found))


def test_a_case_that_did_not_run_agrees_with_nothing() -> None:
    for blocked in (Verdict(CASE, "forward_eval", 0, blocked_by="structure"),
                    Verdict(CASE, "forward_eval", 0, problems=("it crashed",))):  # fmt: skip
        assert excused(blocked, [ENTRY]) == blocked


def test_only_a_pair_that_was_collected_must_have_the_case() -> None:
    cases = {CASE.replace("eval", "train")}
    elsewhere = replace(ENTRY, case=CASE.replace("fake", "other"))
    assert unmatched([ENTRY, elsewhere], cases, complete=False) == (ENTRY,)
    assert unmatched([ENTRY, elsewhere], cases, complete=True) == (ENTRY, elsewhere)
    assert unmatched([ENTRY], {CASE}, complete=True) == ()


# -- in pytest -------------------------------------------------------------------------------------

PROJECT = """
import pytest
from harness import Input, Pair, parametrize_pairs
from harness.verdict import AGREES, DIVERGES, Measurement, Result, Verdict

PAIR = Pair("layers.fake", "fake:pt", "fake:ms", [Input((1,))], checks=("forward_eval", "backward"))

@pytest.fixture
def run_case():
    def run(case):
        status = DIVERGES if case.check == "forward_eval" else AGREES
        found = Measurement(status, "value" if status == DIVERGES else "")
        results = (Result("act:out", "isolated", "act", "eval", found),)
        return Verdict(case.id, case.check, 0, results=results, compared=1)
    return run

@parametrize_pairs([PAIR])
def test_fake(check):
    check()
"""


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    """pytest in a folder, with the plugin; (exit code, what it printed)."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-m", "pytest", "-p", "harness.plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-rxf", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\nharness_known = known.toml\n")
    (tmp_path / "test_fake.py").write_text(PROJECT)
    return tmp_path


ELSEWHERE = replace(ENTRY, case=CASE.replace("fake", "other"))
#: entries, arguments -> exit code, what is said
RUNS = {
    "known": ([ENTRY], [], 0, "1 passed, 1 xfailed"),
    "deselected": ([ENTRY], ["-k", "backward"], 0, "1 passed, 1 deselected"),
    "not known": ([], [], 1, "1 failed, 1 passed"),
    "runxfail": ([ENTRY], ["--runxfail"], 1, "1 failed, 1 passed"),
    "another kind": ([replace(ENTRY, kind="shape")], [], 1, "declared as 'shape' and differs in"),
    "agrees": (
        [ENTRY, replace(ENTRY, case=CASE.replace("forward_eval", "backward"))],
        [],
        1,
        "unexpectedly agrees: remove it from the ledger",
    ),
    "no such variant": ([replace(ENTRY, case=CASE.replace("default", "x"))], [], 4, "match no"),
    "no such pair": ([ENTRY, ELSEWHERE], [], 4, "match no case"),
    "not everything collected": ([ENTRY, ELSEWHERE], ["test_fake.py"], 0, "1 passed, 1 xfailed"),
    "wrong entry": ([replace(ENTRY, reason="")], [], 4, "reason = '' must be a text"),
}  # fmt: skip


@pytest.mark.parametrize(("entries", "arguments", "code", "said"), RUNS.values(), ids=RUNS)
def test_a_run_with_a_ledger(
    entries: list[Known], arguments: list[str], code: int, said: str, project: Path
) -> None:
    linked = [replace(entry, repro="https://example.org/1") for entry in entries]
    (project / "known.toml").write_text(ledger_text(*linked))
    ended, printed = run_pytest(project, *arguments)
    assert (ended, said in printed) == (code, True), printed
    if said.endswith("1 xfailed"):
        assert ENTRY.reason in printed
        assert "1 agrees, 1 known" in printed


def test_the_option_takes_the_place_of_the_ini_file(project: Path) -> None:
    (project / "other.toml").write_text("")
    ended, printed = run_pytest(project, "--known", "other.toml")
    assert (ended, "1 failed, 1 passed" in printed) == (1, True), printed


# -- with the frameworks ---------------------------------------------------------------------------

WRONG_EPS = "blocks.wrong_eps:identity-forward_eval-pynative-f32"
WRONG_EPS_LEDGER = [
    replace(ENTRY, case=WRONG_EPS, entry=entry, repro="https://example.org/1")
    for entry in ("bn2:out", ":out")
]
CHECK = ["check", "user_pairs:WRONG_EPS", "--checks", "forward_eval", "--in-process", "--known"]


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize(
    ("ledger", "code", "said"),
    [
        (WRONG_EPS_LEDGER, 0, "EQUIVALENT but for 2 known divergences"),
        (WRONG_EPS_LEDGER[:1], 1, "DIVERGENT"),
        ([replace(WRONG_EPS_LEDGER[0], case=WRONG_EPS.replace("identity", "x"))], 2, "match no"),
        ([*WRONG_EPS_LEDGER, replace(ENTRY, case=WRONG_EPS, entry="bn1:out")], 1, "agrees: remove"),
    ],
)
def test_the_command_line_takes_a_ledger(
    ledger: list[Known],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    linked = [replace(entry, repro="https://example.org/1") for entry in ledger]
    (tmp_path / "known.toml").write_text(ledger_text(*linked))
    assert main([*CHECK, str(tmp_path / "known.toml")]) == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err


def test_a_real_divergence_is_xfailed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nharness_known = known.toml\n")
    (tmp_path / "known.toml").write_text(ledger_text(*WRONG_EPS_LEDGER))
    (tmp_path / "test_pair.py").write_text(
        "from user_pairs import WRONG_EPS\nfrom harness import parametrize_pairs\n\n\n"
        "@parametrize_pairs([WRONG_EPS])\ndef test_block(check):\n    check()\n"
    )
    ended, printed = run_pytest(tmp_path, "-k", "identity-forward")
    # In train mode the same module differs, and no entry says so.
    assert (ended, "1 failed" in printed, "1 xfailed" in printed) == (1, True, True), printed
    assert f"XFAIL test_pair.py::test_block[{WRONG_EPS}] - {ENTRY.reason}" in printed
