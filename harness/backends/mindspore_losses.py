"""MindSpore's losses by the names of a recipe, with torch's arguments, defaults and labels.

Labels become int32, which is what MindSpore's kernels take, and class weights are lists.
"""

from collections.abc import Callable, Sequence
from typing import Any

from harness.backends import runtime

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down
from mindspore import Tensor, nn  # noqa: E402


def constant(values: Sequence[float] | None) -> Tensor | None:
    """The values as a float32 tensor."""
    return None if values is None else Tensor(list(values), ms.float32)


class CrossEntropyLoss(nn.CrossEntropyLoss):
    """Cross entropy of logits (N, C, ...) and labels (N, ...), or soft labels (N, C, ...).

    Source: the class computes soft labels where the targets are as large as the logits.
    """

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(weight=constant(weight), **settings)

    def construct(self, logits: Tensor, target: Tensor) -> Tensor:
        if target.ndim < logits.ndim:
            target = target.astype(ms.int32)
        return super().construct(logits, target)


class NLLLoss(nn.NLLLoss):
    """Negative log likelihood of log-probabilities (N, C, ...) and labels (N, ...)."""

    def __init__(self, weight: Sequence[float] | None = None, **settings: Any) -> None:
        super().__init__(weight=constant(weight), **settings)

    def construct(self, logits: Tensor, target: Tensor) -> Tensor:
        return super().construct(logits, target.astype(ms.int32))


class BCEWithLogitsLoss(nn.BCEWithLogitsLoss):
    """Binary cross entropy of logits and targets between 0 and 1, of one shape."""

    def __init__(
        self,
        weight: Sequence[float] | None = None,
        pos_weight: Sequence[float] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(weight=constant(weight), pos_weight=constant(pos_weight), **settings)

    def construct(self, logits: Tensor, target: Tensor) -> Tensor:
        return super().construct(logits, target.astype(logits.dtype))


class SmoothL1Loss(nn.SmoothL1Loss):
    """The stock class with torch's default reduction: its own is 'none'."""

    def __init__(self, beta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(beta=beta, reduction=reduction)


#: Name in a recipe -> factory, called with the recipe's arguments; what it makes takes outputs and
#: targets and returns their mean loss, a scalar.
LOSSES: dict[str, Callable[..., Callable[[Tensor, Tensor], Tensor]]] = {
    "cross_entropy": CrossEntropyLoss,
    "nll": NLLLoss,
    "mse": nn.MSELoss,
    "l1": nn.L1Loss,
    "smooth_l1": SmoothL1Loss,
    "huber": nn.HuberLoss,
    "bce_with_logits": BCEWithLogitsLoss,
}
