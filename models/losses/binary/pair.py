"""Losses over yes and no: of probabilities, of logits, of scores; weights, each reduction."""

from harness import Input
from models.losses.common.declare import REDUCTIONS, loss

_FOLDER = "models.losses.binary"
_CHANCES = Input((6, 5), draw="uniform", low=0.02, high=0.98)
_SCORES, _SOFT = Input((6, 5), scale=3.0), Input((6, 5), draw="uniform", low=0.0)
_ANSWERS = Input((6, 5), "int64", "integers", low=0, high=2)
_WEIGHT = (0.5, 2.0, 1.0, 3.0, 0.25)


def _sides(name: str) -> tuple[str, str]:
    return f"{_FOLDER}.pt:{name}", f"{_FOLDER}.ms:{name}"


BCE = loss(
    "bce", *_sides("BCELoss"), (_CHANCES, _ANSWERS),
    {**REDUCTIONS, "weight": {"weight": _WEIGHT}, "soft": {"inputs": (_CHANCES, _SOFT)}},
    least=0.0,
)  # fmt: skip
BCE_WITH_LOGITS = loss(
    "bce_with_logits", *_sides("BCEWithLogitsLoss"), (_SCORES, _ANSWERS),
    {
        **REDUCTIONS,
        "weight": {"weight": _WEIGHT},
        "pos_weight": {"pos_weight": _WEIGHT},
        "both": {"weight": _WEIGHT, "pos_weight": _WEIGHT, "reduction": "sum"},
        "soft": {"inputs": (_SCORES, _SOFT)},
        "large_logits": {"inputs": (Input((6, 5), scale=40.0), _ANSWERS)},
    },
    least=0.0,
)  # fmt: skip
SOFT_MARGIN = loss("soft_margin", *_sides("SoftMarginLoss"), (_SCORES, _ANSWERS), least=0.0)
NN_SOFT_MARGIN = loss(
    "soft_margin.nn", f"{_FOLDER}.pt:SoftMarginLoss", f"{_FOLDER}.ms:NNSoftMarginLoss",
    (_SCORES, _ANSWERS), {"mean": {}}, least=0.0,
)  # fmt: skip
HINGE_EMBEDDING = loss(
    "hinge_embedding", *_sides("HingeEmbeddingLoss"), (_SCORES, _ANSWERS),
    {**REDUCTIONS, "margin": {"margin": 2.5}},
)  # fmt: skip
