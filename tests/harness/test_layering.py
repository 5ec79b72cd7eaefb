"""Who imports whom: the rules of the architecture, checked on the source and on live processes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRAMEWORKS = {"torch", "mindspore"}


def _imports(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_harness_never_imports_models() -> None:
    wrong = [p for p in (ROOT / "harness").rglob("*.py") if "models" in _imports(p)]
    assert wrong == []


def test_only_backends_and_checkpoints_import_a_framework() -> None:
    allowed = {"backends", "checkpoint.py"}
    for path in (ROOT / "harness").rglob("*.py"):
        if not allowed & set(path.relative_to(ROOT).parts):
            assert not FRAMEWORKS & _imports(path), path


@pytest.mark.parametrize(("name", "other"), [("pt.py", "mindspore"), ("ms.py", "torch")])
def test_each_side_of_a_pair_imports_its_own_framework_only(name: str, other: str) -> None:
    files = list((ROOT / "models").rglob(name))
    assert len(files) >= 10
    for path in files:
        assert other not in _imports(path), path


def test_pairs_import_no_framework() -> None:
    for path in (ROOT / "models").rglob("pair.py"):
        assert not FRAMEWORKS & _imports(path), path


def _imported_with(path: Path, seen: set[Path]) -> set[str]:
    """What importing a file of the tests imports, as far as its folders hold it."""
    seen.add(path)
    found = _imports(path, top_level_only=True)
    for name in list(found):
        for folder in (path.parent, ROOT / "tests", ROOT / "tests" / "harness"):
            for file in (folder / f"{name}.py", folder / name / "__init__.py"):
                if file.is_file() and file not in seen:
                    found |= _imported_with(file, seen)
    return found


def test_collecting_imports_no_framework() -> None:
    """Both take longer to import than all tests take to collect; ``tests/deferred.py`` has them."""
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "tests").rglob("conftest.py")]
    assert len(files) > 50
    heavy = FRAMEWORKS | {"torchvision", "timm", "transformers"}
    assert {p.name: found for p in files if (found := heavy & _imported_with(p, set()))} == {}


STARTS = {
    "import": "import harness",
    "help": "from harness.cli import main; main(['--help'])",
    "list": "from harness.cli import main; main(['list'])",
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_starting_loads_no_framework(start: str) -> None:
    code = f"try:\n    {start}\nexcept SystemExit as end:\n    assert not end.code\n"
    code += "import sys\nprint(sorted({'torch', 'mindspore'} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
