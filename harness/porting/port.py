"""The whole port: Cell classes of a described torch network, and what is left to a person."""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from harness.porting.constructs import (
    Left,
    Translated,
    reference,
    translate_class,
    translate_function,
)
from harness.porting.described import Described, Held
from harness.porting.general import Body, General, Generalizer, Own
from harness.porting.layers import (
    WHOLE,
    helper_source,
    initial,
    initializers_in,
    write_layer,
)
from harness.porting.layout import laid_out
from harness.porting.ties import tied

_CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")
_DTYPES = {"float32", "float64", "float16", "int64", "int32", "uint8", "int8", "int16"}


@dataclass
class Port:
    """The source of ms.py, the name of its factory, and what is left.

    layers: how many of torch's layers are written. lines: of forward that are translated.
    """

    source: str
    factory: str
    left: list[Left]
    layers: int
    raising: int


@dataclass
class _State:
    left: list[Left] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    initializers: set[str] = field(default_factory=set)
    layers: int = 0


def write_port(root: Described, factory: str, origin: str) -> Port:
    """The port of a described network.

    factory: the name that ms.py gives to what builds the network. origin: where torch's is from.
    """
    return _Porter(root, factory, origin).port()


class _Porter:
    def __init__(self, root: Described, factory: str, origin: str) -> None:
        self.root, self.factory, self.origin = root, factory, origin
        self.state = _State()
        self.translated: dict[type, Translated] = {}
        self.names: dict[type, str] = {}
        self.bodies: dict[type, list[Body]] = {}
        self.functions: dict[str, FunctionType] = {}
        self.modules = {d.path: d for d in root.walk()}
        self.cells: dict[str, str] = {}
        self.ties: Mapping[type, list[str]] = {}

    def port(self) -> Port:
        for described in self.own(self.root):
            self.translate(described.kind)
        for described in self.own(self.root):
            body = Body(described, dict(self.values(described)))
            self.bodies.setdefault(described.kind, []).append(body)
        generalizer = Generalizer(self.names, self.bodies)
        top = self.expression(self.root)
        instances = {kind: [b.described for b in bodies] for kind, bodies in self.bodies.items()}
        ties = tied(self.root, instances, self.cells)
        self.ties, shared = ties.within, ties.outside
        self.state.left += ties.left
        root = generalizer.resolved(top)
        classes = [self.class_source(kind, generalizer.general(kind)) for kind in self.order()]
        if self.root.kind in self.names and self.names[self.root.kind] == self.factory:
            made = []
        else:
            start = "    net = " if shared else "    return "
            lines = [f"def {self.factory}():", f'    """{self.origin}."""',
                     start + laid_out(root, 4, len(start))]  # fmt: skip
            lines += [*(f"    {line}" for line in shared), "    return net"] if shared else []
            made = ["\n".join(lines) + "\n"]
        functions, imports, constants = self.module_level()
        helpers = [helper_source(name) + "\n" for name in self.all_helpers()]
        parts = [*helpers, *functions, *classes, *made]
        head = self.head(imports, constants, "\n".join(parts))
        source = "\n\n".join([head, *parts])
        left = list(dict.fromkeys(self.state.left))
        return Port(source, self.factory, left, self.state.layers,
                    source.count("raise NotImplementedError("))  # fmt: skip

    # -- which classes -------------------------------------------------------------------------

    def own(self, described: Described) -> Iterable[Described]:
        """Every instance of a class of the user's own, outermost first."""
        if described.first is not None:
            return
        if not described.layer:
            yield described
        if described.layer.removeprefix("torch.nn.") in WHOLE:
            return
        for child in described.children.values():
            yield from self.own(child)

    def translate(self, kind: type) -> None:
        if kind in self.names:
            return
        name = kind.__name__
        while name in self.names.values() or (name == self.factory and kind is not self.root.kind):
            name += "_"
        self.names[kind] = name
        found = translate_class(kind)
        self.translated[kind] = found
        self.state.left += found.left
        self.functions |= found.called
        if not found.functions:
            self.leave(kind, "its forward is torch's own: write construct")
        for base in kind.__mro__[1:]:
            if base.__module__.startswith("torch.nn.modules.container"):
                self.leave(kind, f"it inherits from {base.__name__}: write how it holds its cells")
                break

    def order(self) -> list[type]:
        """Classes, those first that others are built of."""
        found: list[type] = []
        for described in reversed(list(self.own(self.root))):
            if described.kind not in found:
                found.append(described.kind)
        return found

    def leave(self, where: Any, why: str, source: str = "", blocking: bool = False) -> None:
        try:
            file = inspect.getsourcefile(where) or ""
            line = inspect.getsourcelines(where)[1]
        except (OSError, TypeError):
            file, line = getattr(where, "__module__", ""), 0
        text = source or f"class {where.__name__}"
        self.state.left.append(Left(file, line, text, why, blocking))

    # -- one instance's constructor ------------------------------------------------------------

    def values(self, described: Described) -> Iterable[tuple[str, ast.expr]]:
        """Attribute -> expression of one instance, in torch's order."""
        used = self.translated[described.kind].attributes
        held = {h.name for h in described.held}
        for name in sorted(used - set(described.children) - held - {"training"},
                           key=list(described.attributes).index
                           if used <= set(described.attributes) else None):  # fmt: skip
            value = self.attribute(described, name)
            if value is not None:
                yield name, value
        for each in described.held:
            if each.persistent or each.name in used:
                yield each.name, self.parameter(described, each)
        for name, child in described.children.items():
            yield name, self.expression(child)

    def attribute(self, described: Described, name: str) -> ast.expr | None:
        kind = described.kind
        if name in described.attributes:
            value = described.attributes[name]
        elif name in described.absent:
            return ast.Constant(None)
        elif isinstance(getattr(kind, name, None), (bool, int, float, str, tuple, type(None))):
            if not hasattr(kind, name):
                return None  # another instance's
            value = getattr(kind, name)
        else:
            if hasattr(kind, name):
                self.leave(kind, f"self.{name} is read in forward: write it", f"self.{name}")
            return None
        if callable(value):
            code = reference(value)
            if not code:
                self.leave(kind, f"self.{name} is {value.__name__}, which has no port",
                           f"self.{name}")  # fmt: skip
                return ast.Constant(None)
            return ast.parse(code, mode="eval").body
        return ast.parse(repr(value), mode="eval").body

    def parameter(self, described: Described, held: Held) -> ast.expr:
        if held.arange and held.dtype in _DTYPES:
            value = f"Tensor(np.arange({held.shape[-1]}).reshape({held.shape}), {_dtype(held)})"
        else:
            source = initial(held)
            if source is None:
                self.leave(
                    described.kind,
                    f"how {held.name} of {described.path or 'the network'} starts is not known: "
                    "write its values",
                    f"self.{held.name}",
                )
                source = "'zeros'"
            self.state.initializers |= initializers_in(source)
            value = f"initializer({source}, {held.shape}, {_dtype(held)})"
        if not held.persistent:
            return ast.parse(value if held.arange else f"{value}.init_data()", mode="eval").body
        frozen = "" if held.trainable else ", requires_grad=False"
        return ast.parse(f"Parameter({value}, name={held.name!r}{frozen})", mode="eval").body

    def expression(self, described: Described) -> ast.expr:
        """What builds a module; an instance of an own class is left as ``Own``."""
        if described.first is not None:
            where = described.first or "the root"
            self.leave(described.kind, f"{described.path} is the same module as {where}: assign it",
                       described.path)  # fmt: skip
            shared = self.modules[described.first]
            return Own(shared) if not shared.layer else self.expression(shared)
        if not described.layer:
            return Own(described)
        if described.layer in _CONTAINERS:
            return self.container(described)
        written = write_layer(described)
        self.state.helpers |= written.helpers
        self.state.initializers |= written.initializers
        for why in written.left:
            self.state.left.append(Left("", 0, described.path, why, blocking=not written.code))
        if not written.code:
            message = f"torch: {described.path} is a {described.layer}"
            return ast.parse(f"unported({message!r})", mode="eval").body
        self.state.layers += 1
        made = ast.parse(written.code, mode="eval").body
        if isinstance(made, ast.Call):
            self.cells[described.path] = ast.unparse(made.func).rpartition(".")[2]
        return made

    def container(self, described: Described) -> ast.expr:
        children = {name: self.expression(child) for name, child in described.children.items()}
        numbered = list(children) == [str(i) for i in range(len(children))]
        if described.layer == "torch.nn.ModuleList":
            items = ast.List(list(children.values()), ast.Load())
            return ast.Call(_name("nn.CellList"), [items], [])
        if described.layer == "torch.nn.ModuleDict":
            keys: list[ast.expr | None] = [ast.Constant(name) for name in children]
            return ast.Call(_name("nn.CellDict"), [ast.Dict(keys, list(children.values()))], [])
        if numbered:
            items = ast.List(list(children.values()), ast.Load())
            return ast.Call(_name("nn.SequentialCell"), [items], [])
        pairs: list[ast.expr] = [
            ast.Tuple([ast.Constant(n), c], ast.Load()) for n, c in children.items()
        ]
        ordered = ast.Call(_name("OrderedDict"), [ast.List(pairs, ast.Load())], [])
        return ast.Call(_name("nn.SequentialCell"), [ordered], [])

    # -- source --------------------------------------------------------------------------------

    def class_source(self, kind: type, general: General) -> str:
        lines = [f"class {general.name}(nn.Cell):", f'    """{_where(kind)}."""', ""]
        names = ", ".join(["self", *general.variables])
        if general.values or general.variables:
            lines += [f"    def __init__({names}):", "        super().__init__()"]
            for name, value in general.values.items():
                start = f"        self.{name} = "
                lines.append(start + laid_out(value, 8, len(start)))
            lines += [f"        {line}" for line in self.ties.get(kind, ())]
            lines.append("")
        for node in self.translated[kind].functions:
            lines += [textwrap.indent(ast.unparse(ast.fix_missing_locations(node)), "    "), ""]
        return "\n".join(lines).rstrip() + "\n"

    def module_level(self) -> tuple[list[str], set[str], dict[str, Any]]:
        """Functions that are called, imports and constants that they and the classes need."""
        imports: set[str] = set()
        constants: dict[str, Any] = {}
        for found in self.translated.values():
            imports |= found.imports
            constants |= found.constants
        sources: list[str] = []
        waiting, done = dict(self.functions), set()
        while waiting:
            name, function = waiting.popitem()
            if name in done:
                continue
            done.add(name)
            found = translate_function(function)
            self.state.left += found.left
            imports |= found.imports
            constants |= found.constants
            waiting |= found.called
            for node in found.functions:
                node.name, node.decorator_list = name, []
                sources.insert(0, ast.unparse(ast.fix_missing_locations(node)) + "\n")
        return sources, imports, constants

    def all_helpers(self) -> list[str]:
        return sorted(self.state.helpers)

    def head(self, imports: set[str], constants: dict[str, Any], code: str) -> str:
        used = {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
        lines = [f'"""{self.origin} in MindSpore; attribute names follow torch\'s."""', ""]
        standard = set(imports) | ({"from collections import OrderedDict"}
                                   if "OrderedDict" in used else set())  # fmt: skip
        lines += sorted(standard) + ([""] if standard else [])
        lines += ["import mindspore"] if "mindspore" in used else []
        lines += (
            ["import numpy as np"] if "np" in used and "import numpy as np" not in imports else []
        )
        names = [n for n in ("Parameter", "Tensor", "mint", "nn", "ops") if n in used]
        lines.append(f"from mindspore import {', '.join(names or ['nn'])}")
        made = sorted(
            self.state.initializers | ({"initializer"} if "initializer" in used else set())
        )
        if made:
            lines.append(f"from mindspore.common.initializer import {', '.join(made)}")
        if constants:
            lines += ["", *(f"{name} = {value!r}" for name, value in sorted(constants.items()))]
        if "unported" in used:
            lines += ["", "", "def unported(what):", '    """Stands where a layer is missing."""',
                      "    raise NotImplementedError(what)"]  # fmt: skip
        return "\n".join(lines) + "\n"


def _dtype(held: Held) -> str:
    return f"mindspore.{'bool_' if held.dtype == 'bool' else held.dtype}"


def _name(dotted: str) -> ast.expr:
    return ast.parse(dotted, mode="eval").body


def _where(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
