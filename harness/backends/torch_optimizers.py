"""torch's optimizers and schedules by the names of a recipe, and what a loop needs of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from harness.recipe import Setting

Make = Callable[..., torch.optim.Optimizer]


def _of(kind: type[torch.optim.Optimizer]) -> Make:
    def make(model: torch.nn.Module, **arguments: Any) -> torch.optim.Optimizer:
        return kind(model.parameters(), **_tuples(arguments))

    return make


def _tuples(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Data files have lists where torch wants tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}


#: A recipe's name -> what makes the optimizer of a module, with torch's arguments.
OPTIMIZERS: dict[str, Make] = {
    "sgd": _of(torch.optim.SGD),
    "adam": _of(torch.optim.Adam),
    "adamw": _of(torch.optim.AdamW),
    "adamax": _of(torch.optim.Adamax),
    "adagrad": _of(torch.optim.Adagrad),
    "adadelta": _of(torch.optim.Adadelta),
    "rmsprop": _of(torch.optim.RMSprop),
    "rprop": _of(torch.optim.Rprop),
    "asgd": _of(torch.optim.ASGD),
    "nadam": _of(torch.optim.NAdam),
    "radam": _of(torch.optim.RAdam),
}

_SCHEDULES: dict[str, Callable[..., Any]] = {
    "step": torch.optim.lr_scheduler.StepLR,
    "multi_step": torch.optim.lr_scheduler.MultiStepLR,
    "exponential": torch.optim.lr_scheduler.ExponentialLR,
    "cosine": torch.optim.lr_scheduler.CosineAnnealingLR,
    "cosine_restarts": torch.optim.lr_scheduler.CosineAnnealingWarmRestarts,
    "polynomial": torch.optim.lr_scheduler.PolynomialLR,
    "linear_warmup": torch.optim.lr_scheduler.LinearLR,
    "one_cycle": torch.optim.lr_scheduler.OneCycleLR,
    "plateau": torch.optim.lr_scheduler.ReduceLROnPlateau,
}


def schedule(setting: Setting, optimizer: torch.optim.Optimizer) -> Any:
    """torch's scheduler of a recipe, which begins to act at once; None for a constant rate."""
    if setting.name == "constant":
        return None
    arguments = {name: value for name, value in setting.arguments.items() if name != "per"}
    if setting.name == "one_cycle":
        arguments["cycle_momentum"] = False  # the rate alone
    return _SCHEDULES[setting.name](optimizer, **arguments)


def clip(parameters: Iterable[torch.nn.Parameter], norm: float, value: float) -> None:
    """Clip gradients in place, by their values and then by their common norm; 0 is off."""
    held = [p for p in parameters if p.grad is not None]
    if value:
        torch.nn.utils.clip_grad_value_(held, value)
    if norm:
        torch.nn.utils.clip_grad_norm_(held, norm)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of every group."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def state(optimizer: torch.optim.Optimizer) -> dict[str, np.ndarray]:
    """Slots and rates, as named arrays that ``load_state`` takes."""
    found: dict[str, np.ndarray] = {}
    for place, slot, value in _slots(optimizer):
        array = value.numpy().copy() if torch.is_tensor(value) else np.asarray(value)
        found[f"{place}.{slot}"] = array
    for number, group in enumerate(optimizer.param_groups):
        found[f"group{number}.lr"] = np.asarray(group["lr"])
    return found


def _slots(optimizer: torch.optim.Optimizer) -> Iterator[tuple[int, str, Any]]:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for place, parameter in enumerate(parameters):
        for slot, value in optimizer.state.get(parameter, {}).items():
            if value is not None:
                yield place, slot, value


def load_state(optimizer: torch.optim.Optimizer, arrays: Mapping[str, np.ndarray]) -> None:
    """Put slots and rates back, bit for bit."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    optimizer.state.clear()
    for name, array in arrays.items():
        place, _, slot = name.partition(".")
        if place.startswith("group"):
            optimizer.param_groups[int(place[5:])][slot] = array.item()
        else:
            optimizer.state[parameters[int(place)]][slot] = torch.from_numpy(array.copy())
