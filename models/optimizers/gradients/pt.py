"""What a training loop does to gradients before a step: clip, unscale, accumulate."""

from typing import Any

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def clipped(model: nn.Module, lr: float, norm: float = 0.0, value: float = 0.0) -> Any:
    """SGD whose gradients are clipped by their norm over all parameters, or by value."""
    optimizer = torch.optim.SGD(model.parameters(), lr, momentum=0.9)

    def clip(*_: Any) -> None:
        if value:
            clip_grad_value_(model.parameters(), value)
        if norm:
            clip_grad_norm_(model.parameters(), norm)

    optimizer.register_step_pre_hook(clip)
    return optimizer


def unscaled(model: nn.Module, lr: float, loss_scale: float) -> Any:
    """SGD with decay on gradients of a loss that was multiplied by ``loss_scale``."""
    used = [p for name, p in model.named_parameters() if not name.startswith("unused")]
    optimizer = torch.optim.SGD(used, lr, momentum=0.9, weight_decay=0.1)

    def unscale(*_: Any) -> None:
        for parameter in used:
            if parameter.grad is not None:
                parameter.grad /= loss_scale

    optimizer.register_step_pre_hook(unscale)
    return optimizer


class Accumulated:
    """An optimizer that steps once in ``batches``, by the mean of their gradients."""

    def __init__(self, model: nn.Module, lr: float, batches: int):
        self.optimizer = torch.optim.SGD(model.parameters(), lr, momentum=0.9)
        self.batches, self.seen = batches, 0
        self.sums: dict[Any, torch.Tensor] = {}

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        return self.optimizer.param_groups

    @property
    def state(self) -> dict[Any, Any]:
        return self.optimizer.state

    def step(self) -> None:
        self.seen += 1
        for parameter in self.optimizer.param_groups[0]["params"]:
            if parameter.grad is not None:
                share = parameter.grad / self.batches
                self.sums[parameter] = self.sums.get(parameter, 0) + share
        if self.seen % self.batches == 0:
            for parameter, total in self.sums.items():
                parameter.grad = total
            self.optimizer.step()
            self.sums.clear()
