"""One Cell class for several instances: what differs between them becomes its arguments."""

import ast
import keyword
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.porting.described import Described
from harness.porting.layers import defaults_of


class Own(ast.expr):
    """Stands in an expression for an instance of a class of the user's own."""

    _fields = ()

    def __init__(self, described: Described) -> None:
        super().__init__()
        self.described = described


@dataclass
class Body:
    """What one instance's constructor sets: attribute -> expression, in order."""

    described: Described
    values: dict[str, ast.expr] = field(default_factory=dict)


@dataclass
class General:
    """A class: attribute -> expression over the variables, and each instance's variables.

    variables: name -> instance path -> expression.
    """

    name: str
    values: dict[str, ast.expr] = field(default_factory=dict)
    variables: dict[str, dict[str, ast.expr]] = field(default_factory=dict)


class Generalizer:
    """Classes of the port, each made of all its instances when it is first asked for."""

    def __init__(self, names: Mapping[type, str], bodies: Mapping[type, Sequence[Body]]) -> None:
        self.names, self.bodies = names, bodies
        self.done: dict[type, General] = {}
        self.within: list[type] = []

    def general(self, kind: type) -> General:
        """The class of all instances of ``kind``."""
        if kind not in self.done:
            self.within.append(kind)
            self.done[kind] = _Unifier(self, kind).unify()
            self.within.pop()
        return self.done[kind]

    def call(self, described: Described) -> ast.expr:
        """The expression that builds one instance."""
        general = self.general(described.kind)
        keywords = [
            ast.keyword(name, self.resolved(values[described.path]))
            for name, values in general.variables.items()
        ]
        return ast.Call(ast.Name(general.name, ast.Load()), [], keywords)

    def resolved(self, node: ast.expr) -> ast.expr:
        """An expression with the calls that its instances of own classes become."""
        generalizer = self

        class Resolver(ast.NodeTransformer):
            def visit_Own(self, own: Own) -> ast.expr:  # noqa: N802
                return generalizer.call(own.described)

        return Resolver().visit(_copied(node))


def _copied(node: Any) -> Any:
    """A copy of an expression; instances that stand in it are the same."""
    if isinstance(node, Own):
        return Own(node.described)
    if isinstance(node, list):
        return [_copied(each) for each in node]
    if isinstance(node, ast.AST):
        return type(node)(**{name: _copied(value) for name, value in ast.iter_fields(node)})
    return node


def _key(node: ast.expr) -> str:
    """The same for equal expressions."""
    owns = [n.described.path for n in ast.walk(node) if isinstance(n, Own)]
    return f"{ast.dump(node)}{owns}"


