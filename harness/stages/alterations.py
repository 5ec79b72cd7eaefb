"""Changes of a built torch optimizer: of its groups' settings, of its slots, before each step.

Only attributes are touched, so that no framework is needed here.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

#: Changes a built optimizer before a step: (optimizer, parameter names by id, number of the step).
Alter = Callable[[Any, Mapping[int, str], int], None]


def set_to(key: str, value: Any) -> Alter:
    def alter(optimizer: Any, names: Mapping[int, str], number: int) -> None:
        for group in optimizer.param_groups if number == 1 else ():
            group[key] = value

    return alter


def scaled(key: str, factor: float) -> Alter:
    def alter(optimizer: Any, names: Mapping[int, str], number: int) -> None:
        for group in optimizer.param_groups if number == 1 else ():
            group[key] *= factor

    return alter


def shared(key: str) -> Alter:
    """Every group takes the first one's setting."""

    def alter(optimizer: Any, names: Mapping[int, str], number: int) -> None:
        for group in optimizer.param_groups:
            group[key] = optimizer.param_groups[0][key]

    return alter


def spared_decay(spared: Callable[[str], bool]) -> Alter:
    """Parameters of some names get a group of their own that does not decay."""

    def alter(optimizer: Any, names: Mapping[int, str], number: int) -> None:
        for group in list(optimizer.param_groups) if number == 1 else ():
            held = [p for p in group["params"] if spared(names[id(p)])]
            if held:
                group["params"] = [p for p in group["params"] if not spared(names[id(p)])]
                apart = {**group, "params": held, "weight_decay": 0.0}
                apart.pop("param_names", None)
                group.pop("param_names", None)
                optimizer.param_groups.append(apart)

    return alter


def eps_before_correction(optimizer: Any, names: Mapping[int, str], number: int) -> None:
    for group in optimizer.param_groups:
        given = group.setdefault("_eps", group["eps"])
        group["eps"] = given / math.sqrt(1 - group["betas"][1] ** number)


def no_correction(optimizer: Any, names: Mapping[int, str], number: int) -> None:
    """Rate and eps such that torch's corrections cancel; a decay taken off keeps the given rate."""
    for group in optimizer.param_groups:
        given = group.setdefault("_given", (group["lr"], group["eps"], group["weight_decay"]))
        first, second = (1 - beta**number for beta in group["betas"])
        group["lr"] = given[0] * first / math.sqrt(second)
        group["eps"] = given[1] / math.sqrt(second)
        if group.get("decoupled_weight_decay"):
            group["weight_decay"] = given[2] * given[0] / group["lr"]


def accumulators_at(value: float) -> Alter:
    def alter(optimizer: Any, names: Mapping[int, str], number: int) -> None:
        for group in optimizer.param_groups if number == 1 else ():
            for parameter in group["params"]:
                kept = optimizer.state[parameter]
                if "sum" in kept:  # Adagrad's, made with the optimizer
                    kept["sum"] = kept["sum"] * 0 + value
                    continue
                zeros = parameter.detach() * 0
                kept["step"] = zeros.sum()
                kept["square_avg"] = zeros + value
                kept["momentum_buffer"], kept["grad_avg"] = zeros.clone(), zeros.clone()
                kept["acc_delta"] = zeros.clone()

    return alter


def unhooked(optimizer: Any, names: Mapping[int, str], number: int) -> None:
    optimizer._optimizer_step_pre_hooks.clear()


def rounded(optimizer: Any, names: Mapping[int, str], number: int) -> None:
    for group in optimizer.param_groups if number == 1 else ():
        for key, value in group.items():
            if isinstance(value, float):
                group[key] = float(np.float32(value))
            elif isinstance(value, tuple) and all(isinstance(item, float) for item in value):
                group[key] = tuple(float(np.float32(item)) for item in value)
