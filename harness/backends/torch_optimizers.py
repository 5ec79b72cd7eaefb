"""torch's optimizers and schedules by the recipe's names: the reference of recipes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from torch.optim import lr_scheduler

from harness.backends.torch_arrays import numpy_of
from harness.recipe import Setting

#: A network, or its named parameters.
Trained: TypeAlias = torch.nn.Module | Iterable[tuple[str, torch.nn.Parameter]]


def build(
    kind: type[torch.optim.Optimizer],
    model: Trained,
    *,
    groups: Mapping[str, Mapping[str, Any]] | None = None,
    leave_out: Sequence[str] = (),
    **arguments: Any,
) -> torch.optim.Optimizer:
    """An optimizer of ``kind`` over what is trainable.

    groups: pattern (fnmatch) of module paths -> what differs for their parameters, e.g.
        {"norm*": {"weight_decay": 0.0}}; the first that matches counts. leave_out: patterns of
        modules whose parameters are not trained.
    """
    named = model.named_parameters() if isinstance(model, torch.nn.Module) else model
    rest: list[tuple[str, torch.nn.Parameter]] = []
    grouped: dict[str, list[tuple[str, torch.nn.Parameter]]] = {p: [] for p in groups or {}}
    for name, parameter in named:
        path = name.rpartition(".")[0]
        if parameter.requires_grad and not any(fnmatchcase(path, p) for p in leave_out):
            pattern = next((p for p in grouped if fnmatchcase(path, p)), None)
            (rest if pattern is None else grouped[pattern]).append((name, parameter))
    made = [{"params": rest}] if rest else []
    made += [{"params": held, **(groups or {})[p]} for p, held in grouped.items() if held]
    return kind(made, **arguments)


Factory = Callable[..., torch.optim.Optimizer]

sgd = partial(build, torch.optim.SGD)
adam = partial(build, torch.optim.Adam)
adamw = partial(build, torch.optim.AdamW)
adamax = partial(build, torch.optim.Adamax)
adagrad = partial(build, torch.optim.Adagrad)
adadelta = partial(build, torch.optim.Adadelta)
rmsprop = partial(build, torch.optim.RMSprop)
rprop = partial(build, torch.optim.Rprop)
asgd = partial(build, torch.optim.ASGD)
nadam = partial(build, torch.optim.NAdam)
radam = partial(build, torch.optim.RAdam)

#: Recipe name -> factory(model, **arguments of the recipe).
OPTIMIZERS: dict[str, Factory] = {
    "sgd": sgd, "adam": adam, "adamw": adamw, "adamax": adamax, "adagrad": adagrad,
    "adadelta": adadelta, "rmsprop": rmsprop, "rprop": rprop, "asgd": asgd, "nadam": nadam,
    "radam": radam,
}  # fmt: skip


def set_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    """Let the next step move by ``value``, in every group."""
    for group in optimizer.param_groups:
        group["lr"] = value


def rates(optimizer: torch.optim.Optimizer) -> list[float]:
    """The rate of each parameter group."""
    return [float(group["lr"]) for group in optimizer.param_groups]


def _named(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, torch.nn.Parameter]]:
    position = 0
    for group in optimizer.param_groups:
        for number, parameter in enumerate(group["params"]):
            yield group.get("param_names", {number: str(position)})[number], parameter
            position += 1


def state(optimizer: torch.optim.Optimizer) -> dict[str, np.ndarray]:
    """Copies of all slots, step counts and rates: ``exp_avg.conv.weight``, ``rate.0``."""
    found = {
        f"rate.{number}": np.float64(group["lr"]).reshape(())
        for number, group in enumerate(optimizer.param_groups)
    }
    for name, parameter in _named(optimizer):
        for slot, value in optimizer.state.get(parameter, {}).items():
            if value is not None:
                tensor = value if torch.is_tensor(value) else torch.tensor(value)
                found[f"{slot}.{name}"] = numpy_of(tensor)
    return found


def load_state(optimizer: torch.optim.Optimizer, arrays: Mapping[str, np.ndarray]) -> None:
    """Put back what ``state`` gave, bit for bit. Raises KeyError for what it does not keep."""
    left = set(arrays)
    for number, group in enumerate(optimizer.param_groups):
        group["lr"] = float(arrays[f"rate.{number}"])
        left.discard(f"rate.{number}")
    named = dict(_named(optimizer))
    optimizer.state.clear()
    for key in sorted(left):
        slot, _, name = key.partition(".")
        if name not in named:
            raise KeyError(f"the optimizer does not train {name!r}, of which {slot} was saved")
        optimizer.state[named[name]][slot] = torch.from_numpy(np.array(arrays[key]))


def clip(
    grads: Sequence[torch.Tensor | None], norm: float = 0.0, value: float = 0.0
) -> list[torch.Tensor | None]:
    """Gradients clipped by value, then by their norm over all, as torch.nn.utils does; 0: not."""
    held = [None if g is None else torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    present = []
    for parameter, gradient in zip(held, grads):
        if parameter is not None and gradient is not None:
            parameter.grad = gradient.clone()
            present.append(parameter)
    if value:
        torch.nn.utils.clip_grad_value_(present, value)
    if norm:
        torch.nn.utils.clip_grad_norm_(present, norm)
    return [None if p is None else p.grad for p in held]


class Schedule:
    """torch's own scheduler, moved after every step: at each, or at the end of each epoch."""

    def __init__(self, scheduler: Any, every: int) -> None:
        self.scheduler, self.every, self.steps = scheduler, every, 0

    def step(self, metric: float | None = None) -> None:
        """Call it after every optimizer step; ``metric`` is what a plateau watches."""
        self.steps += 1
        if self.steps % self.every == 0:
            plateau = isinstance(self.scheduler, lr_scheduler.ReduceLROnPlateau)
            self.scheduler.step(*([metric] if plateau else []))


def _constant(optimizer: torch.optim.Optimizer) -> lr_scheduler.LambdaLR:
    return lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)


#: Recipe name -> torch's scheduler. A one cycle leaves momentum alone: a recipe names rates only.
SCHEDULES: dict[str, Callable[..., Any]] = {
    "constant": _constant,
    "step": lr_scheduler.StepLR,
    "multi_step": lr_scheduler.MultiStepLR,
    "exponential": lr_scheduler.ExponentialLR,
    "cosine": lr_scheduler.CosineAnnealingLR,
    "cosine_restarts": lr_scheduler.CosineAnnealingWarmRestarts,
    "polynomial": lr_scheduler.PolynomialLR,
    "linear_warmup": lr_scheduler.LinearLR,
    "one_cycle": partial(lr_scheduler.OneCycleLR, cycle_momentum=False),
    "plateau": lr_scheduler.ReduceLROnPlateau,
}


def schedule(
    setting: Setting, optimizer: torch.optim.Optimizer, steps_per_epoch: int = 1
) -> Schedule:
    """torch's scheduler that a recipe names, over an optimizer whose rates are the base."""
    arguments = dict(setting.arguments)
    per = arguments.pop("per", "epoch")
    made = SCHEDULES[setting.name](optimizer, **arguments)
    return Schedule(made, steps_per_epoch if per == "epoch" else 1)
