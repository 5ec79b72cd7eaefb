"""``mindspore.nn``'s optimizers, configured so that they move as torch's do.

All get their parameters as a group with a decay of its own: without it they leave parameters named
gamma or beta out of the decay. No setting makes these equal to torch's: ``nn.Adam`` (eps before the
bias correction), ``nn.AdamWeightDecay`` (no bias correction), ``nn.RMSProp`` (accumulators start at
1), ``nn.Adagrad`` (on CPU 1e-8 is added to its accumulators: gradients below 1e-3 move too little),
``nn.Momentum(use_nesterov=True)`` (the flag has no effect on CPU). Take ``nn.SGD`` for the last,
``mindspore.experimental.optim`` for the others.
"""

from collections.abc import Sequence
from typing import Any

from mindspore import nn


def _decaying(net: nn.Cell, weight_decay: float, leave_out: Sequence[str]) -> list[dict[str, Any]]:
    """All trainable parameters, save some cells', in one group with an explicit decay."""
    used = [p for p in net.trainable_params() if p.name.partition(".")[0] not in leave_out]
    return [{"params": used, "weight_decay": weight_decay}]


def SGD(
    net: nn.Cell,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    leave_out: Sequence[str] = (),
) -> nn.SGD:
    """nn.SGD with torch's arguments; the learning rate must be given, its own is 0.1."""
    parameters = _decaying(net, weight_decay, leave_out)
    return nn.SGD(parameters, lr, momentum, dampening, nesterov=nesterov)


def Momentum(
    net: nn.Cell,
    lr: float,
    momentum: float,
    weight_decay: float = 0.0,
    leave_out: Sequence[str] = (),
) -> nn.Momentum:
    """torch's SGD with momentum, without dampening and Nesterov."""
    return nn.Momentum(_decaying(net, weight_decay, leave_out), lr, momentum)


def Adadelta(
    net: nn.Cell,
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
    leave_out: Sequence[str] = (),
) -> nn.Adadelta:
    """nn.Adadelta, whose defaults are torch's."""
    return nn.Adadelta(_decaying(net, weight_decay, leave_out), lr, rho, eps)


def Adamax(
    net: nn.Cell,
    lr: float = 0.002,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    leave_out: Sequence[str] = (),
) -> nn.AdaMax:
    """nn.AdaMax with torch's rate: its own is 0.001."""
    return nn.AdaMax(_decaying(net, weight_decay, leave_out), lr, *betas, eps)


def Rprop(
    net: nn.Cell,
    lr: float = 0.01,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50.0),
) -> nn.Rprop:
    """nn.Rprop with torch's rate: its own is 0.1."""
    return nn.Rprop(net.trainable_params(), lr, etas, step_sizes)


def ASGD(
    net: nn.Cell,
    lr: float = 0.01,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0.0,
    leave_out: Sequence[str] = (),
) -> nn.ASGD:
    """nn.ASGD with torch's rate: its own is 0.1."""
    return nn.ASGD(_decaying(net, weight_decay, leave_out), lr, lambd, alpha, t0)
