"""Records that can be told apart after any pipeline: each image is one colour, which is its index.

Crops, flips and resizes leave the middle of such an image as it is; which value a colour ends at is
read off the pipeline's own transforms.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from harness.cifar import CLASSES, SIZE, Records
from harness.pipelines import Batch, Pipeline
from harness.tolerance import IDENTIFIED

#: Each channel shows a digit to this base; colours stay well inside 0..255.
_BASE, _STEP, _DARKEST = 12, 16, 32


def tagged(count: int) -> Records:
    """So many records of 32x32, each of a colour of its own; labels run through 0 to 9."""
    index = np.arange(count)
    digits = np.stack([index % _BASE, index // _BASE % _BASE, index // _BASE**2 % _BASE], axis=1)
    colours = (_DARKEST + _STEP * digits).astype(np.uint8)
    images = np.broadcast_to(colours[:, :, None, None], (count, 3, SIZE, SIZE)).copy()
    return Records(images, (index * 7 % CLASSES).astype(np.uint8), f"{count} tagged records")


def coloured(made: Pipeline, records: Records) -> np.ndarray:
    """Where each tagged record ends: its image's middle after all transforms but random ones."""
    ends = []
    for index in range(len(records)):
        sample = records.pixels(index)
        for transform in made.transforms:
            if not transform.random:
                sample = transform.run(sample)
        ends.append(middle(sample))
    return np.array(ends, np.float64)


def middle(image: np.ndarray) -> np.ndarray:
    """The three channels of the middle pixel, whichever axis they are on."""
    if image.shape[0] == 3:
        return image[:, image.shape[1] // 2, image.shape[2] // 2]
    return image[image.shape[0] // 2, image.shape[1] // 2]


@dataclass(frozen=True)
class Delivered:
    """What an epoch delivered. ids: index of each sample's record, -1 where no record ends so.
    labels: as delivered, dtype included. sizes: of the batches. shape: of one image. dtypes: of
    images and labels."""

    ids: np.ndarray
    labels: np.ndarray
    sizes: tuple[int, ...]
    shape: tuple[int, ...]
    dtypes: tuple[str, str]


def deliver(batches: Iterable[Batch], ends: np.ndarray, most: int) -> Delivered:
    """Run through an epoch, at most so many samples, and tell the samples apart."""
    middles, labels, sizes = [], [], []
    shape: tuple[int, ...] = ()
    dtypes = ("", "")
    for images, given in batches:
        middles += [middle(image) for image in images]
        labels.append(np.asarray(given))
        sizes.append(len(images))
        shape, dtypes = images.shape[1:], (str(images.dtype), str(given.dtype))
        if sum(sizes) > most:
            break
    if not sizes:
        return Delivered(np.zeros(0, int), np.zeros(0, int), (), (), dtypes)
    ids = np.array(list(_nearest(np.array(middles, np.float64), ends)))
    return Delivered(ids, np.concatenate(labels), tuple(sizes), shape, dtypes)


def _nearest(found: np.ndarray, ends: np.ndarray) -> Iterator[int]:
    spacing = _spacing(ends)
    for value in found:
        distances = np.abs(ends - value).max(axis=1)
        at = int(np.argmin(distances))
        yield at if distances[at] < IDENTIFIED * spacing else -1


def _spacing(ends: np.ndarray) -> float:
    """The smallest step between two colours in one channel."""
    steps = [np.diff(np.unique(channel.round(6))) for channel in ends.T]
    return float(min((step.min() for step in steps if step.size), default=1.0))
