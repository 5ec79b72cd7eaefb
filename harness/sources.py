"""The user's own source files that a pair's models are made of: what a bundle must carry."""

import ast
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.pair import resolve_factory
from harness.subject import Subject

_STANDARD = [Path(p).resolve() for key, p in sysconfig.get_paths().items() if "lib" in key]


def sources_of(subject: Subject) -> dict[str, Path]:
    """Relative path for the bundle -> file, for every module that is not installed or standard."""
    start = {m.namespace for m in subject.torch.inventory.modules}
    start |= {m.namespace for m in subject.bare_port.inventory.modules}
    optimizers = subject.pair.optimizers
    for given in (
        subject.pair.torch,
        subject.pair.mindspore,
        optimizers.torch,
        optimizers.mindspore,
    ):
        factory: Any = resolve_factory(given, subject.pair.name)
        while hasattr(factory, "func"):  # a partial, of a partial
            start |= {str(a).partition(":")[0] for a in factory.args if isinstance(a, str)}
            factory = factory.func
        start.add(factory.__module__)
    found: dict[str, Path] = {}
    pending = sorted(start)
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        module = sys.modules.get(name)
        if name in seen or module is None:
            continue
        seen.add(name)
        file = _own_file(module)
        if file is None:
            continue
        found[_place(name, file)] = file
        pending += [name.rpartition(".")[0], *_imported(file, name)]
    return found


def _own_file(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    if not file or module.__name__.partition(".")[0] in ("harness", "__main__"):
        return None
    path = Path(file).resolve()
    installed = any(path.is_relative_to(folder) for folder in _STANDARD)
    return path if path.suffix == ".py" and path.is_file() and not installed else None


def _place(name: str, file: Path) -> str:
    parts = name.split(".")
    if file.name == "__init__.py":
        parts.append("__init__")
    return "/".join(parts) + ".py"


def _imported(file: Path, name: str) -> Iterator[str]:
    """Names of modules that a file imports, absolute; ``from a import b`` may mean ``a.b``."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
