"""torch's losses by the names of a recipe, and classes whose constants are plain settings.

torch keeps class weights as a buffer, which is state in a checkpoint; here they are settings, as in
MindSpore, so that a loss has neither parameters nor state.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def constant(values: Sequence[float] | None, like: Tensor) -> Tensor | None:
    """The values as a tensor of the same dtype and device."""
    return None if values is None else torch.tensor(values, dtype=like.dtype, device=like.device)


def labels_of(targets: Tensor) -> Tensor:
    """Class labels in the dtype torch wants; soft labels as they are."""
    return targets if targets.is_floating_point() else targets.long()


class CrossEntropyLoss(nn.CrossEntropyLoss):
    """Cross entropy of logits (N, C, ...) and labels (N, ...), or soft labels (N, C, ...)."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.class_weights = weight

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(
            outputs,
            labels_of(targets),
            constant(self.class_weights, outputs),
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(nn.NLLLoss):
    """Negative log likelihood of log-probabilities (N, C, ...) and labels (N, ...)."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.class_weights = weight

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.nll_loss(
            outputs,
            labels_of(targets),
            constant(self.class_weights, outputs),
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class BCEWithLogitsLoss(nn.BCEWithLogitsLoss):
    """Binary cross entropy of logits and targets between 0 and 1, of one shape."""

    def __init__(
        self,
        weight: Sequence[float] | None = None,
        pos_weight: Sequence[float] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.weights, self.pos_weights = weight, pos_weight

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(
            outputs,
            targets.to(outputs.dtype),
            constant(self.weights, outputs),
            pos_weight=constant(self.pos_weights, outputs),
            reduction=self.reduction,
        )


#: Name in a recipe -> factory, called with the recipe's arguments; what it makes takes outputs and
#: targets and returns their mean loss, a scalar.
LOSSES: dict[str, Callable[..., Callable[[Tensor, Tensor], Tensor]]] = {
    "cross_entropy": CrossEntropyLoss,
    "nll": NLLLoss,
    "mse": nn.MSELoss,
    "l1": nn.L1Loss,
    "smooth_l1": nn.SmoothL1Loss,
    "huber": nn.HuberLoss,
    "bce_with_logits": BCEWithLogitsLoss,
}
