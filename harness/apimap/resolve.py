"""Find every torch API that a Python source uses, from its syntax tree alone.

Two passes over a file: the first learns what names and ``self`` attributes hold, the second tells
what is used. Nothing is imported or run. A value's kind follows from imports and aliases, from
annotations, defaults and ``functools.partial``, from what torch's own functions and classes return,
and, in ``forward``, from what the parameters of a module are.
"""

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.apimap.names import (
    Names,
    attribute_of,
    item_of,
    result_of,
    result_of_instance,
)
from harness.apimap.values import (
    OTHER,
    TENSOR,
    UNKNOWN,
    Api,
    Foreign,
    Function,
    Local,
    Made,
    Many,
    Own,
    Value,
    either,
)

CALL, BASE, DECORATOR, REFERENCE = "call", "base class", "decorator", "reference"

_NUMBERS = ("numpy", "np", "math", "scipy", "PIL", "cv2", "pandas")
_PLAIN = frozenset("int float bool str bytes complex dict set None".split())
_SEQUENCES = frozenset("List Tuple Sequence Iterable Iterator Set list tuple set".split())


@dataclass(frozen=True)
class Found:
    """One use of a torch API.

    api: its public name; for an unresolved one what it may be. node: where. receiver: the source
    of the value whose method it is. partial: keywords bound before the call. guess: how it is
    known where it is not certain. why: why it is not resolved, "" where it is.
    """

    api: str
    how: str
    node: ast.AST
    receiver: str = ""
    partial: tuple[ast.keyword, ...] = ()
    guess: str = ""
    why: str = ""


def resolve(tree: ast.Module, names: Names) -> list[Found]:
    """Every use of a torch API in a file, in the order of the source."""
    found: list[Found] = []
    walker = _Walker(names)
    walker.walk(tree, lambda use: None)
    walker.walk(tree, found.append)
    once = {(id(use.node), use.api): use for use in found}
    return sorted(once.values(), key=lambda use: (use.node.lineno, use.node.col_offset))  # type: ignore[attr-defined]


