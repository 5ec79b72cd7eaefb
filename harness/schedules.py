"""Learning rates as MindSpore wants them: a list with one a step, equal to torch's schedulers'.

The names and arguments are a recipe's, the formulas torch's (``torch.optim.lr_scheduler``, version
2.13), in float64. Needs neither framework.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.errors import HarnessError
from harness.recipe import Setting

#: (base rate, how often the schedule was moved) -> rate.
Formula = Callable[[float, int], float]


def rates(schedule: Setting, base: float, steps: int, steps_per_epoch: int = 1) -> list[float]:
    """The rate of each of ``steps`` steps, the first at index 0.

    base: the optimizer's own rate. The schedule moves once an epoch, or with ``per = "step"`` at
    every step. Raises HarnessError for a schedule that ends before the steps do, and for plateau,
    which hangs on a metric: see ``Plateau``.
    """
    arguments = dict(schedule.arguments)
    every = steps_per_epoch if arguments.pop("per", "epoch") == "epoch" else 1
    if schedule.name == "plateau":
        raise HarnessError("schedule: a plateau's rates hang on the run; use schedules.Plateau.")
    try:
        formula = FORMULAS[schedule.name](**arguments)
    except TypeError as error:
        raise HarnessError(f"schedule {schedule}: {error}") from error
    return [formula(base, step // every) for step in range(steps)]


def _constant() -> Formula:
    return lambda base, moved: base


def _step(step_size: int, gamma: float = 0.1) -> Formula:
    return lambda base, moved: base * gamma ** (moved // step_size)


def _multi_step(milestones: Sequence[int], gamma: float = 0.1) -> Formula:
    return lambda base, moved: base * gamma ** sum(m <= moved for m in milestones)


def _exponential(gamma: float) -> Formula:
    return lambda base, moved: base * gamma**moved


def _cosine(T_max: int, eta_min: float = 0.0) -> Formula:
    """Past T_max it rises again, as torch's does."""
    return lambda base, moved: (
        eta_min + (base - eta_min) * (1 + math.cos(math.pi * moved / T_max)) / 2
    )


def _cosine_restarts(T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> Formula:
    def formula(base: float, moved: int) -> float:
        length = T_0
        while moved >= length:
            moved, length = moved - length, length * T_mult
        return eta_min + (base - eta_min) * (1 + math.cos(math.pi * moved / length)) / 2

    return formula


def _polynomial(total_iters: int = 5, power: float = 1.0) -> Formula:
    return lambda base, moved: base * (1 - min(moved, total_iters) / total_iters) ** power


def _linear_warmup(start_factor: float = 1 / 3, total_iters: int = 5) -> Formula:
    def formula(base: float, moved: int) -> float:
        return base * (start_factor + (1 - start_factor) * min(moved, total_iters) / total_iters)

    return formula


def _one_cycle(
    max_lr: float, total_steps: int, pct_start: float = 0.3, div_factor: float = 25.0
) -> Formula:
    """The optimizer's own rate is of no account, as in torch; momentum is not cycled."""
    first, least = max_lr / div_factor, max_lr / div_factor / 1e4
    top, last = pct_start * total_steps - 1, total_steps - 1

    def formula(_: float, moved: int) -> float:
        if moved > total_steps:
            raise HarnessError(f"schedule: one_cycle ends after its total_steps, {total_steps}.")
        if moved <= top:
            return _half_cosine(first, max_lr, moved / top)
        return _half_cosine(max_lr, least, (moved - top) / (last - top))

    return formula


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


#: Recipe name -> formula of its arguments.
FORMULAS: dict[str, Callable[..., Formula]] = {
    "constant": _constant,
    "step": _step,
    "multi_step": _multi_step,
    "exponential": _exponential,
    "cosine": _cosine,
    "cosine_restarts": _cosine_restarts,
    "polynomial": _polynomial,
    "linear_warmup": _linear_warmup,
    "one_cycle": _one_cycle,
}


@dataclass
class Plateau:
    """torch's ReduceLROnPlateau of a metric that should fall: call ``step`` with each metric.

    The rate falls by ``factor`` once the metric has not fallen by ``threshold`` of itself for more
    than ``patience`` metrics.
    """

    rate: float
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    least: float = 0.0
    best: float = field(default=math.inf)
    bad: int = 0

    def step(self, metric: float) -> float:
        """The rate to use from now on."""
        if metric < self.best * (1 - self.threshold):
            self.best, self.bad = metric, 0
        else:
            self.bad += 1
        if self.bad > self.patience:
            lower = max(self.rate * self.factor, self.least)
            if self.rate - lower > 1e-8:  # torch's own eps
                self.rate = lower
            self.bad = 0
        return self.rate


class Rates:
    """A recipe's learning rate while a run goes on: moved by updates or by epochs, resumable.

    base: the optimizer's own rate. A plateau is moved by each epoch's evaluation loss.
    """

    def __init__(self, schedule: Setting, base: float) -> None:
        arguments = dict(schedule.arguments)
        self._by_step = arguments.pop("per", "epoch") == "step"
        self._base, self._moved = base, 0
        self._plateau = Plateau(base, **arguments) if schedule.name == "plateau" else None
        self._formula = FORMULAS.get(schedule.name, _constant)
        self._arguments = arguments

    @property
    def now(self) -> float:
        """The rate of the next update."""
        if self._plateau is not None:
            return self._plateau.rate
        return self._formula(**self._arguments)(self._base, self._moved)

    def updated(self) -> None:
        """The optimizer was called."""
        self._moved += self._by_step

    def ended(self, evaluation_loss: float) -> None:
        """An epoch ended."""
        if self._plateau is not None:
            self._plateau.step(evaluation_loss)
        elif not self._by_step:
            self._moved += 1

    def state(self) -> dict[str, float]:
        """What a resumed schedule goes on from."""
        kept = {"moved": float(self._moved)}
        if self._plateau is not None:
            kept |= {n: getattr(self._plateau, n) for n in ("rate", "best", "bad")}
        return kept

    def load(self, state: Mapping[str, float]) -> None:
        """Go on from a state."""
        self._moved = int(state["moved"])
        if self._plateau is not None:
            self._plateau.rate, self._plateau.best = state["rate"], state["best"]
            self._plateau.bad = int(state["bad"])
