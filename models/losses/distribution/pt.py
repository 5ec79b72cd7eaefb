"""torch's losses between distributions, fed with numbers that are made fit for them."""

import warnings

import torch
from torch import Tensor, nn
from torch.nn import GaussianNLLLoss, PoissonNLLLoss
from torch.nn import functional as F

__all__ = ["CTCLoss", "GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss"]


class KLDivLoss(nn.KLDivLoss):
    """The divergence of softmaxed logits from softmaxed targets."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        with warnings.catch_warnings():
            # torch advises against its own default, the mean over all elements.
            warnings.simplefilter("ignore", UserWarning)
            return super().forward(F.log_softmax(outputs, 1), torch.softmax(targets, 1))


class CTCLoss(nn.CTCLoss):
    """Logits (T, N, C) and label sequences (N, S) of full length."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        steps, rows, _ = outputs.shape
        return super().forward(
            F.log_softmax(outputs, 2),
            targets.long(),
            torch.full((rows,), steps),
            torch.full((rows,), targets.shape[1]),
        )
