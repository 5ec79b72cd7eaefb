"""torch's losses over class labels; class weights are settings, not buffers."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from harness.backends.torch_losses import CrossEntropyLoss, NLLLoss

__all__ = ["CrossEntropyLoss", "SoftCrossEntropyLoss", "MultiLabelMarginLoss", "MultiMarginLoss",
           "MultiLabelSoftMarginLoss", "NLLLoss", "NLLOfProbabilities"]  # fmt: skip


class SoftCrossEntropyLoss(CrossEntropyLoss):
    """Cross entropy over soft labels: the targets, any numbers, become probabilities first."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return super().forward(outputs, torch.softmax(targets, 1))


class NLLOfProbabilities(NLLLoss):
    """NLLLoss behind the log-softmax that it expects."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return super().forward(F.log_softmax(outputs, 1), targets)


class MultiMarginLoss(nn.MultiMarginLoss):
    """MultiMarginLoss with class weights as a setting."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.class_weights = weight

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        weight = self.class_weights
        return F.multi_margin_loss(
            outputs,
            targets.long(),
            self.p,
            self.margin,
            None if weight is None else torch.tensor(weight, dtype=outputs.dtype),
            reduction=self.reduction,
        )


class MultiLabelMarginLoss(nn.MultiLabelMarginLoss):
    """MultiLabelMarginLoss over the first ids of each row; -1 ends them."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        ids = targets.long().clone()
        ids[:, 2:] = -1
        return super().forward(outputs, ids)


class MultiLabelSoftMarginLoss(nn.MultiLabelSoftMarginLoss):
    """MultiLabelSoftMarginLoss over targets that are 0 or 1, in any dtype."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return super().forward(outputs, targets.to(outputs.dtype))
