"""Ways to change a built port: replace cells, give them other constructs, change parameters.

MindSpore is imported only when a change is made, so that listing the bugs needs no framework.
"""

import importlib
from collections.abc import Callable
from typing import Any

from seeded.kinds import Change

Make = Callable[[Any], Any]

#: What rebuilds a stock cell: the arguments of its class that it keeps as attributes.
_CONV = ("in_channels", "out_channels", "kernel_size", "stride", "pad_mode", "padding", "dilation",
         "group", "has_bias")  # fmt: skip
_ARGUMENTS = {
    "Conv2d": _CONV,
    "Conv2dTranspose": _CONV,
    "Dense": ("in_channels", "out_channels", "has_bias"),
    "BatchNorm2d": ("num_features",),
    "LayerNorm": ("normalized_shape", "epsilon"),
}


def find(net: Any, path: str) -> Any:
    """The cell at a path."""
    for name in path.split(".") if path else ():
        net = net._cells[name]
    return net


def put(net: Any, path: str, made: Any) -> None:
    """Put a cell in the place of the one at a path."""
    above, _, name = path.rpartition(".")
    holder = find(net, above)
    if name.isdigit():
        holder[int(name)] = made  # a SequentialCell keeps a list beside its cells
    else:
        setattr(holder, name, made)


def planted(*plants: Callable[[Any], None]) -> Change:
    """Several changes to the cell, as one."""

    def plant(net: Any) -> None:
        for each in plants:
            each(net)

    return Change(plant=plant)


def replaced(path: str, make: Make) -> Change:
    """Another cell in one cell's place."""
    return planted(lambda net: put(net, path, make(find(net, path))))


def replaced_each(type_name: str, make: Make) -> Change:
    """Another cell in the place of every cell of one type."""

    def plant(net: Any) -> None:
        for path, cell in list(net.cells_and_names()):
            if type(cell).__name__ == type_name:
                put(net, path, make(cell))

    return planted(plant)


def again(**changes: Any) -> Make:
    """The same stock cell, built again with other arguments and the same initial values."""

    def make(old: Any) -> Any:
        from mindspore import nn

        name = type(old).__name__
        kwargs = {key: getattr(old, key) for key in _ARGUMENTS[name]}
        made = getattr(nn, name)(**{**kwargs, **changes})
        for local, parameter in made._params.items():
            before = old._params.get(local)
            if before is not None and parameter is not None and before.shape == parameter.shape:
                parameter.set_data(before.value().copy())
        return made

    return make


def stock(name: str, *args: Any, **kwargs: Any) -> Make:
    """A cell of mindspore.nn by name, whatever was there."""

    def make(old: Any) -> Any:
        from mindspore import nn

        return getattr(nn, name)(*args, **kwargs)

    return make


def sequential(*makes: Make) -> Make:
    """Several cells in one cell's place."""

    def make(old: Any) -> Any:
        from mindspore import nn

        return nn.SequentialCell(*(each(old) for each in makes))

    return make


def own(name: str, *args: Any) -> Make:
    """A cell of ``seeded.constructs`` by "module.Class"."""
    return lambda old: _construct(name)(*args)


def _construct(name: str) -> Any:
    module, _, attribute = name.partition(".")
    return getattr(importlib.import_module(f"seeded.constructs.{module}"), attribute)


def reclassed(cell: Any, **body: Any) -> None:
    """Give one cell a class of its own, under its old name, with other methods."""
    cell.__class__ = type(type(cell).__name__, (type(cell),), body)


def rewired(path: str, name: str) -> Change:
    """Another construct for one cell, by "module.function" of ``seeded.constructs``."""
    return planted(lambda net: reclassed(find(net, path), construct=_construct(name)))


def set_attribute(path: str, name: str, value: Any) -> Change:
    """Another value of an attribute, dotted below a cell: ``bn2`` and ``gamma.requires_grad``."""

    def plant(net: Any) -> None:
        *above, last = name.split(".")
        holder = find(net, path)
        for each in above:
            holder = getattr(holder, each)
        setattr(holder, last, value)

    return planted(plant)


def told(path: str, mode: bool) -> Change:
    """A network that puts one subtree into one mode, whatever it is told itself."""

    def set_train(self: Any, train: bool = True) -> Any:
        super(type(self), self).set_train(train)
        find(self, path).set_train(mode)
        return self

    return planted(lambda net: reclassed(net, set_train=set_train))


def aliased(path: str, other: str) -> Change:
    """One cell in the place of another: the same object twice in the tree."""
    return planted(lambda net: put(net, path, find(net, other)))
