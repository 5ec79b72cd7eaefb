"""Runner: a Loop driven with NumPy batches, and what one step of it shows."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.backends.base import Backend
from harness.loop import Loop


@dataclass
class Stepped:
    """What one training step showed. Parameter names are the framework's own.

    loss: as the step returned it. outputs: of the network, where its call was seen. gradients:
    as the optimizer was handed them, where it was called. rates: the learning rates of that call.
    updates: how often the optimizer was called.
    """

    loss: float = float("nan")
    outputs: np.ndarray | None = None
    gradients: dict[str, np.ndarray] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    updates: int = 0


@dataclass(frozen=True)
class Evaluation:
    """A network on a test set: average loss, share of right predictions.

    logits (N, classes), labels (N,): empty where the loop evaluates by itself.
    """

    loss: float
    accuracy: float
    logits: np.ndarray
    labels: np.ndarray


class Runner(ABC):
    """One side's Loop, with its backend; arrays that cross this border are copies."""

    def __init__(self, backend: Backend, make: Callable[[], Loop]) -> None:
        self.backend = backend
        self.loop = self.prepared(make())

    def prepared(self, loop: Loop) -> Loop:
        """The loop, in the backend's dtype."""
        return loop

    @abstractmethod
    def tensors(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        """A batch as the framework's tensors; integer labels in the dtype its losses want."""

    @abstractmethod
    def step(self, images: np.ndarray, labels: np.ndarray) -> Stepped:
        """One step of the loop, and what it showed."""

    def train(self, images: np.ndarray, labels: np.ndarray) -> float:
        """One step of the loop, with nothing looked at but its loss."""
        return float(self.loop.step(*self.tensors(images, labels)))

    @abstractmethod
    def logits(self, images: np.ndarray) -> np.ndarray:
        """The network's outputs on a batch in eval mode."""

    @abstractmethod
    def loss_of(self, logits: np.ndarray, labels: np.ndarray) -> float:
        """The loop's loss of outputs and labels."""

    def read(self) -> dict[str, np.ndarray]:
        """Copies of parameters and buffers."""
        return self.backend.read(self.loop.network)

    def write(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Overwrite parameters and buffers in place."""
        self.backend.write(self.loop.network, arrays)

    def evaluate(self, batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> Evaluation:
        """The loop's own evaluation, or the harness's: losses weighted by the batches' sizes."""
        if self.loop.evaluate is not None:
            pairs = (self.tensors(images, labels) for images, labels in batches)
            loss, accuracy = self.loop.evaluate(pairs)
            nothing = np.empty((0, 0), np.float32), np.empty(0, np.int64)
            return Evaluation(float(loss), float(accuracy), *nothing)
        total, outputs, targets = 0.0, [], []
        for images, labels in batches:
            logits = self.logits(images)
            total += self.loss_of(logits, labels) * len(labels)
            outputs.append(logits)
            targets.append(labels)
        found, wanted = np.concatenate(outputs), np.concatenate(targets)
        right = int((found.argmax(1) == wanted).sum())
        return Evaluation(total / len(wanted), right / len(wanted), found, wanted)
