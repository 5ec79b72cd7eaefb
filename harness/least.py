"""A quantity that cannot be below its least value, and is: it is another quantity.

Two sides that agree may both compute the wrong thing, which no comparison shows.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from harness.compare import judge
from harness.evidence import Evidence
from harness.verdict import AGREES, Finding

_NAMES = {"torch": "torch", "mindspore": "MindSpore"}


def below(evidence: Evidence, mode: str) -> Iterator[Finding]:
    """A Finding for each side whose output is below the pair's ``least``."""
    least = evidence.pair.least
    if least is None:
        return
    port, reference, oracle = evidence.outputs(mode)
    for side, run in (("torch", reference), ("mindspore", port)):
        for name, values in run.output.items():
            if not np.issubdtype(values.dtype, np.floating) or not values.size:
                continue
            smallest = float(values.min())
            if not smallest < least:
                continue
            # What rounding takes away from a value of exactly the least is no other quantity.
            true = oracle.output.get(name)
            if true is not None and float(true.min()) >= least and _close(values, true):
                continue
            yield Finding(
                "loss",
                f"{_NAMES[side]}'s loss is {smallest:.4g}, below {least:g}, the least that this "
                f"quantity can be: it is another quantity. {explained(values, evidence.inputs())}",
                **{side: f"{smallest:.4g}"},
            )
            break


def _close(values: np.ndarray, true: np.ndarray) -> bool:
    return judge(values, values, true).status == AGREES


def explained(values: np.ndarray, inputs: Sequence[np.ndarray]) -> str:
    """What a loss below its least value is, where it is a known mistake."""
    for words, made in _mistakes(inputs):
        true = made.reshape(values.shape) if made.size == values.size else made
        if true.shape == values.shape and _close(values, true):
            return words
    return "A cross entropy or a distance is never negative."


def _mistakes(inputs: Sequence[np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Words -> what the mistake makes of (logits, labels), in float64."""
    if len(inputs) < 2 or inputs[0].ndim < 2 or not np.issubdtype(inputs[1].dtype, np.integer):
        return
    logits, labels = inputs[0].astype(np.float64), inputs[1]
    classes = logits.shape[1]
    if labels.shape != (logits.shape[0], *logits.shape[2:]) or labels.max() >= classes:
        return
    raw = -np.take_along_axis(logits, labels[:, None].astype(np.int64), 1)[:, 0]
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    chances = shifted / shifted.sum(1, keepdims=True)
    likely = -np.take_along_axis(chances, labels[:, None].astype(np.int64), 1)[:, 0]
    for words, each in (
        (
            "It is -mean(logit[label]): nll_loss on raw logits, which expects log-probabilities "
            "(log_softmax in front of it, or cross_entropy in its place).",
            raw,
        ),
        ("It is -mean(softmax[label]): nll_loss on probabilities; it expects their logs.", likely),
    ):
        for value in (np.array(each.mean()), np.array(each.sum()), each):
            yield words, value
