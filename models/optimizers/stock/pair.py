"""torch's optimizers against ``mindspore.nn``'s, set to move alike."""

from typing import Any

from harness import Pair, Variant

_TORCH, _MINDSPORE = "harness.backends.torch_optimizers", "models.optimizers.stock.ms"
_DECAY = {"weight_decay": 0.1, "leave_out": ("unused",)}


def _pair(name: str, torch: str, kind: str, **variants: dict[str, Any]) -> Pair:
    return Pair(
        name=f"optimizers.{name}.nn",
        torch=f"{_TORCH}:{torch}",
        mindspore=f"{_MINDSPORE}:{kind}",
        variants={variant: Variant(kwargs) for variant, kwargs in variants.items()},
    )


PAIRS = (
    _pair(
        "sgd",
        "sgd",
        "SGD",
        plain={"lr": 0.1},
        decay={"lr": 0.1, "momentum": 0.9, **_DECAY},
        dampening={"lr": 0.1, "momentum": 0.9, "dampening": 0.4},
        nesterov={"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    _pair("momentum", "sgd", "Momentum", decay={"lr": 0.1, "momentum": 0.9, **_DECAY}),
    _pair("adadelta", "adadelta", "Adadelta", default={}, decay={"rho": 0.8, **_DECAY}),
    _pair("adamax", "adamax", "Adamax", default={}, decay={"lr": 0.01, **_DECAY}),
    _pair("rprop", "rprop", "Rprop", default={}),
    _pair("asgd", "asgd", "ASGD", default={"leave_out": ("unused",)}, decay=_DECAY),
)