class _Walker:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.scopes: list[dict[str, Value]] = [{}]
        self.classes: dict[int, Local] = {}
        self.functions: dict[int, Function] = {}
        self.owner: list[Local] = []
        self.returns: list[Function] = []
        self.emit: Callable[[Found], None] = lambda use: None

    def walk(self, tree: ast.Module, emit: Callable[[Found], None]) -> None:
        self.emit = emit
        self.block(tree.body)

    # -- names -----------------------------------------------------------------------------------

    def lookup(self, name: str) -> Value:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return OTHER if name in _BUILTINS else UNKNOWN

    def bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            known = self.scopes[-1].get(target.id)
            self.scopes[-1][target.id] = value if value is not UNKNOWN else known
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.bind(item.value if isinstance(item, ast.Starred) else item, item_of(value))
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if isinstance(owner, Own):
                known = owner.kind.attributes.get(target.attr)
                owner.kind.attributes[target.attr] = either(value, known)
        elif isinstance(target, ast.Subscript):
            self.use(target)

    # -- statements ------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ast.AST) -> None:
        visit = getattr(self, f"_{type(node).__name__}", None)
        if visit is not None:
            visit(node)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.use(child)
            else:
                self.statement(child)

    def _Import(self, node: ast.Import) -> None:
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            self.scopes[-1][alias.asname or whole] = _imported(whole)

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        home = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                if home.partition(".")[0] == "torch":
                    why = f"'from {home} import *' hides which names are torch's"
                    self.emit(Found(home, REFERENCE, node, why=why))
                continue
            value = _imported(f"{home}.{alias.name}")
            if isinstance(value, Api):
                value = Api(self.names.public(value.name))
            self.scopes[-1][alias.asname or alias.name] = value

    def _ClassDef(self, node: ast.ClassDef) -> None:
        kind = self.classes.setdefault(id(node), Local(node.name))
        kind.methods = {s.name for s in node.body if isinstance(s, _FUNCTIONS)}
        kind.bases = []
        for base in node.bases:
            value = self.value(base)
            kind.bases.append(value)
            self._mention(base, value, BASE)
        for decorator in node.decorator_list:
            self._decorator(decorator)
        for keyword in node.keywords:
            self.use(keyword.value)
        self.scopes[-1][node.name] = kind
        self.scopes.append({})
        self.owner.append(kind)
        self.block(node.body)
        self.owner.pop()
        kind.attributes = {**self.scopes.pop(), **kind.attributes}

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self._decorator(decorator)
        function = self.functions.setdefault(id(node), Function(node.name))
        annotated = self.annotation(node.returns) if node.returns else UNKNOWN
        method = bool(self.owner) and len(self.scopes) > 1
        scope = dict(self._parameters(node, method))
        self.scopes[-1][node.name] = function
        self.scopes.append(scope)
        owners, self.owner = self.owner, []
        self.returns.append(function)
        self.block(node.body)
        self.returns.pop()
        self.owner = owners
        self.scopes.pop()
        function.result = either(annotated, function.result)

    _AsyncFunctionDef = _FunctionDef

    def _decorator(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call):
            self._call(node, DECORATOR)
        else:
            self._mention(node, self.value(node), DECORATOR)

    def _parameters(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, method: bool
    ) -> Iterator[tuple[str, Value]]:
        arguments = [*node.args.posonlyargs, *node.args.args]
        defaults: list[ast.expr | None] = [None] * (len(arguments) - len(node.args.defaults))
        pairs = [*zip(arguments, [*defaults, *node.args.defaults]),
                 *zip(node.args.kwonlyargs, node.args.kw_defaults)]  # fmt: skip
        owner = self.owner[-1] if method else None
        tensors = owner is not None and owner.may_be_module and "forward" in node.name
        for position, (argument, default) in enumerate(pairs):
            if owner is not None and position == 0 and not _is_static(node):
                yield argument.arg, Own(owner) if argument.arg == "self" else owner
                continue
            given = self.use(default) if default is not None else UNKNOWN
            value = self.annotation(argument.annotation) if argument.annotation else UNKNOWN
            if isinstance(given, Api):
                value = Api(given.name, given.partial, f"{argument.arg}'s default")
            elif value is UNKNOWN and default is not None and not _is_none(default):
                value = given
            if value is UNKNOWN and tensors and (default is None or _is_none(default)):
                value = TENSOR
            yield argument.arg, value
        for rest in (node.args.vararg, node.args.kwarg):
            if rest is not None:
                yield rest.arg, UNKNOWN

    def _Assign(self, node: ast.Assign) -> None:
        value = self.use(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        value = self.use(node.value) if node.value else UNKNOWN
        self.bind(node.target, either(value, self.annotation(node.annotation)))

    def _AugAssign(self, node: ast.AugAssign) -> None:
        value = self.use(node.value)
        if value == TENSOR:
            self.bind(node.target, TENSOR)

    def _For(self, node: ast.For | ast.AsyncFor) -> None:
        self.bind(node.target, self._iterated(node.iter))
        self.block([*node.body, *node.orelse])

    _AsyncFor = _For

    def _With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.use(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        self.block(node.body)

    _AsyncWith = _With

    def _Return(self, node: ast.Return) -> None:
        if node.value is not None:
            value = self.use(node.value)
            if self.returns:
                self.returns[-1].result = either(self.returns[-1].result, value)

    def _iterated(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            items = [item_of(self.use(argument)) for argument in node.args]
            if node.func.id in ("reversed", "list", "tuple", "sorted", "iter") and items:
                return items[0]
            if node.func.id == "zip" and items and len(set(map(_key, items))) == 1:
                return Many(items[0])
            if node.func.id in ("zip", "enumerate"):
                # enumerate: unpacked as (number, item); nobody asks the number for methods.
                return UNKNOWN if node.func.id == "zip" or not items else Many(items[0])
            if node.func.id == "range":
                return OTHER
        return item_of(self.use(node))

    # -- expressions -----------------------------------------------------------------------------

    def use(self, node: ast.expr | None) -> Value:
        """The value of an expression; torch names in it are used."""
        if node is None:
            return UNKNOWN
        value = self.value(node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            self._mention(node, value, REFERENCE)
        return value

    def _mention(self, node: ast.expr, value: Value, how: str) -> None:
        if isinstance(node, ast.Call):
            return
        if isinstance(node, ast.Subscript):
            self.value(node)
            return
        if isinstance(value, Api) and not value.guess and value.name not in _MODULES:
            self.emit(Found(value.name, how, node))
        elif isinstance(node, ast.Attribute) and how == REFERENCE:
            receiver = self.value(node.value)
            name = f"torch.Tensor.{node.attr}"
            if receiver == TENSOR and name in self.names.apis:
                self.emit(Found(name, REFERENCE, node, ast.unparse(node.value)))

    def value(self, node: ast.expr) -> Value:
        """The value of an expression; what stands inside calls and operators is used."""
        visit = getattr(self, f"_value_{type(node).__name__}", None)
        if visit is not None:
            return visit(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.use(child)
        return UNKNOWN

    def _value_Name(self, node: ast.Name) -> Value:
        return self.lookup(node.id)

    def _value_Constant(self, node: ast.Constant) -> Value:
        return UNKNOWN if node.value is None else OTHER

    def _value_Attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Api):
            return Api(self.names.public(f"{owner.name}.{node.attr}"))
        if isinstance(owner, Foreign):
            return Foreign(f"{owner.name}.{node.attr}")
        if isinstance(owner, Made):
            return attribute_of(owner.name, node.attr)
        if isinstance(owner, (Own, Local)):
            kind = owner.kind if isinstance(owner, Own) else owner
            return OTHER if node.attr == "training" else kind.find(node.attr)
        return OTHER if owner is OTHER else UNKNOWN

    def _value_Call(self, node: ast.Call) -> Value:
        return self._call(node, CALL)

    def _call(self, node: ast.Call, how: str) -> Value:
        arguments = [self.use(a.value if isinstance(a, ast.Starred) else a) for a in node.args]
        for keyword in node.keywords:
            self.use(keyword.value)
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return _Super
        function = self.value(node.func)
        if isinstance(function, Api):
            if function.name == "torch" or function.name in _MODULES:
                return UNKNOWN
            self.emit(Found(function.name, how, node, "", function.partial, function.guess))
            return result_of(function.name)
        if isinstance(function, Foreign):
            return self._foreign_call(function, node, arguments)
        if isinstance(function, Local):
            return Own(function)
        if isinstance(function, Function):
            return function.result
        if isinstance(function, Made):
            return result_of_instance(function.name)
        if isinstance(function, Own):
            return TENSOR if function.kind.may_be_module else UNKNOWN
        if isinstance(node.func, ast.Name):
            return self._builtin_call(node, arguments)
        if isinstance(node.func, ast.Attribute):
            return self._method_call(node, node.func, how)
        return UNKNOWN

    def _builtin_call(self, node: ast.Call, arguments: list[Value]) -> Value:
        name = node.func.id  # type: ignore[attr-defined]
        if name == "getattr" and arguments and isinstance(arguments[0], Api):
            dynamic = len(node.args) < 2 or not isinstance(node.args[1], ast.Constant)
            if dynamic:
                why = "the name is only known when it runs"
                self.emit(Found(f"{arguments[0].name}.?", CALL, node, why=why))
                return UNKNOWN
            api = self.names.public(f"{arguments[0].name}.{node.args[1].value}")  # type: ignore[attr-defined]
            self.emit(Found(api, REFERENCE, node))
            return Api(api)
        if name in ("list", "tuple", "reversed", "sorted") and arguments:
            return Many(item_of(arguments[0]))
        if name in ("sum", "max", "min", "abs", "round", "pow") and arguments:
            value = arguments[0]
            return TENSOR if TENSOR in (value, item_of(value)) else OTHER
        return OTHER if name in _BUILTINS else UNKNOWN

    def _foreign_call(self, function: Foreign, node: ast.Call, arguments: list[Value]) -> Value:
        if function.name.rpartition(".")[2] == "partial" and arguments:
            made = arguments[0]
            return (
                Api(made.name, tuple(node.keywords), made.guess) if isinstance(made, Api) else made
            )
        if function.name in ("copy.deepcopy", "copy.copy", "typing.cast") and arguments:
            return arguments[-1]
        root = function.name.partition(".")[0]
        return OTHER if root in sys.stdlib_module_names or root in _NUMBERS else UNKNOWN

    def _method_call(self, node: ast.Call, func: ast.Attribute, how: str) -> Value:
        owner, name = self.value(func.value), func.attr
        receiver = ast.unparse(func.value) if self._tells(owner) else ""
        if owner is _Super or isinstance(owner, (Own, Local)):
            if isinstance(owner, (Own, Local)):
                kind = owner.kind if isinstance(owner, Own) else owner
                if kind.defines(name) or kind.find(name) is not UNKNOWN:
                    return UNKNOWN
                base = kind.torch_base() or ("torch.nn.Module" if kind.may_be_module else "")
            else:
                base = "" if name.startswith("__") else "torch.nn.Module"
            api = self.names.method(base, name) if base else ""
            return self._used(api, how, node, receiver)
        if isinstance(owner, Made):
            # A name that the class does not have says that the value is something else.
            return self._used(self.names.method(owner.name, name), how, node, receiver)
        if owner is UNKNOWN:
            api, may_be = self.names.by_name(receiver, name)
            if may_be:
                why = f"the type of {_short(receiver)} is not known"
                self.emit(Found(may_be, how, node, receiver, why=why))
                return UNKNOWN
            return self._used(api, how, node, receiver, "by its name" if api else "")
        if isinstance(owner, Many) and name == "pop":
            return owner.item
        return OTHER if owner is OTHER else UNKNOWN

    @staticmethod
    def _tells(owner: Value) -> bool:
        return owner is UNKNOWN or isinstance(owner, (Made, Own))

    def _used(self, api: str, how: str, node: ast.Call, receiver: str, guess: str = "") -> Value:
        if not api:
            return UNKNOWN
        self.emit(Found(api, how, node, receiver, guess=guess))
        return result_of(api)

    def _value_BinOp(self, node: ast.BinOp) -> Value:
        sides = self.use(node.left), self.use(node.right)
        if TENSOR in sides:
            return TENSOR
        return OTHER if OTHER in sides else UNKNOWN

    def _value_Compare(self, node: ast.Compare) -> Value:
        sides = [self.use(node.left), *(self.use(c) for c in node.comparators)]
        same = any(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in node.ops)
        return TENSOR if TENSOR in sides and not same else OTHER

    def _value_UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.use(node.operand)
        return OTHER if isinstance(node.op, ast.Not) else value

    def _value_BoolOp(self, node: ast.BoolOp) -> Value:
        return either(*(self.use(value) for value in node.values))

    def _value_IfExp(self, node: ast.IfExp) -> Value:
        self.use(node.test)
        return either(self.use(node.body), self.use(node.orelse))

    def _value_Subscript(self, node: ast.Subscript) -> Value:
        self.use(node.slice)
        value = self.use(node.value)
        if isinstance(node.slice, ast.Slice) and isinstance(value, Many):
            return value
        return value if value == TENSOR else item_of(value)

    def _value_Tuple(self, node: ast.Tuple | ast.List) -> Value:
        items = [self.use(i.value if isinstance(i, ast.Starred) else i) for i in node.elts]
        alike = items and all(_key(item) == _key(items[0]) for item in items)
        return Many(items[0]) if alike and items[0] is not UNKNOWN else Many(UNKNOWN)

    _value_List = _value_Tuple

    def _value_JoinedStr(self, node: ast.JoinedStr) -> Value:
        for child in ast.walk(node):
            if isinstance(child, ast.FormattedValue):
                self.use(child.value)
        return OTHER

    def _value_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.use(node.value)
        self.bind(node.target, value)
        return value

    def _value_Starred(self, node: ast.Starred) -> Value:
        return self.use(node.value)

    def _value_Lambda(self, node: ast.Lambda) -> Value:
        self.scopes.append({a.arg: UNKNOWN for a in node.args.args})
        function = Function("lambda", self.use(node.body))
        self.scopes.pop()
        return function

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Value:
        self.scopes.append({})
        self._generators(node.generators)
        value = self.use(node.elt)
        self.scopes.pop()
        return Many(value)

    _value_ListComp = _value_GeneratorExp = _value_SetComp = _comprehension

    def _value_DictComp(self, node: ast.DictComp) -> Value:
        self.scopes.append({})
        self._generators(node.generators)
        self.use(node.key)
        self.use(node.value)
        self.scopes.pop()
        return OTHER

    def _generators(self, generators: Sequence[ast.comprehension]) -> None:
        for generator in generators:
            self.bind(generator.target, self._iterated(generator.iter))
            for condition in generator.ifs:
                self.use(condition)

    def _value_Dict(self, node: ast.Dict) -> Value:
        for child in (*node.keys, *node.values):
            if child is not None:
                self.use(child)
        return OTHER

    # -- annotations -----------------------------------------------------------------------------

    def annotation(self, node: ast.expr) -> Value:
        """What an annotated name holds; annotations are no use of an API."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return UNKNOWN
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            word = node.value.attr if isinstance(node.value, ast.Attribute) else ""
            word = node.value.id if isinstance(node.value, ast.Name) else word
            if word in ("Optional", "Union"):
                return either(*(self.annotation(part) for part in inner))
            if word in _SEQUENCES:
                return Many(self.annotation(inner[0]) if inner else UNKNOWN)
            return OTHER if word in ("Dict", "dict", "Literal") else UNKNOWN
        if isinstance(node, ast.BinOp):  # X | None
            return either(self.annotation(node.left), self.annotation(node.right))
        if isinstance(node, ast.Name) and node.id in _PLAIN:
            return OTHER
        if isinstance(node, (ast.Name, ast.Attribute)):
            value = self.value(node)
            if isinstance(value, Api):
                return result_of(value.name) if value.name[:1] else UNKNOWN
            return Own(value) if isinstance(value, Local) else UNKNOWN
        return UNKNOWN


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BUILTINS = frozenset(dir(__import__("builtins")))
_Super = Foreign("super")
#: Modules of torch that are no API themselves.
_MODULES = frozenset(
    f"torch{name}"
    for name in (
        "", ".nn", ".nn.functional", ".nn.init", ".nn.utils", ".nn.utils.rnn", ".optim", ".utils",
        ".optim.lr_scheduler", ".utils.data", ".utils.data.distributed", ".utils.checkpoint",
        ".distributed", ".cuda", ".cuda.amp", ".jit", ".fx", ".linalg", ".fft", ".special",
        ".autograd", ".backends", ".backends.cudnn", ".hub", ".onnx", ".amp", ".random", ".func",
        ".nn.modules", ".nn.parallel", ".utils.tensorboard", ".nn.modules.utils", ".profiler",
        ".multiprocessing", ".quantization", ".ao", ".ao.quantization", ".nn.parameter",
    )
)  # fmt: skip


def _imported(name: str) -> Value:
    return Api(name) if name == "torch" or name.startswith("torch.") else Foreign(name)


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _key(value: Value) -> object:
    return value if isinstance(value, (Made, Many, Api)) else id(value)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
