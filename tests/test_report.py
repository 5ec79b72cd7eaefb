"""What a run kept, shown again: the tree, what changed, the Markdown summary, files, languages."""

import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress, TextColumn

from harness import changes, moduletree, results, schema
from harness.cli import main
from harness.commands import common
from harness.progress import Listener
from harness.report import bar, files, markdown, overview, text, tree
from harness.report.messages import catalogue
from harness.results import Outcome, Results
from harness.tolerance import GROWN
from harness.verdict import Culprit, Measurement, ModuleRow, Result, TraceRow, Verdict

SCHEMA = Path(__file__).parents[1] / "docs" / "results.schema.json"
HOSTILE = "x|y<script>alert(1)</script>`*_[a](b)\\&amp;"


def _result(entry: str, ratio: float, status: str = "agrees", scope: str = "isolated") -> Result:
    measured = Measurement(status, "value" if status == "diverges" else "", "max", ratio * 1e-7,
                           1e-7, 3e-6, ratio, 1.0, 12)  # fmt: skip
    unit = entry.partition(":")[0] if scope != "whole" else ""
    return Result(entry, scope, unit, "eval", measured)


def _verdict(variant: str, check: str, *entries: Result, **more: object) -> Verdict:
    case = f"{variant}-{check}-pynative-f32"
    return Verdict(case, check, 0, results=entries, compared=len(entries), **more)  # type: ignore[arg-type]


MODULES = tuple(
    ModuleRow(path, kind, kind)
    for path, kind in (
        ("", "Net"), ("stem", "Conv2d"), ("layer1", "Sequential"), ("layer1.0", "Block"),
        ("layer1.0.bn", "Norm"), ("layer1.1", "Block"), ("layer1.1.bn", "Norm"),
    )
)  # fmt: skip
WRONG = _result("layer1.0.bn:out", 3517.0, "diverges")
FINE = (_result("stem:out", 1.5), _result("layer1.1.bn:out", 2.5))
STRUCTURE = _verdict("networks.n:a", "structure", modules=MODULES)
FORWARD = _verdict("networks.n:a", "forward_eval", *FINE, _result("layer1.0.bn:out", 3.0),
                   _result(":out", 4.0, scope="whole"))  # fmt: skip
BACKWARD = _verdict("networks.n:a", "backward", _result("stem:grad_in", 0.5))
FAILING = replace(
    _verdict("networks.n:a", "forward_eval", *FINE, WRONG, _result(":out", 4.0, scope="whole")),
    culprits=(Culprit("layer1.0.bn", "Norm", "Norm", False, (WRONG,),
                      (("eps", 1e-5, 1e-3),)),),
    trace=(TraceRow("layer1.0.bn", 3e-4, 1e-7, 3517.0, "starts here"),),
    bundle="bundles/networks.n-a",
)  # fmt: skip
SMALL = _verdict("layers.l:default", "forward_eval", _result("l:out", 0.5))


def outcome_of(verdict: Verdict) -> Outcome:
    failed = "failed" if verdict.failed else "passed"
    return Outcome(f"tests/test_n.py::test[{verdict.case}]", failed, 1.5, verdict=verdict)


def run_of(*tests: Verdict | Outcome, **changed: object) -> Results:
    outcomes = [outcome_of(test) if isinstance(test, Verdict) else test for test in tests]
    made = results.of_command(outcomes, "CPU", 0, "2026-01-01T00:00:00+00:00")
    versions = {"harness": "1", "torch": "2.13.0", "mindspore": "2.10.0", "numpy": "1.26.4"}
    return replace(made, versions=versions, environment={"cores": "2"}, **changed)  # type: ignore[arg-type]


PASSING = run_of(STRUCTURE, FORWARD, BACKWARD, SMALL)
BROKEN = run_of(STRUCTURE, FAILING, BACKWARD, SMALL)


def shown(run: Results, verbose: bool = False, lang: str = "en", before: Results | None = None):
    out = io.StringIO()
    overview.show(Console(file=out, width=140), run, verbose, catalogue(lang), before)
    return out.getvalue()


