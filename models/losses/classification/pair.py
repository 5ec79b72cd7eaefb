"""Losses over class labels: weights, ignored labels, smoothing, soft labels, each reduction."""

from collections.abc import Sequence
from typing import Any

from harness import Input, Pair
from models.losses.common.declare import REDUCTIONS, loss

_FOLDER = "models.losses.classification"
_N, _C = 12, 5
#: Far from 0, which no softmax sees: nll_loss on raw logits is then negative and shows.
_LOGITS = Input((_N, _C), scale=2.0, offset=4.0)
_LABELS = Input((_N,), "int64", "integers", low=0, high=_C)
_ROWS = (_LOGITS, _LABELS)
#: Logits and labels of every pixel of an image.
_PIXELS = (Input((2, _C, 4, 3)), Input((2, 4, 3), "int64", "integers", low=0, high=_C))
_WEIGHT = (0.5, 2.0, 1.0, 3.0, 0.25)


def _pair(
    name: str,
    called: str,
    variants: dict[str, dict[str, Any]] = REDUCTIONS,
    inputs: Sequence[Input] = _ROWS,
    mindspore: str = "",
) -> Pair:
    sides = f"{_FOLDER}.pt:{name}", f"{_FOLDER}.ms:{mindspore or name}"
    return loss(called, *sides, inputs, variants, least=0.0)


CROSS_ENTROPY = _pair(
    "CrossEntropyLoss",
    "cross_entropy",
    {
        **REDUCTIONS,
        "weight": {"weight": _WEIGHT},
        "weight_sum": {"weight": _WEIGHT, "reduction": "sum"},
        "ignore_index": {"ignore_index": 2},
        "smoothing": {"label_smoothing": 0.1},
        "smoothing_weight": {"label_smoothing": 0.1, "weight": _WEIGHT},
        "smoothing_ignore": {"label_smoothing": 0.1, "ignore_index": 2},
        "pixels": {"inputs": _PIXELS},
        "pixels_weight": {"inputs": _PIXELS, "weight": _WEIGHT, "ignore_index": 1},
        "large_logits": {"inputs": (Input((_N, _C), scale=30.0), _LABELS)},
    },
)
SOFT = _pair(
    "SoftCrossEntropyLoss",
    "cross_entropy.soft_labels",
    {**REDUCTIONS, "weight": {"weight": _WEIGHT}, "smoothing": {"label_smoothing": 0.1}},
    (_LOGITS, Input((_N, _C))),
)
SOFTMAX = _pair(
    "CrossEntropyLoss",
    "cross_entropy.softmax_with_logits",
    REDUCTIONS,
    mindspore="SoftmaxCrossEntropy",
)
NLL = _pair(
    "NLLOfProbabilities",
    "nll",
    {
        **REDUCTIONS,
        "weight": {"weight": _WEIGHT},
        "ignore_index": {"ignore_index": 2},
        "weight_ignore": {"weight": _WEIGHT, "ignore_index": 2},
    },
)
MULTI_MARGIN = _pair(
    "MultiMarginLoss",
    "multi_margin",
    {
        **REDUCTIONS,
        "square": {"p": 2},
        "margin": {"margin": 0.5},
        "weight": {"weight": _WEIGHT},
    },
)
MULTI_LABEL_MARGIN = _pair(
    "MultiLabelMarginLoss",
    "multi_label_margin",
    {"mean": {}},
    (_LOGITS, Input((_N, _C), "int64", "permutation")),
)
MULTI_LABEL_SOFT_MARGIN = _pair(
    "MultiLabelSoftMarginLoss",
    "multi_label_soft_margin",
    REDUCTIONS,
    (_LOGITS, Input((_N, _C), "int64", "integers", low=0, high=2)),
)
