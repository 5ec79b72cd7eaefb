"""The main job: convert a network's parameters, load them, and run both sides on real images."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness import session
from harness.backends.base import Settings
from harness.checkpoint import read_checkpoint, write_checkpoint
from harness.errors import CheckpointError
from harness.evidence import Evidence
from harness.pair import Case, Pair
from harness.report import text
from harness.subject import Given

#: Images a forward pass takes at once.
BATCH = 25
#: Input pixels (N x H x W) on which every module is judged, forward and backward, in three
#: precisions: two photographs of 224 x 224, or 32 images of CIFAR-10 at most.
JUDGED_PIXELS = 2 * 224 * 224
JUDGED_IMAGES = 32


@dataclass(frozen=True)
class Migration:
    """What the conversion and the two inference runs gave.

    mapping: the summary of the parameter map. checkpoint: the file written, its bytes.
    torch_logits, port_logits: (N, classes) float32.
    """

    labels: Mapping[str, str]
    mapping: str
    checkpoint: Path
    size: int
    torch_logits: np.ndarray
    port_logits: np.ndarray

    @property
    def largest_difference(self) -> float:
        return float(np.abs(self.torch_logits - self.port_logits).max())

    @property
    def agreement(self) -> int:
        """Images on which both sides predict the same class."""
        return int((self.torch_logits.argmax(1) == self.port_logits.argmax(1)).sum())


def judged_images(batch: np.ndarray) -> np.ndarray:
    """The images of a batch (N, C, H, W) that every module is judged on, evenly spread."""
    count = max(
        1, min(len(batch), JUDGED_IMAGES, JUDGED_PIXELS // (batch.shape[2] * batch.shape[3]))
    )
    return np.ascontiguousarray(batch[:: len(batch) // count][:count])


def initial_parameters(pair: Pair, variant: str, seed: int, settings: Settings) -> Mapping:
    """The parameters that the torch factory itself initialises (torch names -> arrays)."""
    side = Evidence(pair, variant, seed=seed, settings=settings).built_torch
    return side.backend.read(side.model)


def migrate(
    pair: Pair, variant: str, seed: int, settings: Settings, given: Given, folder: Path,
    images: np.ndarray,
) -> Migration:  # fmt: skip
    """Convert to ``folder/NAME.ckpt``, load that file, run both sides on (N, 3, H, W) images.

    Raises CheckpointError if the file does not hold exactly what was converted.
    """
    evidence = session.evidence(Case(pair, variant, pair.checks[0], seed=seed), settings, given)
    converted = evidence.port_checkpoint(evidence.parameters_for(evidence.torch))
    file = Path(folder) / f"{pair.name.partition('.')[2]}.ckpt"
    write_checkpoint(file, converted, "mindspore")
    read = read_checkpoint(file).arrays
    for name, array in converted.items():
        if name not in read or read[name].tobytes() != array.tobytes():
            raise CheckpointError(f"{file}: {name} did not come back bit for bit.")
    evidence.port.backend.write(evidence.port.model, read)
    logits: dict[str, list[np.ndarray]] = {"torch": [], "port": []}
    for start in range(0, len(images), BATCH):
        evidence.progress("inference", start, len(images))
        batch = images[start : start + BATCH]
        for name, side in (("torch", evidence.torch), ("port", evidence.port)):
            run = side.backend.run(side.model, (batch,), train=False)
            logits[name].append(next(iter(run.output.values())))
    return Migration(
        evidence.known_labels,
        text.mapping_summary(evidence.map),
        file,
        sum(array.nbytes for array in converted.values()),
        np.concatenate(logits["torch"]),
        np.concatenate(logits["port"]),
    )
