"""ParameterMap: a total, invertible mapping between the two sides' parameters.

Names are derived from the module types of both sides; a pair's explicit dictionary, rename rules
and layouts say the rest. Whatever stays uncovered is an error that lists both sides.
"""

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from harness.errors import ParameterMapError
from harness.inventory import Inventory, Parameter
from harness.modulemap import ModuleMap, derive_module_map


@dataclass(frozen=True)
class Layout:
    """How an array is laid out on the MindSpore side; ``inverse`` undoes ``forward`` exactly."""

    name: str
    forward: Callable[[np.ndarray], np.ndarray]
    inverse: Callable[[np.ndarray], np.ndarray]


# Named functions, not lambdas: a Layout travels to the worker process by pickle.
def _unchanged(array: np.ndarray) -> np.ndarray:
    return array


def _with_axis_2(array: np.ndarray) -> np.ndarray:
    return np.expand_dims(array, 2)


def _without_axis_2(array: np.ndarray) -> np.ndarray:
    return np.squeeze(array, 2)


SAME = Layout("same", _unchanged, _unchanged)
#: Conv1d: torch (O, I, K), MindSpore (O, I, 1, K).
UNSQUEEZE_2 = Layout("unsqueeze2", _with_axis_2, _without_axis_2)
TRANSPOSE = Layout("transpose", np.transpose, np.transpose)
LAYOUTS = {layout.name: layout for layout in (SAME, UNSQUEEZE_2, TRANSPOSE)}

_NORM = {"weight": "gamma", "bias": "beta"}
_BATCH_NORM = {**_NORM, "running_mean": "moving_mean", "running_var": "moving_variance"}

#: MindSpore cell type -> {torch's local name: MindSpore's}. mindspore.nn only; where a type keeps
#: torch's names (mindspore.mint), the name that exists on the cell is taken.
LOCAL_NAMES: dict[str, Mapping[str, str]] = {
    "BatchNorm1d": _BATCH_NORM,
    "BatchNorm2d": _BATCH_NORM,
    "BatchNorm3d": {ours: f"bn2d.{theirs}" for ours, theirs in _BATCH_NORM.items()},
    "SyncBatchNorm": _BATCH_NORM,
    "InstanceNorm1d": _NORM,
    "InstanceNorm2d": _NORM,
    "InstanceNorm3d": _NORM,
    "LayerNorm": _NORM,
    "GroupNorm": _NORM,
    "Embedding": {"weight": "embedding_table"},
    "PReLU": {"weight": "w"},
}
LOCAL_LAYOUTS: dict[str, Mapping[str, Layout]] = {
    "Conv1d": {"weight": UNSQUEEZE_2},
    "Conv1dTranspose": {"weight": UNSQUEEZE_2},
}

#: torch entries that MindSpore has no counterpart for, with the reason.
TORCH_ONLY = {"*num_batches_tracked": "a counter; MindSpore's BatchNorm keeps none"}


@dataclass(frozen=True)
class Joined:
    """What a joined parameter consists of: the other side's names in order, and along which of its
    own axes they lie."""

    parts: Sequence[str]
    axis: int = 0


