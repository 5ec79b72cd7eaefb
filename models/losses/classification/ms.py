"""torch's losses over class labels in MindSpore: labels are int32."""

from collections.abc import Sequence
from typing import Any

import mindspore as ms
from mindspore import Tensor, nn, ops

from harness.backends.mindspore_losses import CrossEntropyLoss, constant

__all__ = ["CrossEntropyLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss",
           "MultiMarginLoss", "NLLOfProbabilities", "SoftCrossEntropyLoss",
           "SoftmaxCrossEntropy"]  # fmt: skip


# Compiled as a graph, super().construct() recurses without end where two classes of a line call it:
# these two derive from the stock classes, not from the ones with int32 labels.


class SoftCrossEntropyLoss(nn.CrossEntropyLoss):
    """Cross entropy over soft labels: the targets, any numbers, become probabilities first."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(weight=constant(weight), **settings)

    def construct(self, logits: Tensor, target: Tensor) -> Tensor:
        return super().construct(logits, ops.softmax(target, 1))


class NLLOfProbabilities(nn.NLLLoss):
    """NLLLoss behind the log-softmax that it expects."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(weight=constant(weight), **settings)

    def construct(self, logits: Tensor, target: Tensor) -> Tensor:
        return super().construct(ops.log_softmax(logits, 1), target.astype(ms.int32))


class SoftmaxCrossEntropy(nn.SoftmaxCrossEntropyWithLogits):
    """The class that MindSpore's own examples train with, as torch's cross entropy: its defaults
    are soft labels and no reduction."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(sparse=True, reduction=reduction)

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        return super().construct(logits, labels.astype(ms.int32))


class MultiMarginLoss(nn.MultiMarginLoss):
    """MultiMarginLoss with class weights as a list; it wants int64 labels."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(weight=constant(weight), **settings)

    def construct(self, x: Tensor, target: Tensor) -> Tensor:
        return super().construct(x, target.astype(ms.int64))


class MultiLabelMarginLoss(nn.MultilabelMarginLoss):
    """MultiLabelMarginLoss over the first ids of each row; -1 ends them."""

    def construct(self, x: Tensor, target: Tensor) -> Tensor:
        ids = target.astype(ms.int32)
        return super().construct(x, ops.cat((ids[:, :2], ops.full_like(ids[:, 2:], -1)), 1))


class MultiLabelSoftMarginLoss(nn.MultiLabelSoftMarginLoss):
    """MultiLabelSoftMarginLoss over targets that are 0 or 1, in any dtype."""

    def construct(self, x: Tensor, target: Tensor) -> Tensor:
        return super().construct(x, target.astype(x.dtype))
