"""Loop: one side's training, taken apart so that it can be driven one batch at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Takes an update's gradients, as tensors of the loop's framework; gives each one's mean over the
#: processes that train together. A loop calls it once an update: after the loss scale is divided
#: out and before clipping.
Average = Callable[[Sequence[Any]], Sequence[Any]]


def _nothing(*_: Any) -> None:
    """The default of what a loop need not do."""


@dataclass
class Loop:
    """A training script's parts, in its own framework's modules and tensors.

    network: the ``torch.nn.Module`` or ``mindspore.nn.Cell`` that is trained.
    step: called with a batch (N, C, H, W) and its labels (N,), as tensors; runs forward, backward
        and the optimizer, and returns the loss.
    loss: called with the network's outputs and the labels; the mean over the batch, for evaluation.
    optimizer: whose learning rates and incoming gradients are looked at; None where there is none
        to be reached.
    begin_epoch, end_epoch: called around every epoch, the latter with the evaluation's loss.
    evaluate: called with an iterable of (batch, labels) tensors, returns (average loss, share of
        right predictions); the harness evaluates where it is None.
    state, load: everything a resumed run needs, as named arrays; None where it cannot resume.
    """

    network: Any
    step: Callable[[Any, Any], Any]
    loss: Callable[[Any, Any], Any]
    optimizer: Any = None
    begin_epoch: Callable[[], None] = _nothing
    end_epoch: Callable[[float], None] = _nothing
    evaluate: Callable[[Iterable[tuple[Any, Any]]], tuple[float, float]] | None = None
    state: Callable[[], Mapping[str, np.ndarray]] | None = None
    load: Callable[[Mapping[str, np.ndarray]], None] | None = None


def parts_of(arrays: Mapping[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """A state's arrays by the part they belong to: "optimizer.step" is "step" of "optimizer"."""
    found: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    for name, array in arrays.items():
        part, dot, rest = name.partition(".")
        if dot:
            found[part][rest] = array
    return found
