"""``mindspore.experimental.optim``'s schedulers, which are stepped as torch's are."""

from mindspore.experimental.optim import Optimizer
from mindspore.experimental.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    ReduceLROnPlateau,
    StepLR,
)

__all__ = [
    "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "ExponentialLR",
    "LinearLR", "MultiStepLR", "PolynomialLR", "ReduceLROnPlateau", "StepLR", "halving",
]  # fmt: skip


def halving(optimizer: Optimizer) -> LambdaLR:
    """A lambda: half after each four moves."""
    return LambdaLR(optimizer, lambda moved: 0.5 ** (moved // 4))
