"""Parameters that several modules of a torch network share, and the port's lines that do so."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.parameters import LOCAL_LAYOUTS
from harness.porting.constructs import Left
from harness.porting.described import Described
from harness.porting.layers import INITIALIZED


@dataclass(frozen=True)
class Tie:
    """Two full names of one parameter, in torch's order."""

    first: str
    other: str


@dataclass
class Tied:
    """within: class of torch's -> last lines of its port's constructor. outside: lines for a
    network ``net`` that is of no class of the user's own. left: what cannot be written."""

    within: dict[type, list[str]] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def tied(
    root: Described, instances: Mapping[type, Sequence[Described]], cells: Mapping[str, str]
) -> Tied:
    """Lines that share in the port what torch's network shares.

    A class shares what all its instances share; what only some do is left. instances: of every
    class of the user's own. cells: path of a layer -> the MindSpore class that it is written as.
    """
    modules = {module.path: module for module in root.walk()}
    found = Tied()
    alike: dict[tuple[type, str], list[Tie]] = {}
    for tie in _ties(root):
        within = _holder(tie, modules)
        line = _statement(tie, within, modules, cells)
        if not line:
            found.left.append(_left(tie, within, modules))
        elif within.layer:
            found.outside.append(line.format(self="net"))
        else:
            alike.setdefault((within.kind, line), []).append(tie)
    for (kind, line), ties in alike.items():
        if len(ties) == len(instances[kind]):
            found.within.setdefault(kind, []).append(line.format(self="self"))
        else:
            found.left += [_left(tie, _holder(tie, modules), modules) for tie in ties]
    return found


def _ties(root: Described) -> Iterator[Tie]:
    """Every name of a parameter that has another one already."""
    for module in root.walk():
        for held in module.held:
            if held.tied:
                yield Tie(held.tied, _under(module.path, held.name))


def _holder(tie: Tie, modules: Mapping[str, Described]) -> Described:
    """The innermost module of a class of the user's own that both names lie in, else the root."""
    path = _parent(tie.first)
    while path and not (_is_in(tie.other, path) and not modules[path].layer):
        path = _parent(path)
    return modules[path]


def _statement(
    tie: Tie, within: Described, modules: Mapping[str, Described], cells: Mapping[str, str]
) -> str:
    """``{self}.head.weight = {self}.embed.embedding_table``; "" where it cannot be said."""
    sides = [_target(name, within, modules, cells) for name in (tie.other, tie.first)]
    layouts = {layout for _, layout in sides}
    if len(layouts) > 1 or not all(target for target, _ in sides):
        return ""
    return " = ".join(target for target, _ in sides)


def _left(tie: Tie, within: Described, modules: Mapping[str, Described]) -> Left:
    """At the assignment that ties, in the class of ``within`` or of one around it; else there."""
    why = f"{tie.other} and {tie.first} are one parameter: tie them"
    paths = [within.path]
    while paths[-1]:
        paths.append(_parent(paths[-1]))
    kinds = dict.fromkeys(modules[path].kind for path in paths if not modules[path].layer)
    sources = [source for kind in kinds if (source := _source(kind))]
    module, _, local = tie.other.rpartition(".")
    name = re.escape(module.rpartition(".")[2])
    for pattern in (rf"\b{name}(\[\d+\])?\.{local}\s*=[^=]", rf"\.{local}\s*=[^=]"):
        for file, start, lines in sources:
            for number, line in enumerate(lines, start):
                if re.search(pattern, line):
                    return Left(file, number, line.strip(), why, blocking=False)
    file, start, lines = sources[0] if sources else ("", 0, [tie.other])
    return Left(file, start, lines[0].strip(), why, blocking=False)


def _source(kind: type) -> tuple[str, int, list[str]] | None:
    """(file, first line's number, lines) of a class, where Python can read it."""
    try:
        lines, start = inspect.getsourcelines(kind)
        return inspect.getsourcefile(kind) or "", start, lines
    except (OSError, TypeError):
        return None


def _target(
    name: str, within: Described, modules: Mapping[str, Described], cells: Mapping[str, str]
) -> tuple[str, str]:
    """A parameter's place in MindSpore from ``{self}`` on, and its layout; "" where unknown."""
    path, local = _parent(name), name.rpartition(".")[2]
    layout = "same"
    if modules[path].layer:
        cell = cells.get(path, "")
        argument = INITIALIZED.get(cell, {}).get(local, "")
        if not argument or cell == "BatchNorm3d":  # it keeps its parameters in an inner cell
            return "", layout
        local = argument.removesuffix("_init")
        if cell in LOCAL_LAYOUTS and local in LOCAL_LAYOUTS[cell]:
            layout = LOCAL_LAYOUTS[cell][local].name
    found, at = "{self}", within.path
    for part in path.removeprefix(within.path).lstrip(".").split(".") if path != at else ():
        parent = modules[at].layer
        if parent == "torch.nn.ModuleDict":
            found += f"[{part!r}]"
        else:
            found += f"[{part}]" if part.isdigit() else f".{part}"
        at = _under(at, part)
    return f"{found}.{local}", layout


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _is_in(name: str, path: str) -> bool:
    return name.startswith(f"{path}.")
