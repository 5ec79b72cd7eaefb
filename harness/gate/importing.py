"""Which files of a source tree a file imports, read off the source without running it.

Imports inside functions count, and so does what ``importlib.import_module`` is called with in a
file that calls it, as far as texts in that file say: a module's name, or how one begins. What only
a run knows (the pair a test looks up, the file it reads) is observed; a file that tells of what it
imports by name itself (``observing.used``) is not searched for texts.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path

#: Folders that hold no sources: caches, environments, what runs write.
_PASSED_OVER = {"__pycache__", "bundles", "build", "dist", "kernel_meta", "migrated",
                "node_modules", "rank_0", "rewritten_network", "site-packages"}  # fmt: skip
#: Hidden folders that are sources all the same.
_SHOWN = {".ci", ".gitee", ".github", ".gitlab-ci.yml", ".pre-commit-config.yaml",
          ".pre-commit-hooks.yaml", ".workflow", ".gitignore"}  # fmt: skip

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[\w.]+)?")
_IMPORTERS = {"import_module", "__import__"}


def is_source(parts: Iterable[str]) -> bool:
    """Whether a path, relative to the tree, is part of the sources."""
    return not any(
        part in _PASSED_OVER
        or part.endswith((".egg-info", ".pyc", "~"))
        or (part.startswith(".") and part not in _SHOWN)
        for part in parts
    )


class Sources:
    """The Python files below a root, and who imports whom. Paths are relative, with slashes."""

    def __init__(self, root: Path, only: str = "") -> None:
        """only: a folder below the root; what lies outside it is left out."""
        self.root, self._only = Path(root).resolve(), only
        self._imports: dict[str, frozenset[str]] = {}
        self._closures: dict[str, frozenset[str]] = {}

    @cached_property
    def files(self) -> frozenset[str]:
        """Every file that is part of the sources."""
        prefix = f"{self._only}/" if self._only else ""
        return frozenset(_walk(self.root / self._only, prefix))

    @cached_property
    def search(self) -> tuple[str, ...]:
        """Folders that names are looked up in: the root, those of tests, those on sys.path."""
        folders = {""}
        for file in self.files:
            folder, _, name = file.rpartition("/")
            if name == "conftest.py" or (name.startswith("test_") and name.endswith(".py")):
                while folder and f"{folder}/__init__.py" in self.files:
                    folder = folder.rpartition("/")[0]
                folders.add(folder)
        for entry in sys.path:
            found = self.relative(entry) if entry else None
            if found and is_source(found.split("/")):
                folders.add(found)
        return tuple(sorted(folders))

    def relative(self, path: str | Path) -> str | None:
        """A path as this tree calls it; None where it is not below the root."""
        try:
            found = Path(path).resolve().relative_to(self.root).as_posix()
        except (ValueError, OSError):
            return None
        return "" if found == "." else found

    def closure(self, *starts: str) -> frozenset[str]:
        """The files, what they import, and so on; with the data that lies beside each."""
        return frozenset().union(*(self._closed(start) for start in starts))

    def _closed(self, start: str) -> frozenset[str]:
        if start not in self._closures:
            found, pending = {start}, [start]
            while pending:
                for other in self.imports(pending.pop()) - found:
                    found.add(other)
                    pending.append(other)
            folders = {file.rpartition("/")[0] for file in found if file.endswith(".py")}
            data = (self.data.get(folder, frozenset()) for folder in folders)
            self._closures[start] = frozenset(found).union(*data)
        return self._closures[start]

    @cached_property
    def data(self) -> dict[str, frozenset[str]]:
        """Folder with modules -> the files beside them, and in folders that hold no modules.

        Texts for people, and what lies beside packages only, belong to nobody: who reads it is
        observed.
        """
        modules = (f for f in self.files if f.endswith(".py") and not f.endswith("__init__.py"))
        homes = {file.rpartition("/")[0] for file in modules}
        found: dict[str, set[str]] = {}
        for file in self.files:
            folder = file.rpartition("/")[0]
            if file.endswith((".py", ".md")) or not folder:
                continue
            while folder and folder not in homes:
                folder = folder.rpartition("/")[0]
            if folder:
                found.setdefault(folder, set()).add(file)
        return {folder: frozenset(files) for folder, files in found.items()}

    def imports(self, file: str) -> frozenset[str]:
        """The files that a file imports directly, the packages they lie in included."""
        if file not in self._imports:
            self._imports[file] = frozenset(self._found(file)) - {file}
        return self._imports[file]

    def _found(self, file: str) -> Iterator[str]:
        if not file.endswith(".py"):
            return
        try:
            tree = ast.parse((self.root / file).read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            return  # a test that needs it fails by itself
        yield from self._packages(file)
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self.modules(alias.name)
            elif isinstance(node, ast.ImportFrom):
                yield from self._from(file, node)
        called = {_called(node) for node in nodes}
        if called & _IMPORTERS and "used" not in called:
            for node in nodes:
                yield from self._named_in(node)

    def _packages(self, file: str) -> Iterator[str]:
        """The ``__init__`` files that are run before a file is."""
        folder = file.rpartition("/")[0]
        while folder and f"{folder}/__init__.py" in self.files:
            yield f"{folder}/__init__.py"
            folder = folder.rpartition("/")[0]

    def _from(self, file: str, node: ast.ImportFrom) -> Iterator[str]:
        bases = [node.module or ""]
        if node.level:
            folder = file.split("/")[: -node.level]
            bases = [".".join([*folder, *filter(None, [node.module])])]
        for base in bases:
            yield from self.modules(base, relative=bool(node.level))
            for alias in node.names:
                if alias.name == "*":
                    yield from self.below(base)
                else:
                    yield from self.modules(f"{base}.{alias.name}", relative=bool(node.level))

    def _named_in(self, node: ast.AST) -> Iterator[str]:
        """The modules that a text names, or those whose names begin as an f-string does."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _DOTTED.fullmatch(node.value):
                yield from self.modules(node.value.partition(":")[0])
        elif isinstance(node, ast.JoinedStr) and node.values:
            first = node.values[0]
            if isinstance(first, ast.Constant) and str(first.value).endswith("."):
                yield from self.below(str(first.value)[:-1])

    def modules(self, name: str, relative: bool = False) -> Iterator[str]:
        """The file of a dotted name and its packages' files; nothing for other people's modules."""
        if not name:
            return
        parts = name.split(".")
        for folder in ("",) if relative else self.search:
            for length in range(len(parts), 0, -1):
                path = "/".join([*filter(None, [folder]), *parts[:length]])
                for file in (f"{path}.py", f"{path}/__init__.py"):
                    if file in self.files:
                        yield file
                        yield from self._packages(file)

    def below(self, package: str) -> Iterator[str]:
        """Every Python file of a package, packages in it included."""
        for folder in self.search:
            path = "/".join([*filter(None, [folder]), *package.split(".")])
            yield from (f for f in self.files if f.startswith(f"{path}/") and f.endswith(".py"))


def _called(node: ast.AST) -> str:
    """The name of the function that a node calls."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    for entry in folder.iterdir():
        if not is_source((entry.name,)):
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}"


@cache
def sources(root: Path) -> Sources:
    """The sources below a root, as they are when first asked for."""
    return Sources(root)