@dataclass(frozen=True)
class ParameterRules:
    """What a pair says about its parameters beyond what types tell.

    explicit: torch name -> MindSpore name. A key matches a whole name or its end at a dot
        (``bn1.weight`` matches ``layer1.0.bn1.weight``, whose prefix is kept); the longest wins.
    renames: (regular expression, replacement) over whole torch names, first match wins.
    layouts: fnmatch pattern over MindSpore names -> a Layout or the name of one.
    torch_only, mindspore_only: fnmatch pattern -> why the other side has no counterpart.
    fused: a parameter that one side joins -> the other side's parameters that it is joined of, in
        order, along axis 0; ``Joined(names, axis)`` along another. Names match as in ``explicit``.
    """

    explicit: Mapping[str, str] = field(default_factory=dict)
    renames: Sequence[tuple[str, str]] = ()
    layouts: Mapping[str, Layout | str] = field(default_factory=dict)
    torch_only: Mapping[str, str] = field(default_factory=dict)
    mindspore_only: Mapping[str, str] = field(default_factory=dict)
    fused: Mapping[str, Sequence[str] | Joined] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One mapped parameter."""

    torch: str
    mindspore: str
    layout: Layout = SAME


@dataclass(frozen=True)
class ParameterMap:
    """Entries in torch's order, and what exists on one side by right (name -> reason)."""

    entries: tuple[Entry, ...]
    torch_only: Mapping[str, str] = field(default_factory=dict)
    mindspore_only: Mapping[str, str] = field(default_factory=dict)
    unused_rules: tuple[str, ...] = ()

    def to_mindspore(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """torch-named arrays -> MindSpore-named, in MindSpore's layout."""
        return {e.mindspore: e.layout.forward(arrays[e.torch]) for e in self.entries}

    def to_torch(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The exact inverse of ``to_mindspore``."""
        return {e.torch: e.layout.inverse(arrays[e.mindspore]) for e in self.entries}

    @cached_property
    def by_torch(self) -> dict[str, Entry]:
        return {entry.torch: entry for entry in self.entries}


def derive_parameter_map(
    torch: Inventory,
    mindspore: Inventory,
    rules: ParameterRules | None = None,
    modules: ModuleMap | None = None,
) -> ParameterMap:
    """Map every parameter of both sides, or raise ParameterMapError listing what is left.

    Order, shape and similarity of names never pair two parameters; only types and rules do.
    """
    rules = rules or ParameterRules()
    modules = modules or derive_module_map(torch, mindspore)
    deriver = _Deriver(torch, mindspore, rules, modules)
    return deriver.derive()


class _Deriver:
    def __init__(
        self, torch: Inventory, mindspore: Inventory, rules: ParameterRules, modules: ModuleMap
    ) -> None:
        self.torch, self.mindspore = torch.names, mindspore.names
        self.types = types_of(mindspore)
        self.rules, self.modules = rules, modules
        self.parts = {p.twin: p.name for p in mindspore.parameters if p.twin}
        self.problems: list[str] = []
        self.used = {
            key
            for inventory in (torch, mindspore)
            for p in inventory.parameters
            if p.twin and (key := matching(p.whole, rules.fused))
        }

    def derive(self) -> ParameterMap:
        entries: dict[str, Entry] = {}
        torch_only: dict[str, str] = {}
        for name in self.torch:
            target, why = self._target(name)
            if target not in self.mindspore:
                reason = reason_for(self.torch[name].whole, {**TORCH_ONLY, **self.rules.torch_only})
                if reason:
                    torch_only[name] = reason
                elif why:
                    self.problems.append(
                        f"{why} sends {name!r} to {target!r}, which MindSpore does not have"
                    )
                continue
            if target in entries:
                self.problems.append(
                    f"{entries[target].torch!r} and {name!r} are both sent to {target!r}"
                )
                continue
            layout = layout_of(self.mindspore[target], self.types, self.rules)
            entry = Entry(name, target, layout)
            entries[target] = entry
            self._check_shape(entry)
        mindspore_only = {
            name: reason
            for name in self.mindspore
            if name not in entries
            and (reason := reason_for(self.mindspore[name].whole, self.rules.mindspore_only))
        }
        mapped = {entry.torch for entry in entries.values()}
        left_torch = [n for n in self.torch if n not in mapped and n not in torch_only]
        left_mindspore = [n for n in self.mindspore if n not in entries and n not in mindspore_only]
        if self.problems or left_torch or left_mindspore:
            raise ParameterMapError(self._complaint(left_torch, left_mindspore))
        return ParameterMap(tuple(entries.values()), torch_only, mindspore_only, self._unused())

    def _unused(self) -> tuple[str, ...]:
        keys = (*self.rules.explicit, *self.rules.fused)
        return tuple(key for key in keys if key not in self.used)

    def _target(self, name: str) -> tuple[str, str]:
        """The MindSpore name for a torch name, and the rule that said so ("" for the types)."""
        if twin := self.torch[name].twin or self.parts.get(name):
            return twin, "what is said to be fused"
        if key := matching(name, self.rules.explicit):
            self.used.add(key)
            value = self.rules.explicit[key]
            return name.removesuffix(key) + value, f"the dictionary's {key!r}: {value!r}"
        for pattern, replacement in self.rules.renames:
            if re.search(pattern, name):
                return re.sub(pattern, replacement, name), f"the rename {pattern!r}"
        path, _, local = name.rpartition(".")
        target_path = self.modules.twins.get(path, path)
        renamed = LOCAL_NAMES.get(self.types.get(target_path, ""), {}).get(local, local)
        for candidate in (renamed, local):
            full = f"{target_path}.{candidate}" if target_path else candidate
            if full in self.mindspore:
                return full, ""
        return f"{target_path}.{renamed}" if target_path else renamed, ""

    def _check_shape(self, entry: Entry) -> None:
        ours, theirs = self.torch[entry.torch].shape, self.mindspore[entry.mindspore].shape
        # A broadcast view has the shape without the memory.
        laid_out = entry.layout.forward(np.broadcast_to(np.float32(0), ours)).shape
        if tuple(laid_out) != tuple(theirs):
            self.problems.append(
                f"{entry.torch!r} has shape {ours} and {entry.mindspore!r} has shape {theirs}"
            )

    def _complaint(self, left_torch: list[str], left_mindspore: list[str]) -> str:
        lines = ["The parameters do not map one to one, so nothing is converted."]
        lines += [f"  - {problem}." for problem in self.problems]
        for title, left, table in (
            ("torch", left_torch, self.torch),
            ("MindSpore", left_mindspore, self.mindspore),
        ):
            lines.append(f"  {title} parameters without a counterpart: {len(left)}")
            lines += [f"      {name}  {table[name].shape}" for name in left]
        lines += self._ambiguities(left_torch, left_mindspore)
        if left_torch or left_mindspore:
            lines.append(
                "  Name them in the pair: ParameterRules(explicit={torch: mindspore}), or say why "
                "one side has no counterpart (torch_only, mindspore_only)."
            )
        if unused := self._unused():
            lines.append(f"  Rules that match nothing: {', '.join(map(repr, unused))}.")
        return "\n".join(lines)

    def _ambiguities(self, left_torch: list[str], left_mindspore: list[str]) -> list[str]:
        lines = []
        for name in left_torch:
            shape = self.torch[name].shape
            same = [other for other in left_mindspore if self.mindspore[other].shape == shape]
            if same:
                lines.append(
                    f"  {name!r} has the shape of {', '.join(map(repr, same))}; "
                    f"a shape alone decides nothing."
                )
        return lines


def types_of(mindspore: Inventory) -> dict[str, str]:
    """Path -> the framework's own layer that a cell is or inherits from, else its type."""
    return {path: module.base or module.type for path, module in mindspore.paths.items()}


def matching(name: str, rules: Mapping[str, Any]) -> str:
    """The longest key that is a whole name or its end at a dot; "" where none is."""
    found = (key for key in rules if name == key or name.endswith("." + key))
    return max(found, key=len, default="")


def layout_of(parameter: Parameter, types: Mapping[str, str], rules: ParameterRules) -> Layout:
    """How MindSpore lays out one of its parameters: as the rules say, or its cell's type."""
    for pattern, layout in rules.layouts.items():
        if fnmatch.fnmatchcase(parameter.whole, pattern):
            return LAYOUTS[layout] if isinstance(layout, str) else layout
    path, _, local = parameter.whole.rpartition(".")
    return local_layout(types.get(path, ""), local, parameter.shape)


def local_layout(cell: str, local: str, shape: tuple[int, ...]) -> Layout:
    """A cell type's layout; mint's Conv1d, of the same name, has torch's own, as its rank tells."""
    layout = LOCAL_LAYOUTS.get(cell, {}).get(local, SAME)
    return SAME if layout is UNSQUEEZE_2 and len(shape) == 3 else layout


def reason_for(name: str, patterns: Mapping[str, str]) -> str:
    """Why a parameter has no counterpart: of the first pattern that it matches, "" without any."""
    for pattern, reason in patterns.items():
        if fnmatch.fnmatchcase(name, pattern):
            return reason
    return ""
