"""Training recipes: both frameworks' loops, driven in lockstep from the same parameters.

A pair of this kind has a ``recipe``; its factories are called as ``factory(recipe,
steps_per_epoch)`` and return a ``harness.loop.Loop``; those that can train over several processes
also take ``average``, see ``harness.loop.Average``. A variant's kwargs may say ``steps`` (of each
check, 6), ``images`` of the evaluation (64), and ``structure``, arguments of the network.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from harness import trajectory
from harness.lockstep import TWINS, LoopFailure
from harness.pair import Optimizers
from harness.progress import counted
from harness.registry import network_of
from harness.stages.evaluating import check_evaluation
from harness.stages.optimizers import judged_steps
from harness.stages.rehearsal import (
    batches_of,
    evaluated,
    lockstep,
    maker,
)
from harness.stages.stage import Stage, concluded
from harness.subject import Subject
from harness.tolerance import DRAWS, NUDGES
from harness.verdict import AGREES, DIVERGES, Finding, Measurement, Result, Verdict

#: Steps of each check, where the variant does not say.
STEPS = 6


def check_optimizer(stage: Stage) -> Verdict:
    """Fed the same gradients, the two loops' optimizers move every parameter alike."""
    recipe = stage.recipe
    network, variant, _ = network_of(recipe)
    optimizers: dict[int, Any] = {}
    settings: dict[int, list[dict[str, Any]]] = {}

    def built(framework: str) -> Callable[[], Any]:
        def build() -> Any:
            loop = maker(stage, framework, STEPS)()
            optimizers[id(loop.network)] = loop.optimizer
            if framework == "torch":
                groups = loop.optimizer.param_groups
                settings[id(loop.network)] = [dict(group) for group in groups]
            return loop.network

        return build

    def fresh(network: Any) -> Any:
        """torch's optimizer as it was made: it is stepped more than once."""
        optimizer = optimizers[id(network)]
        optimizer.state.clear()
        optimizer.param_groups[:] = [dict(group) for group in settings[id(network)]]
        return optimizer

    pair = replace(
        network,
        torch=built("torch"),
        mindspore=built("mindspore"),
        variants={variant: replace(network.variants[variant], kwargs={})},
        optimizers=Optimizers(fresh, lambda network: optimizers[id(network)]),
    )
    subject = Subject(
        pair, variant, seed=stage.seed, settings=stage.settings, progress=stage.progress
    )
    return replace(judged_steps(subject), check="optimizer")


def check_teacher_forced(stage: Stage) -> Verdict:
    """Every step from the reference's parameters and batch ends where the reference's does."""
    steps = int(stage.kwargs.get("steps", STEPS))
    first = (steps + 1) // 2
    run = lockstep(stage, first)
    source = counted(stage.progress, "steps, each from torch's parameters",
                     batches_of(stage, train=True), steps)  # fmt: skip
    test = [next(batches_of(stage, train=False))]

    def taken() -> Iterator:
        run.begin_epoch()
        yield from run.forced(islice(source, first))
        losses = [evaluated(runner, test).loss for runner in run.everyone]
        run.end_epoch(losses[0])  # an epoch lies between: schedules and modes change there
        run.begin_epoch()
        yield from run.forced(islice(source, steps - first), first + 1)

    names = {name: run.port_name(name) for name in run.trainable}
    judged = trajectory.judge_forced(taken(), names)
    return concluded("teacher_forced", judged.findings, results=judged.results)


def check_free_running(stage: Stage) -> Verdict:
    """Left alone, the port stays as close to torch as torch's own twins one ulp away.

    One ReLU that decides differently on a rounding difference throws a run apart: what leaves the
    envelope is run again from other batches, with more twins, and is wrong where it always leaves.
    """
    draws = []
    for draw in range(DRAWS):
        draws.append(_free(stage, draw, TWINS if draw == 0 else TWINS + NUDGES))
        if draws[-1][0].left is None:
            break
    free, losses = draws[-1]
    findings, notes = [], []
    if free.left is not None:
        number, entry = free.left
        findings.append(Finding(
            "trajectory",
            f"in {len(draws)} of {len(draws)} runs the port leaves the envelope of torch and its "
            f"twins, in the last at step {number}, first {entry}",
            _losses(losses, "torch"), _losses(losses, "mindspore"),
        ))  # fmt: skip
    elif len(draws) > 1:
        notes.append(f"{len(draws) - 1} of {len(draws)} runs left the envelope on a decision that "
                     f"rounding changed, and were run again from other batches")  # fmt: skip
    if free.left is None and not free.close:
        notes.append("torch's own twins, one ulp away, are far from it after one step: a free run "
                     "tells nothing here, teacher-forced steps decide")  # fmt: skip
    verdict = concluded("free_running", findings, results=free.results, notes=notes)
    return replace(verdict, curves=tuple(trajectory.curves(losses, free)))


