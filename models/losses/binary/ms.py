"""torch's losses over yes and no in MindSpore; targets of -1 and 1 are made of 0 and 1."""

from collections.abc import Sequence
from typing import Any

from mindspore import Tensor, nn, ops

from harness.backends.mindspore_losses import BCEWithLogitsLoss, constant

__all__ = ["BCELoss", "BCEWithLogitsLoss", "HingeEmbeddingLoss", "NNSoftMarginLoss",
           "SoftMarginLoss"]  # fmt: skip


class BCELoss(nn.BCELoss):
    """Binary cross entropy of probabilities; a probability of 0 or 1 costs 55.3, in torch 100."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(weight=constant(weight), **settings)

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        weight = None if self.weight is None else ops.broadcast_to(self.weight, logits.shape)
        labels = labels.astype(logits.dtype)
        return ops.binary_cross_entropy(logits, labels, weight, self.reduction)


class HingeEmbeddingLoss(nn.HingeEmbeddingLoss):
    """Distances (N, ...) of like (1) and unlike (0) pairs."""

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        return super().construct(logits, 2 * labels.astype(logits.dtype) - 1)


class NNSoftMarginLoss(nn.SoftMarginLoss):
    """The stock class over scores and answers."""

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        return super().construct(logits, 2 * labels.astype(logits.dtype) - 1)


class SoftMarginLoss(nn.Cell):
    """torch's in operations that have kernels everywhere: log(1 + exp(-score)) of right scores."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        right = (2 * labels.astype(logits.dtype) - 1) * logits
        found = ops.relu(-right) + ops.log1p(ops.exp(-ops.abs(right)))
        if self.reduction == "mean":
            return found.mean()
        return found.sum() if self.reduction == "sum" else found
