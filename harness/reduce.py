"""Shrink a failing network to its smallest module, batch and input that still fail alike."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from harness import tree
from harness.backends.base import Call, is_array
from harness.checks import run_check
from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.inputs import Input, Signature
from harness.inventory import parent
from harness.pair import Factory, Pair, Variant, resolve_factory
from harness.parameters import Joined, ParameterRules
from harness.subject import Given, Subject
from harness.verdict import Verdict

#: Checks whose failures a smaller input can still show, in the order they are tried.
REDUCIBLE = ("forward_eval", "forward_train", "state", "backward")


@dataclass(frozen=True)
class Reduced:
    """The smallest Subject found, what it still fails, and how it was shrunk, line by line."""

    evidence: Evidence
    verdict: Verdict
    steps: tuple[str, ...]


def submodule(factory: Factory, path: str, **kwargs: Any) -> Any:
    """Build a network and return the module at ``path``; for either framework."""
    network = resolve_factory(factory, "reduce")(**kwargs)
    if hasattr(network, "get_submodule"):
        return network.get_submodule(path)
    return dict(network.cells_and_names())[path]


def reduce(evidence: Evidence) -> Reduced:
    """Find the smallest failing piece of a failing pair variant.

    Raises HarnessError where nothing fails, or what fails is no matter of inputs (structure).
    """
    verdict = _first_failure(evidence)
    steps = [f"fails {verdict.check} at {_where(verdict)}"]
    smallest, verdict, step = _smallest_module(evidence, verdict)
    steps += step
    for shrink in (_smaller_batch, _smaller_planes):
        smallest, verdict, step = shrink(smallest, verdict)
        steps += step
    return Reduced(smallest, verdict, tuple(steps))


def _first_failure(evidence: Evidence) -> Verdict:
    for case in evidence.pair.cases(evidence.seed):
        if case.variant != evidence.variant:
            continue
        verdict = run_check(evidence, case.check)
        if verdict.passed:
            continue
        if case.check not in REDUCIBLE:
            raise HarnessError(
                f"{verdict.case} fails, which no smaller input changes; nothing to reduce. "
                f"'python -m harness check {evidence.pair.name}' says what is wrong."
            )
        return verdict
    raise HarnessError(f"{evidence.pair.name}:{evidence.variant} passes; nothing to reduce.")


def _where(verdict: Verdict) -> str:
    return ", ".join(c.path or "the root" for c in verdict.culprits) or "the output"


def _smallest_module(evidence: Evidence, verdict: Verdict) -> tuple[Evidence, Verdict, list[str]]:
    """The guilty module as a pair of its own, or the smallest one around it that still fails."""
    if not verdict.culprits:
        return evidence, verdict, []
    path = verdict.culprits[0].path
    while path:
        candidate = _piece(evidence, path, verdict)
        found = _still_fails(candidate, verdict) if candidate else None
        if candidate is not None and found is not None:
            return candidate, found, [f"{path} alone still fails"]
        path = parent(path)
    return evidence, verdict, []


def _piece(evidence: Subject, path: str, verdict: Verdict) -> Evidence | None:
    """The module at a path as a pair, on the input that torch recorded for it."""
    mode = "eval" if verdict.check == "forward_eval" else verdict.culprits[0].results[0].mode
    calls = evidence.record(mode, backward=False).run.calls
    call = next((c for c in calls if c.path == path), None)
    if call is None:
        return None
    signature, arrays = _signature(call)
    twin = evidence.modules.twins[path]
    entries = [e for e in evidence.map.entries if e.torch.startswith(f"{path}.")]
    torch, port = len(path) + 1, len(twin) + 1
    parts = evidence.fusion.torch.whole_of.keys(), evidence.fusion.mindspore.whole_of.keys()
    known = evidence.bare_port.inventory.names
    rules = ParameterRules(
        explicit={
            e.torch[torch:]: e.mindspore[port:]
            for e in entries
            if e.torch not in parts[0] and e.mindspore not in parts[1]
        },
        layouts={known[e.mindspore].whole[port:]: e.layout for e in entries},
        fused={
            join.name[own:]: Joined([part.twin[other:] for part in join.parts], join.axis)
            for joins, below, own, other in (
                (evidence.fusion.torch, path, torch, port),
                (evidence.fusion.mindspore, twin, port, torch),
            )
            for join in joins.by_name.values()
            if join.name.startswith(f"{below}.")
        },
        torch_only={
            n[torch:]: why for n, why in evidence.map.torch_only.items() if n.startswith(path + ".")
        },
        mindspore_only={
            n[port:]: why
            for n, why in evidence.map.mindspore_only.items()
            if n.startswith(twin + ".")
        },
    )
    modules = {
        ours[torch:]: theirs[port:]
        for ours, theirs in evidence.modules.twins.items()
        if ours.startswith(f"{path}.") and ours[torch:] != theirs[port:]
    }
    parameters = {
        name[torch:]: array
        for name, array in evidence.parameters_for(evidence.torch).items()
        if name.startswith(f"{path}.")
    }
    held = evidence.given.port_parameters
    converted = held and {n[port:]: a for n, a in held.items() if n.startswith(f"{twin}.")}
    pair = Pair(
        name=f"reduced.{evidence.pair.name.partition('.')[2]}.{path}",
        torch=partial(submodule, evidence.pair.torch, path),
        mindspore=partial(submodule, evidence.pair.mindspore, twin),
        inputs=signature.positional,
        keywords=signature.keywords,
        variants={evidence.variant: Variant(evidence.pair.variants[evidence.variant].kwargs)},
        parameters=rules,
        modules=modules,
        has_parameters=bool(entries),
        has_state=any(not evidence.torch.inventory.names[e.torch].trainable for e in entries),
    )
    return Evidence(
        pair,
        evidence.variant,
        seed=evidence.seed,
        settings=evidence.settings,
        given=Given(parameters or None, converted, arrays),
    )


def _still_fails(candidate: Evidence, before: Verdict) -> Verdict | None:
    """The candidate's verdict, where it fails the same check in the same way."""
    try:
        verdict = run_check(candidate, before.check)
    except HarnessError:
        return None
    kinds = {r.measurement.kind for r in before.divergences}
    same = kinds & {r.measurement.kind for r in verdict.divergences}
    return verdict if same and not verdict.blocked_by else None


