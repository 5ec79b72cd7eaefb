"""The gate: what a change makes run, in a user's folder with tests of every sort."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from elsewhere import pytest_in

from harness.gate import passes
from harness.gate.importing import Sources
from harness.gate.observing import Observer
from harness.gate.reach import Reach
from harness.registry import all_pairs
from harness.results import Results

ROOT = Path(__file__).parents[1]

FILES = {
    "pytest.ini": "[pytest]\nharness_known = known.toml\n",
    "known.toml": "",
    "conftest.py": "",
    "helper.py": "def number(): return 1\n",
    "notes.txt": "1",
    "data/numbers.txt": "1",
    "nets/__init__.py": "",
    "nets/layer_ms.py": "from mindspore.nn import Tanh as Layer\n",
    "nets/layer_pt.py": "from torch.nn import Tanh as Layer\n",
    "nets/block_ms.py": "def build():\n    from .layer_ms import Layer\n    return Layer()\n",
    "nets/block_pt.py": "from nets.layer_pt import Layer\n",
    "nets/other_ms.py": "from mindspore.nn import ReLU\n",
    "nets/other_pt.py": "class ReLU:\n    pass\n",  # one test imports it
    "pairs.py": """
from harness import Input, Pair

def pair(kind, name, torch, mindspore):
    return Pair(name=f"{kind}.{name}", torch=torch, mindspore=mindspore, inputs=[Input((5, 3))],
                checks=["forward_eval", "backward"])

PAIRS = [
    pair("layers", "layer", "nets.layer_pt:Layer", "nets.layer_ms:Layer"),
    pair("blocks", "block", "nets.block_pt:Layer", "nets.block_ms:build"),
    pair("layers", "other", "nets.other_pt:ReLU", "nets.other_ms:ReLU"),
]
""",
    # The verdicts are made by hand: no framework is loaded.
    "test_pairs.py": """
import pairs
import pytest
from harness import parametrize_pairs
from harness.verdict import Measurement, Result, Verdict

@pytest.fixture
def run_case():
    def run(case):
        result = Result("act:out", "whole", "act", "eval", Measurement("agrees", ratio=1.0))
        return Verdict(case.id, case.check, case.seed, results=(result,), compared=1)
    return run

@parametrize_pairs(pairs.PAIRS)
def test_pair(check):
    check()
""",
    "test_plain.py": """
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
AT_IMPORT = (HERE / "at_import.txt").exists() and (HERE / "at_import.txt").read_text()
WITHOUT = {k: v for k, v in os.environ.items() if k != "HARNESS_OBSERVED"}

def test_nothing():
    assert True

def test_reads():
    assert (HERE / "data" / "numbers.txt").read_text() == "1"

def test_lists():
    assert list((HERE / "data").iterdir())

def test_imports():
    import helper
    assert helper.number() == 1

@pytest.fixture(scope="module")
def read():
    return Path("notes.txt").read_text()

def test_first(read):
    assert read

def test_second(read):
    assert read

def started(code, env=None):
    return subprocess.run([sys.executable, "-c", code], env=env, check=True)

def test_starts():
    started("import harness, pathlib; pathlib.Path('notes.txt').read_text()")

def test_starts_what_cannot_be_observed():
    started("pass", WITHOUT)

def test_looks_up():
    from harness.registry import find_pair
    assert find_pair("pairs_by_name:OTHER").factory("torch")
""",
    "pairs_by_name.py": "from pairs import PAIRS\nOTHER = PAIRS[2]\n",
    "at_import.txt": "1",
    "test_unlike.py": """
import pytest

def test_skipped():
    pytest.skip("no device here")

@pytest.mark.xfail(reason="a known bug", strict=True)
def test_xfailed():
    raise ValueError