class _Unifier:
    def __init__(self, generalizer: Generalizer, kind: type) -> None:
        self.generalizer = generalizer
        self.bodies = generalizer.bodies[kind]
        self.paths = [body.described.path for body in self.bodies]
        self.out = General(generalizer.names[kind])
        self.known: dict[tuple[str, ...], ast.expr] = {}
        self.taken = {"self", "nn", "ops", "mint", "np", "mindspore"}

    def unify(self) -> General:
        longest = max(
            self.bodies, key=lambda body: (len(body.described.children), len(body.values))
        )
        names = dict.fromkeys(
            [*longest.values, *(name for body in self.bodies for name in body.values)]
        )
        for name in names:
            values = [body.values.get(name, ast.Constant(None)) for body in self.bodies]
            self.out.values[name] = self.one(values, name)
        order = {name: place for place, (name, _) in enumerate(self.arguments())}
        ordered = sorted(self.out.variables, key=lambda name: order.get(name, len(order)))
        self.out.variables = {name: self.out.variables[name] for name in ordered}
        return self.out

    def one(self, values: list[ast.expr], hint: str) -> ast.expr:
        first = values[0]
        if all(isinstance(v, Own) for v in values):
            kinds = {v.described.kind for v in values if isinstance(v, Own)}
            if len(kinds) == 1 and not kinds & set(self.generalizer.within):
                return self.owns([v for v in values if isinstance(v, Own)], hint)
            return self.variable(values, hint)
        if len({_key(v) for v in values}) == 1:
            return self.fixed(first)
        if all(isinstance(v, ast.Call) for v in values):
            calls = [v for v in values if isinstance(v, ast.Call)]
            if len({ast.dump(c.func) for c in calls}) == 1:
                found = self.calls(calls, hint)
                if found is not None:
                    return found
        lists = [v for v in values if isinstance(v, ast.List)]
        if len(lists) == len(values) and len({len(v.elts) for v in lists}) == 1:
            each = zip(*(v.elts for v in lists))
            items = [self.one(list(v), f"{hint}_{i}") for i, v in enumerate(each)]
            return ast.List(items, ast.Load())
        return self.variable(values, hint)

    def fixed(self, node: ast.expr) -> ast.expr:
        """The same in all instances; instances of own classes within it become calls."""
        return self.generalizer.resolved(node)

    def owns(self, values: list[Own], hint: str) -> ast.expr:
        general = self.generalizer.general(values[0].described.kind)
        keywords = [
            ast.keyword(name, self.one([by_path[v.described.path] for v in values],
                                       _joined(hint, name)))
            for name, by_path in general.variables.items()
        ]  # fmt: skip
        return ast.Call(ast.Name(general.name, ast.Load()), [], keywords)

    def calls(self, calls: list[ast.Call], hint: str) -> ast.expr | None:
        if len({len(c.args) for c in calls}) > 1:
            return None
        lists = [a for c in calls for a in c.args if isinstance(a, ast.List)]
        if lists and len({len(each.elts) for each in lists}) > 1:
            return None  # a container of more or fewer cells is an argument as a whole
        function = ast.unparse(calls[0].func)
        defaults = defaults_of(function)
        names = dict.fromkeys(str(k.arg) for c in calls for k in c.keywords)
        given = [{str(k.arg): k.value for k in c.keywords} for c in calls]
        if any(name not in own and name not in defaults for name in names for own in given):
            return None
        places = list(defaults)  # only for hints: arguments without a default come first
        args = [
            self.one(list(each), f"{hint}_{i}" if len(calls[0].args) > 1 else hint)
            for i, each in enumerate(zip(*(c.args for c in calls)))
        ]
        keywords = []
        for name in sorted(names, key=lambda n: places.index(n) if n in places else -1):
            filled = [own[name] if name in own else _source(defaults[name]) for own in given]
            keywords.append(ast.keyword(name, self.one(filled, _joined(hint, name))))
        return ast.Call(_copied(calls[0].func), args, keywords)

    def variable(self, values: list[ast.expr], hint: str) -> ast.expr:
        key = tuple(_key(v) for v in values)
        if key not in self.known:
            self.known[key] = self.from_arguments(values) or self.add(hint, values)
        return _copied(self.known[key])

    def from_arguments(self, values: list[ast.expr]) -> ast.expr | None:
        """The argument of torch's own constructor that the values are, or are a multiple of."""
        plain = [v.value if isinstance(v, ast.Constant) else None for v in values]
        for name, given in self.arguments():
            sources = [_source(repr(each)) for each in given]
            if [_key(s) for s in sources] == [_key(v) for v in values]:
                return self.add(name, values)
        numbers = [v for v in plain if type(v) is int and v]
        if len(numbers) < len(values):
            return None
        for name, given in self.arguments():
            if any(type(each) is not int or not each for each in given):
                continue
            ratios = {number / each for number, each in zip(numbers, given)}
            if len(ratios) == 1 and (ratio := ratios.pop()) >= 2 and ratio == int(ratio):
                base = self.variable([ast.Constant(each) for each in given], name)
                return ast.BinOp(base, ast.Mult(), ast.Constant(int(ratio)))
        return None

    def arguments(self) -> Iterator[tuple[str, list[Any]]]:
        first = self.bodies[0].described.given
        for name in first:
            if all(name in body.described.given for body in self.bodies):
                yield name, [body.described.given[name] for body in self.bodies]

    def add(self, hint: str, values: list[ast.expr]) -> ast.expr:
        name = hint if hint.isidentifier() and not keyword.iskeyword(hint) else f"a_{hint}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        self.out.variables[name] = dict(zip(self.paths, values))
        return ast.Name(name, ast.Load())


def _joined(hint: str, name: str) -> str:
    return name if hint == name else f"{hint}_{name}"


def _source(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
