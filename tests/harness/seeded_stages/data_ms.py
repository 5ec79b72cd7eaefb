"""MindSpore pipelines with one mistake each, made of the right one's parts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from harness.cifar import Records
from harness.pipelines import Batch, Pipeline, Transform, order, settings_of
from harness.recipe import Recipe, Setting

Steps = list[tuple[str, list[Any]]]


def right(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
    """The port as it should be."""
    from harness.backends.mindspore_pipelines import pipeline

    return pipeline(recipe, records, **settings)


def with_steps(edit: Callable[[Steps], Steps]) -> Callable[..., Pipeline]:
    """The right pipeline with other transforms."""

    def factory(
        recipe: Recipe,
        records: Records,
        *,
        train: bool,
        seed: int = 0,
        rank: int = 0,
        ranks: int = 1,
    ) -> Pipeline:
        from harness.backends import mindspore_pipelines as port

        made = right(recipe, records, train=train, seed=seed, rank=rank, ranks=ranks)
        steps = edit([(s.name, port.TRANSFORMS[s.name](s)) for s in settings_of(recipe, train)])

        def batches(epoch: int) -> Iterator[Batch]:
            chosen = order(
                len(records), shuffle=train and recipe.shuffle, seed=seed, epoch=epoch, rank=rank,
                ranks=ranks,
            )  # fmt: skip
            data = port.finished(port.generated(records)(chosen), recipe, steps, train)
            return port.iterate(data, 1 + seed + 7 * epoch)

        shown = tuple(Transform(name, port.alone(each)) for name, each in steps)
        return replace(made, transforms=shown, batches=batches)

    return factory


def changed(name: str, make: Callable[[Any], list[Any]]) -> Callable[..., Pipeline]:
    """One transform is another one; ``make`` is given mindspore.dataset.vision."""

    def edit(steps: Steps) -> Steps:
        from mindspore.dataset import vision

        return [(each, make(vision) if each == name else old) for each, old in steps]

    return with_steps(edit)


def without(name: str) -> Callable[..., Pipeline]:
    """One transform is left out."""
    return with_steps(lambda steps: [step for step in steps if step[0] != name])


def after(name: str, function: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Pipeline]:
    """One transform is followed by a function of its output."""
    return with_steps(
        lambda steps: [(each, [*old, function] if each == name else old) for each, old in steps]
    )


def batched(edit: Callable[[Iterator[Batch]], Iterator[Batch]]) -> Callable[..., Pipeline]:
    """The right pipeline with other batches."""

    def factory(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
        made = right(recipe, records, **settings)
        return replace(made, batches=lambda epoch: edit(made.batches(epoch)))

    return factory


def labelled(edit: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Pipeline]:
    """The right pipeline with other labels."""
    return batched(lambda rows: ((images, edit(labels)) for images, labels in rows))


def told(**changes: Any) -> Callable[..., Pipeline]:
    """The right pipeline of another recipe."""
    return lambda recipe, records, **settings: right(
        replace(recipe, **changes), records, **settings
    )


def called(**changes: Any) -> Callable[..., Pipeline]:
    """The right pipeline called with other settings."""
    return lambda recipe, records, **settings: right(recipe, records, **{**settings, **changes})


def each_epoch_the_same(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
    """The dataset is made once and iterated anew."""
    made = right(recipe, records, **settings)
    return replace(made, batches=lambda epoch: made.batches(0))


def trained_order_in_evaluation(
    recipe: Recipe, records: Records, *, train: bool, seed: int = 0, rank: int = 0, ranks: int = 1
) -> Pipeline:
    """GeneratorDataset with its own shuffle, which is on."""
    import mindspore.dataset as ds

    from harness.backends import mindspore_pipelines as port

    made = right(recipe, records, train=train, seed=seed, rank=rank, ranks=ranks)
    steps = [(s.name, port.TRANSFORMS[s.name](s)) for s in settings_of(recipe, train)]

    def batches(epoch: int) -> Iterator[Batch]:
        source = port._Samples(records)
        data = ds.GeneratorDataset(source, port.COLUMNS, num_parallel_workers=1)
        return port.iterate(port.finished(data, recipe, steps, train), 1 + epoch)

    return replace(made, batches=batches)


def left_from_profiling(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
    """num_shards=40 on one device."""
    return right(recipe, records, **{**settings, "rank": 0, "ranks": 40})


def overlapping_shards(
    recipe: Recipe, records: Records, *, rank: int = 0, ranks: int = 1, **settings: Any
) -> Pipeline:
    """Each rank shuffles with a seed of its own before it takes its share."""
    return right(recipe, records, **{**settings, "seed": rank, "rank": rank, "ranks": ranks})


def repeated(times: int) -> Callable[..., Pipeline]:
    """repeat(n) inside the dataset."""

    def factory(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
        made = right(recipe, records, **settings)

        def batches(epoch: int) -> Iterator[Batch]:
            for number in range(times):
                yield from made.batches(epoch * times + number)

        return replace(made, batches=batches)

    return factory


def claimed(length: int) -> Callable[..., Pipeline]:
    """The pipeline says that an epoch has so many batches, whatever it makes."""
    return lambda recipe, records, **settings: replace(
        right(recipe, records, **settings), length=length
    )


def read_as(edit: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Pipeline]:
    """The images are read otherwise; edit takes (N, 3, 32, 32)."""

    def factory(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
        images = np.ascontiguousarray(edit(records.images))
        return right(recipe, Records(images, records.labels, records.origin), **settings)

    return factory


def frozen(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
    """Eager transforms after mindspore.set_seed: each call takes the same decision."""
    from harness.backends import mindspore_pipelines as port

    def always(operations: list[Any]) -> Callable[[np.ndarray], np.ndarray]:
        def run(sample: np.ndarray) -> np.ndarray:
            with port.seeded(5):
                for operation in operations:
                    sample = operation(sample)
            return sample

        return run

    def edit(steps: Steps) -> Steps:
        return [
            (name, [always(each)] if name.startswith("random_") else each) for name, each in steps
        ]

    return with_steps(edit)(recipe, records, **settings)


def flip_left_on(*names: str) -> Callable[..., Pipeline]:
    """The evaluation pipeline has random transforms of the training pipeline in front."""

    def factory(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
        more = [setting for setting in recipe.augmentation if setting.name in names]
        return right(replace(recipe, evaluation=(*more, *recipe.evaluation)), records, **settings)

    return factory


def torch_with_flip(recipe: Recipe, records: Records, **settings: Any) -> Pipeline:
    """The reference's own test transform flips."""
    from harness.backends.torch_pipelines import pipeline

    flip = Setting("random_horizontal_flip", {"p": 0.5})
    return pipeline(replace(recipe, evaluation=(flip, *recipe.evaluation)), records, **settings)
