"""A list with the rate of every step, which any optimizer of ``mindspore.nn`` takes.

It must be as long as the run: on CPU the optimizer raises at the first step past its end.
"""

from collections.abc import Callable
from typing import Any

from harness.recipe import Setting
from harness.schedules import Plateau, rates

Rates = Callable[..., list[float]]


def _listed(name: str) -> Rates:
    def made(
        lr: float, steps: int, steps_per_epoch: int, per: str, **arguments: Any
    ) -> list[float]:
        setting = Setting(name, {"per": per, **arguments})
        return rates(setting, lr, steps, steps_per_epoch)

    return made


constant = _listed("constant")
step = _listed("step")
multi_step = _listed("multi_step")
exponential = _listed("exponential")
cosine = _listed("cosine")
cosine_restarts = _listed("cosine_restarts")
polynomial = _listed("polynomial")
linear_warmup = _listed("linear_warmup")
one_cycle = _listed("one_cycle")


def plateau(
    lr: float, steps: int, steps_per_epoch: int, per: str, factor: float, patience: int
) -> Plateau:
    """No list: its rates hang on the metric."""
    return Plateau(lr, factor, patience)


def inverse_root(lr: float, steps: int, steps_per_epoch: int, per: str, warmup: int) -> list[float]:
    """The Transformer's: up linearly, then down with the root of the step."""
    every = steps_per_epoch if per == "epoch" else 1
    moves = (s // every + 1 for s in range(steps))
    return [lr * min(move / warmup, (warmup / move) ** 0.5) for move in moves]


def warmup_cosine(
    lr: float,
    steps: int,
    steps_per_epoch: int,
    per: str,
    total_iters: int,
    start_factor: float,
    T_max: int,
) -> list[float]:
    """Up linearly, then down a cosine: two lists, one after the other."""
    every = steps_per_epoch if per == "epoch" else 1
    warm = total_iters * every
    up = {"per": per, "start_factor": start_factor, "total_iters": total_iters}
    return [
        *rates(Setting("linear_warmup", up), lr, warm, steps_per_epoch),
        *rates(Setting("cosine", {"per": per, "T_max": T_max}), lr, steps - warm, steps_per_epoch),
    ]
