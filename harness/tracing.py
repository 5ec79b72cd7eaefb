"""Traces across machines: record one side to a file, judge three files where no framework is.

torch's trace holds its parameters, its inputs and every call. A trace recorded ``--from`` it runs
the same network, and every module alone, on exactly those. Entries are in the recording side's own
names; comparing maps them. What torch joins and the port does not is joined in torch's files, for
torch is recorded first; what the port joins is in parts.

    parameter/NAME  input/I  whole/MODE/ENTRY  alone/MODE/UNIT/ENTRY  call/MODE/I/...
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from harness import isolation, tree
from harness.alone import exact_entry
from harness.backends.base import Backend, Call, Run, is_array
from harness.canonical import canonical_parameters
from harness.compare import judge
from harness.errors import HarnessError, NothingCompared
from harness.evidence import Evidence
from harness.fusion import Fusion, Joins, derive_fusion
from harness.inputs import kept_as_built
from harness.inventory import Inventory
from harness.isolation import TORCH_NAMES, Names, Unit
from harness.modulemap import ModuleMap, derive_module_map
from harness.pair import Pair
from harness.parameters import ParameterMap, derive_parameter_map
from harness.profile import Profile
from harness.subject import Side
from harness.trace import Trace, digest
from harness.verdict import AGREES, DIVERGES, INCONCLUSIVE, Measurement, Result

MODES = ("eval", "train")


def record_reference(evidence: Evidence) -> Trace:
    """torch float32: parameters, inputs, every call in both modes, every module alone."""
    evidence.fusion = Fusion()
    side = evidence.torch
    parameters = side.backend.read(side.model)
    inputs = evidence.inputs()
    trace = _new_trace(evidence, side, parameters, inputs)
    trace.entries |= {f"parameter/{name}": array for name, array in parameters.items()}
    trace.entries |= {f"input/{i}": array for i, array in enumerate(inputs)}
    for mode in MODES:
        run = _whole_run(evidence, side, inputs, mode)
        _add_whole(trace, mode, run, TORCH_NAMES)
        for unit in isolation.plan(run.calls, side.inventory):
            alone = _run_alone(side.backend, side.model, unit, TORCH_NAMES, mode)
            unit.call.grad_inputs = alone.grad_inputs
            _add_alone(trace, mode, unit, alone, TORCH_NAMES)
        trace.meta["calls"][mode] = [
            _store_call(trace, f"call/{mode}/{i}", call) for i, call in enumerate(run.calls)
        ]
    return trace


def record_oracle(evidence: Evidence, reference: Trace) -> Trace:
    """torch float64 on what torch float32 recorded."""
    _same_case(evidence, reference)
    evidence.fusion = Fusion()
    side = evidence.open("torch64")
    parameters, inputs = _section(reference, "parameter/"), _inputs(reference)
    side.backend.write(side.model, parameters)
    trace = _new_trace(evidence, side, parameters, inputs)
    for mode in MODES:
        _add_whole(trace, mode, _whole_run(evidence, side, inputs, mode), TORCH_NAMES)
        for unit in isolation.plan(list(_load_calls(reference, mode)), side.inventory):
            alone = _run_alone(side.backend, side.model, unit, TORCH_NAMES, mode)
            _add_alone(trace, mode, unit, alone, TORCH_NAMES)
    return trace


def record_port(evidence: Evidence, reference: Trace | None) -> Trace:
    """MindSpore on what torch recorded; without a reference, the whole network on the same draws.

    Without a reference torch need not be installed: parameter names are inverted from MindSpore's.
    """
    evidence.fusion = Fusion()
    if reference is None:
        side = evidence.bare_port
        names, parameters, inputs = _standalone(evidence, side)
    else:
        _same_case(evidence, reference)
        torch = Inventory.from_json(reference.meta["inventory"])
        own, rules = evidence.built_port.inventory, evidence.pair.parameters
        evidence.fusion = derive_fusion(torch, own, rules)
        side, torch = evidence.bare_port, evidence.fusion.torch.shown(torch)
        modules, mapping = maps(evidence.pair, torch, side.inventory)
        names = Names(modules.twins, mapping)
        parameters, inputs = _section(reference, "parameter/"), _inputs(reference)
        in_parts = evidence.fusion.torch.split(parameters)
        side.backend.write(side.model, mapping.to_mindspore(in_parts))
    trace = _new_trace(evidence, side, parameters, inputs)
    for mode in MODES:
        _add_whole(trace, mode, _whole_run(evidence, side, inputs, mode), names)
        if reference is None:
            continue
        for unit in isolation.plan(list(_load_calls(reference, mode)), torch, modules, mapping):
            try:
                alone = _run_alone(side.backend, side.model, unit, names, mode)
            except Exception as error:  # this unit's divergence: told when compared
                trace.meta["raised"][f"{mode}/{unit.name}"] = f"{type(error).__name__}: {error}"
                continue
            _add_alone(trace, mode, unit, alone, names)
    return trace


def maps(pair: Pair | None, torch: Inventory, port: Inventory) -> tuple[ModuleMap, ParameterMap]:
    """Both maps from two inventories and a pair's rules (none for a pair that is not here)."""
    modules = derive_module_map(torch, port, pair.modules if pair else {})
    shown, rules = torch_joins(pair, torch, port).shown(torch), pair.parameters if pair else None
    return modules, derive_parameter_map(shown, port, rules, modules)


