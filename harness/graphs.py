"""The port compiled as a graph: equal to PyNative, bisected where not, and not stale.

Hooks do not exist in compiled graphs, so what differs is found by compiling sub-cells on the input
that torch recorded for them, from the root down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness.backends.base import Run
from harness.backends.draws import DROPOUTS
from harness.compare import judge
from harness.isolation import Unit
from harness.running import raised
from harness.subject import Recording, Side, Subject
from harness.verdict import AGREES, DIVERGES, INCONCLUSIVE, Measurement, Result
from harness.whole import failed_run, judge_whole, run_whole

#: How far parameters are moved to see whether a compiled function notices.
_MOVED = np.float32(1.25)


def run_graph(
    subject: Subject, mode: str, recording: Recording, port: Run, reference: Run, oracle: Run
) -> list[Result]:
    """The port compiled as a graph: bit-identical to PyNative, or as close as torch is.

    What trains is compiled with its gradients, and a lone layer's evaluation is, too: networks
    compile theirs without, as inference does.
    """
    if "raised" in port.output:
        return list(judge_whole(subject, mode, port, reference, oracle))
    backward = mode == "train" or len(subject.bare_port.inventory.modules) == 1
    backward = backward and subject.differentiable
    subject.progress(f"compiling the graph, {mode}", 0, 0)
    try:
        compiled = subject.port.backend.run_graph(  # type: ignore[attr-defined]
            subject.port.model,
            *subject.arguments(),
            train=mode == "train",
            cotangents=subject.cotangents(subject.entropy) if backward else None,
            parameters=subject.port.names.parameter(subject.trainable),
            state=subject.port.names.parameter(subject.state),
        )
    except Exception as error:  # the compiler raises whatever it likes: the port's divergence
        compiled = failed_run(error)
    results = []
    for result in judge_whole(subject, mode, compiled, reference, oracle):
        if result.measurement.kind == "error":
            return [result, *_bisected(subject, mode, [result])]
        name, _, what = result.entry.rpartition(":")
        source = {"grad": "grads", "state": "state"}.get(what, "output")
        key = name if source != "output" else what.removeprefix("out").removeprefix(".")
        same = _bits_equal(getattr(compiled, source).get(key), getattr(port, source).get(key))
        if same:
            size = result.measurement.size
            result = replace(result, measurement=Measurement(AGREES, size=size, exact=True))
        results.append(result)
    results += _gradients(subject, mode, recording, compiled)
    results = _unless_drawing(subject, mode, reference.random, results)
    if any(result.diverges for result in results):
        results += _bisected(subject, mode, results)
    return results


def _unless_drawing(
    subject: Subject, mode: str, random: bool, results: list[Result]
) -> list[Result]:
    """A graph draws random numbers of its own: values then decide nothing."""
    if not (random or _drops_out(subject, mode)):
        return results
    unsure = Measurement(INCONCLUSIVE, note="a graph draws random numbers of its own")
    return [replace(r, measurement=unsure) if r.measurement.kind == "value" else r for r in results]


def _drops_out(subject: Subject, mode: str, path: str = "") -> bool:
    """Whether a module, or one in it, is a dropout that is at work."""
    return mode == "train" and any(
        module.type in DROPOUTS and f"{module.path}.".startswith(f"{path}." if path else "")
        for module in subject.torch.inventory.modules
    )


def _gradients(
    subject: Subject, mode: str, recording: Recording, compiled: Run
) -> Iterator[Result]:
    """Gradients: bit-identical to PyNative's, or too chaotic in a whole network to tell."""
    port = run_whole(subject, subject.port, mode, recording, backward=True)
    for name, array in compiled.grads.items():
        same = _bits_equal(array, port.grads.get(name))
        found = Measurement(AGREES if same else INCONCLUSIVE, size=array.size, exact=same)
        yield Result(f"{name}:grad", "whole", "", mode, found)


def _bisected(subject: Subject, mode: str, results: Sequence[Result]) -> Iterator[Result]:
    """The smallest cells that differ from PyNative when they alone are compiled.

    None within a memory budget: all of them would be held at once.
    """
    if subject.keeper:
        return
    recording = subject.record(mode, backward=False)
    units = {unit.name: unit for unit in recording.units}
    pending = [units[""]]
    while pending:
        unit = pending.pop(0)
        children = [units[call.name] for calls in unit.played.values() for call in calls]
        wrong = [
            child for child in children if child.call.index == 0 and _differs(subject, child, mode)
        ]
        pending += wrong
        if wrong or (unit.name == "" and not children):
            continue
        found = _differs(subject, unit, mode) if unit.name else None
        scope = "wiring" if unit.wiring else "isolated"
        note = "compiled alone, on torch's input" if found else "its children compile right"
        measurement = found or next(r.measurement for r in results if r.diverges)
        measurement = replace(measurement, note=measurement.note or note)
        yield Result(f"{unit.name}:out", scope, unit.name, mode, measurement)


