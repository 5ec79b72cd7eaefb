"""Losses between distributions: divergence, Poisson, Gaussian, sequences without alignment."""

from harness import Input
from models.losses.common.declare import REDUCTIONS, loss

_FOLDER = "models.losses.distribution"
_X = Input((6, 5))
_RATES = Input((6, 5), draw="uniform", low=0.2, high=3.0)
_COUNTS = Input((6, 5), draw="uniform", low=0.0, high=6.0)


def _sides(name: str) -> tuple[str, str]:
    return f"{_FOLDER}.pt:{name}", f"{_FOLDER}.ms:{name}"


KL_DIV = loss(
    "kl_div",
    *_sides("KLDivLoss"),
    (_X, _X),
    {**REDUCTIONS, "batchmean": {"reduction": "batchmean"}},
)
NN_KL_DIV = loss(
    "kl_div.nn", f"{_FOLDER}.pt:KLDivLoss", f"{_FOLDER}.ms:NNKLDivLoss", (_X, _X),
    {"batchmean": {"reduction": "batchmean"}},
)  # fmt: skip
POISSON = loss(
    "poisson_nll", *_sides("PoissonNLLLoss"), (_X, _COUNTS),
    {
        **REDUCTIONS,
        "rates": {"log_input": False, "inputs": (_RATES, _COUNTS)},
        "full": {"full": True},
    },
)  # fmt: skip
GAUSSIAN = loss(
    "gaussian_nll", *_sides("GaussianNLLLoss"), (_X, _X, _RATES),
    {**REDUCTIONS, "full": {"full": True}},
)  # fmt: skip
CTC = loss(
    "ctc", *_sides("CTCLoss"),
    (Input((9, 3, 5)), Input((3, 3), "int64", "integers", low=1, high=5)), least=0.0,
)  # fmt: skip
