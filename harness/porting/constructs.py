"""A module's ``forward`` into ``construct``, and what it calls of its own file.

Calls are rewritten by the API map as ``scan`` rewrites them. A statement that holds one that cannot
be rewritten raises NotImplementedError in its place, and is listed.
"""

import ast
import builtins
import copy
import inspect
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from harness.apimap.executed import load_executed
from harness.apimap.names import Names
from harness.apimap.rewrite import rewrite
from harness.apimap.rows import load_rows
from harness.porting.rewritten import File, definition, own_expressions, read

#: What rewritten code is made of.
ROOTS = ("mindspore", "nn", "ops", "mint", "Tensor", "Parameter", "initializer", "np")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Left:
    """A line that is left to a person: where it is in torch's source, what stands there, and why.

    blocking: whether the port raises there.
    """

    file: str
    line: int
    source: str
    why: str
    blocking: bool = True


@dataclass
class Translated:
    """Functions of a class, translated: the port's code and what it takes for granted.

    attributes: names of ``self`` that are read and are no methods. functions: functions of the
    user's modules that are called. constants: names of the modules -> their values.
    """

    functions: list[ast.FunctionDef] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    called: dict[str, FunctionType] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    left: list[Left] = field(default_factory=list)


def translate_class(kind: type) -> Translated:
    """``forward`` of a class, and the methods that it calls, as ``construct`` and methods."""
    found = Translated()
    wanted, done = ["forward"], set()
    while wanted:
        name = wanted.pop(0)
        if name in done:
            continue
        done.add(name)
        owner = next((k for k in kind.__mro__ if name in vars(k)), None)
        if owner is None or is_torch(owner.__module__):
            continue
        function = inspect.unwrap(_function_of(vars(owner)[name]))
        if not isinstance(function, FunctionType):
            _unreadable(found, owner, name, "it is no function")
            continue
        node = _translate(function, found, kind, wanted)
        if node is not None:
            node.name = "construct" if name == "forward" else name
            node.decorator_list = [
                d
                for d in node.decorator_list
                if isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod")
            ]
    return found


def translate_function(function: FunctionType) -> Translated:
    """A function of the user's modules."""
    found = Translated()
    _translate(function, found, None, [])
    return found


def _function_of(member: Any) -> Any:
    return member.__func__ if isinstance(member, (staticmethod, classmethod)) else member


def _unreadable(found: Translated, where: Any, name: str, why: str) -> None:
    file = inspect.getsourcefile(where) or where.__module__
    found.left.append(Left(file, 0, name, why))


def _translate(
    function: FunctionType, found: Translated, kind: type | None, wanted: list[str]
) -> ast.FunctionDef | None:
    path = inspect.getsourcefile(function)
    try:
        file = read(path) if path else None
    except (OSError, SyntaxError, RecursionError) as error:
        found.left.append(Left(str(path), 0, function.__qualname__, f"not readable: {error}"))
        return None
    original = None if file is None else definition(file, function)
    if file is None or original is None:
        where = path or function.__module__
        found.left.append(Left(where, 0, function.__qualname__, "its source is not found"))
        return None
    node = copy.deepcopy(original)
    writer = _Writer(file, function, found, kind, wanted)
    node.body = writer.block(original.body)
    _strip(node)
    found.functions.append(node)
    return node


def _strip(node: ast.FunctionDef) -> None:
    """Without annotations, which name torch's types."""
    node.returns = None
    arguments = node.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                     arguments.vararg, arguments.kwarg):  # fmt: skip
        if argument is not None:
            argument.annotation = None


