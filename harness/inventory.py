"""What a built model consists of, as data: its modules and its parameters, with types and shapes.

An Inventory is read off a model by a backend, travels inside traces as JSON, and is all that
mapping and reporting need: neither imports a framework.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Module:
    """One module of a tree: its path ("" is the root), type, scalar settings and source line.

    ``base`` is the framework's own layer that it is or inherits from, "" where there is none.
    ``overrides``: a cell that computes in a construct of its own, not in that of its base.
    """

    path: str
    type: str
    namespace: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    base: str = ""
    overrides: bool = False


@dataclass(frozen=True)
class Parameter:
    """One parameter or persistent buffer: full name, shape, dtype ("float32"), trainable or not.

    ``shares`` names the parameter whose storage this one is, when two names are tied. ``twin`` is
    set on a part of a joined parameter, see ``harness.fusion``: what the other side calls it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool
    shares: str = ""
    twin: str = ""

    @property
    def whole(self) -> str:
        """The name that the framework knows: of a part, that of the joined parameter."""
        return self.name.rpartition("[")[0] if self.twin else self.name


@dataclass(frozen=True)
class Inventory:
    """Modules in registration order and parameters in definition order, of one framework."""

    framework: str
    modules: tuple[Module, ...]
    parameters: tuple[Parameter, ...]

    @property
    def paths(self) -> dict[str, Module]:
        return {module.path: module for module in self.modules}

    @property
    def names(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Inventory":
        parameters = [{**p, "shape": tuple(p["shape"])} for p in data["parameters"]]
        return Inventory(
            framework=data["framework"],
            modules=tuple(Module(**m) for m in data["modules"]),
            parameters=tuple(Parameter(**p) for p in parameters),
        )


def parent(path: str) -> str:
    """Path of the module above; the root's parent is the root."""
    return path.rpartition(".")[0]
