"""What the checks of a training recipe share: its sides, its batches, its verdict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness import cifar
from harness.backends.runner import Evaluation, Runner
from harness.errors import NothingCompared, PairError
from harness.lockstep import TWINS, Batch, Lockstep, LoopFailure
from harness.loop import Loop
from harness.recipe import Recipe
from harness.registry import network_of
from harness.stages.stage import Stage
from harness.verdict import Finding, Result, Verdict


def recipe_of(stage: Stage) -> Recipe:
    """The pair's recipe. Raises PairError where it has none."""
    if stage.pair.recipe is None:
        raise PairError(f"Pair(name={stage.pair.name!r}): set recipe=, which says what to train.")
    recipe = stage.pair.recipe
    return replace(recipe, structure={**recipe.structure, **stage.kwargs.get("structure", {})})


def records_of(stage: Stage, train: bool) -> cifar.Records:
    """The user's data, or the embedded data set."""
    return cifar.load(Path(stage.settings.data) if stage.settings.data else None, train)


def batches_of(stage: Stage, train: bool, draw: int = 0) -> Iterator[Batch]:
    """The reference's batches, epoch after epoch: what both sides are trained and tested with."""
    from harness.backends.torch_pipelines import pipeline

    made = pipeline(recipe_of(stage), records_of(stage, train), train=train, seed=stage.seed + draw)
    epoch = 0
    while True:
        yield from made.batches(epoch)
        if not train:
            return
        epoch += 1


def maker(stage: Stage, framework: str, steps_per_epoch: int) -> Callable[[], Loop]:
    """What makes one side's loop anew."""
    factory = stage.factory(framework)
    return lambda: factory(recipe_of(stage), steps_per_epoch)


def lockstep(stage: Stage, steps_per_epoch: int, twins: int = TWINS) -> Lockstep:
    """Both loops, freshly made. Raises LoopFailure."""
    network, _, _ = network_of(recipe_of(stage))
    torch, port = (maker(stage, side, steps_per_epoch) for side in ("torch", "mindspore"))
    return Lockstep(
        network,
        (stage.torch, torch),
        (stage.oracle, torch),
        (stage.mindspore, port),
        stage.entropy,
        twins,
    )


def some(batches: Iterator[Batch], count: int) -> Iterator[Batch]:
    """The first batches."""
    for _ in range(count):
        yield next(batches)


def evaluated(runner: Runner, batches: list[Batch]) -> Evaluation:
    """A side's evaluation. Raises LoopFailure."""
    try:
        return runner.evaluate(batches)
    except Exception as error:
        raise LoopFailure(f"{runner.backend.name}: the evaluation raised {error}") from error


def concluded(check: str, results: Sequence[Result], findings: Sequence[Finding]) -> Verdict:
    """The Verdict of a check. Raises NothingCompared where nothing was."""
    if not results and not findings:
        raise NothingCompared(f"{check}: there was nothing to compare.")
    return Verdict(
        "", check, 0, results=tuple(results), findings=tuple(findings), compared=len(results)
    )
