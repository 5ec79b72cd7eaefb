"""Losses over real targets: squared, absolute and between the two, each reduction."""

from harness import Input
from models.losses.common.declare import REDUCTIONS, loss

_X = (Input((6, 5), scale=2.0), Input((6, 5), scale=2.0))
_LOSSES = "harness.backends.mindspore_losses"

MSE = loss("mse", "torch.nn:MSELoss", "mindspore.nn:MSELoss", _X, least=0.0)
L1 = loss("l1", "torch.nn:L1Loss", "mindspore.nn:L1Loss", _X, least=0.0)
SMOOTH_L1 = loss(
    "smooth_l1",
    "torch.nn:SmoothL1Loss",
    f"{_LOSSES}:SmoothL1Loss",
    _X,
    {**REDUCTIONS, "narrow": {"beta": 0.3}, "wide": {"beta": 3.0, "reduction": "sum"}},
    least=0.0,
)
HUBER = loss(
    "huber",
    "torch.nn:HuberLoss",
    "mindspore.nn:HuberLoss",
    _X,
    {**REDUCTIONS, "narrow": {"delta": 0.3}, "wide": {"delta": 3.0, "reduction": "sum"}},
    least=0.0,
)
