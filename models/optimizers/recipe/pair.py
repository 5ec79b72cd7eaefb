"""The recipe's optimizers: torch's, and MindSpore's in torch's terms, one definition for both uses.

Where something decays, the branch that nothing uses is left out: MindSpore's gradient of it is zero
where torch has none.
"""

from typing import Any

from harness import Pair, Variant

_TORCH, _MINDSPORE = "harness.backends.torch_optimizers", "harness.backends.mindspore_optimizers"
_USED = {"leave_out": ("unused",)}
#: Normalisations that do not decay, and a head with a rate of its own.
_GROUPS = {
    **_USED,
    "groups": {"*norm": {"weight_decay": 0.0}, "beta_head": {"lr": 0.003}},
}


def _decays(value: float) -> dict[str, Any]:
    return {**_USED, "weight_decay": value}


def _pair(name: str, **variants: dict[str, Any]) -> Pair:
    return Pair(
        name=f"optimizers.{name}",
        torch=f"{_TORCH}:{name}",
        mindspore=f"{_MINDSPORE}:{name}",
        variants={variant: Variant(kwargs) for variant, kwargs in variants.items()},
    )


PAIRS = (
    _pair(
        "sgd",
        plain={"lr": 0.1},
        momentum={"lr": 0.1, "momentum": 0.9, **_decays(0.1)},
        dampening={"lr": 0.1, "momentum": 0.9, "dampening": 0.4},
        nesterov={"lr": 0.1, "momentum": 0.9, "nesterov": True, **_decays(0.1)},
        groups={"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "adam",
        default={},
        decay={"lr": 0.01, "betas": (0.8, 0.99), **_decays(0.1)},
        eps={"lr": 0.01, "eps": 1e-4},
        amsgrad={"lr": 0.01, "amsgrad": True},
        groups={"lr": 0.01, "weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "adamw",
        default=_USED,
        decay={"lr": 0.01, **_decays(0.1)},
        amsgrad={"lr": 0.01, "amsgrad": True, **_decays(0.1)},
        groups={"lr": 0.01, "weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "adamax",
        default={},
        decay={"lr": 0.01, "betas": (0.8, 0.99), **_decays(0.1)},
        groups={"lr": 0.01, "weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "adagrad",
        default={},
        decay={"lr": 0.1, "lr_decay": 0.1, **_decays(0.1)},
        accumulators={"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-6},
        groups={"lr": 0.01, "weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "adadelta",
        default={},
        decay={"rho": 0.8, "eps": 1e-4, **_decays(0.1)},
        groups={"weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "rmsprop",
        default={},
        momentum={"momentum": 0.9, "alpha": 0.9, **_decays(0.1)},
        centered={"centered": True},
        centered_momentum={"centered": True, "momentum": 0.9},
        groups={"weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "rprop",
        default={},
        bounds={"lr": 0.02, "etas": (0.4, 1.3), "step_sizes": (0.001, 0.05)},
    ),
    _pair(
        "asgd",
        default=_USED,
        averaging={"lambd": 0.01, "alpha": 0.6, "t0": 5, **_decays(0.1)},
    ),
    _pair(
        "nadam",
        default={},
        decay={"betas": (0.8, 0.99), "momentum_decay": 0.01, **_decays(0.1)},
        groups={"weight_decay": 0.1, **_GROUPS},
    ),
    _pair(
        "radam",
        default={},
        decay={"betas": (0.8, 0.99), **_decays(0.1)},
        groups={"weight_decay": 0.1, **_GROUPS},
    ),
)