def torch_joins(pair: Pair | None, torch: Inventory, port: Inventory) -> Joins:
    """What torch's own inventory has joined, and the port in parts."""
    return derive_fusion(torch, port, pair.parameters).torch if pair else Joins()


def compare_traces(
    candidate: Trace,
    reference: Trace,
    oracle: Trace,
    pair: Pair | None,
    profile: Profile | None = None,
) -> list[Result]:
    """Judge a candidate's trace against torch float32 and float64. Needs no framework.

    profile: of the candidate's device; what its kernels cost in modules alone is excused.

    Raises HarnessError where the three do not belong together.
    """
    for name, trace in (("candidate", candidate), ("oracle", oracle)):
        for what in ("inputs", "parameters"):
            if trace.meta["hashes"][what] != reference.meta["hashes"][what]:
                raise HarnessError(
                    f"The {name} was recorded with other {what} than the reference; record it with "
                    f"--from the reference's file, or with the same seed."
                )
    torch = Inventory.from_json(reference.meta["inventory"])
    port = Inventory.from_json(candidate.meta["inventory"])
    joins = torch_joins(pair, torch, port)
    torch, reference, oracle = (
        joins.shown(torch),
        *(_in_parts(t, joins) for t in (reference, oracle)),
    )
    modules, mapping = maps(pair, torch, port)

    def excused(result: Result) -> Result:
        if profile is None or result.scope != "isolated":
            return result
        path = result.unit.partition("#")[0]
        twins = torch.paths[path], port.paths[modules.twins[path]]
        found = profile.excuse(result.measurement, result.entry, *twins)
        return replace(result, measurement=found)

    results = [
        excused(result)
        for mode in MODES
        for result in (
            *_compare_alone(candidate, reference, oracle, mode, torch, modules, mapping, pair),
            *_compare_whole(candidate, reference, oracle, mode, modules, mapping),
        )
    ]
    if not results:
        raise NothingCompared("The three traces have no entry in common.")
    return results


def _in_parts(trace: Trace, joins: Joins) -> Trace:
    """A torch trace whose gradients and states of joined parameters are those of the parts."""
    entries: dict[str, np.ndarray] = {}
    for key, array in trace.entries.items():
        before, slash, entry = key.rpartition("/")
        name, colon, what = entry.rpartition(":")
        parts = joins.split({name: array})
        entries |= {f"{before}{slash}{part}{colon}{what}": piece for part, piece in parts.items()}
    return Trace(trace.meta, entries)


