"""A built torch network as data: its module tree, and what each module was built with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Keyword of an init call's record that stands for "and then some of it was filled again".
PARTLY = "partly"


@dataclass(frozen=True)
class Filled:
    """How a parameter got its first values: a function of torch.nn.init and its arguments.

    name: ``kaiming_normal_``; "" where nothing was seen to fill it.
    """

    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """A parameter, buffer or tensor that a module itself holds.

    usual: how a fresh layer of the same kind fills it; None for what is no layer of torch's.
    constant: its value where all elements are equal, else None. arange: whether it counts from 0.
    persistent: whether checkpoints have it. tied: the full name that the same parameter has
    already, "" where it is none's.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool
    filled: Filled
    usual: Filled | None = None
    constant: float | None = None
    arange: bool = False
    persistent: bool = True
    tied: str = ""


@dataclass
class Described:
    """One module.

    path: "" is the root. kind: its class. layer: the torch class that its code is, such as
    ``torch.nn.Conv2d``; "" for a class of the user's own. arguments: of a layer's constructor,
    recovered from the instance, torch's defaults left out. given: what the user's constructor was
    called with, plain values only. attributes: plain Python values that it holds. absent: children
    that are None. first: the path where the same module stands already, None where it does not.
    """

    path: str
    kind: type
    layer: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    children: dict[str, "Described"] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    first: str | None = None

    def walk(self) -> Iterator["Described"]:
        """This module and everything below, in torch's order."""
        yield self
        for child in self.children.values():
            yield from child.walk()
