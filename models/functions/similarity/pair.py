"""Norms, distances and similarities, zero rows and eps among them."""

from harness import Input
from models.functions.common.declare import Family, case

_family = Family("similarity")
_pair = _family.pair

_X = (3, 4, 5)
_TWO = ((3, 8), (3, 8))
_SMALL = Input((3, 8), scale=1e-5)
_SOME_ZERO = Input((6, 1), draw="integers", low=0, high=2)

_ORDERS = {"p1": 1, "p2": 2, "p3": 3, "inf": float("inf"), "minus_inf": float("-inf")}

_MAIN = [
    _pair(
        "cosine_similarity",
        rows=case(*_TWO),
        channels=case((2, 4, 3, 3), (2, 4, 3, 3), dim=1),
        broadcast=case((3, 1, 8), (1, 4, 8), dim=-1),
        small=case(_SMALL, _SMALL, dim=1),
    ),
    _pair("cosine_similarity_zero_rows", half=case((6, 8), (6, 8), _SOME_ZERO)),
    _pair(
        "pairwise_distance",
        p2=case(*_TWO),
        p1=case(*_TWO, p=1.0, keepdim=True),
        eps=case(_SMALL, _SMALL, eps=1e-3),
    ),
    _pair("cdist", p2=case((3, 5), (4, 5)), p1=case((2, 3, 5), (2, 4, 5), p=1.0)),
    _pair(
        "norm",
        **{name: case(_X, p=p, dim=1) for name, p in _ORDERS.items()},
        whole=case(_X, p=2),
        several=case(_X, p=2, dim=(0, 2), keepdim=True),
    ),
    _pair(
        "vector_norm",
        **{name: case(_X, ord=p, dim=-1) for name, p in _ORDERS.items()},
        whole=case(_X),
        several=case(_X, dim=(1, 2), keepdim=True),
    ),
    _pair(
        "linalg_norm",
        whole=case((3, 4)),
        rows=case((3, 4), dim=1),
        frobenius=case((3, 4), ord="fro"),
        columns=case((3, 4), ord=1),
    ),
    _pair(
        "normalize",
        default=case(_X),
        last=case(_X, dim=-1),
        p1=case(_X, p=1.0),
        eps=case(_SMALL, dim=1, eps=1e-3),
    ),
    _pair("normalize_zero_rows", half=case((6, 8), _SOME_ZERO)),
]

PAIRS = (
    *_MAIN,
    # Known to differ.
    *_family.forms(_MAIN, "ops", "cosine_similarity:small", checks=("forward_eval",)),
    *_family.forms(_MAIN, "ops", "normalize_zero_rows", checks=("backward",)),
    *_family.forms(_MAIN, "mint", "norm cdist normalize linalg_norm vector_norm"),
)
