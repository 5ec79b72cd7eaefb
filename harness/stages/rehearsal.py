"""What the checks of a training recipe share: its sides, its batches."""

from collections.abc import Callable, Iterator
from pathlib import Path

from harness import cifar
from harness.backends.runner import Evaluation, Runner
from harness.errors import HarnessError
from harness.lockstep import TWINS, Batch, Lockstep, LoopFailure
from harness.loop import Average, Loop
from harness.pipelines import Pipeline
from harness.registry import network_of
from harness.stages.stage import Stage


def records_of(stage: Stage, train: bool) -> cifar.Records:
    """The user's data, or the embedded data set."""
    return cifar.load(Path(stage.settings.data) if stage.settings.data else None, train)


def pipeline_of(stage: Stage, framework: str, train: bool, draw: int = 0) -> Pipeline:
    """One side's own pipeline of the recipe, over the user's data or the embedded data set.

    Raises HarnessError where the data do not make one batch.
    """
    if framework == "torch":
        from harness.backends.torch_pipelines import pipeline
    else:
        from harness.backends.mindspore_pipelines import pipeline
    records = records_of(stage, train)
    made = pipeline(stage.recipe, records, train=train, seed=stage.seed + draw)
    if not made.length:
        raise HarnessError(
            f"{len(records)} records ({records.origin}) make no batch of "
            f"{stage.recipe.batch_size}; see --set batch_size={len(records)}."
        )
    return made


def batches_of(stage: Stage, train: bool, draw: int = 0) -> Iterator[Batch]:
    """The reference's batches, epoch after epoch: what both sides are trained and tested with."""
    made = pipeline_of(stage, "torch", train, draw)
    epoch = 0
    while True:
        yield from made.batches(epoch)
        if not train:
            return
        epoch += 1


def maker(
    stage: Stage, framework: str, steps_per_epoch: int, average: Average | None = None
) -> Callable[[], Loop]:
    """What makes one side's loop anew; with ``average``, as one process of several."""
    factory = stage.factory(framework)
    extra = {} if average is None else {"average": average}
    return lambda: factory(stage.recipe, steps_per_epoch, **extra)


def lockstep(stage: Stage, steps_per_epoch: int, twins: int = TWINS) -> Lockstep:
    """Both loops, freshly made. Raises LoopFailure."""
    network, _, _ = network_of(stage.recipe)
    torch, port = (maker(stage, side, steps_per_epoch) for side in ("torch", "mindspore"))
    return Lockstep(
        network,
        (stage.torch, torch),
        (stage.oracle, torch),
        (stage.mindspore, port),
        stage.entropy,
        twins,
    )


def evaluated(runner: Runner, batches: list[Batch]) -> Evaluation:
    """A side's evaluation. Raises LoopFailure."""
    try:
        return runner.evaluate(batches)
    except Exception as error:
        raise LoopFailure(f"{runner.backend.name}: the evaluation raised {error}") from error
