"""Which quantity a loss is: one below its least value is another one, and so is one that another
reduction or a known mistake gives. Pure NumPy.

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
    """Whether the values are these, up to what float32 costs."""
    return judge(values, true.astype(values.dtype), true.astype(np.float64)).status == AGREES


def explained(values: np.ndarray, inputs: Sequence[np.ndarray]) -> str:
    """What a loss below its least value is, where it is a known mistake."""
    for words, made in _mistakes(inputs):
        true = made.reshape(values.shape) if made.size == values.size else made
        if true.shape == values.shape and _close(values, true):
            return words
    return "A cross entropy or a distance is never negative."


def mistaken(evidence: Evidence, mode: str) -> Iterator[Finding]:
    """A Finding where the port's loss is torch's with another reduction, or a known mistake."""
    port, reference, oracle = evidence.outputs(mode)
    for name, wanted in oracle.output.items():
        found = port.output.get(name)
        if found is None or not np.issubdtype(found.dtype, np.floating):
            continue
        if found.shape == wanted.shape and _agrees(found, reference.output[name], wanted):
            continue
        inputs = evidence.inputs()
        for words in (*_reductions(found, wanted, inputs), *_known(found, inputs)):
            place = "loss.reduction" if "reduc" in words else "loss"
            yield Finding(place, words, _shown(wanted), _shown(found))
            return


def _agrees(found: np.ndarray, reference: np.ndarray, oracle: np.ndarray) -> bool:
    return judge(found, reference, oracle).status == AGREES


def _shown(values: np.ndarray) -> str:
    return f"{float(values):.6g}" if values.size == 1 else f"values {values.shape}"


def _reductions(
    found: np.ndarray, wanted: np.ndarray, inputs: Sequence[np.ndarray]
) -> Iterator[str]:
    if found.size > 1 and wanted.size == 1:
        yield f"MindSpore's loss is not reduced: {found.shape} values for one (reduction 'none')."
    elif found.size == 1 and wanted.size > 1:
        yield f"MindSpore's loss is reduced to one value; torch's is not: {wanted.shape} values."
    elif found.size == wanted.size == 1:
        rows, size = inputs[0].shape[0], inputs[0].size
        counts = {rows: "samples", size: "elements", size // rows: "elements of a sample"}
        for count, what in counts.items():
            if count > 1 and _close(found, (wanted * count).reshape(found.shape)):
                yield (
                    f"MindSpore's loss is {count} times torch's: it sums over {count} {what} "
                    f"where torch's reduction is the mean."
                )
            if count > 1 and _close(found, (wanted / count).reshape(found.shape)):
                yield (
                    f"MindSpore's loss is 1/{count} of torch's: its reduction is the mean over "
                    f"{count} {what} where torch sums."
                )


def _known(found: np.ndarray, inputs: Sequence[np.ndarray]) -> Iterator[str]:
    for words, made in (*_mistakes(inputs), *_twice(inputs)):
        if made.shape == found.shape and _close(found, made):
            yield f"MindSpore's loss is another quantity. {words}"


def _labelled(inputs: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray] | None:
    """(logits float64 (N, C, ...), labels int64 (N, 1, ...)) where the inputs are such."""
    if len(inputs) < 2 or inputs[0].ndim < 2 or not np.issubdtype(inputs[1].dtype, np.integer):
        return None
    logits, labels = inputs[0].astype(np.float64), inputs[1]
    if labels.shape != (logits.shape[0], *logits.shape[2:]) or labels.max() >= logits.shape[1]:
        return None
    return logits, labels[:, None].astype(np.int64)


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def _at(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, labels, 1)[:, 0]


def _reduced(each: np.ndarray) -> Iterator[np.ndarray]:
    yield from (np.array(each.mean()), np.array(each.sum()), each)


def _mistakes(inputs: Sequence[np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Words -> what the mistake makes of logits and labels, in float64."""
    given = _labelled(inputs)
    if given is None:
        return
    logits, labels = given
    for words, each in (
        (
            "It is -mean(logit[label]): nll_loss on raw logits, which expects log-probabilities "
            "(log_softmax in front of it, or cross_entropy in its place).",
            -_at(logits, labels),
        ),
        (
            "It is -mean(softmax[label]): nll_loss on probabilities; it expects their logs.",
            -_at(_softmax(logits), labels),
        ),
    ):
        for value in _reduced(each):
            yield words, value


def _twice(inputs: Sequence[np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Mistakes that leave a possible value."""
    given = _labelled(inputs)
    if given is not None:
        logits, labels = given
        chances = _softmax(logits)
        for words, each in (
            (
                "It takes the softmax twice: a cross entropy of probabilities, where it expects "
                "logits.",
                -np.log(_at(_softmax(chances), labels)),
            ),
            (
                "It is the plain cross entropy: weights, label_smoothing and ignore_index of "
                "torch's are left out.",
                -np.log(_at(chances, labels)),
            ),
        ):
            for value in _reduced(each):
                yield words, value
    elif len(inputs) > 1 and inputs[0].shape == inputs[1].shape:
        x, y = inputs[0].astype(np.float64), inputs[1].astype(np.float64)
        if y.min() >= 0 and y.max() <= 1:
            plain = np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))
            for value in _reduced(plain):
                yield "It is the plain binary cross entropy of logits, weights left out.", value
            sigmoid = 1 / (1 + np.exp(-x))
            doubled = np.maximum(sigmoid, 0) - sigmoid * y + np.log1p(np.exp(-sigmoid))
            for value in _reduced(doubled):
                yield "It takes the sigmoid twice: a BCE of logits, fed with probabilities.", value