def test_what_agrees_is_a_line_a_pair_and_what_is_wrong_is_open() -> None:
    out = io.StringIO()
    tree.show(Console(file=out, width=100), moduletree.kinds(overview.judged(BROKEN)), tree.CLOSED)
    assert (
        out.getvalue()
        == """\
worst e/r (limit 30)       forward  backward  whole  modules  entries  verdict
networks                      3517       0.5    4.0        3        5  1 of 1 DIFFER
└── networks.n:a              3517       0.5    4.0        3        5  DIFFERS in forward_eval
    ├── stem Conv2d            1.5       0.5               1        2  agrees
    └── layer1 Sequential     3517                         2        2  wrong inside
        ├── 0 Block           3517                         1        1  wrong inside
        │   └── bn Norm       3517                         1        1  DIFFERS at layer1.0.bn:out
        └── 1 Block            2.5                         1        1  agrees
layers                         0.5                         1        1  agrees
└── layers.l:default           0.5                         1        1  agrees
"""
    )


@pytest.mark.parametrize(("verbose", "opened"), [(False, 0), (True, 6)])
def test_every_module_is_shown_on_demand(verbose: bool, opened: int) -> None:
    said = shown(PASSING, verbose)
    assert len(re.findall(r"Conv2d|Sequential|Block|Norm", said)) == opened
    assert "networks.n:a" in said


def test_no_more_than_a_few_that_agree_stand_beside_what_is_wrong() -> None:
    many = [_result(f"m{n}:out", 1.0) for n in range(20)]
    found = moduletree.kinds([_verdict("networks.n:a", "forward_eval", *many, WRONG)])
    out = io.StringIO()
    tree.show(Console(file=out, width=100), found, tree.CLOSED)
    assert "20 others" in out.getvalue()
    assert "m7" not in out.getvalue()


def test_only_ascii_is_printed_where_nothing_else_can_be() -> None:
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, "ascii", write_through=True), width=100)
    tree.show(console, moduletree.kinds(overview.judged(BROKEN)), tree.CLOSED)
    assert b"|   |-- bn" in raw.getvalue().replace(b"`", b"|").replace(b"+", b"|")


def test_an_element_that_was_a_kink_or_an_unjudged_one_is_counted_not_ranked() -> None:
    odd = (_result("stem:out", 9e9, "inconclusive"), _result("layer1:out", 0.0, "not judged"))
    (kind,) = moduletree.kinds([_verdict("networks.n:a", "forward_eval", *FINE, *odd)])
    assert kind.total.forward == 2.5
    out = io.StringIO()
    tree.show(Console(file=out, width=100), [kind], tree.CLOSED)
    assert "agrees (1 inconclusive, 1 not judged)" in out.getvalue()


SENTENCES = {
    "passing": (PASSING, "EQUIVALENT: 4 tests, none fails; 6 entries compared, the largest error "
                         "is 4.0 times torch's own (limit 30)."),
    "failing": (BROKEN, "DIVERGENT: 1 of 4 tests fail, in networks.n:a; 6 entries compared."),
    "cut short": (replace(PASSING, selected=9, exit=2),
                  "UNFINISHED: 4 of 9 tests ran, and none of them fails."),
    "not equivalence": (run_of(Outcome("tests/test_cli.py::test_a", "passed", 0.1)),
                        "NOTHING COMPARED: 1 tests ran, and none fails."),
    "a part unjudged": (
        run_of(_verdict("networks.n:a", "backward", *FINE, _result("a:out", 0.0, "not judged"))),
        "EQUIVALENT as far as it was judged: 1 tests, none fails; 3 entries compared (1 not "
        "judged), the largest error is 2.5 times torch's own (limit 30).",
    ),
    "pytest's own failure": (replace(PASSING, exit=1),
                             "DIVERGENT: 0 of 4 tests fail; 6 entries compared."),
}  # fmt: skip


