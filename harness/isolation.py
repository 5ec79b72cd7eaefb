"""Every module alone, on the input and output gradient that torch recorded for it.

A leaf runs for real. A container runs with its children played: each child call returns torch's
recorded output forward and the recorded input gradient backward, so that only the container's own
construct is judged, free of its children's errors and of their accumulated rounding. The cost of
all units together is one forward and backward of the network, whatever its depth.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness import tree
from harness.backends.base import Backend, Call, Cotangents, Run
from harness.inventory import Inventory
from harness.modulemap import ModuleMap
from harness.parameters import ParameterMap


@dataclass(frozen=True)
class Unit:
    """One call of a mapped module: the call, the children to play, what it owns (torch names)."""

    call: Call
    played: Mapping[str, tuple[Call, ...]]
    parameters: tuple[str, ...]
    state: tuple[str, ...]

    @property
    def wiring(self) -> bool:
        return bool(self.played)

    @property
    def name(self) -> str:
        return self.call.name


@dataclass(frozen=True)
class Names:
    """How one side calls what torch calls ``layer1.0.bn1`` and ``layer1.0.bn1.weight``.

    For torch itself both mappings are empty and names stay as they are.
    """

    modules: Mapping[str, str]
    parameters: ParameterMap | None = None

    def module(self, path: str) -> str:
        return self.modules.get(path, path)

    def parameter(self, names: Iterable[str]) -> list[str]:
        if self.parameters is None:
            return list(names)
        known = self.parameters.by_torch
        return [known[name].mindspore for name in names if name in known]


TORCH_NAMES = Names({})


def plan(
    calls: Sequence[Call],
    torch: Inventory,
    modules: ModuleMap | None = None,
    parameters: ParameterMap | None = None,
) -> list[Unit]:
    """The units of a recording, children before their containers.

    Without maps (torch alone, where the port is on another machine) every module counts as mapped.

    A call's children are the mapped calls nested in it, by what was really called, not by the tree:
    a module that another one borrows is played where it was called.
    """
    twins = [call for call in calls if modules is None or call.path in modules.twins]
    nested = _nested(twins)
    mapped = set(torch.names) if parameters is None else set(parameters.by_torch)
    trainable = {p.name for p in torch.parameters if p.trainable} & mapped
    buffers = {p.name for p in torch.parameters if not p.trainable} & mapped
    within = _within(p.name for p in torch.parameters)
    units = []
    for call in twins:
        played: dict[str, tuple[Call, ...]] = {}
        for child in nested.get(id(call), ()):
            played[child.path] = (*played.get(child.path, ()), child)
        played_too = {name for child in played for name in within.get(child, ())}
        own = [name for name in within.get(call.path, ()) if name not in played_too]
        units.append(
            Unit(
                call,
                played,
                tuple(name for name in own if name in trainable),
                tuple(name for name in own if name in buffers),
            )
        )
    return units


def _nested(calls: Sequence[Call]) -> dict[int, list[Call]]:
    """id(call) -> the calls directly inside it. Calls come in the order in which they ended."""
    found: dict[int, list[Call]] = {}
    pending: list[Call] = []
    for call in calls:
        inside = []
        while pending and pending[-1].began > call.began:
            inside.append(pending.pop())
        if inside:
            found[id(call)] = inside[::-1]
        pending.append(call)
    return found


def _within(parameters: Iterable[str]) -> dict[str, list[str]]:
    """Module path -> the parameters of the module and of all that is in it, in their order."""
    found: dict[str, list[str]] = {}
    for name in parameters:
        path = name
        while path:
            path = path.rpartition(".")[0]
            found.setdefault(path, []).append(name)
    return found


def run_unit(
    backend: Backend,
    model: object,
    unit: Unit,
    names: Names,
    *,
    train: bool,
    backward: bool,
    **more: Any,
) -> Run:
    """Run one unit on one side. Raises whatever the framework raises.

    more: what one backend alone can do, see ``TorchBackend.run``.
    """
    call = unit.call
    played = {names.module(path): calls for path, calls in unit.played.items()}
    return backend.run(
        model,
        call.args,
        call.kwargs,
        path=names.module(call.path),
        train=train,
        cotangents=recorded(call) if backward else None,
        parameters=names.parameter(unit.parameters),
        state=names.parameter(unit.state),
        played=played or None,
        **more,
    )


def recorded(call: Call) -> Cotangents:
    """The gradients that torch recorded for a call's outputs."""
    return lambda leaf, shape: call.cotangents.get(leaf)


def entries(
    run: Run, unit: Unit, names: Names, to_port: ParameterMap | None
) -> Iterator[tuple[str, np.ndarray]]:
    """(entry name, array) of a unit's run; with ``to_port`` in the port's names and layouts.

    Names: ``out``, ``grad_in``, ``gamma:grad``, ``moving_mean:state``; for containers also what
    reaches each child, ``bn2<in`` forward and ``bn2<grad`` backward. Several leaves are numbered.
    """
    base = unit.name
    for leaf, array in run.output.items():
        yield f"{base}:out{_suffix(leaf)}", array
    for fed in run.fed:
        child = _child_name(unit, fed.path, fed.index, names)
        for position, array in enumerate(fed.inputs):
            yield f"{child}<in{_suffix(str(position) if position else '')}", array
    for position, array in run.grad_inputs.items():
        yield f"{base}:grad_in{_suffix(str(position) if position else '')}", array
    for fed in run.fed:
        child = _child_name(unit, fed.path, fed.index, names)
        for leaf, array in fed.cotangents.items():
            yield f"{child}<grad{_suffix(leaf)}", array
    for what, arrays in (("grad", run.grads), ("state", run.state)):
        for name, array in _port_layout(arrays, names, to_port).items():
            yield f"{name}:{what}", array


def _suffix(leaf: str) -> str:
    return f".{leaf}" if leaf else ""


def _child_name(unit: Unit, path: str, index: int, names: Names) -> str:
    back = {names.module(ours): ours for ours in unit.played}
    return unit.played[back[path]][index].name


def _port_layout(
    arrays: Mapping[str, np.ndarray], names: Names, to_port: ParameterMap | None
) -> dict[str, np.ndarray]:
    if names.parameters is not None or to_port is None:
        return dict(arrays)
    return {
        entry.mindspore: entry.layout.forward(arrays[entry.torch])
        for entry in to_port.entries
        if entry.torch in arrays
    }


def nudge(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move every float32 value one ulp up or down at random; zeros stay zero."""
    if not np.issubdtype(array.dtype, np.floating):
        return array
    signs = rng.choice(np.array([-np.inf, np.inf], array.dtype), array.shape)
    moved = np.nextafter(array, signs)
    return np.where((array == 0) | ~np.isfinite(array), array, moved).astype(array.dtype)


def nudged_unit(unit: Unit, rng: np.random.Generator) -> Unit:
    """The unit with its inputs, its gradient and what its children return nudged one ulp."""

    def move(value: Any) -> Any:
        return tree.transform(value, lambda v: isinstance(v, np.ndarray), lambda a: nudge(a, rng))

    def played(child: Call) -> Call:
        gradients = {position: nudge(g, rng) for position, g in child.grad_inputs.items()}
        return replace(child, output=move(child.output), grad_inputs=gradients)

    children = {path: tuple(map(played, calls)) for path, calls in unit.played.items()}
    args, kwargs = move((unit.call.args, unit.call.kwargs))
    cotangents = {leaf: nudge(g, rng) for leaf, g in unit.call.cotangents.items()}
    call = replace(unit.call, args=args, kwargs=kwargs, cotangents=cotangents)
    return replace(unit, call=call, played=children)
