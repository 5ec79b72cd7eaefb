"""Clipping, a loss scale, accumulation: what stands between gradients and an optimizer's step."""

from typing import Any

from harness import Pair, Variant

_FOLDER = "models.optimizers.gradients"


def _pair(name: str, factory: str, **variants: dict[str, Any]) -> Pair:
    return Pair(
        name=f"optimizers.{name}",
        torch=f"{_FOLDER}.pt:{factory}",
        mindspore=f"{_FOLDER}.ms:{factory}",
        variants={variant: Variant(kwargs) for variant, kwargs in variants.items()},
    )


PAIRS = (
    _pair(
        "clipping",
        "clipped",
        norm={"lr": 0.1, "norm": 1.0},
        value={"lr": 0.1, "value": 0.6},
        both={"lr": 0.1, "norm": 2.0, "value": 0.6},
    ),
    _pair("loss_scale", "unscaled", default={"lr": 0.1, "loss_scale": 64.0}),
    _pair("accumulation", "Accumulated", default={"lr": 0.1, "batches": 3}),
)
