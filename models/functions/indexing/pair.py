"""Functions that select, scatter and sort; values only move, so outputs are bit-identical."""

from harness import Input
from models.functions.common.declare import Family, booleans, case, integers, permutation

_family = Family("indexing", exact=True)
_pair = _family.pair

_X = (4, 6)
_CUBE = (3, 4, 5)
_TIES = Input((4, 6), draw="integers", low=-1, high=2)
_WHOLE = Input((5,), draw="integers", low=-3, high=4)
_rows = integers(5, high=4)

_SELECTING = [
    _pair(
        "gather",
        last=case(_X, integers(4, 3, high=6), dim=1),
        first=case(_X, integers(2, 6, high=4), dim=0),
        negative=case(_CUBE, integers(3, 4, 2, high=5), dim=-1),
    ),
    _pair(
        "index_select", rows=case(_X, _rows, dim=0), inner=case(_CUBE, integers(3, high=4), dim=1)
    ),
    _pair(
        "take_along_dim",
        same=case(_X, integers(4, 3, high=6), dim=1),
        broadcast=case(_X, integers(1, 3, high=6), dim=1),
    ),
    _pair(
        "masked_fill",
        same=case(_X, booleans(*_X), value=-9.0),
        broadcast=case(_X, booleans(6), value=float("-inf")),
    ),
    _pair("masked_select", same=case(_X, booleans(*_X))),
    _pair("where", same=case(booleans(*_X), _X, _X), broadcast=case(booleans(4, 1), _X, (6,))),
    _pair(
        "index_rows",
        vector=case(_X, _rows),
        matrix=case(_X, integers(2, 3, high=4)),
        negative=case(_X, integers(5, low=-4, high=4)),
    ),
    _pair("index_columns", vector=case(_CUBE, integers(2, high=4))),
    _pair("index_pairs", vectors=case(_CUBE, integers(6, high=3), integers(6, high=4))),
    _pair("index_mask", same=case(_X, booleans(*_X))),
    _pair("slices", cube=case((2, 5, 4))),
    _pair("slice_steps", even=case((2, 3, 6, 8)), odd=case((2, 3, 5, 7))),
    _pair("narrow", inner=case(_CUBE, dim=1, start=1, length=2)),
    _pair(
        "diagonal",
        matrix=case(_X),
        offset=case(_X, offset=1),
        below=case(_X, offset=-2),
        batch=case(_CUBE, dim1=1, dim2=2),
    ),
    _pair("diag_embed", vector=case((4,)), batch=case((2, 3)), offset=case((2, 3), offset=1)),
    *(
        _pair(name, matrix=case(_X), above=case(_X, diagonal=1), below=case(_CUBE, diagonal=-1))
        for name in ("tril", "triu")
    ),
]

_SCATTERING = [
    _pair(
        "scatter",
        last=case(_X, permutation(4, 6), (4, 6), dim=1),
        part=case((4, 6), permutation(3, 4), (3, 4), dim=-1),
    ),
    _pair(
        "scatter_add",
        exact=False,
        # Each place once: on CPU MindSpore's threads lose sums that meet in one place.
        last=case(_X, permutation(4, 3), (4, 3), dim=1),
    ),
    _pair(
        "index_add",
        exact=False,
        rows=case(_X, _rows, (5, 6), dim=0),
        scaled=case(_CUBE, integers(7, high=4), (3, 7, 5), dim=1, alpha=-0.5),
    ),
    _pair(
        "index_fill",
        rows=case(_X, integers(2, high=4), dim=0, value=0.0),
        columns=case(_X, integers(2, high=6), dim=1, value=-1.5),
    ),
    _pair("index_assign", rows=case((5, 6), permutation(3), (3, 6))),
    _pair("slice_assign", columns=case(_X, (4, 2))),
]

_SPLITTING = [
    _pair("unbind", first=case(_X), last=case(_CUBE, dim=-1)),
    _pair("chunk", even=case(_X, chunks=3, dim=1), uneven=case((7, 2), chunks=3)),
    _pair(
        "split",
        size=case(_X, split_size_or_sections=2, dim=1),
        uneven=case((7, 2), split_size_or_sections=3),
        sections=case(_X, split_size_or_sections=(1, 3, 2), dim=-1),
    ),
    _pair(
        "tensor_split",
        uneven=case((7, 2), indices_or_sections=3),
        given=case((7, 2), indices_or_sections=(2, 5)),
    ),
    _pair(
        "roll",
        one=case(_X, shifts=2, dims=1),
        two=case(_X, shifts=(1, -2), dims=(0, 1)),
        flat=case(_X, shifts=5),
    ),
    _pair("flip", one=case(_X, dims=(1,)), two=case(_CUBE, dims=(0, -1))),
]

_SORTING = [
    _pair(
        "topk",
        largest=case(_X, k=3),
        smallest=case(_X, k=2, largest=False),
        dim=case(_CUBE, k=2, dim=1),
    ),
    _pair("sort", up=case(_X), down=case(_X, descending=True), dim=case(_CUBE, dim=1)),
    *(
        _pair(name, differentiable=False, **variants)
        for name, variants in {
            "argsort": {"up": case(_X), "down": case(_CUBE, dim=1, descending=True)},
            "one_hot": {
                "vector": case(integers(7, high=5), num_classes=5),
                "matrix": case(integers(2, 3, high=5), num_classes=6),
            },
            "nonzero": {"matrix": case(_TIES), "booleans": case(booleans(9))},
            "unique": {"ties": case(_TIES), "integers": case(integers(20, high=9))},
            "bincount": {
                "vector": case(integers(20, high=6)),
                "longer": case(integers(20, high=6), minlength=9),
            },
            "searchsorted": {"left": case(_WHOLE, _TIES), "right": case(_WHOLE, _TIES, right=True)},
            "bucketize": {"left": case(_TIES, _WHOLE), "right": case(_TIES, _WHOLE, right=True)},
        }.items()
    ),
]

_MAIN = [*_SELECTING, *_SCATTERING, *_SPLITTING, *_SORTING]

PAIRS = (
    *_MAIN,
    *_family.forms(_MAIN, "ops", "roll scatter index_select"),
    # Known to differ.
    *_family.forms(_MAIN, "ops", "index_rows:negative slice_steps", checks=("backward",)),
    *_family.forms(_MAIN, "mint", "unbind", checks=("backward",)),
    *_family.forms(
        _MAIN,
        "mint",
        "where masked_select topk sort argsort narrow chunk split roll flip tril triu "
        "nonzero unique bincount searchsorted one_hot gather index_select scatter scatter_add",
    ),
)
