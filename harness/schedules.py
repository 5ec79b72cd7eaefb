"""Learning rates of a recipe's schedule, step by step, as torch's schedulers give them.

Lists of rates are MindSpore's idiom; torch's schedulers are objects. Here a schedule is a function
of how often it was stepped, from torch's documentation of each, so that it can be resumed anywhere.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from harness.recipe import Setting

#: schedule's name -> (times stepped, base rate, arguments) -> rate.
Rule = Callable[[int, float, Mapping[str, Any]], float]


def _step(t: int, base: float, a: Mapping[str, Any]) -> float:
    return base * a.get("gamma", 0.1) ** (t // a["step_size"])


def _multi_step(t: int, base: float, a: Mapping[str, Any]) -> float:
    return base * a.get("gamma", 0.1) ** sum(t >= milestone for milestone in a["milestones"])


def _exponential(t: int, base: float, a: Mapping[str, Any]) -> float:
    return base * a["gamma"] ** t


def _cosine(t: int, base: float, a: Mapping[str, Any]) -> float:
    least = a.get("eta_min", 0.0)
    return least + (base - least) * (1 + math.cos(math.pi * t / a["T_max"])) / 2


def _cosine_restarts(t: int, base: float, a: Mapping[str, Any]) -> float:
    length, least = a["T_0"], a.get("eta_min", 0.0)
    while t >= length:
        t -= length
        length *= a.get("T_mult", 1)
    return least + (base - least) * (1 + math.cos(math.pi * t / length)) / 2


def _polynomial(t: int, base: float, a: Mapping[str, Any]) -> float:
    total = a.get("total_iters", 5)
    return base * (1 - min(t, total) / total) ** a.get("power", 1.0)


def _linear_warmup(t: int, base: float, a: Mapping[str, Any]) -> float:
    start, total = a.get("start_factor", 1 / 3), a.get("total_iters", 5)
    return base * (start + (1 - start) * min(t, total) / total)


def _one_cycle(t: int, _: float, a: Mapping[str, Any]) -> float:
    most, total, share = a["max_lr"], a["total_steps"], a.get("pct_start", 0.3)
    first, last = most / a.get("div_factor", 25.0), most / a.get("div_factor", 25.0) / 1e4
    peak, end = share * total - 1, total - 1
    if t <= peak:
        return _between(first, most, t / peak)
    return _between(most, last, (t - peak) / (end - peak))


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


_RULES: dict[str, Rule] = {
    "constant": lambda t, base, a: base,
    "step": _step,
    "multi_step": _multi_step,
    "exponential": _exponential,
    "cosine": _cosine,
    "cosine_restarts": _cosine_restarts,
    "polynomial": _polynomial,
    "linear_warmup": _linear_warmup,
    "one_cycle": _one_cycle,
}


class Rates:
    """The learning rate now, of a schedule that is stepped by updates or by epochs.

    base: the optimizer's own rate. ``plateau`` follows the metric it is told at an epoch's end:
    torch's ReduceLROnPlateau, relative threshold 1e-4, mode "min".
    """

    def __init__(self, setting: Setting, base: float) -> None:
        self.setting, self.base = setting, base
        self.by_step = setting.arguments.get("per", "epoch") == "step"
        self._times, self._best, self._bad, self._reduced = 0, math.inf, 0, base

    @property
    def now(self) -> float:
        """The rate of the next update."""
        if self.setting.name == "plateau":
            return self._reduced
        return _RULES[self.setting.name](self._times, self.base, self.setting.arguments)

    def updated(self) -> None:
        """The optimizer was called."""
        self._times += self.by_step

    def ended(self, metric: float) -> None:
        """An epoch ended, with this evaluation loss."""
        if self.setting.name != "plateau":
            self._times += not self.by_step
            return
        if metric < self._best * (1 - 1e-4):
            self._best, self._bad = metric, 0
        else:
            self._bad += 1
        if self._bad > self.setting.arguments.get("patience", 10):
            self._reduced *= self.setting.arguments.get("factor", 0.1)
            self._bad = 0

    def state(self) -> dict[str, float]:
        """What a resumed schedule goes on from."""
        return {"times": self._times, "best": self._best, "bad": self._bad,
                "reduced": self._reduced}  # fmt: skip

    def load(self, state: Mapping[str, float]) -> None:
        """Go on from a state."""
        self._times, self._bad = int(state["times"]), int(state["bad"])
        self._best, self._reduced = state["best"], state["reduced"]


def rates(setting: Setting, base: float, steps: int, steps_per_epoch: int) -> list[float]:
    """The rate of every update of a run whose length is known, as MindSpore's optimizers take it.

    setting: any schedule but the plateau, which depends on how the run goes.
    """
    schedule = Rates(setting, base)
    found = []
    for step in range(1, steps + 1):
        found.append(schedule.now)
        schedule.updated()
        if step % steps_per_epoch == 0:
            schedule.ended(math.nan)
    return found
