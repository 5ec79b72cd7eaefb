"""Functions as MindSpore cells: built with the settings, called with the tensors."""

from collections.abc import Callable
from typing import Any

from mindspore import nn


class Calling(nn.Cell):
    """Calls one function with the settings that it was built with.

    No functools.partial: one of two tensors or more has no gradient in a graph.
    """

    def __init__(self, function: Callable[..., Any], settings: dict[str, Any]):
        super().__init__()
        self.function = function
        self.settings = settings

    def construct(self, *inputs):
        return self.function(*inputs, **self.settings)


def cell(function: Callable[..., Any]) -> type[Calling]:
    """The class, named after the function, of the cells that call it."""

    def build(self: Calling, **settings: Any) -> None:
        Calling.__init__(self, function, settings)

    return type(function.__name__, (Calling,), {"__init__": build, "__doc__": function.__doc__})
