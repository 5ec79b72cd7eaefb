"""Scan Python source for torch APIs: what each use becomes in MindSpore, file by file.

Reads syntax trees only; the scanned code is never imported.
"""

import ast
import importlib.util
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

from harness.apimap.executed import Executed, load_executed
from harness.apimap.names import Names
from harness.apimap.resolve import CALL, DECORATOR, REFERENCE, Found, resolve
from harness.apimap.rewrite import rewrite
from harness.apimap.rows import DIFFERS, MISSING, NOT_ON_CPU, SAME, Row, load_rows
from harness.errors import HarnessError
from harness.progress import Progress, silent

UNRESOLVED = "unresolved"
#: In the order of a summary.
STATUSES = (SAME, DIFFERS, MISSING, NOT_ON_CPU, UNRESOLVED)

_SKIPPED = frozenset({"__pycache__", "node_modules", "build", "dist", "site-packages"})
#: Fewer files than this are scanned sooner than a second process starts.
_FEW = 64


@dataclass(frozen=True)
class Use:
    """One use of a torch API.

    how: "call", "base class", "decorator", "reference". status: one of STATUSES. source: the code
    as it stands. port: the suggested MindSpore code, "" where there is none. notes: what is to be
    known about the arguments at this very place. complete: False where a person has to see to
    something. guess: how the API is known where that is not certain. why: why it is unresolved.
    """

    line: int
    column: int
    api: str
    how: str
    status: str
    source: str = ""
    to: str = ""
    port: str = ""
    notes: tuple[str, ...] = ()
    complete: bool = True
    guess: str = ""
    why: str = ""


