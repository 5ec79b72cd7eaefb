"""torch's losses between distributions in MindSpore, fed with numbers made fit for them."""

import mindspore as ms
from mindspore import Tensor, nn, ops

__all__ = ["CTCLoss", "GaussianNLLLoss", "KLDivLoss", "NNKLDivLoss", "PoissonNLLLoss"]


class NNKLDivLoss(nn.KLDivLoss):
    """The stock class, which gives its targets no gradient."""

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        return super().construct(ops.log_softmax(logits, 1), ops.softmax(labels, 1))


class KLDivLoss(nn.Cell):
    """The divergence of softmaxed logits from softmaxed targets, with gradients for both."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        logarithm = ops.log_softmax(labels, 1)
        # Not the exponential of the logarithm: MindSpore's CPU kernel of exp is coarse.
        found = ops.softmax(labels, 1) * (logarithm - ops.log_softmax(logits, 1))
        if self.reduction == "batchmean":
            return found.sum() / logits.shape[0]
        if self.reduction == "mean":
            return found.mean()
        return found.sum() if self.reduction == "sum" else found


class CTCLoss(nn.CTCLoss):
    """Logits (T, N, C) and label sequences (N, S) of full length."""

    def construct(self, log_probs: Tensor, targets: Tensor) -> Tensor:
        steps, rows, _ = log_probs.shape
        return super().construct(
            ops.log_softmax(log_probs, 2),
            targets.astype(ms.int32),
            ops.fill(ms.int32, (rows,), steps),
            ops.fill(ms.int32, (rows,), targets.shape[1]),
        )


class GaussianNLLLoss(nn.GaussianNLLLoss):
    """Means, targets and variances of one shape."""

    def __init__(self, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(full=full, eps=eps, reduction=reduction)


class PoissonNLLLoss(nn.PoissonNLLLoss):
    """Rates, or their logarithms, and counts."""