def _compare_alone(
    candidate: Trace, reference: Trace, oracle: Trace, mode: str, torch: Inventory,
    modules: ModuleMap, mapping: ParameterMap, pair: Pair | None,
) -> Iterator[Result]:  # fmt: skip
    if not any(name.startswith("alone/") for name in candidate.entries):
        return
    raised = candidate.meta["raised"]
    broken: set[str] = set()
    containers = {
        key.split("/")[2]
        for key in reference.entries
        if key.startswith(f"alone/{mode}/") and "<in" in key
    }
    for key, array in reference.entries.items():
        if not key.startswith(f"alone/{mode}/"):
            continue
        unit, entry = key.split("/", 3)[2:]
        path = unit.partition("#")[0]
        child = entry.partition("<")[0].partition("#")[0] if "<" in entry else path
        if path not in modules.twins or child not in modules.twins:
            continue  # one-sided: judged where its nearest mapped ancestor is
        scope = "wiring" if unit in containers else "isolated"
        name = f"{mode}/{unit}"
        if name in raised:
            if name not in broken:
                broken.add(name)
                found = Measurement(DIVERGES, "error", note=raised[name])
                yield Result(f"{unit}:out", scope, unit, mode, found)
            continue
        mapped, want, true = _in_port_terms(entry, array, oracle.entries[key], mapping)
        if mapped is None:
            continue
        ours = candidate.entries.get(f"alone/{mode}/{unit}/{mapped}")
        if ours is None and (name in broken or "<" in mapped):
            continue
        exact = scope == "isolated" and exact_entry(torch.paths[path].type, entry, pair)
        found = judge(
            ours, want, true, channel_axis=0 if entry.endswith(":grad") else 1, exact=exact
        )
        if found.kind == "shape":
            broken.add(name)
        yield Result(mapped, scope, unit, mode, found)


def _compare_whole(
    candidate: Trace, reference: Trace, oracle: Trace, mode: str, modules: ModuleMap,
    mapping: ParameterMap,
) -> Iterator[Result]:  # fmt: skip
    prefix = f"whole/{mode}/"
    for key, array in reference.entries.items():
        if not key.startswith(prefix):
            continue
        entry = key.removeprefix(prefix)
        path = entry.rpartition(":")[0].partition("#")[0]
        if entry.rpartition(":")[2].startswith("out") and path not in modules.twins:
            continue
        mapped, want, true = _in_port_terms(entry, array, oracle.entries[key], mapping)
        if mapped is None:
            continue
        found = judge(candidate.entries.get(f"{prefix}{mapped}"), want, true)
        decides = mapped.endswith(":state") or path == ""
        if not decides and found.status != AGREES:
            found = Measurement(INCONCLUSIVE, ratio=found.ratio, note=found.note)
        yield Result(mapped, "whole", "", mode, found)


def _in_port_terms(
    entry: str, want: np.ndarray, true: np.ndarray, mapping: ParameterMap
) -> tuple[str | None, np.ndarray, np.ndarray]:
    """A torch entry under the port's parameter name and layout; None where it has none."""
    name, _, what = entry.rpartition(":")
    if what not in ("grad", "state") or "<" in entry:
        return entry, want, true
    found = mapping.by_torch.get(name)
    if found is None:
        return None, want, true
    return f"{found.mindspore}:{what}", found.layout.forward(want), found.layout.forward(true)


def _standalone(evidence: Evidence, side: Side) -> tuple[Names, dict[str, np.ndarray], tuple]:
    pair = evidence.pair
    shapes, mapping = canonical_parameters(side.inventory, pair.modules, pair.parameters)
    parameters = evidence.draw(shapes)
    kept = kept_as_built(parameters)
    if kept:
        held = mapping.to_torch(side.backend.read(side.model))
        parameters.update({name: held[name] for name in kept})
    side.backend.write(side.model, mapping.to_mindspore(parameters))
    back = {theirs: ours for ours, theirs in pair.modules.items()}
    twins = {back.get(m.path, m.path): m.path for m in side.inventory.modules}
    return Names(twins, mapping), parameters, evidence.inputs()


def _whole_run(evidence: Evidence, side: Side, inputs: tuple[np.ndarray, ...], mode: str) -> Run:
    inventory = side.inventory
    return side.backend.run(
        side.model,
        *evidence.signature.filled(inputs),
        train=mode == "train",
        cotangents=evidence.cotangents(evidence.entropy),
        parameters=[p.name for p in inventory.parameters if p.trainable],
        state=[p.name for p in inventory.parameters if not p.trainable],
        capture=True,
    )