class _Writer:
    """Writes the statements of one function."""

    def __init__(
        self,
        file: File,
        function: FunctionType,
        found: Translated,
        kind: type | None,
        wanted: list[str],
    ) -> None:
        self.file, self.function, self.found = file, function, found
        self.kind, self.wanted = kind, wanted
        self.globals = function.__globals__
        code = function.__code__
        self.local = {*code.co_varnames, *code.co_cellvars}
        self.own = code.co_varnames[0] if kind is not None and code.co_argcount else ""

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Statements, translated; those in whose way something stands raise."""
        written: list[ast.stmt] = []
        for statement in body:
            written += self.statement(statement)
        return written or [ast.Pass()]

    def statement(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
            return self.nested(statement)
        why = self.file.blocked.get(id(statement), "") or self.unknown_names(statement)
        if why:
            return [self.raising(statement, why)]
        if noted := self.file.noted.get(id(statement)):
            self.leave(statement, noted, blocking=False)
        if any(_without_weights(node) for node in own_expressions(statement)):
            why = "without its weights MindSpore's attention returns a tuple of one: take its [0]"
            self.leave(statement, why, blocking=False)
        self.read_attributes(statement)
        new = copy.copy(statement)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                setattr(new, name, self.block(inner))
        if isinstance(new, ast.Try):
            new.handlers = [copy.copy(h) for h in new.handlers]
            for handler in new.handlers:
                handler.body = self.block(handler.body)
        if isinstance(new, ast.AnnAssign):
            if new.value is None:
                return []
            return [ast.copy_location(ast.Assign([new.target], new.value), new)]
        if isinstance(new, ast.AugAssign) and isinstance(new.target, (ast.Name, ast.Attribute)):
            # x += y changes x in place in torch; MindSpore's tensors do not.
            old = copy.deepcopy(new.target)
            old.ctx = ast.Load()
            value = ast.BinOp(old, new.op, new.value)
            return [ast.copy_location(ast.Assign([new.target], value), new)]
        return [new]

    def nested(self, statement: ast.stmt) -> list[ast.stmt]:
        """Definitions within a function are taken where nothing of torch is left in them."""
        inner = [s for s in ast.walk(statement) if isinstance(s, ast.stmt)]
        why = next((w for s in inner if (w := self.file.blocked.get(id(s), ""))), "")
        if isinstance(statement, ast.ClassDef):
            why = why or "a class within a function"
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            names = [a.name for a in statement.names]
            module = getattr(statement, "module", None) or names[0]
            if is_torch(module):
                return []
        return [self.raising(statement, why)] if why else [copy.deepcopy(statement)]

    def unknown_names(self, statement: ast.stmt) -> str:
        """What a statement names that the port does not have; notes what it can have."""
        for node in own_expressions(statement):
            if not isinstance(node, ast.Name) or node.id in self.local or node.id in ROOTS:
                if isinstance(node, ast.Name) and node.id in self.local and node.id in ROOTS:
                    return f"the variable {node.id} has the name of a module of MindSpore"
                continue
            if node.id in ("super", "__class__"):
                return "super() in forward: write the base class's construct out"
            if node.id not in self.globals:
                if node.id in _BUILTINS or node.id in _comprehended(statement):
                    continue
                return f"the name {node.id} is not known"
            why = self.global_name(node.id, self.globals[node.id])
            if why:
                return why
        return ""

    def global_name(self, name: str, value: Any) -> str:
        if isinstance(value, ModuleType):
            root = value.__name__.partition(".")[0]
            if root in sys.stdlib_module_names or root == "numpy":
                short = f" as {name}" if value.__name__ != name else ""
                self.found.imports.add(f"import {value.__name__}{short}")
                return ""
            return f"{name} is the module {value.__name__}"
        home = getattr(value, "__module__", "") or ""
        if isinstance(value, FunctionType):
            if is_torch(home):
                return f"{name} is {home}.{value.__name__}"
            if home.partition(".")[0] in sys.stdlib_module_names:
                self.found.imports.add(_from(home, value.__name__, name))
                return ""
            self.found.called[name] = value
            return ""
        if home.partition(".")[0] in sys.stdlib_module_names and hasattr(value, "__name__"):
            self.found.imports.add(_from(home, value.__name__, name))
            return ""
        try:
            ast.literal_eval(repr(value))
        except (ValueError, SyntaxError):
            what = "class" if isinstance(value, type) else "value"
            return f"the {what} {name} of {self.function.__module__} has no port"
        self.found.constants[name] = value
        return ""

    def read_attributes(self, statement: ast.stmt) -> None:
        for node in own_expressions(statement):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
                continue
            if node.value.id != self.own or not self.own:
                continue
            member = inspect.getattr_static(self.kind, node.attr, None)
            if isinstance(member, (FunctionType, staticmethod, classmethod)):
                self.wanted.append(node.attr)
            else:
                self.found.attributes.add(node.attr)

    def leave(self, statement: ast.stmt, why: str, blocking: bool = True) -> str:
        first = statement.lineno
        text = self.file.lines[first - 1].strip()
        self.found.left.append(Left(self.file.path, first, text, why, blocking))
        return text

    def raising(self, statement: ast.stmt, why: str) -> ast.stmt:
        text = self.leave(statement, why)
        message = f"torch, {Path(self.file.path).name}:{statement.lineno}: {text}"
        raising = ast.parse(f"raise NotImplementedError({message!r})").body[0]
        return ast.copy_location(raising, statement)


def _without_weights(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and any(
        k.arg == "need_weights" and isinstance(k.value, ast.Constant) and not k.value.value
        for k in node.keywords
    )


def is_torch(module: str) -> bool:
    """Whether a module is torch's own; torchvision's are not."""
    return module.partition(".")[0] == "torch"


def _comprehended(statement: ast.stmt) -> set[str]:
    """Names that comprehensions and lambdas of a statement bind."""
    nodes = list(own_expressions(statement))
    found = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found | {n.arg for n in nodes if isinstance(n, ast.arg)}


def _from(module: str, name: str, alias: str) -> str:
    return f"from {module} import {name}{f' as {alias}' if alias != name else ''}"


def reference(function: Any) -> str:
    """The MindSpore function that a torch function held as a value becomes; "" for none."""
    executed = load_executed()
    names = Names({k: frozenset(v) for k, v in executed.members.items()}, load_rows())
    home = getattr(function, "__module__", "") or "torch"
    api = names.public(f"{home}.{function.__name__}")
    for name in (api, f"torch.{function.__name__}", f"torch.nn.functional.{function.__name__}"):
        row = load_rows().get(name)
        if row is not None and row.to and not row.args and not row.call:
            return rewrite(row, executed.rows.get(name), None).code
        if row is not None and row.to and set(row.args) <= {"inplace", "out"}:
            return rewrite(row, executed.rows.get(name), None).code
    return ""
