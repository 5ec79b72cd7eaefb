"""torch's schedulers by the recipe's names, and a warm-up followed by a cosine."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR

from harness.backends.torch_optimizers import SCHEDULES

constant = SCHEDULES["constant"]
step = SCHEDULES["step"]
multi_step = SCHEDULES["multi_step"]
exponential = SCHEDULES["exponential"]
cosine = SCHEDULES["cosine"]
cosine_restarts = SCHEDULES["cosine_restarts"]
polynomial = SCHEDULES["polynomial"]
linear_warmup = SCHEDULES["linear_warmup"]
one_cycle = SCHEDULES["one_cycle"]
plateau = SCHEDULES["plateau"]


def inverse_root(optimizer: Optimizer, warmup: int) -> LambdaLR:
    """The Transformer's: up linearly, then down with the root of the step."""
    return LambdaLR(optimizer, lambda s: min((s + 1) / warmup, (warmup / (s + 1)) ** 0.5))


def warmup_cosine(
    optimizer: Optimizer, total_iters: int, start_factor: float, T_max: int
) -> SequentialLR:
    """Up linearly, then down a cosine."""
    up = LinearLR(optimizer, start_factor, total_iters=total_iters)
    down = CosineAnnealingLR(optimizer, T_max)
    return SequentialLR(optimizer, [up, down], [total_iters])
