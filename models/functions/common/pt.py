"""Functions as torch modules: built with the settings, called with the tensors."""

from collections.abc import Callable
from typing import Any

from torch import nn


class Calling(nn.Module):
    """Calls one function with the settings that it was built with."""

    def __init__(self, function: Callable[..., Any], settings: dict[str, Any]):
        super().__init__()
        self.function = function
        self.settings = settings

    def forward(self, *inputs: Any) -> Any:
        return self.function(*inputs, **self.settings)


def module(function: Callable[..., Any]) -> type[Calling]:
    """The class, named after the function, of the modules that call it."""

    def build(self: Calling, **settings: Any) -> None:
        Calling.__init__(self, function, settings)

    return type(function.__name__, (Calling,), {"__init__": build, "__doc__": function.__doc__})
