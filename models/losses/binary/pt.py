"""torch's losses over yes and no; targets of -1 and 1 are made of 0 and 1."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from harness.backends.torch_losses import BCEWithLogitsLoss, constant

__all__ = ["BCELoss", "BCEWithLogitsLoss", "HingeEmbeddingLoss", "SoftMarginLoss"]


class BCELoss(nn.BCELoss):
    """Binary cross entropy of probabilities."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.weights = weight

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        weight = constant(self.weights, outputs)
        return F.binary_cross_entropy(
            outputs, targets.to(outputs.dtype), weight, reduction=self.reduction
        )


class HingeEmbeddingLoss(nn.HingeEmbeddingLoss):
    """Distances (N, ...) of like (1) and unlike (0) pairs."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return super().forward(outputs, 2 * targets.to(outputs.dtype) - 1)


class SoftMarginLoss(nn.SoftMarginLoss):
    """Logistic loss of scores and answers."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return super().forward(outputs, 2 * targets.to(outputs.dtype) - 1)
