"""Products of every rank, the functional layers with weights, and convolutions."""

from models.functions.common.declare import Family, case

_family = Family("linear_algebra")
_pair = _family.pair

_BATCH = ((2, 3, 4), (2, 4, 5))

_MAIN = [
    _pair(
        "matmul",
        matrices=case((3, 4), (4, 5)),
        batches=case(*_BATCH),
        broadcast=case((2, 1, 3, 4), (3, 4, 5)),
        matrix_vector=case((3, 4), (4,)),
        vector_matrix=case((4,), (4, 3)),
        vectors=case((4,), (4,)),
        batch_vector=case((2, 3, 4), (4,)),
        long=case((2, 300), (300, 3)),
    ),
    _pair("mm", matrices=case((3, 4), (4, 5))),
    _pair("bmm", batches=case(*_BATCH)),
    _pair("mv", matrix=case((3, 4), (4,))),
    _pair("dot", vectors=case((7,), (7,))),
    _pair("outer", vectors=case((3,), (4,))),
    _pair("inner", vectors=case((4,), (4,)), matrices=case((3, 4), (5, 4))),
    *(
        _pair(name, plain=case(*shapes), scaled=case(*shapes, beta=0.5, alpha=-2.0))
        for name, shapes in {
            "addmm": ((3, 5), (3, 4), (4, 5)),
            "baddbmm": ((2, 3, 5), *_BATCH),
            "addbmm": ((3, 5), *_BATCH),
            "addmv": ((3,), (3, 4), (4,)),
        }.items()
    ),
    _pair(
        "tensordot",
        two=case((2, 3, 4), (3, 4, 5), dims=2),
        given=case((2, 3, 4), (4, 5, 3), dims=((1, 2), (2, 0))),
    ),
    _pair("kron", matrices=case((2, 3), (3, 2))),
    _pair("trace", square=case((4, 4)), wide=case((3, 5))),
    _pair("cross", last=case((4, 3), (4, 3)), first=case((3, 4), (3, 4), dim=0)),
    *(
        _pair(f"einsum_{name}", function="einsum", only=case(*shapes, equation=equation))
        for name, (equation, *shapes) in {
            "bmm": ("bij,bjk->bik", *_BATCH),
            "scores": ("bhqd,bhkd->bhqk", (2, 3, 4, 5), (2, 3, 6, 5)),
            "heads_last": ("bqhd,bkhd->bhqk", (2, 4, 3, 5), (2, 6, 3, 5)),
            "channels": ("nchw,cd->ndhw", (2, 3, 4, 5), (3, 6)),
            "outer": ("i,j->ij", (3,), (4,)),
            "rowwise": ("bi,bi->b", (3, 4), (3, 4)),
            "pooled": ("bchw->bc", (2, 3, 4, 5)),
            "transposed": ("bij->bji", (2, 3, 4)),
        }.items()
    ),
    _pair(
        "linear",
        bias=case((3, 4), (5, 4), (5,)),
        plain=case((3, 4), (5, 4)),
        sequence=case((2, 3, 4), (5, 4), (5,)),
        vector=case((4,), (5, 4), (5,)),
    ),
    _pair(
        "conv1d",
        k3=case((2, 4, 9), (6, 4, 3), (6,), padding=1),
        stride2=case((2, 4, 9), (6, 4, 3), stride=2),
        groups=case((2, 4, 9), (6, 2, 3), groups=2),
        dilation2=case((2, 4, 9), (6, 4, 3), padding=2, dilation=2),
    ),
    _pair(
        "conv2d",
        k3=case((2, 4, 7, 9), (6, 4, 3, 3), (6,), padding=1),
        stride2_even=case((2, 4, 8, 8), (6, 4, 3, 3), stride=2, padding=1),
        groups=case((2, 4, 7, 9), (6, 2, 3, 3), padding=1, groups=2),
        depthwise=case((2, 4, 7, 9), (4, 1, 3, 3), padding=1, groups=4),
        asymmetric=case((2, 4, 7, 9), (6, 4, 3, 5), stride=(2, 1), padding=(0, 2), dilation=(2, 1)),
    ),
    _pair(
        "conv3d",
        k3=case((1, 3, 5, 6, 7), (4, 3, 3, 3, 3), (4,), padding=1),
        stride2=case((1, 3, 5, 6, 7), (4, 3, 3, 3, 3), stride=2),
    ),
]

PAIRS = (
    *_MAIN,
    *(
        _pair(
            "einsum",
            form=form,
            bmm=case(*_BATCH, equation="bij,bjk->bik"),
            pooled=case((2, 3, 4, 5), equation="bchw->bc"),
        )
        for form in ("ops", "mint")
    ),
    *_family.forms(
        _MAIN,
        "mint",
        "matmul mm bmm mv dot outer addmm baddbmm addbmm addmv trace cross linear conv1d conv2d "
        "conv3d",
    ),
)