""",
}

LAYER = {"layers.layer", "blocks.block"}
CASES = {*LAYER, "layers.other"}
PLAIN = {"test_nothing", "test_reads", "test_lists", "test_imports", "test_first", "test_second",
         "test_starts", "test_looks_up"}  # fmt: skip
ALWAYS = {"test_skipped"}
#: What reads something that nobody can tell runs after any change.
UNOBSERVED = {"test_starts_what_cannot_be_observed"}
EVERY = {*CASES, *PLAIN, *ALWAYS, *UNOBSERVED, "test_xfailed"}


def _written(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def _run(folder: Path, *options: str) -> tuple[int, str, set[str]]:
    """Exit code, what is said, and what ran: names of tests, and of the pairs of cases."""
    code, said = pytest_in(folder, "--gate", "--results", "../found.json", *options)
    file = folder.parent / "found.json"
    tests = Results.load(file).tests if file.exists() else []
    file.unlink(missing_ok=True)
    return code, said, {_name(test.nodeid) for test in tests}


def _name(nodeid: str) -> str:
    name = nodeid.rpartition("::")[2]
    return name.partition("[")[2].partition(":")[0] if "[" in name else name


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[int, str, set[str]]]:
    """A folder whose tests ran once, over two processes, and what that run said."""
    folder = _written(tmp_path_factory.mktemp("first") / "user")
    return folder, _run(folder, "-n", "2", "--dist", "worksteal")


@pytest.fixture
def folder(first: tuple[Path, object], tmp_path: Path) -> Path:
    """A copy of the folder whose tests ran once."""
    return shutil.copytree(first[0], tmp_path / "user")


@pytest.mark.parametrize("processes", [(), ("-n", "2", "--dist", "worksteal")], ids=["one", "two"])
def test_an_unchanged_tree_runs_nothing_again_and_passes(
    first: tuple[Path, tuple[int, str, set[str]]], folder: Path, processes: tuple[str, ...]
) -> None:
    code, said, ran = first[1]
    assert (code, ran) == (0, EVERY), said
    assert "GATE PASSED: 17 of 17 tests ran and none failed, 1 was skipped.\n" in said
    assert not list(folder.glob("bundles"))
    code, said, ran = _run(folder, *processes)
    assert (code, ran) == (0, ALWAYS), said
    last = "GATE PASSED: 1 of 17 tests ran and none failed, 1 was skipped; 16 are unchanged"
    assert said.strip().splitlines()[-1].startswith(last)
    code, said, ran = _run(folder, *processes, "--deselect", "test_unlike.py::test_skipped")
    assert (code, ran) == (0, set()), said
    assert "GATE PASSED: 0 of 16 tests ran; 16 are unchanged since they passed." in said


#: What is changed -> what runs for it, beside what always does.
CHANGES: dict[str, set[str]] = {
    "nets/layer_ms.py": {*LAYER},
    "nets/block_pt.py": {"blocks.block"},
    "nets/other_pt.py": {"layers.other", "test_looks_up"},
    "nets/other_ms.py": {"layers.other"},
    "nets/nobodys.py": set(),
    "pairs.py": {*CASES, "test_looks_up"},
    "helper.py": {*PLAIN},
    "notes.txt": {"test_first", "test_second", "test_starts"},
    "data/numbers.txt": {"test_reads"},
    "data/more.txt": {"test_lists"},
    "at_import.txt": {*PLAIN},
    "conftest.py": {*EVERY},
    "tox.ini": {*EVERY},
    "test_pairs.py": {*CASES},
}


@pytest.mark.parametrize("changed", CHANGES)
def test_a_change_runs_what_depends_on_it_and_nothing_else(folder: Path, changed: str) -> None:
    path = folder / changed
    old = path.read_text() if path.exists() else ""
    path.write_text(f"{old}\n" if changed != "data/numbers.txt" else "2")
    code, said, ran = _run(folder)
    assert ran == CHANGES[changed] | ALWAYS | UNOBSERVED, said
    assert code == (changed == "data/numbers.txt")
    assert f"{changed} changed" in said or changed in ("nets/nobodys.py", "data/more.txt")


def test_the_ledger_touches_the_pair_that_it_is_about(folder: Path) -> None:
    (folder / "known.toml").write_text("""[[known]]