def _free(stage: Stage, draw: int, twins: int) -> tuple[trajectory.Free, list[dict[str, float]]]:
    """One free run; every draw has its own batches."""
    steps = int(stage.kwargs.get("steps", STEPS))
    run = lockstep(stage, steps, twins)
    batches = batches_of(stage, train=True, draw=draw)
    source = counted(stage.progress, "steps, each side on its own", batches, steps)
    free = trajectory.Free()
    names = {name: run.port_name(name) for name in run.trainable}
    losses = []
    for runner in (run.torch, *run.twins, run.port):
        runner.loop.begin_epoch()
    for number, (images, labels) in enumerate(islice(source, steps), start=1):
        losses.append(run.free(images, labels))
        reads = [twin.read() for twin in run.twins]
        trajectory.judge_free(
            number, run.start, run.port_arrays(), run.torch.read(), reads, names, free
        )
    return free, losses


def _losses(losses: list[dict[str, float]], side: str) -> str:
    return "losses " + ", ".join(f"{step[side]:.4g}" for step in losses[:6])


def check_resume(stage: Stage) -> Verdict:
    """A training that is stopped, saved and loaded anew goes on bit for bit."""
    run = lockstep(stage, STEPS)
    batches = list(islice(batches_of(stage, train=True), 4))
    results, findings = [], []
    for runner in (run.torch, run.port):
        name = runner.backend.name
        if runner.loop.state is None or runner.loop.load is None:
            findings.append(Finding("resume", f"the {name} loop has no state to save and load"))
            continue
        again = run.runner(name)
        runner.loop.begin_epoch()
        for batch in batches[:2]:
            runner.step(*batch)
        saved = {key: np.array(array) for key, array in runner.loop.state().items()}
        # A network that has trained meanwhile, as one has that loads into a running process.
        again.loop.begin_epoch()
        again.step(*batches[3])
        assert again.loop.load is not None
        again.loop.load(saved)
        for batch in batches[2:]:
            runner.step(*batch)
            again.step(*batch)
        ours, want = again.read(), runner.read()
        differ = [key for key in want if want[key].tobytes() != ours[key].tobytes()]
        if differ:
            findings.append(Finding(
                "resume",
                f"on the {name} side {len(differ)} of {len(want)} parameters are not the same two "
                f"steps after loading, first {', '.join(differ[:3])}",
            ))  # fmt: skip
        results += [bits(f"{name} {key}", key in differ, want[key].size) for key in want]
    return concluded("resume", findings, results=results)


def bits(entry: str, differ: bool, size: int) -> Result:
    """A result over bits that must be the same."""
    measured = Measurement(AGREES, size=size, exact=True)
    if differ:
        measured = Measurement(DIVERGES, "value", "bits", ratio=float("inf"), size=size)
    return Result(entry, "whole", "", "train", measured)


def _guarded(check: str, function: Callable[[Stage], Verdict]) -> Callable[[Stage], Verdict]:
    """The check, where a loop that raises is a finding about the loop."""

    def run(stage: Stage) -> Verdict:
        try:
            return function(stage)
        except LoopFailure as error:
            return Verdict("", check, 0, findings=(Finding("loop", str(error)),))

    return run


CHECKS: Mapping[str, Callable[[Stage], Verdict]] = {
    check: _guarded(check, function)
    for check, function in {
        "evaluation": check_evaluation,
        "optimizer": check_optimizer,
        "teacher_forced": check_teacher_forced,
        "free_running": check_free_running,
        "resume": check_resume,
    }.items()
}