@dataclass(frozen=True)
class FileScan:
    """One file: its uses in order, or the sentence why it could not be read."""

    path: str
    uses: tuple[Use, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Scan:
    """Every file of one target, and the versions that the API map was run on."""

    target: str
    files: tuple[FileScan, ...]
    torch: str
    mindspore: str
    device: str
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def uses(self) -> Iterator[tuple[str, Use]]:
        """(path, use) of every file."""
        return ((file.path, use) for file in self.files for use in file.uses)

    @cached_property
    def counts(self) -> Counter[str]:
        """Uses by status."""
        return Counter(use.status for _, use in self.uses)

    @cached_property
    def calls(self) -> Counter[str]:
        """Calls and decorators by status."""
        return Counter(use.status for _, use in self.uses if use.how in (CALL, DECORATOR))

    @cached_property
    def apis(self) -> dict[str, Counter[str]]:
        """Status -> API -> number of uses."""
        found: dict[str, Counter[str]] = {status: Counter() for status in STATUSES}
        for _, use in self.uses:
            found[use.status][use.api] += 1
        return found

    @property
    def resolved(self) -> float:
        """The share of torch calls that the map says something about; 1 where there are none."""
        total = self.calls.total()
        return 1.0 - self.calls[UNRESOLVED] / total if total else 1.0

    @property
    def coverage(self) -> float:
        """The share of torch calls that have a counterpart which runs; 1 where there are none."""
        total = self.calls.total()
        return (self.calls[SAME] + self.calls[DIFFERS]) / total if total else 1.0

    @property
    def errors(self) -> tuple[FileScan, ...]:
        return tuple(file for file in self.files if file.error)


def scan(target: str, progress: Progress = silent, processes: int = 0) -> Scan:
    """Scan a file, a folder, or an installed module by name.

    processes: 0 for as many as the machine has cores. Raises HarnessError where there is no such
    target.
    """
    root, paths = _paths(target)
    names = [str(path) for path in paths]
    files: list[FileScan] = []
    workers = processes or os.cpu_count() or 1
    if len(paths) < _FEW or workers == 1:
        for done, name in enumerate(names):
            progress(name, done, len(names))
            files.append(scan_file(name))
    else:
        chunk = max(8, len(names) // (8 * workers))
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_start) as pool:
            for done, file in enumerate(pool.map(scan_file, names, chunksize=chunk)):
                progress(file.path, done, len(names))
                files.append(file)
    executed = load_executed()
    shown = [FileScan(_relative(file.path, root), file.uses, file.error) for file in files]
    return Scan(
        target, tuple(shown), executed.torch, executed.mindspore, executed.device, load_rows()
    )


def _start() -> None:
    load_executed()
    load_rows()


def _paths(target: str) -> tuple[Path, list[Path]]:
    """The folder that paths are shown relative to, and the files."""
    path = Path(target)
    if path.is_file():
        return path.parent, [path]
    if not path.exists():
        path = _installed(target)
        if path.is_file():
            return path.parent, [path]
    files = sorted(
        file
        for file in path.rglob("*.py")
        if not any(p in _SKIPPED or p.startswith(".") for p in file.relative_to(path).parts[:-1])
    )
    if not files:
        raise HarnessError(f"{target}: there is no Python file in it.")
    return path, files


def _installed(name: str) -> Path:
    """Where an installed module lies; packages above it are not imported either."""
    top, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(top) if top.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise HarnessError(f"{name}: there is no such file, folder or installed module.")
    if not spec.submodule_search_locations:
        return Path(str(spec.origin))
    for folder in spec.submodule_search_locations:
        path = Path(folder, *rest)
        for found in (path, path.with_suffix(".py")):
            if found.exists():
                return found
    raise HarnessError(f"{name}: {top} is installed, and has no module {'.'.join(rest)!r}.")


def _relative(path: str, root: Path) -> str:
    return str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path


def scan_file(path: str) -> FileScan:
    """Scan one file; a file that cannot be read is told, not raised."""
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        return FileScan(path, error=f"cannot be read: {error.strerror}")
    return scan_source(source, path)


def scan_source(source: bytes | str, path: str = "<source>") -> FileScan:
    """Scan one source text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the scanned code: invalid escapes and the like
            tree = ast.parse(source, filename=path)
    except SyntaxError as error:
        return FileScan(path, error=f"line {error.lineno}: not Python {_PYTHON}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return FileScan(path, error=f"not Python {_PYTHON}: {error}")
    try:
        return FileScan(path, tuple(use for use, _ in ported(tree)))
    except RecursionError:
        return FileScan(path, error="nested too deeply to be read")


def ported(tree: ast.Module) -> list[tuple[Use, ast.AST]]:
    """Every torch use of a file with its node, in the order of the source.

    Complete ports of calls and references take their nodes' place in ``tree``; what stands inside
    a call is ported before it.
    """
    rows, executed = load_rows(), load_executed()
    found = resolve(tree, Names({k: frozenset(v) for k, v in executed.members.items()}, rows))
    # As the file has it, before other code takes its place.
    written = {
        id(each): (each.node.lineno, each.node.col_offset + 1, _shown(each.node))  # type: ignore[attr-defined]
        for each in found
    }
    uses = {}
    for each in sorted(found, key=lambda found: _inner_first(found.node)):
        line, column, source = written[id(each)]
        use = replace(_use(each, rows, executed), line=line, column=column, source=source)
        if use.port and use.complete and use.how in (CALL, REFERENCE):
            _put(each.node, use.port)
        uses[id(each)] = use
    return [(uses[id(each)], each.node) for each in found]


def _inner_first(node: ast.AST) -> tuple[int, int, int, int]:
    """A sort key that puts an expression before the one that it stands in."""
    end = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
    return *end, -node.lineno, -node.col_offset  # type: ignore[attr-defined]


def _put(node: ast.AST, code: str) -> None:
    """Let the tree hold other code where a node stands, for the expressions around it."""
    try:
        other = ast.parse(code, mode="eval").body
    except SyntaxError:  # a template's own words
        return
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)


def _receiver(node: ast.AST) -> str:
    """The source of the value whose method or attribute a node uses."""
    attribute = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(attribute.value) if isinstance(attribute, ast.Attribute) else ""


_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def _use(found: Found, rows: dict[str, Row], executed: Executed) -> Use:
    node = found.node
    if found.why:
        return Use(0, 0, found.api, found.how, UNRESOLVED, why=found.why)
    row = rows.get(found.api)
    if row is None:
        return Use(0, 0, found.api, found.how, UNRESOLVED, why="not in the map")
    call = node if isinstance(node, ast.Call) else None
    receiver = _receiver(node) if found.receiver else ""
    port = rewrite(row, executed.rows.get(row.torch), call, receiver, found.partial)
    return Use(
        0, 0, found.api, found.how, row.status, "", row.to or row.call,
        port.code, tuple(dict.fromkeys(port.notes)), port.complete, found.guess,
    )  # fmt: skip


def _shown(node: ast.AST) -> str:
    return _shortened(ast.unparse(node)) if isinstance(node, ast.expr) else ""


def _shortened(source: str, width: int = 160) -> str:
    line = " ".join(source.split())
    return line if len(line) <= width else line[: width - 3] + "..."


def unresolved(found: Scan) -> Sequence[tuple[str, Use]]:
    """(path, use) of everything that the scan cannot place."""
    return [(path, use) for path, use in found.uses if use.status == UNRESOLVED]
