"""Functions that move values and compute none: outputs are bit-identical."""

from models.functions.common.declare import Family, case

_family = Family("shaping", exact=True)
_pair = _family.pair

_X = (2, 3, 4)
_IMAGES = (2, 3, 5, 7)

_MAIN = [
    *(
        _pair(
            name,
            merged=case(_X, shape=(6, 4)),
            inferred=case(_X, shape=(2, -1)),
            whole=case(_X, shape=(-1,)),
            split=case(_X, shape=(2, 3, 2, 2)),
        )
        for name in ("reshape", "view")
    ),
    _pair("view_as", same=case(_X, (6, 4))),
    _pair("permute", nhwc=case(_IMAGES, dims=(0, 2, 3, 1)), negative=case(_X, dims=(-1, 0, 1))),
    _pair(
        "transpose",
        matrix=case((3, 4), dim0=0, dim1=1),
        last=case(_IMAGES, dim0=-2, dim1=-1),
        first=case(_X, dim0=0, dim1=2),
    ),
    _pair("swapaxes", last=case(_X, axis0=1, axis1=-1)),
    _pair(
        "movedim",
        one=case(_X, source=0, destination=-1),
        several=case(_IMAGES, source=(1, 2), destination=(-1, 0)),
    ),
    _pair("t", matrix=case((3, 4))),
    _pair("mT", batch=case(_X)),
    _pair(
        "squeeze",
        all=case((2, 1, 3, 1)),
        one=case((2, 1, 3, 1), dim=-1),
        several=case((1, 2, 1, 3), dim=(0, 2)),
        not_1=case((2, 1, 3, 1), dim=0),
        partly=case((1, 2, 1, 3), dim=(0, 1)),
    ),
    _pair("unsqueeze", first=case(_X, dim=0), last=case(_X, dim=-1), inner=case(_X, dim=-2)),
    _pair(
        "flatten",
        all=case(_IMAGES),
        batch=case(_IMAGES, start_dim=1),
        inner=case(_IMAGES, start_dim=1, end_dim=2),
        one=case((7,), start_dim=0),
    ),
    _pair(
        "unflatten",
        inner=case((2, 6, 5), dim=1, sizes=(2, 3)),
        inferred=case((2, 3, 12), dim=-1, sizes=(4, -1)),
    ),
    _pair("broadcast_to", last=case((3, 1), size=(3, 4)), more=case((4,), size=(2, 3, 4))),
    _pair("expand", kept=case((2, 1, 3), sizes=(-1, 4, -1)), more=case((3, 1), sizes=(2, 3, 4))),
    _pair("expand_as", last=case((3, 1), (3, 4)), more=case((4,), (2, 3, 4))),
    _pair("repeat", same_rank=case((2, 3), repeats=(2, 3)), more=case((2, 3), repeats=(2, 1, 2))),
    _pair(
        "tile",
        fewer=case(_X, dims=(2,)),
        same_rank=case((2, 3), dims=(2, 2)),
        more=case((2, 3), dims=(2, 1, 2)),
    ),
    _pair(
        "repeat_interleave",
        rows=case((2, 3), repeats=2, dim=0),
        columns=case((2, 3), repeats=3, dim=-1),
        flat=case((2, 3), repeats=2),
    ),
    _pair(
        "cat",
        rows=case((2, 3), (4, 3), (1, 3)),
        channels=case((2, 3, 4), (2, 1, 4), dim=1),
        last=case((2, 3), (2, 5), dim=-1),
    ),
    _pair("stack", first=case(_X, _X, _X), last=case(_X, _X, dim=-1), inner=case(_X, _X, dim=1)),
    _pair("hstack", matrices=case((2, 3), (2, 2)), vectors=case((3,), (2,))),
    _pair("vstack", matrices=case((2, 3), (1, 3)), vectors=case((3,), (3,))),
    _pair(
        "meshgrid",
        ij=case((3,), (4,), indexing="ij"),
        xy=case((3,), (4,), indexing="xy"),
        three=case((2,), (3,), (4,), indexing="ij"),
    ),
]

PAIRS = (
    *_MAIN,
    *_family.forms(
        _MAIN,
        "mint",
        "reshape permute transpose swapaxes squeeze:one unsqueeze flatten broadcast_to tile "
        "repeat_interleave cat stack hstack meshgrid",
    ),
)
