"""``mindspore.nn``'s schedules, configured so that they give torch's rates.

They are called with the step. A schedule that torch moves each epoch takes lengths in steps, and
``is_stair``; none knows what torch's does after its end, so a run must stop there.
"""

from mindspore import Tensor, nn


def cosine(
    lr: float, steps: int, steps_per_epoch: int, per: str, T_max: int, eta_min: float = 0.0
) -> nn.CosineDecayLR:
    """nn.CosineDecayLR; past T_max it stays at its least, where torch's rises again."""
    return nn.CosineDecayLR(eta_min, lr, T_max)


def exponential(
    lr: float, steps: int, steps_per_epoch: int, per: str, gamma: float
) -> nn.ExponentialDecayLR:
    """nn.ExponentialDecayLR; with ``is_stair`` it moves once an epoch."""
    length = steps_per_epoch if per == "epoch" else 1
    return nn.ExponentialDecayLR(lr, gamma, length, is_stair=True)


def step(
    lr: float, steps: int, steps_per_epoch: int, per: str, step_size: int, gamma: float = 0.1
) -> nn.ExponentialDecayLR:
    """torch's StepLR is an exponential decay that is a stair: ``is_stair`` is False by default."""
    length = step_size * (steps_per_epoch if per == "epoch" else 1)
    return nn.ExponentialDecayLR(lr, gamma, length, is_stair=True)


def polynomial(
    lr: float, steps: int, steps_per_epoch: int, per: str, total_iters: int, power: float = 1.0
) -> nn.PolynomialDecayLR:
    """nn.PolynomialDecayLR down to 0, where it stays, as torch's does."""
    return nn.PolynomialDecayLR(lr, 0.0, total_iters, power)


class linear_warmup(nn.Cell):
    """nn.WarmUpLR some steps ahead: its own first rate is 0, and torch's is not.

    torch's slope is (1 - start_factor) / total_iters a step, WarmUpLR's 1 / its whole length, so
    that total_iters / (1 - start_factor) must be a whole number.
    """

    def __init__(
        self,
        lr: float,
        steps: int,
        steps_per_epoch: int,
        per: str,
        total_iters: int,
        start_factor: float,
    ):
        super().__init__()
        length = round(total_iters / (1 - start_factor))
        self.warmup = nn.WarmUpLR(lr, length)
        self.ahead = round(start_factor * length)

    def construct(self, global_step: Tensor) -> Tensor:
        return self.warmup(global_step + self.ahead)


def multi_step(
    lr: float, steps: int, steps_per_epoch: int, per: str, milestones: tuple[int, ...], gamma: float
) -> list[float]:
    """nn.piecewise_constant_lr: its milestones say where a rate ends, and the last ends the run."""
    every = steps_per_epoch if per == "epoch" else 1
    ends = [milestone * every for milestone in milestones] + [steps]
    return nn.piecewise_constant_lr(ends, [lr * gamma**count for count in range(len(ends))])
