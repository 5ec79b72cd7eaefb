"""One torch call into the MindSpore call that computes the same, argument by argument.

Works on source alone: a row of the API map, both signatures, and the call's syntax tree.
"""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from harness.apimap.executed import (
    KEYWORD,
    KEYWORDS,
    POSITIONAL,
    VARIADIC,
    Ran,
    Signature,
    parse_signature,
)
from harness.apimap.rows import Argument, Row

#: How MindSpore's modules are called in suggestions.
_SHORT = (
    ("mindspore.nn.", "nn."),
    ("mindspore.ops.", "ops."),
    ("mindspore.mint.", "mint."),
    ("mindspore.Tensor", "Tensor"),
)
_TENSOR = "mindspore.Tensor."
_PLACEHOLDER = re.compile(r"\{(\w+|\*)\}")
#: ``{[dim]}``: an index, where the argument is given.
_INDEX = re.compile(r"\{\[(\w+)\]\}")
_UNKNOWN = object()
#: Keywords of torch's that change where a tensor lies, not what it holds.
_IDLE = frozenset({"device", "layout", "requires_grad", "pin_memory", "non_blocking",
                   "memory_format"})  # fmt: skip


@dataclass(frozen=True)
class Given:
    """An argument as a call gives it: its source, and its place where it was positional."""

    source: str
    place: int | None = None

    @property
    def value(self) -> object:
        """The literal's value; a marker where it is no literal."""
        return literal(self.source)


@dataclass
class Port:
    """The suggested MindSpore code, and what is to be known about the arguments of this very call.

    complete: False where a person has to see to something.
    """

    code: str = ""
    notes: list[str] = field(default_factory=list)
    complete: bool = True


def rewrite(
    row: Row,
    ran: Ran | None,
    call: ast.Call | None,
    receiver: str = "",
    partial: Sequence[ast.keyword] = (),
) -> Port:
    """The port of one use of a torch API.

    call: None where the API is only named. receiver: the source of the tensor or module whose
    method it is. partial: keywords bound before the call.
    """
    if row.status == "missing" and not row.call:
        return Port(complete=False)
    if call is None:
        if row.call and not _PLACEHOLDER.search(row.call):
            return Port(row.call)
        if row.call and receiver:
            return Port(_INDEX.sub("", row.call.replace("{self}", receiver)))
        if receiver and row.to.startswith(_TENSOR):
            return Port(f"{receiver}.{row.to.removeprefix(_TENSOR)}")
        return Port(short(row.to), complete=bool(row.to))
    overloads = (parse_signature(row.signature),) if row.signature else ran.torch if ran else ()
    bound = _bind(call, partial, overloads)
    if row.call:
        return _from_template(row, call, receiver, bound)
    if bound is None:
        return _unread(row, call, receiver, overloads)
    given, signature = bound
    theirs = (ran.mindspore.get(row.to) if ran else None) or ()
    return _Writer(row, signature, theirs, given, receiver).port()


def naive(row: Row, call: ast.Call, receiver: str = "") -> str:
    """The call with nothing but the API's name changed, and without what can be left out anyway."""
    kept = [
        k
        for k in call.keywords
        if not row.args.get(str(k.arg), Argument()).drop and k.arg not in _IDLE
    ]
    return _call_of(
        row.to, [ast.unparse(a) for a in call.args], [ast.unparse(k) for k in kept], receiver
    )


def short(name: str) -> str:
    """A MindSpore name as suggestions write it: ``nn.Conv2d``."""
    for whole, abbreviated in _SHORT:
        if name.startswith(whole):
            return abbreviated + name.removeprefix(whole)
    return name


@lru_cache(maxsize=4096)
def literal(source: str) -> object:
    """The value of a literal's source; a marker, equal to nothing, for anything else."""
    try:
        return ast.literal_eval(source)
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return _UNKNOWN


def same_default(torch: str | None, mindspore: str | None) -> bool:
    """Whether two defaults are the same value."""
    if torch is None or mindspore is None:
        return torch is mindspore
    ours, theirs = literal(torch), literal(mindspore)
    if ours is _UNKNOWN or theirs is _UNKNOWN:
        return torch == mindspore
    return ours == theirs