@pytest.mark.parametrize(("run", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_a_run_is_one_sentence(run: Results, sentence: str) -> None:
    assert overview.sentence(run) == sentence
    assert shown(run).splitlines()[-1] == sentence


def test_chinese_says_the_same_numbers_and_names_in_aligned_columns() -> None:
    english, chinese = (shown(BROKEN, lang=lang, before=PASSING) for lang in ("en", "zh"))
    assert re.search("[\u4e00-\u9fff]", chinese)
    for pattern in (r"\d+\.\d+|\d{2,}", r"[a-z]\w*\.[a-z0-9_.:]+"):
        found = [Counter(re.findall(pattern, said)) for said in (english, chinese)]
        assert found[0] == found[1]
    rows = [line for line in chinese.splitlines() if line.startswith(("  networks", "  layers"))]
    assert rows and len({cell_len(row) for row in rows}) == 1


GROWS = replace(FORWARD, results=(_result("layer1.0.bn:out", 4.0 * (GROWN + 1)),))
LATER = run_of(
    STRUCTURE, GROWS, replace(BACKWARD, problems=("It raises.",)),
    Outcome("tests/test_a.py::test_new", "failed", 0.1), seed=7,
)  # fmt: skip


def test_what_changed_between_two_runs_is_listed() -> None:
    failed = run_of(STRUCTURE, replace(FORWARD, problems=("It raises.",)), BACKWARD, SMALL)
    found = changes.between(failed, LATER)
    assert [c.name for c in found.failing] == [BACKWARD.case, "tests/test_a.py::test_new"]
    assert [c.name for c in found.passing] == [FORWARD.case]
    assert [c.name for c in found.gone] == [SMALL.case]
    assert (found.new, found.stopped, found.grown) == ((), (), ())
    assert found.settings == (("seed", "0", "7"),)
    (grown,) = changes.between(PASSING, LATER).grown
    assert (grown.name, grown.after / grown.before) == (FORWARD.case, GROWN + 1)
    assert changes.between(PASSING, PASSING).nothing


def test_below_torchs_own_error_nothing_grows() -> None:
    small = run_of(replace(SMALL, results=(_result("l:out", 0.01),)))
    assert changes.between(small, run_of(SMALL)).nothing


def test_a_case_that_came_to_no_verdict_is_the_same_case() -> None:
    crashed = Outcome(f"tests/test_n.py::test[{FORWARD.case}]", "failed", 1.0, "crashed")
    found = changes.between(run_of(FORWARD), run_of(crashed))
    assert [change.name for change in found.failing] == [FORWARD.case]
    assert (found.gone, found.new) == ((), ())
    skipped = changes.between(run_of(FORWARD), run_of(replace(crashed, outcome="skipped")))
    assert [change.name for change in skipped.stopped] == [FORWARD.case]


def test_the_changes_are_told() -> None:
    said = shown(LATER, before=PASSING)
    for line in (
        "Changed from the older run to this one:",
        "  2 newly failing",
        f"    {BACKWARD.case}  passed -> failed",
        "    tests/test_a.py::test_new  absent -> failed",
        "  1 gone",
        "    layers.l:default  1 passed",
        "  1 with an e/r more than 5 times as large",
        f"    {FORWARD.case}  4.0 -> 24",
        "  1 that the results may depend on",
        "    seed  0 -> 7",
    ):
        assert f"{line}\n" in said


Command = Callable[..., tuple[int, str]]


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command on runs; returns its exit code and what it says."""

    def run(*runs: Results, options: tuple[str, ...] = ()) -> tuple[int, str]:
        paths = [tmp_path / f"{name}.json" for name in "AB"[: len(runs)]]
        for path, one in zip(paths, runs):
            one.save(path)
        code = main(["report", *map(str, paths), *options])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


ENDS = {
    "a run that passes": ((PASSING,), 0),
    "a run that fails": ((BROKEN,), 1),
    "a part of it not judged": ((SENTENCES["a part unjudged"][0],), 3),
    "the same twice": ((PASSING, PASSING), 0),
    "newly failing": ((PASSING, BROKEN), 1),
    "newly passing": ((BROKEN, PASSING), 0),
    "failing as before": ((BROKEN, BROKEN), 0),
}


@pytest.mark.parametrize(("runs", "code"), ENDS.values(), ids=ENDS)
def test_the_exit_code_says_whether_something_newly_fails(
    report: Command, runs: tuple[Results, ...], code: int
) -> None:
    assert report(*runs)[0] == code


def test_the_report_is_written_as_files_too(report: Command, tmp_path: Path) -> None:
    options = [f"-o{tmp_path / name}" for name in ("again.json", "again.md")]
    code, said = report(PASSING, BROKEN, options=(*options, "--lang", "zh"))
    assert code == 1
    assert said.splitlines()[-1].startswith("不等价")
    assert (tmp_path / "again.json").read_text() == (tmp_path / "B.json").read_text()
    assert "与较早的一次运行相比的变化" in (tmp_path / "again.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["a.txt", "a", "missing/a.md", "."])
def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(
    report: Command, tmp_path: Path, name: str
) -> None:
    code, said = report(PASSING, options=("-o", str(tmp_path / name)))
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("error: -o ")
    assert main(["check", "layers.relu", "--results", str(tmp_path / name)]) == 2


class _Read(HTMLParser):
    """A page as a browser reads it: elements, text, the cells of each row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.text, self.rows = "", [0]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags[tag] += 1
        if tag == "tr":
            self.rows.append(0)
        self.rows[-1] += tag in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(summary: str) -> _Read:
    return _Read(MarkdownIt("commonmark").enable("table").render(summary))


def test_the_summary_leads_with_the_sentence_and_tells_how_to_go_on() -> None:
    page = rendered(markdown.summary(BROKEN))
    assert page.text.startswith(overview.sentence(BROKEN))
    for said in (
        "starts at layer1.0.bn, worst e/r 3517",
        "python -m harness replay bundles/networks.n-a",
        "networks\n2\n1\n5",
        "eps\n1e-05\n0.001",
        "mindspore\n2.10.0",
    ):
        assert said in re.sub(r"\n+", "\n", page.text)
    assert page.tags["details"] == 3


def test_names_are_text_whatever_they_are_made_of() -> None:
    wrong = replace(
        FAILING, case=f"networks.{HOSTILE}-forward_eval-pynative-f32", bundle=f"b/{HOSTILE}",
        problems=(HOSTILE,), trace=(replace(FAILING.trace[0], name=HOSTILE),),
        culprits=(replace(FAILING.culprits[0], path=HOSTILE, facts=((HOSTILE, HOSTILE, 1),)),),
        latent=(replace(FAILING.culprits[0], path=HOSTILE),),
    )  # fmt: skip
    run = run_of(
        wrong,
        Outcome(f"t.py::{HOSTILE}", "failed", 1.0, HOSTILE, f"{HOSTILE}\n\n# {HOSTILE}\n    x"),
        Outcome(f"t.py::{HOSTILE}", "skipped", 1.0, HOSTILE),
        Outcome(f"t.py::{HOSTILE}", "xfailed", 1.0, HOSTILE),
        left_out={HOSTILE: HOSTILE},
    )
    plain, page = (rendered(markdown.summary(r)) for r in (BROKEN, run))
    assert page.text.count(HOSTILE) == 20  # everywhere where something is named
    assert set(page.tags) <= set(plain.tags) | {"p", "ul", "li"}


def test_a_summary_is_never_longer_than_is_shown_and_counts_what_it_leaves_out() -> None:
    broken = [replace(FAILING, case=f"networks.n{n}:a-forward_eval-pynative-f32")
              for n in range(4000)]  # fmt: skip
    many = run_of(*broken, left_out={f"{n:0300}": f"{n:0300}" for n in range(9000)})
    summary = markdown.summary(many, before=PASSING)
    assert 0.9 * markdown.LIMIT < len(summary.encode()) <= markdown.LIMIT
    left = int(re.search(r"and (\d+) more, which a summary has no room for", summary)[1])
    # The first is the list of what changed, which opens as the failures do.
    assert summary.count("starts at") + left == 4000
    assert "Not run (9000)" in summary


def test_the_schema_is_that_of_the_dataclasses() -> None:
    described = json.loads(json.dumps(schema.schema()))
    assert json.loads(SCHEMA.read_text()) == described, (
        "run python -m harness.schema > docs/results.schema.json"
    )


def _complaints(path: Path) -> list[str]:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    return [error.message for error in validator.iter_errors(json.loads(path.read_text()))]


def test_what_is_no_results_file_is_not_valid(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    endless = replace(WRONG, measurement=replace(WRONG.measurement, ratio=math.inf))
    run_of(replace(FAILING, results=(endless, *FINE))).save(path)
    text = path.read_text()
    assert '"inf"' in text
    assert _complaints(path) == []
    for old, new in (('"format":2', '"format":1'), ('"failed"', '"fell"'), ('"inf"', '"much"'),
                     ('"ratio"', '"ration"'), ('"seed":0', '"seed":"0"')):  # fmt: skip
        path.write_text(text.replace(old, new))
        assert path.read_text() != text
        assert _complaints(path), new


def _drawn(cases: int, events: Callable[[Listener], None]) -> list[tuple[str, float, float | None]]:
    """What a bar shows after some events: (description, done, of how many)."""
    progress = Progress(TextColumn("{task.description}"), console=Console(file=io.StringIO()))
    events(bar.listener_of(progress, cases))
    return [(task.description, task.completed, task.total) for task in progress.tasks]


def test_a_bar_names_the_case_and_counts_what_runs_in_it() -> None:
    def events(listener: Listener) -> None:
        listener.case("a")
        listener.step("building torch", 0, 0)
        listener.case("b")
        listener.step("conv1 alone", 0, 7)
        listener.step("conv2 alone", 1, 7)

    assert _drawn(3, events) == [("b", 1, 3), ("  conv2 alone", 1, 7)]


def test_what_begins_again_has_a_bar_of_its_own() -> None:
    def events(listener: Listener) -> None:
        for number in (0, 1, 2, 0):
            listener.step(f"unit {number}", number, 3)

    assert _drawn(0, events) == [("unit 0", 0, 3)]


def test_without_a_terminal_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    with bar.listening(3) as listener:
        listener.case("a")
    assert capsys.readouterr() == ("", "")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str, list, Path]]:
    """A wrong pair, checked in a worker: exit code, what is said, what is heard, the folder."""
    folder, heard = tmp_path_factory.mktemp("checked"), []

    @contextmanager
    def listening(cases: int = 0) -> Iterator[Listener]:
        heard.append(cases)
        yield Listener(heard.append, lambda *step: heard.append(step))

    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "listening", listening)
        patch.setattr("sys.stdout", out)
        patch.chdir(folder)
        code = main(["check", "user_pairs:WRONG_EPS", "--checks", "structure,forward_eval",
                     "--results", "a.json", "--results", "a.md"])  # fmt: skip
    yield code, out.getvalue(), heard, folder