case = "layers.other:default-backward-pynative-f32"
entry = "act:out"
kind = "value"
reason = "rounding"
repro = "https://example.org/1"
torch = "2.13.0"
mindspore = "2.10.0"
""")
    code, said, ran = _run(folder)
    assert (code, ran) == (1, {"layers.other", *ALWAYS, *UNOBSERVED}), said
    assert "the ledger about layers.other changed" in said


def test_what_fails_runs_until_it_passes(folder: Path) -> None:
    (folder / "helper.py").write_text("def number(): return 2\n")
    for _ in range(2):
        code, said, ran = _run(folder)
        assert code == 1
        assert "test_imports" in ran
        assert "and 1 failed" in said.strip().splitlines()[-1]
        assert "GATE FAILED: " in said
    (folder / "helper.py").write_text("def number(): return 1 # again\n")
    assert _run(folder)[0] == 0
    assert "test_imports" not in _run(folder)[2]


def test_what_changes_while_tests_run_is_not_known_to_pass(folder: Path) -> None:
    (folder / "test_late.py").write_text(
        "import helper\nfrom pathlib import Path\n\n"
        "def test_late():\n    Path('helper.py').write_text('def number(): return 1 # late\\n')\n"
    )
    for _ in range(2):
        code, said, ran = _run(folder)
        assert code == 0, said
        assert "test_late" in ran
    assert "passed on files that were changed meanwhile" in said


DAMAGE: dict[str, Callable[[str], str]] = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "a digest": lambda text: text.replace('"absent"', '"present"', 1),
    "an id": lambda text: text.replace("test_nothing", "test_nothinh", 1),
    "no object": lambda text: "[1, 2]",
    "another format": lambda text: text.replace('"format":1', '"format":2'),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_counts_for_nothing(folder: Path, damage: Callable[[str], str]) -> None:
    (path,) = (folder / ".gate").glob("passed-*.json")
    before = path.read_text()
    path.write_text(damage(before))
    assert path.read_text() != before
    setting = json.loads(before)["setting"]
    found = passes.load(folder / ".gate", setting)
    assert found.tests == {}
    assert found.note.startswith(f"{path.name} is damaged and counts for nothing (")


def test_a_run_on_a_damaged_file_says_so_and_runs_everything(folder: Path) -> None:
    (path,) = (folder / ".gate").glob("passed-*.json")
    path.write_text(path.read_text()[:-100])
    code, said, ran = _run(folder)
    assert (code, ran) == (0, EVERY), said
    assert f"gate: {path.name} is damaged and counts for nothing" in said
    assert _run(folder)[2] == ALWAYS


def test_another_setting_runs_everything_and_is_named(folder: Path) -> None:
    code, said, ran = _run(folder, "--seed", "1")
    assert (code, ran) == (0, EVERY), said
    assert "other than at the last run: seed 0 -> 1" in " ".join(said.split())
    assert _run(folder, "--seed", "1")[2] == ALWAYS
    assert _run(folder)[2] == ALWAYS


REAL = """
from harness import Input, Pair, parametrize_pairs

PAIR = Pair(name="blocks.mine", torch="torch.nn:Softsign", mindspore="port:build",
            inputs=[Input((5, 3))], checks=["forward_eval", "backward"])

@parametrize_pairs([PAIR])
def test_mine(check):
    check()