def _bind(
    call: ast.Call, partial: Sequence[ast.keyword], overloads: Sequence[Signature]
) -> tuple[dict[str, Given], Signature] | None:
    """The call's arguments by torch's names, under the first overload that takes them."""
    starred = any(isinstance(a, ast.Starred) for a in call.args)
    keywords = {k.arg: k.value for k in (*partial, *call.keywords)}
    idle = {name for name in keywords if name in _IDLE}
    if None in keywords:
        return None
    for signature in overloads:
        names = [p.name for p in signature if p.kind == POSITIONAL]
        variadic = next((p.name for p in signature if p.kind == VARIADIC), "")
        known = {p.name for p in signature if p.kind in (POSITIONAL, KEYWORD)}
        loose = any(p.kind == KEYWORDS for p in signature)
        if starred and not variadic:
            continue
        if len(call.args) > len(names) and not variadic:
            continue
        if not loose and not set(keywords) - idle <= known:
            continue
        found = {
            name: Given(ast.unparse(node), place)
            for place, (name, node) in enumerate(zip(names, call.args))
        }
        if set(found) & set(keywords):
            continue
        if variadic and len(call.args) > len(names):
            rest = [ast.unparse(node) for node in call.args[len(names) :]]
            found[variadic] = Given(", ".join(rest), len(names))
        found |= {
            str(name): Given(ast.unparse(node))
            for name, node in keywords.items()
            if name in known or loose or name not in idle
        }
        needed = {p.name for p in signature if p.kind == POSITIONAL and p.default is None}
        if needed <= set(found):
            return found, signature
    return None


def _unread(row: Row, call: ast.Call, receiver: str, overloads: Sequence[Signature]) -> Port:
    port = Port(naive(row, call, receiver), complete=False)
    if any(isinstance(a, ast.Starred) for a in call.args) or any(
        k.arg is None for k in call.keywords
    ):
        port.notes.append("arguments passed on with * or ** cannot be read here")
    elif overloads:
        port.notes.append("no signature of torch's takes these arguments")
    if row.args or row.always:
        port.notes.append(row.note)
    return port


def _from_template(
    row: Row,
    call: ast.Call,
    receiver: str,
    bound: tuple[dict[str, Given], Signature] | None,
) -> Port:
    filled = set(_PLACEHOLDER.findall(row.call)) - {"self", "*"}
    if bound is None and filled:
        return Port(notes=[f"its arguments cannot be read here: {row.note}"], complete=False)
    given, signature = bound or ({}, ())
    defaults = {p.name: p.default for p in signature}
    port = Port()

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name == "self":
            return receiver
        if name == "*":
            kept = [k for k in call.keywords if k.arg not in _IDLE]
            return ", ".join(ast.unparse(a) for a in (*call.args, *kept))
        if name in given:
            rule = row.args.get(name, Argument())
            return _changed(rule.by, given[name].source)[0] if rule.by else given[name].source
        default = row.args[name].default if name in row.args else ""
        if default or defaults.get(name) is not None:
            return default or str(defaults[name])
        port.complete = False
        return name

    indexed = _INDEX.sub(
        lambda match: f"[{given[match[1]].source}]" if match[1] in given else "", row.call
    )
    port.code = _PLACEHOLDER.sub(fill, indexed)
    used = {*_PLACEHOLDER.findall(row.call), *_INDEX.findall(row.call)}
    for name, argument in given.items():
        rule = row.args.get(name)
        lost = name not in used and "*" not in used and not (rule and (rule.drop or rule.absent))
        if lost and literal(argument.source) != literal(str(defaults.get(name))):
            port.notes.append(f"{name}={argument.source} is not in the MindSpore call: see to it")
            port.complete = False
        if rule and rule.drop and literal(argument.source) != literal(str(defaults.get(name))):
            port.notes.append(f"{name} is left out: {rule.drop}")
        if rule and _doubtful(rule, argument):
            port.notes.append(f"{name}={argument.source}: {rule.unsure}")
            port.complete = False
        if rule and rule.absent and literal(argument.source) != literal(str(defaults.get(name))):
            port.notes.append(f"{name}={argument.source}: {rule.absent}")
            port.complete = False
    return port


def _doubtful(rule: Argument, given: Given) -> bool:
    """Whether an argument's value does not tell what the rule wants to know."""
    literal_number = given.value is not _UNKNOWN and not isinstance(given.value, str)
    return bool(rule.unsure) and not literal_number and not given.source.startswith("mindspore.")