def _run_alone(backend: Backend, model: object, unit: Unit, names: Names, mode: str) -> Run:
    return isolation.run_unit(
        backend, model, unit, names, train=mode == "train", backward=bool(unit.call.cotangents)
    )


def _add_whole(trace: Trace, mode: str, run: Run, names: Names) -> None:
    back = {theirs: ours for ours, theirs in names.modules.items()}
    for call in run.calls:
        name = call.name.replace(call.path, back.get(call.path, call.path), 1)
        for leaf, array in tree.leaves(call.output, is_array):
            trace.entries[f"whole/{mode}/{name}:out{'.' + leaf if leaf else ''}"] = array
    for what, arrays in (("grad", run.grads), ("state", run.state)):
        for name, array in arrays.items():
            trace.entries[f"whole/{mode}/{name}:{what}"] = array


def _add_alone(trace: Trace, mode: str, unit: Unit, run: Run, names: Names) -> None:
    for entry, array in isolation.entries(run, unit, names, None):
        trace.entries[f"alone/{mode}/{unit.name}/{entry}"] = array


def _new_trace(
    evidence: Evidence, side: Side, parameters: dict[str, np.ndarray], inputs: tuple
) -> Trace:
    counted = {n: a for n, a in parameters.items() if not n.endswith("num_batches_tracked")}
    return Trace(
        {
            "pair": evidence.pair.name,
            "variant": evidence.variant,
            "seed": evidence.seed,
            "label": side.backend.label,
            "inventory": side.inventory.to_json(),
            "hashes": {
                "parameters": digest(counted),
                "inputs": digest({str(i): array for i, array in enumerate(inputs)}),
            },
            "calls": {},
            "raised": {},
        }
    )


def _same_case(evidence: Evidence, reference: Trace) -> None:
    mine = (evidence.pair.name, evidence.variant)
    theirs = (reference.meta["pair"], reference.meta["variant"])
    if mine != theirs:
        raise HarnessError(f"--from holds {':'.join(theirs)}, not {':'.join(mine)}.")
    if not reference.meta["calls"]:
        raise HarnessError("--from must be a trace recorded with --backend torch.")


def _section(trace: Trace, prefix: str) -> dict[str, np.ndarray]:
    return {k.removeprefix(prefix): a for k, a in trace.entries.items() if k.startswith(prefix)}


def _inputs(trace: Trace) -> tuple[np.ndarray, ...]:
    return tuple(_section(trace, "input/").values())


def _store_call(trace: Trace, prefix: str, call: Call) -> dict[str, Any]:
    """The call as JSON, its arrays moved into the trace's entries."""

    def move(value: Any, name: str) -> Any:
        if is_array(value):
            trace.entries[f"{prefix}/{name}"] = value
            return {"array": f"{prefix}/{name}"}
        if isinstance(value, (tuple, list)):
            return {type(value).__name__: [move(v, f"{name}.{i}") for i, v in enumerate(value)]}
        if isinstance(value, dict):
            return {"dict": {key: move(v, f"{name}.{key}") for key, v in value.items()}}
        return {"value": value}

    return {
        "path": call.path,
        "index": call.index,
        "began": call.began,
        "args": move(call.args, "args"),
        "kwargs": move(call.kwargs, "kwargs"),
        "output": move(call.output, "output"),
        "cotangents": move(call.cotangents, "cotangent"),
        "grad_inputs": move({str(k): a for k, a in call.grad_inputs.items()}, "grad_in"),
    }


def _load_calls(trace: Trace, mode: str) -> Iterator[Call]:
    def load(stored: Any) -> Any:
        ((kind, value),) = stored.items()
        if kind == "array":
            return trace.entries[value]
        if kind in ("tuple", "list"):
            return (tuple if kind == "tuple" else list)(load(v) for v in value)
        return {key: load(v) for key, v in value.items()} if kind == "dict" else value

    for stored in trace.meta["calls"][mode]:
        grads = load(stored["grad_inputs"])
        yield Call(
            stored["path"],
            stored["index"],
            load(stored["args"]),
            load(stored["kwargs"]),
            load(stored["output"]),
            load(stored["cotangents"]),
            {int(position): array for position, array in grads.items()},
            stored["began"],
        )
