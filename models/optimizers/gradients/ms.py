"""What a training loop does to gradients before a step: clip, unscale, accumulate."""

from collections.abc import Sequence
from typing import Any

from mindspore import Tensor, nn

from harness.backends.mindspore_optimizers import clip, sgd


class _Before:
    """An optimizer with something done to its gradients first."""

    def __init__(self, optimizer: nn.Cell) -> None:
        self.optimizer = optimizer
        self.parameters = optimizer.parameters
        self.param_groups, self.lrs = optimizer.param_groups, optimizer.lrs

    def get_parameters(self) -> Any:
        return self.optimizer.get_parameters()


class clipped(_Before):
    """SGD whose gradients are clipped by their norm over all parameters, or by value."""

    def __init__(self, net: nn.Cell, lr: float, norm: float = 0.0, value: float = 0.0) -> None:
        super().__init__(sgd(net, lr, momentum=0.9))
        self.norm, self.value = norm, value

    def __call__(self, gradients: Sequence[Tensor]) -> Any:
        return self.optimizer(clip(gradients, self.norm, self.value))


def unscaled(net: nn.Cell, lr: float, loss_scale: float) -> nn.SGD:
    """nn.SGD undoes a loss scale that it is told; the loss alone must not be scaled."""
    used = [p for p in net.trainable_params() if not p.name.startswith("unused")]
    groups = [{"params": used, "weight_decay": 0.1}]
    return nn.SGD(groups, lr, momentum=0.9, loss_scale=loss_scale)


class Accumulated(_Before):
    """An optimizer that steps once in ``batches``, by the mean of their gradients."""

    def __init__(self, net: nn.Cell, lr: float, batches: int) -> None:
        super().__init__(sgd(net, lr, momentum=0.9))
        self.batches, self.seen = batches, 0
        self.sums: list[Tensor] = []

    def __call__(self, gradients: Sequence[Tensor]) -> None:
        self.seen += 1
        shares = [gradient / self.batches for gradient in gradients]
        self.sums = [a + b for a, b in zip(self.sums, shares)] if self.sums else shares
        if self.seen % self.batches == 0:
            self.optimizer(tuple(self.sums))
            self.sums = []
