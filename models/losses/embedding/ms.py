"""torch's losses over distances in MindSpore; targets of -1 and 1 are made of 0 and 1."""

from mindspore import Tensor, nn, ops

__all__ = ["CosineEmbeddingLoss", "MarginRankingLoss", "NNTripletMarginLoss", "TripletMarginLoss"]


class CosineEmbeddingLoss(nn.CosineEmbeddingLoss):
    """Vectors (N, D) twice, and whether they belong together (N,)."""

    def construct(self, logits_x1: Tensor, logits_x2: Tensor, labels: Tensor) -> Tensor:
        return super().construct(logits_x1, logits_x2, 2 * labels.astype(logits_x1.dtype) - 1)


class MarginRankingLoss(nn.MarginRankingLoss):
    """Scores (N,) twice, and whether the first should be higher (N,)."""

    def construct(self, logits1: Tensor, logits2: Tensor, labels: Tensor) -> Tensor:
        return super().construct(logits1, logits2, 2 * labels.astype(logits1.dtype) - 1)


class NNTripletMarginLoss(nn.TripletMarginLoss):
    """The stock class with torch's arguments; the margin is an input of its operation."""


class TripletMarginLoss(nn.Cell):
    """torch's in operations that have kernels everywhere: eps is added to each difference."""

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self.margin, self.p, self.eps = margin, p, eps
        self.swap, self.reduction = swap, reduction

    def _distance(self, one: Tensor, other: Tensor) -> Tensor:
        difference = ops.abs(one - other + self.eps)
        if self.p == 1.0:
            return difference.sum(-1)
        if self.p == 2.0:
            return ops.sqrt((difference * difference).sum(-1))
        return ops.pow(ops.pow(difference, self.p).sum(-1), 1.0 / self.p)

    def construct(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        near, far = self._distance(anchor, positive), self._distance(anchor, negative)
        if self.swap:
            far = ops.minimum(far, self._distance(positive, negative))
        found = ops.relu(near - far + self.margin)
        if self.reduction == "mean":
            return found.mean()
        return found.sum() if self.reduction == "sum" else found
