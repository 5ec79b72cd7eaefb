"""The recipe's schedules: torch's scheduler against a list of rates, moved each epoch or step."""

from typing import Any

from harness import Pair, Variant

_FOLDER = "models.schedules.lists"
_EPOCHS = {"lr": 0.1, "steps": 41, "steps_per_epoch": 4}
_STEPS = {**_EPOCHS, "per": "step"}


def _pair(name: str, **variants: dict[str, Any]) -> Pair:
    return Pair(
        name=f"schedules.{name}",
        torch=f"{_FOLDER}.pt:{name}",
        mindspore=f"{_FOLDER}.ms:{name}",
        variants={variant: Variant(kwargs) for variant, kwargs in variants.items()},
    )


PAIRS = (
    _pair("constant", default=_EPOCHS),
    _pair(
        "step",
        epochs={**_EPOCHS, "step_size": 3},
        steps={**_STEPS, "step_size": 7, "gamma": 0.5},
    ),
    _pair(
        "multi_step",
        epochs={**_EPOCHS, "milestones": (3, 7)},
        steps={**_STEPS, "milestones": (9, 20, 30), "gamma": 0.2},
    ),
    _pair("exponential", epochs={**_EPOCHS, "gamma": 0.9}, steps={**_STEPS, "gamma": 0.97}),
    _pair(
        "cosine",
        epochs={**_EPOCHS, "T_max": 10},
        steps={**_STEPS, "T_max": 40, "eta_min": 0.001},
        past_its_end={**_STEPS, "T_max": 20},
    ),
    _pair(
        "cosine_restarts",
        epochs={**_EPOCHS, "T_0": 4},
        growing={**_STEPS, "T_0": 5, "T_mult": 2, "eta_min": 0.002},
    ),
    _pair(
        "polynomial",
        epochs={**_EPOCHS, "total_iters": 8},
        steps={**_STEPS, "total_iters": 30, "power": 0.9},
    ),
    _pair(
        "linear_warmup",
        epochs={**_EPOCHS, "start_factor": 0.25, "total_iters": 3},
        steps={**_STEPS, "start_factor": 0.1, "total_iters": 9},
    ),
    _pair(
        "one_cycle",
        steps={**_STEPS, "max_lr": 0.4, "total_steps": 41},
        shaped={
            **_STEPS, "max_lr": 0.2, "total_steps": 50, "pct_start": 0.4, "div_factor": 10.0,
        },
    ),
    _pair(
        "plateau",
        epochs={
            **_EPOCHS, "factor": 0.5, "patience": 1,
            "metrics": (1.0, 0.8, 0.8, 0.9, 0.7, 0.71, 0.69995, 0.5, 0.6, 0.7),
        },
    ),
    _pair("inverse_root", steps={**_STEPS, "warmup": 8}),
    _pair(
        "warmup_cosine",
        steps={**_STEPS, "total_iters": 9, "start_factor": 0.1, "T_max": 32},
        epochs={**_EPOCHS, "total_iters": 2, "start_factor": 0.5, "T_max": 8},
    ),
)  # fmt: skip
