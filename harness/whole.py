"""The network end to end: in PyNative mode, and compiled as a graph."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from harness import isolation
from harness.backends.base import Run
from harness.compare import judge
from harness.inputs import generator
from harness.subject import Recording, Side, Subject
from harness.tolerance import NUDGES
from harness.verdict import AGREES, DIVERGES, INCONCLUSIVE, Measurement, Result


def run_whole(subject: Subject, side: Side, mode: str, recording: Recording, backward: bool) -> Run:
    """Run one side's whole network; what the port raises is told in the result, not raised."""
    subject.progress(f"the whole network, {side.backend.name}, {mode}", 0, 0)
    try:
        return side.backend.run(
            side.model,
            recording.inputs,
            train=mode == "train",
            cotangents=subject.cotangents(recording.entropy) if backward else None,
            parameters=side.names.parameter(subject.trainable),
            state=side.names.parameter(subject.state),
        )
    except Exception as error:
        if side is not subject.port:
            raise
        return _raised(error)


def _raised(error: Exception) -> Run:
    # MindSpore appends its C++ call stack below a ruler.
    reason = " ".join(str(error).partition("\n\n---")[0].split())
    return Run({"raised": np.array(f"{type(error).__name__}: {reason}")})


def judge_whole(
    subject: Subject, mode: str, port: Run, reference: Run, oracle: Run
) -> Iterator[Result]:
    """Outputs and state decide, gradients inform.

    Whole-network gradients jump when one ReLU decides differently on a rounding difference, in the
    reference too; an entry outside its limit is inconclusive, and the modules alone decide.
    """
    if "raised" in port.output:
        failed = Measurement(DIVERGES, "error", note=str(port.output["raised"]))
        yield Result(":out", "whole", "", mode, failed)
        return
    nudged = _NudgedWhole(subject, mode)
    for what, ours, want, true in (
        ("out", port.output, reference.output, oracle.output),
        ("state", port.state, subject.laid_out(reference.state), subject.laid_out(oracle.state)),
        ("grad", port.grads, subject.laid_out(reference.grads), subject.laid_out(oracle.grads)),
    ):
        for name, array in want.items():
            if what == "grad" and (name not in ours or name not in true):
                continue  # frozen in the port, as the structure check says; or not asked for
            entry = f":out{'.' + name if name else ''}" if what == "out" else f"{name}:{what}"
            found = judge(
                ours.get(name),
                array,
                true[name],
                channel_axis=None,
                nudged=partial(nudged.arrays, what, name),
            )
            if what == "grad" and found.status != AGREES:
                found = replace(found, status=INCONCLUSIVE, kind="")
            yield Result(entry, "whole", "", mode, found)


def run_graph(
    subject: Subject, mode: str, recording: Recording, port: Run, reference: Run, oracle: Run
) -> list[Result]:
    """The port compiled as a graph: bit-identical to PyNative, or as close as torch is."""
    if "raised" in port.output:
        return list(judge_whole(subject, mode, port, reference, oracle))
    subject.progress(f"compiling the graph, {mode}", 0, 0)
    try:
        compiled = subject.port.backend.run_graph(  # type: ignore[attr-defined]
            subject.port.model,
            subject.inputs(),
            train=mode == "train",
            cotangents=subject.cotangents(subject.entropy),
            parameters=subject.port.names.parameter(subject.trainable),
            state=subject.port.names.parameter(subject.state),
        )
    except Exception as error:  # the compiler raises whatever it likes: the port's divergence
        compiled = _raised(error)
    results = []
    for result in judge_whole(subject, mode, compiled, reference, oracle):
        if result.measurement.kind == "error":
            return [result]
        name, _, what = result.entry.rpartition(":")
        source = {"grad": "grads", "state": "state"}.get(what, "output")
        key = name if source != "output" else what.removeprefix("out").removeprefix(".")
        same = _bits_equal(getattr(compiled, source)[key], getattr(port, source).get(key))
        if same:
            size = result.measurement.size
            result = replace(result, measurement=Measurement(AGREES, size=size, exact=True))
        results.append(result)
    if mode == "train":
        results += _train_gradients(subject, recording, compiled)
    return results


def _train_gradients(subject: Subject, recording: Recording, compiled: Run) -> Iterator[Result]:
    """Gradients in train mode: bit-identical to PyNative's, or too chaotic to tell."""
    port = run_whole(subject, subject.port, "train", recording, backward=True)
    for name, array in compiled.grads.items():
        same = _bits_equal(array, port.grads.get(name))
        found = Measurement(AGREES if same else INCONCLUSIVE, size=array.size, exact=same)
        yield Result(f"{name}:grad", "whole", "", "train", found)


class _NudgedWhole:
    """torch float32 reruns of the whole network with inputs and parameters nudged one ulp."""

    def __init__(self, subject: Subject, mode: str) -> None:
        self.subject, self.mode = subject, mode
        self._runs: list[Run] | None = None

    def arrays(self, what: str, name: str) -> list[np.ndarray | None]:
        if what == "grad":
            return []
        if self._runs is None:
            self._runs = [self._run(number) for number in range(NUDGES)]
        if what == "out":
            return [run.output.get(name) for run in self._runs]
        return [self.subject.laid_out(run.state).get(name) for run in self._runs]

    def _run(self, number: int) -> Run:
        side = self.subject.torch
        rng = generator(self.subject.entropy, f"nudge.whole.{number}")
        original = side.backend.read(side.model)
        side.backend.write(
            side.model, {name: isolation.nudge(a, rng) for name, a in original.items()}
        )
        try:
            return side.backend.run(
                side.model,
                tuple(isolation.nudge(a, rng) for a in self.subject.inputs()),
                train=self.mode == "train",
                state=self.subject.state,
            )
        finally:
            side.backend.write(side.model, original)


def _bits_equal(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is not None and b is not None and a.shape == b.shape and a.tobytes() == b.tobytes()
