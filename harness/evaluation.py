"""Inference on labelled images: metrics of both sides, and what every disagreement is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness import session
from harness.backends.base import Settings
from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.migration import BATCH
from harness.pair import Case, Pair
from harness.subject import Given
from harness.tolerance import FACTOR, floor_for


@dataclass(frozen=True)
class Metrics:
    """One side on a test set: average cross entropy, accuracy, accuracy and images by class."""

    loss: float
    accuracy: float
    by_class: dict[int, tuple[float, int]]


@dataclass(frozen=True)
class Disagreement:
    """An image on which the two sides predict different classes.

    margins: by how much each side prefers its class over the other side's. noise: what torch's
    float32 alone costs on these logits, times the limit's factor. oracle: float64's class.
    """

    image: str
    label: int
    classes: tuple[int, int]
    margins: tuple[float, float]
    oracle: int
    noise: float

    @property
    def tie(self) -> bool:
        """Whether rounding explains it: both margins are within the noise."""
        return max(self.margins) <= self.noise


@dataclass(frozen=True)
class Comparison:
    """Both sides on the same images: logits (N, classes), metrics, and the disagreements."""

    labels: dict[str, str]
    torch: Metrics
    mindspore: Metrics
    agreement: int
    largest_difference: float
    disagreements: tuple[Disagreement, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing but ties tells the two sides apart."""
        return all(found.tie for found in self.disagreements)


def metrics(logits: np.ndarray, labels: np.ndarray) -> Metrics:
    """Average cross entropy (natural logarithm) and accuracies of logits (N, C), labels (N,)."""
    wide = logits.astype(np.float64)
    largest = wide.max(axis=1)
    log_sum = largest + np.log(np.exp(wide - largest[:, None]).sum(axis=1))
    loss = float((log_sum - wide[np.arange(len(labels)), labels]).mean())
    right = logits.argmax(axis=1) == labels
    by_class = {
        int(c): (float(right[labels == c].mean()), int((labels == c).sum()))
        for c in np.unique(labels)
    }
    return Metrics(loss, float(right.mean()), by_class)


def compare(
    pair: Pair,
    variant: str,
    seed: int,
    settings: Settings,
    given: Given,
    images: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
) -> Comparison:
    """Run both sides in eval mode on images (N, C, H, W) float32 with labels (N,).

    Raises HarnessError where the network has fewer classes than the labels say.
    """
    evidence = session.evidence(Case(pair, variant, pair.checks[0], seed=seed), settings, given)
    sides = {"torch": evidence.torch, "mindspore": evidence.port}
    found: dict[str, list[np.ndarray]] = {name: [] for name in sides}
    for start in range(0, len(images), BATCH):
        evidence.progress("inference", start, len(images))
        for name, side in sides.items():
            run = side.backend.run(side.model, (images[start : start + BATCH],), train=False)
            found[name].append(next(iter(run.output.values())))
    torch, port = (np.concatenate(found[name]) for name in sides)
    if labels.max() >= torch.shape[1]:
        raise HarnessError(
            f"the labels go up to {labels.max()} and the network has {torch.shape[1]} classes; see "
            f"--set, e.g. --set num_classes={labels.max() + 1}."
        )
    disagreements = tuple(_disagreements(evidence, images, labels, names, torch, port))
    return Comparison(
        evidence.known_labels,
        metrics(torch, labels),
        metrics(port, labels),
        len(labels) - len(disagreements),
        float(np.abs(torch - port).max()),
        disagreements,
    )


def _disagreements(
    evidence: Evidence,
    images: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    torch: np.ndarray,
    port: np.ndarray,
) -> Iterator[Disagreement]:
    for index in np.flatnonzero(torch.argmax(1) != port.argmax(1)):
        run = evidence.oracle.backend.run(
            evidence.oracle.model, (images[index : index + 1],), train=False
        )
        true = next(iter(run.output.values()))[0]
        ours, theirs = int(torch[index].argmax()), int(port[index].argmax())
        own = float(np.abs(torch[index] - true).max())
        floor = float(floor_for(np.abs(true).max()))
        yield Disagreement(
            names[index],
            int(labels[index]),
            (ours, theirs),
            (
                float(torch[index, ours] - torch[index, theirs]),
                float(port[index, theirs] - port[index, ours]),
            ),
            int(true.argmax()),
            FACTOR * max(own, floor),
        )
