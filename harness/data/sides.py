"""Both sides' pipelines of a stage, built and run through with errors that name the side."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from harness.cifar import Records
from harness.data.tagged import Delivered, coloured, deliver
from harness.errors import HarnessError, PairError
from harness.pipelines import Batch, Pipeline
from harness.recipe import Recipe
from harness.stages.stage import Stage

SIDES = ("torch", "mindspore")

#: How a side is called in a sentence.
NAMES = {"torch": "torch", "mindspore": "MindSpore"}

#: An epoch that delivers this many times its records is not run to its end.
MOST_REPEATS = 4


def trains(stage: Stage) -> bool:
    """Whether the stage's variant is the training pipeline."""
    return bool(stage.kwargs.get("train", True))


def pipeline(
    stage: Stage, side: str, records: Records, recipe: Recipe | None = None, **kwargs: Any
) -> Pipeline:
    """One side's pipeline over some records."""
    stage.open_both()
    settings = {"train": True, "seed": stage.seed, **stage.kwargs, **kwargs}
    made = stage.built(side, recipe or stage.recipe, records, **settings)
    if not isinstance(made, Pipeline):
        raise PairError(
            f"Pair(name={stage.pair.name!r}): the {side} factory returned a "
            f"{type(made).__name__}, not a harness.pipelines.Pipeline."
        )
    return made


def batches(side: str, made: Pipeline, epoch: int) -> Iterator[Batch]:
    """An epoch's batches as arrays. Raises HarnessError that names the side."""
    try:
        for images, labels in made.batches(epoch):
            yield np.asarray(images), np.asarray(labels)
    except HarnessError:
        raise
    except Exception as error:
        raise HarnessError(
            f"{NAMES[side]}'s pipeline raised {type(error).__name__} in epoch {epoch}: {error}"
        ) from error


def delivered(
    stage: Stage,
    side: str,
    records: Records,
    recipe: Recipe | None = None,
    epochs: tuple[int, ...] = (0,),
    **kwargs: Any,
) -> list[Delivered]:
    """What a side makes of tagged records, epoch by epoch."""
    made = pipeline(stage, side, records, recipe, **kwargs)
    # A pipeline that does not show its transforms ends where the reference's do, or is wrong.
    shown = made if made.transforms else pipeline(stage, "torch", records, recipe)
    ends = coloured(shown, records)
    most = MOST_REPEATS * len(records)
    return [deliver(batches(side, made, epoch), ends, most) for epoch in epochs]
