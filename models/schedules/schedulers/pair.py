"""torch's schedulers against those of ``mindspore.experimental``, moved each epoch or step."""

from typing import Any

from harness import Pair, Variant

_FOLDER = "models.schedules.schedulers"
_EPOCHS = {"lr": 0.1, "steps": 21, "steps_per_epoch": 4}
_STEPS = {**_EPOCHS, "per": "step"}


def _pair(name: str, kind: str, **variants: dict[str, Any]) -> Pair:
    return Pair(
        name=f"schedules.{name}.experimental",
        torch=f"{_FOLDER}.pt:{kind}",
        mindspore=f"{_FOLDER}.ms:{kind}",
        variants={variant: Variant(kwargs) for variant, kwargs in variants.items()},
    )


PAIRS = (
    _pair("constant", "ConstantLR", steps={**_STEPS, "factor": 0.5, "total_iters": 6}),
    _pair("step", "StepLR", epochs={**_EPOCHS, "step_size": 2}),
    _pair("multi_step", "MultiStepLR", steps={**_STEPS, "milestones": [4, 9], "gamma": 0.5}),
    _pair("exponential", "ExponentialLR", epochs={**_EPOCHS, "gamma": 0.8}),
    _pair("cosine", "CosineAnnealingLR", steps={**_STEPS, "T_max": 24}),
    _pair("cosine_restarts", "CosineAnnealingWarmRestarts", steps={**_STEPS, "T_0": 5}),
    _pair("polynomial", "PolynomialLR", steps={**_STEPS, "total_iters": 16, "power": 2.0}),
    _pair("linear_warmup", "LinearLR", steps={**_STEPS, "start_factor": 0.1, "total_iters": 6}),
    _pair("lambda", "halving", steps=_STEPS, epochs=_EPOCHS),
    _pair(
        "plateau",
        "ReduceLROnPlateau",
        epochs={**_EPOCHS, "factor": 0.5, "patience": 1, "metrics": (1.0, 0.8, 0.8, 0.9, 0.7)},
    ),
)
