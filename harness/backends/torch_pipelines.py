"""A recipe's data pipeline in torch: torchvision's transforms and torch's DataLoader."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from harness.backends.vision import import_torchvision
from harness.cifar import Records
from harness.pipelines import (
    Batch,
    Pipeline,
    Transform,
    batches_of,
    both_sides,
    kind_of,
    labelled,
    order,
    padding_of,
    settings_of,
    size_of,
    statistics_of,
)
from harness.recipe import Recipe, Setting

import_torchvision()
from torchvision import transforms  # noqa: E402  after what makes it importable

#: Name of a recipe's transform -> what makes it.
TRANSFORMS: dict[str, Callable[[Setting], Callable[[Any], Any]]] = {
    "resize": lambda s: transforms.Resize(
        _size(s), transforms.InterpolationMode(kind_of(s)), antialias=True
    ),
    "center_crop": lambda s: transforms.CenterCrop(both_sides(s)),
    "pad": lambda s: transforms.Pad(padding_of(s)),
    "random_crop": lambda s: transforms.RandomCrop(both_sides(s), padding_of(s)),
    "random_horizontal_flip": lambda s: transforms.RandomHorizontalFlip(s.arguments.get("p", 0.5)),
    "to_tensor": lambda s: transforms.ToTensor(),
    "normalize": lambda s: transforms.Normalize(*statistics_of(s)),
}


def _size(setting: Setting) -> int | list[int]:
    size = size_of(setting)
    return list(size) if isinstance(size, tuple) else size


class _Samples(Dataset):
    """Records through the transforms; what a sample draws depends on seed, epoch and its index."""

    def __init__(self, records: Records, steps: Any, seed: int, epoch: int) -> None:
        self.records, self.steps, self.key = records, steps, (seed, epoch)

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        drawn = np.random.default_rng([*self.key, index]).integers(2**63)
        with torch.random.fork_rng(devices=[]):
            # torch.manual_seed also leaves word for CUDA, XPU and MTIA, with stack traces.
            torch.default_generator.manual_seed(int(drawn))
            image = self.steps(Image.fromarray(self.records.pixels(index)))
        return image, int(self.records.labels[index])


def pipeline(
    recipe: Recipe,
    records: Records,
    *,
    train: bool,
    seed: int = 0,
    rank: int = 0,
    ranks: int = 1,
) -> Pipeline:
    """The recipe's training or evaluation pipeline over some records."""
    made = [(s.name, TRANSFORMS[s.name](s)) for s in settings_of(recipe, train)]
    steps = transforms.Compose([step for _, step in made])
    shuffle = train and recipe.shuffle

    def loader(epoch: int) -> DataLoader:
        # A list of indices is a Sampler to torch.
        chosen = order(
            len(records), shuffle=shuffle, seed=seed, epoch=epoch, rank=rank, ranks=ranks
        )
        return DataLoader(
            _Samples(records, steps, seed, epoch),
            recipe.batch_size,
            sampler=chosen,
            drop_last=train and recipe.drop_last,
            collate_fn=_collated,
        )

    return Pipeline(
        tuple(Transform(name, alone(step)) for name, step in made),
        lambda epoch: iter(loader(epoch)),
        batches_of(recipe, -(-len(records) // ranks), train),
        lambda: labelled(records),
    )


def _collated(samples: list[tuple[Any, int]]) -> Batch:
    images = [_array(image) for image, _ in samples]
    return np.stack(images), np.array([label for _, label in samples], np.int64)


def alone(step: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    """A torchvision transform as a function of arrays: pixels as PIL images, floats as tensors."""

    def run(sample: np.ndarray) -> np.ndarray:
        given = Image.fromarray(sample) if sample.dtype == np.uint8 else torch.from_numpy(sample)
        return _array(step(given))

    return run


def _array(image: Any) -> np.ndarray:
    return image.numpy().copy() if isinstance(image, torch.Tensor) else np.array(image)
