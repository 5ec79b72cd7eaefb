"""A torch source file with its calls rewritten in place, and what stands in a statement's way."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType

from harness.apimap.rows import NOT_ON_CPU, load_rows
from harness.apimap.scan import UNRESOLVED, Use, ported


@dataclass(frozen=True)
class File:
    """A source file: as written, with ports in place, and what stands in a statement's way."""

    path: str
    lines: tuple[str, ...]
    tree: ast.Module
    blocked: dict[int, str]
    noted: dict[int, str]


@cache
def read(path: str) -> File:
    """A file's tree with its torch calls rewritten in place."""
    text = Path(path).read_text(encoding="utf-8")
    tree = _Asserting().visit(ast.parse(text))
    holder: dict[int, int] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt):
            for node in own_expressions(statement):
                holder[id(node)] = id(statement)
    blocked: dict[int, str] = {}
    noted: dict[int, str] = {}
    for use, node in ported(tree):
        place = holder.get(id(node), 0)
        why = _obstacle(use)
        if why:
            blocked.setdefault(place, why)
        elif use.status == NOT_ON_CPU:
            noted.setdefault(place, f"{use.api}: CPU has no kernel of {use.to}")
    return File(path, tuple(text.splitlines()), tree, blocked, noted)


class _Asserting(ast.NodeTransformer):
    """``torch._assert(...)`` is an assert statement."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:  # noqa: N802
        call = node.value
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "torch._assert" and call.args:
            return ast.copy_location(ast.Assert(*call.args[:2]), node)
        return node


def own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Expressions of a statement itself, without those of the statements in its body."""
    waiting: list[ast.AST] = [
        child
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case))
    ]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += ast.iter_child_nodes(node)


def _obstacle(use: Use) -> str:
    """Why a use has no port that could take its place; "" where it has."""
    if use.how in ("base class", "decorator"):
        return ""
    if use.status == UNRESOLVED:
        return f"{use.api}: {use.why}"
    if not use.port or not use.complete:
        row = load_rows()[use.api]
        return f"{use.api}: {'; '.join(use.notes) or row.note or 'MindSpore has none'}"
    try:
        ast.parse(use.port, mode="eval")
    except SyntaxError:
        return f"{use.api}: write {use.port}"
    return ""


def definition(file: File, function: FunctionType) -> ast.FunctionDef | None:
    """Where a file defines a function; None where it does not."""
    line = function.__code__.co_firstlineno
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= line <= node.lineno or node.lineno == line:
                return node
    return None