def _differs(subject: Subject, unit: Unit, mode: str) -> Measurement | None:
    """The divergence of one cell compiled alone with all that is in it; None where it agrees.

    Other values say nothing where the graph draws random numbers of its own.
    """
    call, train = unit.call, mode == "train"
    want, true = (
        side.backend.run(side.model, call.args, call.kwargs, path=call.path, train=train)
        for side in (subject.torch, subject.oracle)
    )
    path = subject.port.names.module(call.path)
    try:
        compiled = subject.port.backend.run_graph(  # type: ignore[attr-defined]
            subject.port.model, call.args, call.kwargs, path=path, train=train,
            state=subject.port.names.parameter(subject.state),
        )  # fmt: skip
    except Exception as error:
        return Measurement(DIVERGES, "error", note=raised(error))
    draws = want.random or _drops_out(subject, mode, call.path)
    for leaf, array in want.output.items():
        found = judge(compiled.output.get(leaf), array, true.output[leaf], channel_axis=1)
        if found.status == DIVERGES and not (draws and found.kind == "value"):
            return found
    return None


def stale(subject: Subject) -> list[Result]:
    """A port called in train mode, then in eval mode, then with other parameters, keeps up.

    A function under ``ms.jit`` keeps the mode and the parameters that it was first called with.
    """
    side = _fresh_port(subject)
    own = subject.parameters_for(subject.torch)
    moved = {
        name: a * _MOVED if np.issubdtype(a.dtype, np.floating) else a for name, a in own.items()
    }
    args, kwargs = subject.arguments()
    try:
        state = side.names.parameter(subject.state)
        side.backend.run(side.model, args, kwargs, train=True, state=state)
        after_training = side.backend.run(side.model, args, kwargs).output
        side.backend.load(side.model, subject.map.to_mindspore(moved))  # type: ignore[attr-defined]
        after_loading = side.backend.run(side.model, args, kwargs).output
    except Exception as error:
        failed = Measurement(DIVERGES, "error", note=raised(error))
        return [Result("after_training:out", "whole", "", "eval", failed)]
    results = []
    for name, ours, parameters in (
        ("after_training", after_training, own),
        ("after_loading", after_loading, moved),
    ):
        want, true = (_outputs(subject, s, parameters) for s in (subject.torch, subject.oracle))
        for leaf, array in want.items():
            noisy = partial(_noisy, subject, parameters, leaf)
            found = judge(ours.get(leaf), array, true[leaf], nudged=noisy)
            if found.status == DIVERGES:
                found = replace(found, note=_STALE[name])
            results.append(
                Result(f"{name}:out{'.' + leaf if leaf else ''}", "whole", "", "eval", found)
            )
    return results


_STALE = {
    "after_training": "after a call in train mode the port does not evaluate: something in it is "
    "compiled (ms.jit) and keeps the mode it was first called in",
    "after_loading": "after load_param_into_net the port computes with other parameters: something "
    "in it is compiled (ms.jit) and keeps the old ones",
}


def _fresh_port(subject: Subject) -> Side:
    side = subject.open("mindspore")
    side.names = subject.port.names
    arrays = subject.map.to_mindspore(subject.parameters_for(subject.torch))
    side.backend.write(side.model, arrays)
    return side


def _outputs(
    subject: Subject, side: Side, parameters: Mapping[str, np.ndarray], **more: Any
) -> dict[str, np.ndarray]:
    before = side.backend.read(side.model)
    side.backend.write(side.model, parameters)
    try:
        return side.backend.run(side.model, *subject.arguments(), **more).output
    finally:
        side.backend.write(side.model, before)


def _noisy(
    subject: Subject, parameters: Mapping[str, np.ndarray], leaf: str
) -> list[np.ndarray | None]:
    """torch's output with what the device's kernels are known to cost added."""
    errors = {"noise": subject.kernel_noise, "coarse": subject.coarse()}
    return [_outputs(subject, subject.torch, parameters, **errors).get(leaf)]


def _bits_equal(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is not None and b is not None and a.shape == b.shape and a.tobytes() == b.tobytes()