def _signature(call: Call) -> tuple[Signature, tuple[np.ndarray, ...]]:
    """What a recorded call was made with: its form, and the arrays in their places."""
    given = (call.args, call.kwargs)
    arrays = tuple(array for _, array in tree.leaves(given, is_array))
    form = tree.transform(given, is_array, lambda a: Input(a.shape, str(a.dtype)))
    return Signature(*form), arrays


def _smaller_batch(evidence: Evidence, verdict: Verdict) -> tuple[Evidence, Verdict, list[str]]:
    """The fewest samples, a power of two, that still fail."""
    inputs = evidence.inputs()
    batch = inputs[0].shape[0] if inputs[0].ndim else 0
    size = 1
    while size < batch:
        cut = tuple(a[:size] if a.ndim and a.shape[0] == batch else a for a in inputs)
        found = _attempt(evidence, verdict, cut)
        if found is not None:
            return *found, [f"batch {batch} -> {size}"]
        size *= 2
    return evidence, verdict, []


def _smaller_planes(evidence: Evidence, verdict: Verdict) -> tuple[Evidence, Verdict, list[str]]:
    """Axes behind the channels, halved for as long as it still fails."""
    steps = []
    for axis in range(2, max(a.ndim for a in evidence.inputs())):
        before = _extent(evidence, axis)
        while _extent(evidence, axis) > 1:
            half = _extent(evidence, axis) // 2
            cut = tuple(
                np.take(a, range(half), axis) if a.ndim > axis and a.shape[axis] >= half else a
                for a in evidence.inputs()
            )
            found = _attempt(evidence, verdict, cut)
            if found is None:
                break
            evidence, verdict = found
        if _extent(evidence, axis) < before:
            steps.append(f"axis {axis}: {before} -> {_extent(evidence, axis)}")
    return evidence, verdict, steps


def _extent(evidence: Evidence, axis: int) -> int:
    return max(a.shape[axis] for a in evidence.inputs() if a.ndim > axis)


def _attempt(
    evidence: Evidence, verdict: Verdict, inputs: tuple[np.ndarray, ...]
) -> tuple[Evidence, Verdict] | None:
    inputs = tuple(np.ascontiguousarray(a) for a in inputs)
    smaller = evidence.signature.of(inputs)
    variant = replace(
        evidence.pair.variants[evidence.variant],
        inputs=smaller.positional,
        keywords=smaller.keywords,
    )
    candidate = Evidence(
        replace(evidence.pair, variants={evidence.variant: variant}),
        evidence.variant,
        seed=evidence.seed,
        settings=evidence.settings,
        given=replace(evidence.given, inputs=inputs),
    )
    found = _still_fails(candidate, verdict)
    return None if found is None else (candidate, found)
