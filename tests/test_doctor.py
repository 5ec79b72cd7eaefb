"""``doctor``: its facts are this installation's, its problems come first, each with its fix."""

import ast
import json
import platform
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from harness import health, installed
from harness.backends import installation
from harness.cli import main
from harness.commands import doctor
from harness.facts import Fact
from harness.health import Health, Lack, Problem
from harness.machine import read_machine
from harness.report import health_html
from harness.report.health import as_json
from harness.report.health_problems import said
from harness.report.messages import catalogue

EN, ZH = catalogue("en"), catalogue("zh")
VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """Reads a page; ends with an error where its elements do not nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == [] and self.tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@pytest.fixture(scope="module")
def found() -> Health:
    return health.examine("CPU")


def test_a_real_run_prints_and_writes_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, data = tmp_path / "health.html", tmp_path / "health.json"
    assert main(["doctor", "--html", str(page), "--json", str(data)]) == 0
    printed = capsys.readouterr().out
    read = json.loads(data.read_text(encoding="utf-8"))
    shown = " ".join(Page(page.read_text(encoding="utf-8")).text)
    for fact in read["facts"]:
        if isinstance(fact["value"], str) and fact["group"] != "variables":
            assert fact["value"] in printed and fact["value"] in shown, fact
    for problem in read["problems"]:
        assert problem["what"] in printed and problem["fix"] in shown
    assert read["summary"] in printed and read["summary"] in shown
    assert "numpy" in {fact["name"] for fact in read["facts"]}


def test_facts_are_those_of_this_process(found: Health) -> None:
    values = {(fact.group, fact.of, fact.name): fact.value for fact in found.facts}
    assert values["versions", "", "numpy"] == np.__version__
    assert str(values["versions", "", "python"]).startswith(platform.python_version())
    assert values["devices", "mindspore", "CPU"] is True
    assert values["abi", "", "numpy_abi"] == np.__version__[0]
    assert values["abi", "torch", "python_tag"] == values["abi", "", "python_tag"]
    assert values["abi", "mindspore", "cxx11_abi"] is not None
    assert isinstance(values["threads", "torch", "threads"], int)
    assert found.blocked is False


def test_what_was_tested_stands_beside_what_is_installed(found: Health) -> None:
    tested = {fact.name: fact.tested for fact in found.facts if fact.tested}
    assert tested == installed.tested_versions()
    assert {"torch", "mindspore", "numpy", "pytest"} <= set(tested)


def test_what_the_device_lacks_is_named_with_what_does_not_run(found: Health) -> None:
    lack = next(lack for lack in found.lacks if lack.kernel == "ReflectionPad3D")
    assert lack.way == "forward" and any("reflection" in pair for pair in lack.pairs)
    assert "torch.nn.SELU" in found.apis
    shown = " ".join(Page(health_html.page(found, EN)).text)
    assert all(pair in shown for lack in found.lacks for pair in lack.pairs)
    assert all(api in shown for api in found.apis)


def test_another_version_is_a_problem_with_its_fix_and_ends_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    true = installed.version
    monkeypatch.setattr(installed, "version", lambda p: "2.3.1" if p == "numpy" else true(p))
    assert main(["doctor"]) == 2
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("problem: NumPy 2.3.1 breaks MindSpore")
    assert rest[1].strip() == "$ pip install 'numpy<2'"
    assert rest[-1].startswith("1 problem and")


@pytest.mark.parametrize(
    ("package", "version", "kind", "blocks"),
    [("torch", "2.99.0", "untested", False), ("safetensors", "", "not_installed", True)],
)
def test_versions_that_differ_warn_and_absent_ones_block(
    package: str, version: str, kind: str, blocks: bool
) -> None:
    versions = installed.installed_versions() | {package: version}
    problems = [p for p in health._of_versions(versions) if p.values["package"] == package]
    assert [(p.kind, p.blocking) for p in problems] == [(kind, blocks)]
    assert package in said(problems[0], EN).command


def test_a_requirement_that_is_not_met_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["rich>=999", "no-such-package-at-all>1; python_version >= '3'", "x; extra == 'y'"]
    monkeypatch.setattr(installed, "requires", lambda package: lines)
    wants = [(lack.wants, bool(lack.found)) for lack in installed.unmet("torch")]
    assert wants == [("rich>=999", True), ("no-such-package-at-all>1", False)]


def test_a_framework_that_crashes_in_native_code_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installation, "mindspore_findings", _crash)
    found, problems = health._ask(["torch", "mindspore"], "CPU")
    assert [(p.kind, p.values["package"]) for p in problems] == [("broken", "mindspore")]
    assert "SIGSEGV" in said(problems[0], EN).what
    assert found["torch_threads"] >= 1


def _crash(device: str) -> None:
    import faulthandler

    faulthandler._sigsegv()  # type: ignore[attr-defined]


def test_limits_of_the_machine_warn() -> None:
    machine = replace(
        read_machine(), free=10**9, address_space=2**33, files=64, stack=2**20, cores=1
    )
    kinds = [problem.kind for problem in health._of_machine(machine)]
    assert kinds[:4] == ["memory", "address_space", "files", "stack"]
    memory = next(iter(health._of_machine(machine)))
    assert said(memory, EN).what.startswith("1.0 GB of memory are free")


def test_more_threads_than_cores_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4096")
    kinds = {problem.kind: problem for problem in health._of_machine(read_machine())}
    assert said(kinds["threads"], EN).command == "unset OMP_NUM_THREADS"


def test_a_processor_without_avx2_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.runtime, "cpu_flags", lambda: frozenset({"sse2", "avx"}))
    machine = replace(read_machine(), architecture="x86_64")
    problem = next(iter(health._of_machine(machine)))
    assert problem.blocking and "AVX2, FMA" in said(problem, EN).what
    arm = replace(machine, architecture="aarch64")
    assert "no_vectors" not in {problem.kind for problem in health._of_machine(arm)}


def test_binaries_of_another_python_or_a_newer_system_block() -> None:
    built = {"mindspore": installed.Binaries(python="cpython-27-x", glibc="9.99", glibcxx="9.9.9")}
    machine = replace(read_machine(), libc="glibc 2.17")
    problems = [*health._of_binaries({}, built, machine)]
    problems += health._of_frameworks({"glibcxx": "3.4.20"}, {}, built, "CPU")
    assert [p.kind for p in problems] == ["python_abi", "glibc", "glibcxx"]
    assert all(problem.blocking for problem in problems)


def test_every_kind_of_problem_has_words_in_both_languages() -> None:
    """Values that a sentence does not name, or names and does not get, are errors, too."""
    tree = ast.parse(Path(health.__file__).read_text(encoding="utf-8"))
    kinds = {
        constant.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
        for constant in ast.walk(node.args[0])
        if isinstance(constant, ast.Constant)
    } | {"torchvision", "torchvision_mended", "requirement", "requirement_missing"}
    values = dict.fromkeys(
        "package found tested mindspore wants device built ours needs libraries flags free "
        "needed_bytes bytes needed limit name threads cores value sees said trial torch".split(),
        1,
    )
    assert len(kinds) > 20
    for kind in kinds:
        english, chinese = (said(Problem(kind, True, values), say) for say in (EN, ZH))
        assert english.what != chinese.what and english.fix != chinese.fix, kind
        assert english.command == chinese.command
    with pytest.raises(KeyError):
        said(Problem("no such kind", True), EN)


def test_names_are_escaped_and_the_page_asks_for_nothing() -> None:
    bad = "<script>alert(1)</script>\"'&"
    hostile = Health(
        device=bad,
        problems=(Problem("broken", True, {"package": bad, "said": bad}),),
        facts=(Fact("versions", bad, bad, tested=bad), Fact("variables", "PYTHONPATH", bad)),
        lacks=(Lack(bad, "forward", (bad,)),),
        apis={bad: bad},
        map_device=bad,
    )
    for say in (EN, ZH):
        read = Page(health_html.page(hostile, say))
        assert sum(tag == "script" for tag, _ in read.tags) == 1
        assert "".join(read.text).count(bad) >= 10
        assert not any("src" in attributes for _, attributes in read.tags)
        links = [attributes["href"] or "" for _, attributes in read.tags if "href" in attributes]
        assert all(link.startswith("#") for link in links)
        assert json.loads(as_json(hostile, say))["device"] == bad


def test_the_chinese_report_is_chinese(
    found: Health, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = Page(health_html.page(found, ZH))
    assert ("html", {"lang": "zh-CN"}) in read.tags
    shown = " ".join(read.text)
    assert "二进制接口" in shown and "Binary interfaces" not in shown
    monkeypatch.setattr(doctor, "examine", lambda device: found)
    assert main(["doctor", "--lang", "zh", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"].startswith("所需的都已具备")


def test_a_device_that_is_not_there_ends_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--ms-device", "Ascend"]) == 2
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("problem: No Ascend device was found")


def test_a_file_that_cannot_be_written_ends_2(
    found: Health,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda device: found)
    assert main(["doctor", "--html", str(tmp_path / "no" / "x.html")]) == 2
    assert "could not be written" in capsys.readouterr().err


def test_doctor_loads_no_framework_itself() -> None:
    """What is broken breaks the worker, so that the page is still written."""
    import subprocess

    code = (
        "import sys\nfrom harness.cli import main\nmain(['doctor', '--json', '-'])\n"
        "print(sorted({'torch', 'mindspore'} & set(sys.modules)), file=sys.stderr)"
    )
    script = f"if __name__ == '__main__':\n    exec({code!r})\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (0, "[]")
