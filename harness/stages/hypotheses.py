"""What torch's optimizer would have to be for it to move as the port's does.

Each Hypothesis changes one setting of the built torch optimizer. The one that makes torch move as
the port moved names what is wrong there: a measurement, no guess.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.stages.alterations import (
    Alter,
    accumulators_at,
    eps_before_correction,
    no_correction,
    rounded,
    scaled,
    set_to,
    shared,
    spared_decay,
    unhooked,
)


@dataclass(frozen=True)
class Hypothesis:
    """One changed setting, and how to say that MindSpore's optimizer has it.

    late: it computes from what the others have set.
    """

    setting: str
    sentence: str
    alter: Alter
    torch: str = ""
    mindspore: str = ""
    late: bool = False


@dataclass(frozen=True)
class Seen:
    """What the first steps measured: the port's moves as a multiple of torch's, in the median, and
    the share of the parameter itself in their difference, divided by the rate."""

    factor: float
    decay: float


def altered(factory: Callable[..., Any], hypotheses: Sequence[Hypothesis]) -> Callable[..., Any]:
    """The factory's optimizer with settings changed, before its first step and all later ones."""

    def made(model: Any) -> Any:
        given = factory(model)
        optimizer, schedule = given if isinstance(given, tuple) else (given, None)
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        return optimizer, _Altering(optimizer, schedule, names, hypotheses)

    return made


class _Altering:
    """Stands in for a scheduler, which is stepped after every step."""

    def __init__(
        self,
        optimizer: Any,
        schedule: Any,
        names: Mapping[int, str],
        hypotheses: Sequence[Hypothesis],
    ) -> None:
        self.optimizer, self.schedule, self.names = optimizer, schedule, names
        self.hypotheses, self.number = sorted(hypotheses, key=lambda h: h.late), 0
        self._alter()

    def _alter(self) -> None:
        self.number += 1
        for hypothesis in self.hypotheses:
            hypothesis.alter(self.optimizer, self.names, self.number)

    def step(self) -> None:
        if self.schedule is not None:
            self.schedule.step()
        self._alter()


#: Settings as float32 holds them, which MindSpore computes with where torch computes in Python: one
#: less a beta of 0.999 is then off by 1e-5 of itself. What that costs is no error of the port.
ROUNDED = Hypothesis("", "", rounded, late=True)


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def other_rate(torch: float, mindspore: float) -> Hypothesis:
    """The port's rate is another, as it was read."""
    return Hypothesis(
        "lr",
        f"MindSpore's rate is {mindspore:.4g}, {_three_digits(mindspore / torch):g} times the rate "
        f"of torch.",
        scaled("lr", mindspore / torch), f"{torch:g}", f"{mindspore:.4g}",
    )  # fmt: skip


def hypotheses(
    optimizer: Any, seen: Seen, spared_by_name: Callable[[str], bool]
) -> Iterator[Hypothesis]:
    """Everything that is tried, the likeliest first.

    optimizer: torch's, as built. spared_by_name: whether MindSpore's name of a torch parameter has
    gamma or beta in it.
    """
    groups = optimizer.param_groups
    first = groups[0]
    yield from _of_rates(groups, seen)
    if "weight_decay" in first:
        yield from _of_decay(groups, seen, spared_by_name)
    if "momentum" in first or "nesterov" in first:
        yield from _of_momentum(first)
    if "betas" in first:
        yield from _of_moments(first)
    yield from _of_starts(type(optimizer).__name__, first)
    yield from _others(type(optimizer), first)
    if getattr(optimizer, "_optimizer_step_pre_hooks", None):
        yield Hypothesis(
            "gradients",
            "MindSpore's optimizer moves as torch's does without what it does to the gradients "
            "before its step: clipping, or unscaling.",
            unhooked,
        )


def _of_rates(groups: Sequence[Mapping[str, Any]], seen: Seen) -> Iterator[Hypothesis]:
    if len({group["lr"] for group in groups}) > 1:
        yield Hypothesis(
            "lr",
            "MindSpore moves all parameter groups by one rate; torch's have rates of their own.",
            shared("lr"),
            ", ".join(f"{group['lr']:g}" for group in groups),
            f"{groups[0]['lr']:g}",
        )
    factor = _three_digits(seen.factor)
    if math.isfinite(factor) and factor not in (0.0, 1.0):
        rate = groups[0]["lr"]
        yield Hypothesis(
            "lr",
            f"Every step of MindSpore's is that of torch with {factor:g} times the rate.",
            scaled("lr", factor),
            f"{rate:g}",
            f"{factor * rate:.4g}",
        )


