"""Learning rate schedules that are ported wrong."""

from typing import Any

from harness.recipe import Setting
from harness.schedules import Plateau, rates
from seeded_stages.bug import StageBug


def _rates(name: str, lr: float, steps: int, every: int, **arguments: Any) -> list[float]:
    return rates(Setting(name, arguments), lr, steps, every)


def _warm_up_from_zero(lr: float, steps: int, total_iters: int, **_: Any) -> list[float]:
    return [lr * min(step, total_iters) / total_iters for step in range(steps)]


def _moved_early(lr: float, steps: int, steps_per_epoch: int, **given: Any) -> list[float]:
    """The scheduler is stepped before the optimizer."""
    return _rates("exponential", lr, steps + 1, 1, **given)[1:]


def _held(lr: float, steps: int, steps_per_epoch: int, T_max: int, **given: Any) -> Any:
    from mindspore import nn

    least = given.get("eta_min", 0.0)
    epochs = steps // steps_per_epoch + 1
    made = nn.cosine_decay_lr(
        least, lr, epochs * steps_per_epoch, steps_per_epoch, T_max // steps_per_epoch
    )
    return made[:steps]


def _moves_each_step(
    lr: float, steps: int, steps_per_epoch: int, per: str, **given: Any
) -> list[float]:
    return _rates("step", lr, steps, steps_per_epoch, per="step", **given)


def _moves_each_epoch(
    lr: float, steps: int, steps_per_epoch: int, per: str, **given: Any
) -> list[float]:
    return _rates("polynomial", lr, steps, steps_per_epoch, per="epoch", **given)


def _one_epoch_only(
    lr: float, steps: int, steps_per_epoch: int, per: str, **given: Any
) -> list[float]:
    return _rates("exponential", lr, 5 * steps_per_epoch, steps_per_epoch, per=per, **given)


def _smooth(lr: float, steps: int, step_size: int, gamma: float, **_: Any) -> Any:
    from mindspore import nn

    return nn.ExponentialDecayLR(lr, gamma, step_size)


def _stays_at_its_least(lr: float, T_max: int, **_: Any) -> Any:
    from mindspore import nn

    return nn.CosineDecayLR(0.0, lr, T_max)


def _other(name: str, **changed: Any) -> Any:
    """The right list with other arguments."""

    def made(lr: float, steps: int, steps_per_epoch: int, **given: Any) -> list[float]:
        return _rates(name, changed.get("lr", lr), steps, steps_per_epoch,
                      **{**given, **{k: v for k, v in changed.items() if k != "lr"}})  # fmt: skip

    return made


def _impatient(lr: float, factor: float, patience: int, **_: Any) -> Plateau:
    return Plateau(lr, factor, patience - 1)


_CHECK = "rates"

BUGS = [
    StageBug("R01_warmup_from_zero", "schedules.linear_warmup.nn:steps", _CHECK,
             _warm_up_from_zero, "schedule", "differ from step 0"),
    StageBug("R02_cosine_held_each_epoch", "schedules.cosine:steps", _CHECK, _held,
             "schedule", "held within each epoch of 4 steps"),
    StageBug("R05_cosine_past_its_end", "schedules.cosine:past_its_end", _CHECK,
             _stays_at_its_least, "schedule", "rises again after step 20"),
    StageBug("R06_stair_ported_smooth", "schedules.step:steps", _CHECK, _smooth,
             "schedule", "staircase"),
    StageBug("R07_list_too_short", "schedules.exponential:epochs", _CHECK, _one_epoch_only,
             "schedule", "holds 20 rates for a run of 41"),
    StageBug("R08_epochs_ported_as_steps", "schedules.step:epochs", _CHECK, _moves_each_step,
             "schedule", "4 times as fast"),
    StageBug("R08_steps_ported_as_epochs", "schedules.polynomial:steps", _CHECK,
             _moves_each_epoch, "schedule", "once an epoch"),
    StageBug("R10_not_scaled_with_the_batch", "schedules.cosine:epochs", _CHECK,
             _other("cosine", lr=0.05), "schedule", "0.5 times torch's"),
    StageBug("X_stepped_too_early", "schedules.exponential:steps", _CHECK, _moved_early,
             "schedule", "one step early"),
    StageBug("X_milestones_an_epoch_late", "schedules.multi_step:epochs", _CHECK,
             _other("multi_step", milestones=(4, 8)), "schedule", "4 steps late"),
    StageBug("X_gamma", "schedules.exponential:epochs", _CHECK,
             _other("exponential", gamma=0.95), "schedule", "from step 4 on"),
    StageBug("X_least_rate_dropped", "schedules.cosine:steps", _CHECK,
             _other("cosine", eta_min=0.0), "schedule", "from step 1 on"),
    StageBug("X_restarts_of_one_length", "schedules.cosine_restarts:growing", _CHECK,
             _other("cosine_restarts", T_mult=1), "schedule", "from step 6 on"),
    StageBug("X_impatient_plateau", "schedules.plateau:epochs", _CHECK, _impatient,
             "schedule", "from step 12 on"),
    StageBug("X_power", "schedules.polynomial:steps", _CHECK,
             _other("polynomial", power=1.0), "schedule", "from step 1 on"),
    StageBug("X_peak_of_one_cycle", "schedules.one_cycle:steps", _CHECK,
             _other("one_cycle", pct_start=0.5), "schedule", "from step 1 on"),
]  # fmt: skip
