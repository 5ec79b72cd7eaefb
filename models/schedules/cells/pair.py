"""torch's schedulers against ``mindspore.nn``'s own schedules, set to give the same rates."""

from typing import Any

from harness import Pair, Variant

_FOLDER = "models.schedules.cells"
_EPOCHS = {"lr": 0.1, "steps": 21, "steps_per_epoch": 4}
_STEPS = {**_EPOCHS, "per": "step"}


def _pair(name: str, torch: str, **variants: dict[str, Any]) -> Pair:
    return Pair(
        name=f"schedules.{name}.nn",
        torch=f"{_FOLDER}.pt:{torch}",
        mindspore=f"{_FOLDER}.ms:{name}",
        variants={variant: Variant(kwargs) for variant, kwargs in variants.items()},
    )


PAIRS = (
    _pair(
        "cosine",
        "CosineAnnealingLR",
        steps={**_STEPS, "T_max": 20},
        least={**_STEPS, "T_max": 20, "eta_min": 0.01},
    ),
    _pair(
        "exponential",
        "ExponentialLR",
        epochs={**_EPOCHS, "gamma": 0.8},
        steps={**_STEPS, "gamma": 0.9},
    ),
    _pair("step", "StepLR", epochs={**_EPOCHS, "step_size": 2}, steps={**_STEPS, "step_size": 5}),
    _pair("polynomial", "PolynomialLR", steps={**_STEPS, "total_iters": 16, "power": 2.0}),
    _pair("linear_warmup", "LinearLR", steps={**_STEPS, "total_iters": 7, "start_factor": 0.125}),
    _pair("multi_step", "MultiStepLR", epochs={**_EPOCHS, "milestones": (2, 4), "gamma": 0.1}),
)