class _Writer:
    """Writes one call whose arguments were bound."""

    def __init__(
        self,
        row: Row,
        ours: Signature,
        theirs: Sequence,
        given: Mapping[str, Given],
        receiver: str,
    ) -> None:
        self.row, self.ours, self.given, self.receiver = row, ours, given, receiver
        self.theirs = {p.name: p for p in theirs}
        names = [p.name for p in theirs if p.kind in (POSITIONAL, VARIADIC)]
        #: Whether MindSpore takes positional arguments of any name.
        self.loose = bool(theirs) and theirs[0].kind == VARIADIC
        #: Whether MindSpore takes no other arguments than its signature names.
        self.closed = bool(theirs) and all(p.kind != KEYWORDS for p in theirs)
        # A method's receiver is the first argument of the function that takes its place.
        as_method = row.to.startswith(_TENSOR)
        self.places = names[1:] if receiver and not as_method and names else names
        self.out = Port()
        #: MindSpore name -> source, and those that may stay positional, in order.
        self.arguments: dict[str, str] = {}
        self.positional: list[str] = []

    def port(self) -> Port:
        for parameter in self.ours:
            rule = self.row.args.get(parameter.name, Argument())
            if parameter.name in self.given:
                self._argument(parameter.name, rule, self.given[parameter.name], parameter.default)
            elif parameter.kind not in (VARIADIC, KEYWORDS):
                self._left_out(parameter.name, rule, parameter.default)
        for name, argument in self.given.items():
            if all(p.name != name for p in self.ours):  # taken by **kwargs
                self._argument(name, self.row.args.get(name, Argument()), argument, None)
        for name, source in self.row.always.items():
            self.arguments.setdefault(name, source)
        return self._written()

    def _argument(self, name: str, rule: Argument, given: Given, default: str | None) -> None:
        if rule.when:
            for value, instead in rule.when.items():
                if given.value is not _UNKNOWN and given.value == literal(value):
                    self.arguments |= instead
                    shown = ", ".join(f"{k}={v}" for k, v in instead.items()) or "nothing"
                    self.out.notes.append(f"{name}={given.source} is {shown}")
                    return
        if rule.drop:
            if default is None or given.value != literal(default):
                self.out.notes.append(f"{name} is left out: {rule.drop}")
            return
        if rule.absent:
            if default is None or given.value is _UNKNOWN or given.value != literal(default):
                self.out.notes.append(f"{name}={given.source}: {rule.absent}")
                self.out.complete = False
            return
        target = rule.to or name
        if self.closed and target not in self.theirs:
            if given.value is _UNKNOWN or default is None or given.value != literal(default):
                self.out.notes.append(f"{name}={given.source}: MindSpore has no such argument")
                self.out.complete = False
            return
        if _doubtful(rule, given):
            self.out.notes.append(f"{name}={given.source}: {rule.unsure}")
            self.out.complete = False
        if rule.by and given.value is None:
            self.out.notes.append(f"{name}=None: MindSpore has no such value")
            self.out.complete = False
            return
        source, certain = _changed(rule.by, given.source) if rule.by else (given.source, True)
        if target != name:
            self.out.notes.append(f"{name} is called {target}")
        if source != given.source:
            self.out.notes.append(f"{name}={given.source} becomes {target}={source}")
        elif not certain:
            self.out.notes.append(f"{name}: {_WORDS.get(rule.by, rule.by)}")
        self.arguments[target] = source
        in_order = len(self.positional) < len(self.places)
        if (
            given.place is not None
            and given.place == len(self.positional)
            and (self.loose or (in_order and self.places[len(self.positional)] == target))
        ) or (given.place == 0 and not self.theirs):
            self.positional.append(target)

    def _left_out(self, name: str, rule: Argument, default: str | None) -> None:
        if rule.drop or rule.absent:
            return
        target = rule.to or name
        if rule.default:
            known = {n: g.source for n, g in self.given.items()}
            names = _PLACEHOLDER.findall(rule.default)
            if all(n in known for n in names):
                source = _PLACEHOLDER.sub(lambda m: known[m[1]], rule.default)
                theirs = self.theirs.get(target)
                if theirs is None or not same_default(source, theirs.default):
                    self.arguments[target] = source
                    self.out.notes.append(f"{name} defaults to {source} in torch: say {target}")
            return
        theirs = self.theirs.get(target)
        if theirs is None or theirs.default is None or default is None:
            return
        if default in rule.when:
            self.arguments |= rule.when[default]
            return
        wanted = _changed(rule.by, default)[0] if rule.by else default
        if literal(wanted) in (None, _UNKNOWN) or same_default(wanted, theirs.default):
            return
        self.arguments[target] = wanted
        self.out.notes.append(
            f"{target} defaults to {theirs.default} in MindSpore, torch's {name} to {default}"
        )

    def _written(self) -> Port:
        leading = [self.arguments[name] for name in self.positional]
        order = {name: place for place, name in enumerate(self.theirs)}
        named = sorted(
            (name for name in self.arguments if name not in self.positional),
            key=lambda name: order.get(name, len(order)),
        )
        rest = [f"{name}={self.arguments[name]}" for name in named]
        self.out.code = _call_of(self.row.to, leading, rest, self.receiver)
        return self.out