@pytest.mark.usefixtures("frameworks")
def test_a_check_keeps_its_results_and_they_are_shown_again(
    checked: tuple[int, str, list, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _, folder = checked
    assert code == 1
    assert _complaints(folder / "a.json") == []
    kept = Results.load(folder / "a.json")
    assert kept.outcomes == {"passed": 1, "failed": 1}
    assert kept.failures[0].text in said
    assert kept.failures[0].reason == "differs at bn2"
    assert "starts at <code>bn2</code>" in (folder / "a.md").read_text()
    assert main(["report", str(folder / "a.json")]) == 1
    again = capsys.readouterr().out
    row = next(line for line in said.splitlines() if "bn2 BatchNorm2d" in line)
    assert "DIFFERS at bn2:out" in row
    assert row.split("bn2")[1].split() in [
        line.split("bn2")[1].split() for line in again.splitlines() if "bn2 B" in line
    ]


@pytest.mark.usefixtures("frameworks")
def test_a_worker_tells_which_case_runs_and_what_in_it(
    checked: tuple[int, str, list, Path],
) -> None:
    heard = checked[2]
    assert heard[0] == 2
    cases = [event for event in heard[1:] if isinstance(event, str)]
    assert [case.split("-")[1] for case in cases] == ["structure", "forward_eval"]
    assert ("recording torch, eval", 0, 0) in heard


def test_suffixes_are_those_of_the_documentation() -> None:
    assert files.SUFFIXES[:2] == (".json", ".md")


def test_a_huge_ratio_keeps_to_its_column() -> None:
    table = text.ratio_table([("networks", "backward", 3.3e37), ("networks", "state", 2.0)])
    assert "3e+37" in table
    assert len({len(line) for line in table.splitlines()}) == 1
