"""Small networks, right and wrong, for the tests of the harness; importable by worker processes."""

from dataclasses import replace
from typing import Any, NamedTuple

import mindspore as ms
import torch
from mindspore import nn, ops

from harness import Input, Optimizers, Pair

ONLY_VALUES = ("forward_eval", "forward_train", "backward")


class Net(torch.nn.Module):
    """Linear, ReLU, Dropout, Linear."""

    def __init__(self, tied: bool = False) -> None:
        super().__init__()
        self.first = torch.nn.Linear(6, 6)
        self.act = torch.nn.ReLU()
        self.drop = torch.nn.Dropout(0.25)
        self.last = torch.nn.Linear(6, 6)
        if tied:
            self.last.weight = self.first.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.drop(self.act(self.first(x))))


class Port(nn.Cell):
    """The same in MindSpore."""

    def __init__(self, tied: bool = False) -> None:
        super().__init__()
        self.first = nn.Dense(6, 6)
        self.act = nn.ReLU()
        self.drop = nn.Dropout(p=0.25)
        self.last = nn.Dense(6, 6)
        if tied:
            self.last.weight = self.first.weight

    def construct(self, x):
        return self.last(self.drop(self.act(self.first(x))))


def _with(**cells: nn.Cell) -> Port:
    port = Port()
    for name, cell in cells.items():
        setattr(port, name, cell)
    return port


def keep_prob() -> Port:
    """Dropout(0.25): the first positional argument is keep_prob."""
    return _with(drop=nn.Dropout(0.25))


def relu6() -> Port:
    return _with(act=nn.ReLU6())


def tied() -> Port:
    return Port(tied=True)


def tied_torch() -> Net:
    return Net(tied=True)


LATEST: list[Net] = []


def remembered() -> Net:
    LATEST.append(Net())
    return LATEST[-1]


def aliasing() -> Port:
    """The port takes torch's own memory for its first weight."""
    port = Port()
    weight = LATEST[-1].first.weight.detach().numpy()
    port.first.weight.set_data(ms.Tensor.from_numpy(weight))
    return port


class Compiled(Port):
    """Part of the port is a compiled function, which remembers mode and parameters."""

    def __init__(self) -> None:
        super().__init__()

        @ms.jit
        def tail(x):
            return self.last(x)

        self.tail = tail

    def construct(self, x):
        return self.tail(self.drop(self.act(self.first(x))))


class UncompiledReLU(nn.ReLU):
    """MindSpore's compiler knows no ``try``."""

    def construct(self, x):
        try:
            return super().construct(x)
        except ValueError:
            return x


class UncompiledDropout(nn.Dropout):
    """MindSpore's compiler knows no ``try``."""

    def construct(self, x):
        try:
            return super().construct(x)
        except ValueError:
            return x


def uncompiled_act() -> Port:
    return _with(act=UncompiledReLU())


def uncompiled_drop() -> Port:
    return _with(drop=UncompiledDropout(p=0.25))


class RandomPort(Port):
    """Adds noise in eval mode, too."""

    def construct(self, x):
        hidden = self.act(self.first(x))
        return self.last(hidden + 0.1 * ops.randn_like(hidden))


class Outputs(NamedTuple):
    result: torch.Tensor
    hidden: torch.Tensor


class NamedNet(Net):
    """Returns a named tuple."""

    def forward(self, x: torch.Tensor) -> Outputs:
        hidden = self.act(self.first(x))
        return Outputs(self.last(hidden), hidden)


class TuplePort(Port):
    """Returns the same as a plain tuple."""

    def construct(self, x):
        hidden = self.act(self.first(x))
        return self.last(hidden), hidden


class SwappedPort(Port):
    """Returns it in another order."""

    def construct(self, x):
        hidden = self.act(self.first(x))
        return hidden, self.last(hidden)


class TwiceNet(torch.nn.Module):
    """One layer called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(6, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(self.layer(x))


class OncePort(nn.Cell):
    """The same layer called once."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Dense(6, 6)

    def construct(self, x):
        return self.layer(x)


def sgd(net: torch.nn.Module) -> Any:
    return torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)


def scheduled(net: torch.nn.Module) -> Any:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.1)


def ms_sgd(net: nn.Cell) -> Any:
    return nn.SGD(net.trainable_params(), 0.1, 0.9, weight_decay=0.01)


def ms_sgd_without_last(net: nn.Cell) -> Any:
    moved = [p for p in net.trainable_params() if "last" not in p.name]
    return nn.SGD(moved, 0.1, 0.9, weight_decay=0.01)


def ms_sgd_late(net: nn.Cell) -> Any:
    return nn.SGD(net.trainable_params(), [0.1, 0.1, 0.1, 0.01], 0.9)


def ms_sgd_on_time(net: nn.Cell) -> Any:
    return nn.SGD(net.trainable_params(), [0.1, 0.1, 0.01, 0.01], 0.9)


def adam(net: torch.nn.Module) -> Any:
    return torch.optim.Adam(net.parameters(), lr=1e-3)


def ms_adam(net: nn.Cell) -> Any:
    return nn.Adam(net.trainable_params(), 1e-3)


RIGHT = Pair("networks.small", "small:Net", "small:Port", [Input((5, 6))], has_state=False)


def wrong(port: str, **changes: Any) -> Pair:
    """The small pair with another port."""
    return replace(RIGHT, mindspore=f"small:{port}", **changes)


def trained_with(torch_factory: str, mindspore_factory: str) -> Pair:
    """The small pair with optimizers."""
    return replace(
        RIGHT, optimizers=Optimizers(f"small:{torch_factory}", f"small:{mindspore_factory}")
    )