def _call_of(to: str, positional: list[str], keywords: list[str], receiver: str) -> str:
    if to.startswith(_TENSOR) and receiver:
        held = receiver if re.fullmatch(r"[\w.\[\]()'\", ]+", receiver) else f"({receiver})"
        return f"{held}.{to.removeprefix(_TENSOR)}({', '.join([*positional, *keywords])})"
    if to.startswith(_TENSOR) and positional:
        return _call_of(to, positional[1:], keywords, positional[0])
    if receiver:
        positional = [receiver, *positional]
    return f"{short(to)}({', '.join([*positional, *keywords])})"


def _changed(by: str, source: str) -> tuple[str, bool]:
    """(the changed value's source, whether it is certain)."""
    if by in CHANGES:
        return CHANGES[by](source)
    text = by.replace("{}", source if _is_atom(source) else f"({source})")
    value = literal(source)
    if isinstance(value, (int, float)) and re.fullmatch(r"[\d\s.+\-*/{}()]+", by):
        folded = eval(text, {"__builtins__": {}})  # noqa: S307  digits and operators only
        return (repr(float(f"{folded:.12g}")) if isinstance(folded, float) else repr(folded)), True
    return text, True


def _is_atom(source: str) -> bool:
    return isinstance(ast.parse(source, mode="eval").body, (ast.Name, ast.Constant, ast.Call))


def _twice(source: str) -> tuple[str, bool]:
    """(h, w) -> (h, h, w, w): nn takes an amount for each side."""
    value = literal(source)
    if isinstance(value, (tuple, list)):
        return repr(tuple(each for each in value for _ in range(2))), True
    return source, isinstance(value, int)


def _inverted(source: str) -> tuple[str, bool]:
    value = literal(source)
    return (repr(not value), True) if isinstance(value, bool) else (f"not {source}", True)


def _as_tuple(source: str) -> tuple[str, bool]:
    """One number or several -> a tuple, as MindSpore wants it."""
    value = literal(source)
    if isinstance(value, int):
        return f"({value},)", True
    if isinstance(value, list):
        return repr(tuple(value)), True
    return source, value is not _UNKNOWN


def _floats(source: str) -> tuple[str, bool]:
    """2 -> 2.0, (2, 3) -> (2.0, 3.0): MindSpore wants floats here."""
    value = literal(source)
    if isinstance(value, (int, float)):
        return repr(float(value)), True
    if isinstance(value, (tuple, list)):
        return repr(tuple(float(each) for each in value)), True
    return source, False


def _gathered(source: str) -> tuple[str, bool]:
    """``2, 3`` -> ``(2, 3)``; what is one sequence already stays."""
    node = ast.parse(f"f({source})", mode="eval").body
    assert isinstance(node, ast.Call)
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Constant):
        return source.removeprefix("*"), True
    return f"({source},)" if len(node.args) == 1 else f"({source})", True


#: Changes of a value that a template cannot say, by name.
CHANGES: dict[str, Callable[[str], tuple[str, bool]]] = {
    "twice": _twice,
    "not": _inverted,
    "tuple": _as_tuple,
    "gathered": _gathered,
    "floats": _floats,
}
_WORDS = {
    "twice": "a tuple (h, w) becomes (h, h, w, w)",
    "tuple": "must be a tuple",
    "floats": "must be a float, or several",
}
