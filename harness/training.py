"""Train a recipe: one side as its framework does it, or both in lockstep with a verdict."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from harness import cifar, trajectory
from harness.backends.runner import Evaluation, Runner
from harness.checkpoint import write_checkpoint
from harness.errors import HarnessError
from harness.lockstep import runner_kind
from harness.pipelines import Batch
from harness.progress import counted
from harness.recipe import flat
from harness.report.training import epoch_line, test_line
from harness.stages import rehearsal
from harness.stages.stage import Stage
from harness.tolerance import ACCURACY_SIGMAS
from harness.trace import Trace
from harness.verdict import Finding, Verdict

#: Takes a line of the log.
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How a training is run.

    out: folder of checkpoints. log_every: batches between log lines. limit: batches of an epoch, 0
    for all. resume: a state written before, to go on from. profile: whether a profile is written.
    """

    out: Path
    log_every: int = 100
    limit: int = 0
    resume: Path | None = None
    profile: bool = False


@dataclass
class Trained:
    """How a training in lockstep went: the evaluation of each epoch by side, and the findings.

    losses: of every step, by side. chance: the accuracy of the commonest class alone. allowed: how
    far the last accuracies may lie apart. files: the parameters of "torch" and "mindspore".
    """

    epochs: list[dict[str, Evaluation]] = field(default_factory=list)
    losses: list[dict[str, float]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    chance: float = 0.0
    allowed: float = 0.0
    files: dict[str, Path] = field(default_factory=dict)


def train_one(stage: Stage, framework: str, options: Options, say: Say) -> Path:
    """Train one side with its own pipeline; returns the checkpoint written.

    After every epoch all that a resumed training needs is saved beside it. Raises HarnessError for
    a state of another recipe.
    """
    recipe = stage.recipe
    source, test = (rehearsal.pipeline_of(stage, framework, train) for train in (True, False))
    length = min(options.limit or source.length, source.length)
    runner = runner_of(stage, framework, length)
    name = stage.pair.name.partition(".")[2]
    saved = options.out / f"{name}.{framework}.state.npz"
    first = _resumed(options.resume, runner, flat(recipe)) if options.resume else 0
    for epoch in range(first, recipe.epochs):
        runner.loop.begin_epoch()
        with _profiled(framework, options, epoch == first):
            batches = _told(stage, source.batches(epoch), epoch, length)
            for number, (images, labels) in enumerate(batches):
                loss = runner.train(images, labels)
                if number % options.log_every == 0:
                    say(epoch_line(epoch, number, length, loss))
        tested = runner.evaluate(test.batches(0))
        say(f"\n{test_line(tested.loss, tested.accuracy)}\n")
        runner.loop.end_epoch(tested.loss)
        if runner.loop.state is not None:
            meta = {"epoch": epoch + 1, "recipe": flat(recipe)}
            Trace(meta, dict(runner.loop.state())).save(saved)
    say("Finished Training")
    file = options.out / f"{name}{'.pth' if framework == 'torch' else '.ckpt'}"
    write_checkpoint(file, runner.read(), framework)
    return file


def runner_of(stage: Stage, framework: str, steps_per_epoch: int) -> Runner:
    """A side's loop, made under the case's seed, ready to be driven."""
    backend = stage.torch if framework == "torch" else stage.mindspore
    with backend.seeded(stage.entropy):
        return runner_kind(framework)(backend, rehearsal.maker(stage, framework, steps_per_epoch))


def _resumed(file: Path, runner: Runner, recipe: dict[str, str]) -> int:
    """Load a state; returns the epoch to go on with."""
    trace = Trace.load(file)
    if runner.loop.load is None or "epoch" not in trace.meta:
        raise HarnessError(f"{file} is no state of a training, or this loop cannot load one.")
    changed = [k for k, v in recipe.items() if trace.meta["recipe"].get(k) != v and k != "epochs"]
    if changed:
        raise HarnessError(f"{file} was trained by another recipe: {', '.join(changed)} differ.")
    runner.loop.load(trace.entries)
    return int(trace.meta["epoch"])


def _profiled(framework: str, options: Options, on: bool) -> AbstractContextManager[None]:
    if not (options.profile and on):
        return nullcontext()
    from harness.backends import profiling

    return profiling.profiled(framework, options.out / f"profile-{framework}")


def train_both(stage: Stage, options: Options, say: Say) -> Trained:
    """Train both sides from the same parameters on the same batches, each from its own steps.

    torch's twins, one ulp away, say how far rounding alone takes a training.
    """
    recipe = stage.recipe
    source, test = (rehearsal.pipeline_of(stage, "torch", train) for train in (True, False))
    length = min(options.limit or source.length, source.length)
    run = rehearsal.lockstep(
        stage,
        length,
    )
    found = Trained(chance=_chance(rehearsal.records_of(stage, train=False)))
    sides = {"torch": run.torch, "mindspore": run.port}
    sides |= {f"twin {number}": twin for number, twin in enumerate(run.twins, start=1)}
    for epoch in range(recipe.epochs):
        for runner in sides.values():
            runner.loop.begin_epoch()
        batches = _told(stage, source.batches(epoch), epoch, length)
        for number, (images, labels) in enumerate(batches):
            losses = run.free(images, labels)
            found.losses.append(losses)
            if number % options.log_every == 0:
                for name in ("torch", "mindspore"):
                    say(f"{name:<10} {epoch_line(epoch, number, length, losses[name])}")
        tested = {name: runner.evaluate(test.batches(0)) for name, runner in sides.items()}
        found.epochs.append(tested)
        say("")
        for name in ("torch", "mindspore"):
            say(f"{name:<10} {test_line(tested[name].loss, tested[name].accuracy)}")
        say("")
        for name, runner in sides.items():
            runner.loop.end_epoch(tested[name].loss)
    say("Finished Training")
    found.allowed = _allowed(found.epochs[-1])
    found.findings += _of_accuracy(found.epochs[-1], found.allowed)
    name = stage.pair.name.partition(".")[2]
    for file, side, joins, runner in (
        (f"{name}.pth", "torch", run.fusion.torch, run.torch),
        (f"{name}.ckpt", "mindspore", run.fusion.mindspore, run.port),
    ):
        found.files[side] = options.out / file
        write_checkpoint(found.files[side], joins.join(runner.read()), side)
    log = {"losses": found.losses, "accuracy": [
        {side: e.accuracy for side, e in tested.items()} for tested in found.epochs]}  # fmt: skip
    (options.out / f"{name}.training.json").write_text(json.dumps(log, indent=1) + "\n")
    return found


def verdict_of(stage: Stage, found: Trained) -> Verdict:
    """A training in lockstep as a Verdict, with its losses and accuracies as curves."""
    accuracies = [{name: e.accuracy for name, e in tested.items()} for tested in found.epochs]
    return Verdict(
        f"{stage.pair.name}:{stage.variant}-training-pynative-f32", "training", stage.seed,
        findings=tuple(found.findings),
        curves=(trajectory.curve("loss", found.losses), trajectory.curve("accuracy", accuracies)),
        compared=len(found.losses) + len(accuracies),
    )  # fmt: skip


def _told(stage: Stage, batches: Iterable[Batch], epoch: int, length: int) -> Iterator[Batch]:
    """An epoch's first batches, each told of as a step of the whole training."""
    epochs = stage.recipe.epochs
    told = counted(stage.progress, f"epoch {epoch + 1} of {epochs}", batches, epochs * length,
                   epoch * length)  # fmt: skip
    return islice(told, length)


def _chance(records: cifar.Records) -> float:
    """The accuracy of always answering the commonest class."""
    return float(np.bincount(records.labels).max() / len(records.labels))


def allowed_difference(torch: np.ndarray, port: np.ndarray, labels: np.ndarray) -> float:
    """How far two equally good sides' accuracies lie apart by chance.

    torch, port: logits (N, C) of the same images. McNemar's test: only images on which one side
    alone is right count, and which one it is, is a coin's toss.
    """
    right = [logits.argmax(1) == labels for logits in (torch, port)]
    alone = int((right[0] != right[1]).sum())
    return ACCURACY_SIGMAS * math.sqrt(alone) / len(labels)


def _allowed(tested: dict[str, Evaluation]) -> float:
    """How far the accuracies may lie apart: as torch's own twins do, or by chance."""
    torch, port = tested["torch"], tested["mindspore"]
    equals = [side.accuracy for name, side in tested.items() if name != "mindspore"]
    allowed = max(equals) - min(equals)
    if len(torch.logits) and len(port.logits):
        allowed = max(allowed, allowed_difference(torch.logits, port.logits, torch.labels))
    return allowed


def _of_accuracy(tested: dict[str, Evaluation], allowed: float) -> Iterator[Finding]:
    torch, port = tested["torch"], tested["mindspore"]
    difference = abs(port.accuracy - torch.accuracy)
    if difference > allowed:
        yield Finding(
            "training.accuracy",
            f"the accuracies after training differ by {difference:.2%}, and rounding with chance "
            f"explains {allowed:.2%}",
            f"{torch.accuracy:.2%}", f"{port.accuracy:.2%}",
        )  # fmt: skip
