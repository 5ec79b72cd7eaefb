"""Pipeline: what feeds a training or an evaluation, the same shape for both frameworks.

A factory of pairs of the kind "pipelines" is called
``factory(recipe, records, train=..., seed=..., rank=..., ranks=...)`` and returns a Pipeline.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.cifar import Records
from harness.errors import HarnessError
from harness.recipe import Recipe, Setting

#: Images (N, 3, H, W) float32, labels (N,) of whole numbers.
Batch = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Transform:
    """One step that an image takes.

    name: the recipe's, "resize"; see ``harness.recipe.NAMED``. run: takes and gives one sample:
    uint8 (H, W, 3) until "to_tensor", which scales to 0..1, then float32 (3, H, W).
    """

    name: str
    run: Callable[[np.ndarray], np.ndarray]

    @property
    def random(self) -> bool:
        return self.name.startswith("random_")


@dataclass(frozen=True)
class Pipeline:
    """Records on their way into a network.

    transforms: the steps, in order. batches: takes the number of the epoch. length: batches that
    the pipeline itself says an epoch has. raw: every sample before the first transform, in the
    records' order: uint8 (H, W, 3) and the label; None where the pipeline cannot tell.
    """

    transforms: tuple[Transform, ...]
    batches: Callable[[int], Iterator[Batch]]
    length: int
    raw: Callable[[], Iterator[tuple[np.ndarray, Any]]] | None = field(default=None)


def settings_of(recipe: Recipe, train: bool) -> tuple[Setting, ...]:
    """The transforms of a training or a test image."""
    return tuple(recipe.augmentation if train else recipe.evaluation)


def order(
    samples: int, *, shuffle: bool, seed: int = 0, epoch: int = 0, rank: int = 0, ranks: int = 1
) -> list[int]:
    """The samples that one rank reads in one epoch, in order.

    Another permutation each epoch, the same on both sides. Where the samples do not divide by the
    ranks the first ones are read twice, as both frameworks' own samplers do.
    """
    if not 0 <= rank < ranks:
        raise HarnessError(f"rank {rank} of {ranks}: ranks count from 0 to {ranks - 1}.")
    rng = np.random.default_rng([seed, epoch])
    indices = rng.permutation(samples) if shuffle else np.arange(samples)
    padded = np.resize(indices, -(-samples // ranks) * ranks)
    return [int(index) for index in padded[rank::ranks]]


def batches_of(recipe: Recipe, samples: int, train: bool) -> int:
    """Batches an epoch: only training leaves the last, smaller batch out."""
    whole, rest = divmod(samples, recipe.batch_size)
    return whole if not rest or (train and recipe.drop_last) else whole + 1


def size_of(setting: Setting) -> int | tuple[int, int]:
    """A transform's size: the shorter side, or (height, width)."""
    size = setting.arguments.get("size")
    if isinstance(size, int) and not isinstance(size, bool):
        return size
    if isinstance(size, Sequence) and not isinstance(size, str) and len(size) == 2:
        return int(size[0]), int(size[1])
    raise HarnessError(f"{setting}: size is one number or [height, width].")


def both_sides(setting: Setting) -> tuple[int, int]:
    """A crop's size as (height, width)."""
    size = size_of(setting)
    return size if isinstance(size, tuple) else (size, size)


def padding_of(setting: Setting) -> tuple[int, int, int, int]:
    """A transform's padding as (left, top, right, bottom), which is both frameworks' order."""
    padding = setting.arguments.get("padding", 0)
    sides = [padding] if isinstance(padding, int) else list(padding)
    if len(sides) not in (1, 2, 4):
        raise HarnessError(
            f"{setting}: padding is one number, two (x, y) or left, top, right, bottom."
        )
    left, top, right, bottom = (sides * (4 // len(sides)))[:4]
    return left, top, right, bottom


def kind_of(setting: Setting) -> str:
    """How a resize interpolates."""
    return str(setting.arguments.get("interpolation", "bilinear"))


def statistics_of(setting: Setting) -> tuple[list[float], list[float]]:
    """What a normalize subtracts and divides by, per channel of an image scaled to 0..1."""
    try:
        mean, std = (list(map(float, setting.arguments[key])) for key in ("mean", "std"))
    except KeyError as error:
        raise HarnessError(f"{setting}: normalize wants a mean and a std per channel.") from error
    return mean, std


def labelled(records: Records) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every record as a sample: uint8 (H, W, 3), label."""
    for index in range(len(records)):
        yield records.pixels(index), records.labels[index]