def _of_decay(
    groups: Sequence[Mapping[str, Any]], seen: Seen, spared_by_name: Callable[[str], bool]
) -> Iterator[Hypothesis]:
    given = [group["weight_decay"] for group in groups]
    decays = max(given)
    where = ", ".join(f"{value:g}" for value in given)

    def decay(sentence: str, alter: Alter, mindspore: str = "") -> Hypothesis:
        return Hypothesis("weight_decay", sentence, alter, where, mindspore)

    if decays:
        yield decay("MindSpore decays no parameter.", set_to("weight_decay", 0.0), "0")
        yield decay(
            "MindSpore leaves parameters named gamma or beta out of the decay; torch decays all.",
            spared_decay(spared_by_name),
        )
        yield decay(
            "MindSpore leaves biases out of the decay; torch decays all.",
            spared_decay(lambda name: name.endswith("bias") and not spared_by_name(name)),
        )
        yield decay(
            "MindSpore leaves biases and parameters named gamma or beta out of the decay; torch "
            "decays all.",
            spared_decay(lambda name: name.endswith("bias") or spared_by_name(name)),
        )
        if len(set(given)) > 1:
            yield decay(
                "MindSpore decays all parameter groups alike; torch's have decays of their own.",
                shared("weight_decay"),
                f"{given[0]:g}",
            )
        apart = groups[0].get("decoupled_weight_decay")
        if apart is not None:
            ways = ("adds the decay to the gradients", "takes the decay off the parameters")
            yield decay(
                f"MindSpore {ways[not apart]}, torch {ways[bool(apart)]}.",
                set_to("decoupled_weight_decay", not apart),
            )
    measured = decays + seen.decay
    tried = [0.1 * decays, 10 * decays, 0.2 * decays, 0.5 * decays, 2 * decays, 5 * decays]
    tried += [1e-4, 5e-4, 1e-2, 1e-1]
    if math.isfinite(measured) and measured > 0:
        # A step in float32 shows two or three digits of it.
        tried = [*(float(f"{measured:.{digits}g}") for digits in (1, 2, 3)), *tried]
    for value in dict.fromkeys(tried):
        if value and value not in given:
            yield decay(f"MindSpore decays with {value:g}.", set_to("weight_decay", value),
                        f"{value:g}")  # fmt: skip


def _of_momentum(first: Mapping[str, Any]) -> Iterator[Hypothesis]:
    momentum = first.get("momentum", 0.0)
    yield from _values("momentum", first, (0.0, 0.9, 0.99, 0.5, 0.95, 1 - momentum))
    if "nesterov" in first and momentum:
        words = {True: "has Nesterov's momentum", False: "has no Nesterov momentum"}
        flipped = not first["nesterov"]
        yield Hypothesis(
            "nesterov",
            f"MindSpore's optimizer {words[flipped]}, torch's {words[not flipped]}.",
            set_to("nesterov", flipped), str(not flipped), str(flipped),
        )  # fmt: skip
        yield from _values("dampening", first, (0.0, momentum, 1 - momentum))


def _of_moments(first: Mapping[str, Any]) -> Iterator[Hypothesis]:
    one, two = first["betas"]
    pairs = [(two, one), (0.9, 0.999), (0.9, 0.99), (0.9, 0.95), (0.0, two), (0.5, 0.999)]
    yield from _values("betas", first, pairs)
    if "amsgrad" in first or "decoupled_weight_decay" in first:
        yield Hypothesis(
            "eps",
            "MindSpore adds eps before the bias correction, torch after: eps counts for more in "
            "MindSpore, most in the first steps.",
            eps_before_correction,
            late=True,
        )
        yield Hypothesis(
            "bias_correction",
            "MindSpore's moments are not corrected for their bias: its first steps are too long.",
            no_correction,
            late=True,
        )


def _of_starts(kind: str, first: Mapping[str, Any]) -> Iterator[Hypothesis]:
    starts = {"Adagrad": (0.0, 0.1, 1.0, first.get("lr", 0.0)), "RMSprop": (1.0, 0.1)}
    for value in starts.get(kind, ()):
        given = first.get("initial_accumulator_value", 0.0)
        if value != given:
            yield Hypothesis(
                "accumulator",
                f"MindSpore's accumulators start at {value:g}, torch's at {given:g}.",
                accumulators_at(value), f"{given:g}", f"{value:g}",
            )  # fmt: skip


def _others(kind: type, first: Mapping[str, Any]) -> Iterator[Hypothesis]:
    for key in ("amsgrad", "centered", "maximize"):
        if key in first:
            yield from _values(key, first, (not first[key],))
    common = {
        "eps": (1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-3),
        "alpha": (0.9, 0.99, 0.95, 0.75, 1 - first.get("alpha", 0.0)),
        "rho": (0.9, 0.95, 0.99, 1 - first.get("rho", 0.0)),
        "lr_decay": (0.0,), "lambd": (0.0, 1e-4), "momentum_decay": (0.0, 4e-3),
        "etas": (), "step_sizes": (), "t0": (),
    }  # fmt: skip
    defaults = {
        name: parameter.default for name, parameter in inspect.signature(kind).parameters.items()
    }
    for key, values in common.items():
        if key in first:
            yield from _values(key, first, (*values, defaults.get(key, first[key])))


def _values(key: str, first: Mapping[str, Any], values: Sequence[Any]) -> Iterator[Hypothesis]:
    for value in dict.fromkeys(values):
        if value != first[key]:
            yield Hypothesis(
                key, f"MindSpore's optimizer moves as torch's does with {key} {_text(value)}.",
                set_to(key, value), _text(first[key]), _text(value),
            )  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    return f"{value:g}" if isinstance(value, float) else str(value)
