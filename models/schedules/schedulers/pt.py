"""torch's schedulers that ``mindspore.experimental`` has, too."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
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
