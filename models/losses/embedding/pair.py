"""Losses over distances between vectors and between scores: margins, each reduction."""

from harness import Input
from models.losses.common.declare import REDUCTIONS, loss

_FOLDER = "models.losses.embedding"
_VECTORS, _SCORES = Input((7, 6)), Input((11,))
#: Vectors alike enough for margins to show in pairs that do not belong together.
_ALIKE = Input((7, 6), offset=1.0)
_TOGETHER = Input((7,), "int64", "integers", low=0, high=2)
_HIGHER = Input((11,), "int64", "integers", low=0, high=2)
_MARGIN = {**REDUCTIONS, "margin": {"margin": 0.3}}


def _sides(name: str) -> tuple[str, str]:
    return f"{_FOLDER}.pt:{name}", f"{_FOLDER}.ms:{name}"


COSINE_EMBEDDING = loss(
    "cosine_embedding", *_sides("CosineEmbeddingLoss"), (_ALIKE, _ALIKE, _TOGETHER), _MARGIN
)
MARGIN_RANKING = loss(
    "margin_ranking", *_sides("MarginRankingLoss"), (_SCORES, _SCORES, _HIGHER), _MARGIN, least=0.0
)
TRIPLET = loss(
    "triplet_margin", *_sides("TripletMarginLoss"), (_VECTORS, _VECTORS, _VECTORS),
    {
        **REDUCTIONS,
        "margin": {"margin": 0.3},
        "swap": {"swap": True},
        "p1": {"p": 1.0},
        "p3": {"p": 3.0},
    },
    least=0.0,
)  # fmt: skip
NN_TRIPLET = loss(
    "triplet_margin.nn", f"{_FOLDER}.pt:TripletMarginLoss", f"{_FOLDER}.ms:NNTripletMarginLoss",
    (_VECTORS, _VECTORS, _VECTORS), {"mean": {}},
)  # fmt: skip
