"""A recipe's data pipeline in MindSpore: mindspore.dataset and its vision transforms.

What differs from torch by default and is made right here: the order is another one each epoch (a
dataset that is iterated twice repeats its order), evaluation keeps the records' order (Generator-
Dataset shuffles), Resize takes PIL images (its C++ kernel for arrays has no antialiasing), centre
crops start where torchvision's do, labels are int32.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from harness.backends import runtime
from harness.cifar import Records, files_of
from harness.errors import HarnessError
from harness.pipelines import (
    Batch,
    Pipeline,
    Transform,
    batches_of,
    both_sides,
    kind_of,
    order,
    padding_of,
    settings_of,
    size_of,
    statistics_of,
)
from harness.recipe import Recipe, Setting

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down
import mindspore.dataset as ds  # noqa: E402
from mindspore.dataset import transforms, vision  # noqa: E402

_INTERPOLATION = {
    "nearest": vision.Inter.NEAREST,
    "bilinear": vision.Inter.BILINEAR,
    "bicubic": vision.Inter.BICUBIC,
}
COLUMNS = ["image", "label"]

#: Makes a dataset of the columns image and label that reads the given records in order.
Source = Callable[[list[int]], ds.Dataset]


class OnPicture:
    """Resize on a PIL image: equal to PIL, and so to torchvision, in every pixel."""

    def __init__(self, setting: Setting) -> None:
        self.resize = vision.Resize(size_of(setting), _INTERPOLATION[kind_of(setting)])

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        return np.array(self.resize(Image.fromarray(pixels)))


class CenterCrop:
    """A centre crop that rounds as torchvision does: vision.CenterCrop starts a pixel earlier where
    the margin is odd."""

    def __init__(self, setting: Setting) -> None:
        self.size = both_sides(setting)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        margins = [have - want for have, want in zip(pixels.shape, self.size)]
        if min(margins) < 0:
            raise HarnessError(f"center_crop {self.size} of an image of {pixels.shape[:2]}.")
        top, left = (int(round(margin / 2.0)) for margin in margins)
        return vision.Crop((top, left), self.size)(pixels)


#: Name of a recipe's transform -> what makes it, a list of MindSpore's own.
TRANSFORMS: dict[str, Callable[[Setting], list[Any]]] = {
    "resize": lambda s: [OnPicture(s)],
    "center_crop": lambda s: [CenterCrop(s)],
    "pad": lambda s: [vision.Pad(padding_of(s))],
    "random_crop": lambda s: [vision.RandomCrop(both_sides(s), padding_of(s))],
    "random_horizontal_flip": lambda s: [vision.RandomHorizontalFlip(s.arguments.get("p", 0.5))],
    "to_tensor": lambda s: [vision.Rescale(1 / 255, 0.0), vision.HWC2CHW()],
    "normalize": lambda s: [vision.Normalize(*statistics_of(s), is_hwc=False)],
}


class _Samples:
    def __init__(self, records: Records) -> None:
        self.records = records

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self.records.pixels(int(index)), self.records.labels[int(index)]


def generated(records: Records) -> Source:
    """The records by GeneratorDataset."""
    return lambda chosen: ds.GeneratorDataset(
        _Samples(records),
        COLUMNS,
        num_parallel_workers=1,
        sampler=ds.SubsetSampler(chosen),
        python_multiprocessing=False,
    )


def official(folder: Path, train: bool) -> Source:
    """A folder's files by Cifar10Dataset, which wants 10,000 records in each of them."""
    files = files_of(folder, train)
    usage = "train" if train else "test"
    return lambda chosen: ds.Cifar10Dataset(
        str(files[0].parent), usage, num_parallel_workers=1, sampler=ds.SubsetSampler(chosen)
    )


def pipeline(
    recipe: Recipe,
    records: Records,
    *,
    train: bool,
    seed: int = 0,
    rank: int = 0,
    ranks: int = 1,
    source: Source | None = None,
) -> Pipeline:
    """The recipe's training or evaluation pipeline over some records.

    source: what reads the records, e.g. ``official(folder, train)`` for the files they came from.
    """
    source = source or generated(records)
    steps = [(s.name, TRANSFORMS[s.name](s)) for s in settings_of(recipe, train)]
    shuffle = train and recipe.shuffle

    def dataset(epoch: int) -> ds.Dataset:
        chosen = order(
            len(records), shuffle=shuffle, seed=seed, epoch=epoch, rank=rank, ranks=ranks
        )
        return finished(source(chosen), recipe, steps, train)

    def batches(epoch: int) -> Iterator[Batch]:
        drawn = np.random.default_rng([seed, epoch, rank]).integers(1, 2**31)
        return iterate(dataset(epoch), int(drawn))

    return Pipeline(
        tuple(Transform(name, alone(operations)) for name, operations in steps),
        batches,
        batches_of(recipe, -(-len(records) // ranks), train),
        lambda: _raw(source(list(range(len(records))))),
    )


def finished(
    source: ds.Dataset, recipe: Recipe, steps: list[tuple[str, list[Any]]], train: bool
) -> ds.Dataset:
    """A dataset of records with transforms, labels and batches as the recipe says."""
    operations = [operation for _, each in steps for operation in each]
    if operations:
        source = source.map(operations, "image", num_parallel_workers=1)
    source = source.map(transforms.TypeCast(ms.int32), "label", num_parallel_workers=1)
    return source.batch(
        recipe.batch_size, drop_remainder=train and recipe.drop_last, num_parallel_workers=1
    )


def iterate(dataset: ds.Dataset, seed: int) -> Iterator[Batch]:
    """One pass over a dataset whose random transforms draw from this seed."""
    with seeded(seed):
        rows = dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)
    for images, labels in rows:
        yield images.copy(), labels.copy()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random transforms that are built inside draw from this seed: they read it when built."""
    before, state = ds.config.get_seed(), np.random.get_state()
    drawn = random.getstate()
    ds.config.set_seed(seed)
    try:
        yield
    finally:
        ds.config.set_seed(before)
        np.random.set_state(state)
        random.setstate(drawn)


def _raw(dataset: ds.Dataset) -> Iterator[tuple[np.ndarray, Any]]:
    yield from dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)


def alone(operations: list[Any]) -> Callable[[np.ndarray], np.ndarray]:
    """MindSpore transforms as a function of arrays, which is what a dataset gives them.

    Each call draws anew: called by themselves they repeat one decision after ``ms.set_seed``.
    """
    seeds = np.random.default_rng(0)

    def run(sample: np.ndarray) -> np.ndarray:
        with seeded(int(seeds.integers(1, 2**31))):
            for operation in operations:
                sample = operation(sample)
        return np.array(sample)

    return run
