"""torch's losses over distances; targets of -1 and 1 are made of 0 and 1."""

from torch import Tensor, nn
from torch.nn import TripletMarginLoss

__all__ = ["CosineEmbeddingLoss", "MarginRankingLoss", "TripletMarginLoss"]


class CosineEmbeddingLoss(nn.CosineEmbeddingLoss):
    """Vectors (N, D) twice, and whether they belong together (N,)."""

    def forward(self, one: Tensor, other: Tensor, targets: Tensor) -> Tensor:
        return super().forward(one, other, 2 * targets.to(one.dtype) - 1)


class MarginRankingLoss(nn.MarginRankingLoss):
    """Scores (N,) twice, and whether the first should be higher (N,)."""

    def forward(self, one: Tensor, other: Tensor, targets: Tensor) -> Tensor:
        return super().forward(one, other, 2 * targets.to(one.dtype) - 1)