"""


def test_a_changed_port_runs_again_and_torch_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "user"
    folder.mkdir()
    (folder / "test_mine.py").write_text(REAL)
    port = "from mindspore.nn import Softsign\n\ndef build():\n    return Softsign()\n"
    for text, taken in ((port, False), (port + "# changed\n", True)):
        (folder / "port.py").write_text(text)
        code, said, ran = _run(folder)
        assert (code, ran) == (0, {"blocks.mine"}), said
        (line,) = (line for line in said.splitlines() if line.startswith("torch: "))
        assert line.startswith("torch: 0 runs taken from the cache, ") != taken
        assert line.endswith(" runs taken from the cache, 0 made") == taken
    assert "port.py changed" in said


def _git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


BASES: dict[str, set[str]] = {
    "": set(),
    "nets/layer_ms.py": {*LAYER, *PLAIN, *UNOBSERVED},
    "test_unlike.py": {"test_skipped", "test_xfailed", *PLAIN, *UNOBSERVED},
    "pytest.ini": {*EVERY},
    "a new file": {*EVERY},
}


@pytest.mark.parametrize("changed", BASES)
def test_a_base_runs_what_the_changes_since_reach_with_nothing_kept(
    tmp_path: Path, changed: str
) -> None:
    """Where imports do not tell all that a test reads, it runs after any change."""
    folder = _written(tmp_path / "user")
    (folder / ".gitignore").write_text(".gate\n__pycache__\n")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        _git(folder, *arguments)
    if changed:
        with (folder / changed).open("a") as file:
            file.write("\n")
    code, said, ran = _run(folder, "--gate-base", "HEAD")
    assert (code, ran) == (0, BASES[changed]), said
    assert "GATE PASSED: " in said


REFUSED = {
    "shards": (("--shard", "1/2"), "--gate and --shard exclude each other"),
    "no commit": (("--gate-base", "nowhere"), "--gate-base: git diff: "),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_decided_is_refused(folder: Path, case: tuple[tuple[str], str]) -> None:
    code, said, _ = _run(folder, *case[0])
    assert code == 4
    assert case[1] in said


IMPORTS: dict[str, tuple[str, set[str]]] = {
    "import": ("import a.b", {"a/__init__.py", "a/b.py"}),
    "from a module": ("from a.b import x", {"a/__init__.py", "a/b.py"}),
    "from a package": ("from a import b, y", {"a/__init__.py", "a/b.py"}),
    "in a function": ("def f():\n    import a.b", {"a/__init__.py", "a/b.py"}),
    "everything": ("from a import *", {"a/__init__.py", "a/b.py", "a/c.py"}),
    "beside a test": ("import small", {"tests/small.py"}),
    "by name": ("import_module('a.c')", {"a/__init__.py", "a/c.py"}),
    "an attribute by name": ("importlib.import_module('a.c:x')", {"a/__init__.py", "a/c.py"}),
    "by a name that begins": ("import_module(f'a.{n}')", {"a/__init__.py", "a/b.py", "a/c.py"}),
    "a text": ("x = 'a.c'", set()),
    "told when run": ("import_module('a.c')\nobserving.used(m)", set()),
    "another's": ("import numpy", set()),
    "no Python": ("import", set()),
    "on and on": ("import d", {"d.py", "e.py"}),
}


@pytest.mark.parametrize("case", IMPORTS.values(), ids=IMPORTS)
def test_imports_are_read_off_the_source(tmp_path: Path, case: tuple[str, set[str]]) -> None:
    files = {"a/__init__.py": "", "a/b.py": "", "a/c.py": "", "tests/small.py": "",
             "tests/test_it.py": case[0], "d.py": "import e", "e.py": "import d"}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert Sources(tmp_path).closure("tests/test_it.py") == {"tests/test_it.py", *case[1]}


def test_a_module_that_is_read_from_bytecode_counts_as_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "root" / "harness_kept_as_bytecode.py"
    source.parent.mkdir()
    source.write_text("")
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "bytecode"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.syspath_prepend(source.parent)
    kept = Path(importlib.util.cache_from_source(str(source)))
    observer = Observer(source.parent, tmp_path / "log")
    try:
        for name in (kept.name, kept.name, kept.name.replace(".pyc", "-pytest-9.0.1.pyc")):
            with observer.reads() as found:
                if kept.exists() and name != kept.name:
                    kept.rename(kept.with_name(name)).read_bytes()
                else:
                    importlib.import_module(source.stem)
                    del sys.modules[source.stem]
            assert found - {"list:"} == {source.name}, name
    finally:
        observer.close()


def test_data_belongs_to_the_folder_that_holds_it(tmp_path: Path) -> None:
    for name in ("a/__init__.py", "a/m.py", "a/x.toml", "a/data/y.json", "a/README.md", "z.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "a" / "bundles").mkdir()
    (tmp_path / "a" / "bundles" / "b.json").write_text("")
    found = Sources(tmp_path).closure("a/m.py")
    assert found == {"a/__init__.py", "a/m.py", "a/x.toml", "a/data/y.json"}


def test_a_port_reaches_the_pairs_that_are_built_from_it() -> None:
    """Of this repository's: a block's port belongs to the block and the networks made of it."""
    sources = Sources(ROOT)
    reach = Reach(sources, (), "")
    port = "models/blocks/basicblock/ms.py"
    found = {
        name for name, pair in all_pairs().items() if port in sources.closure(*reach.roots(pair))
    }
    assert {"blocks.basicblock", "blocks.stage", "networks.resnet18", "networks.resnet50"} <= found
    assert {name.partition(".")[0] for name in found} == {"blocks", "networks"}
    assert not found & {"networks.lenet", "networks.bert", "blocks.stem"}
