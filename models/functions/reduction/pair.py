"""Reductions: of everything, along one and several dimensions, kept or not, ties and zeros."""

from harness import Input
from models.functions.common.declare import Family, booleans, case, integers

_family = Family("reduction")
_pair = _family.pair

_X = (3, 4, 5)
_TIES = Input((4, 6), draw="integers", low=-1, high=2)
_OFFSET = Input((3, 40), offset=30.0)

_along = {
    "whole": case(_X),
    "last": case(_X, dim=-1),
    "kept": case(_X, dim=1, keepdim=True),
}
_several = {**_along, "several": case(_X, dim=(0, 2))}

_MAIN = [
    *(_pair(name, **_several) for name in ("sum", "mean")),
    *(_pair(name, exact=True, **_along) for name in ("max", "min")),
    *(_pair(name, exact=True, **_several, ties=case(_TIES, dim=1)) for name in ("amax", "amin")),
    _pair("aminmax", exact=True, **_along),
    _pair("prod", **_along, zeros=case(_TIES, dim=1)),
    *(
        _pair(name, differentiable=False, **_along, ties=case(_TIES, dim=1))
        for name in ("argmax", "argmin")
    ),
    *(
        _pair(
            name,
            differentiable=False,
            booleans=case(booleans(3, 4)),
            dim=case(booleans(6, 2), dim=1),
            floats=case(_TIES, dim=0, keepdim=True),
        )
        for name in ("all", "any")
    ),
    *(
        _pair(
            name,
            **_several,
            biased=case(_X, dim=2, unbiased=False),
            whole_biased=case((6,), unbiased=False),
            offset=case(_OFFSET, dim=1),
        )
        for name in ("var", "std")
    ),
    *(
        _pair(
            name, last=case(_X, dim=-1), biased=case(_X, dim=(1, 2), unbiased=False, keepdim=True)
        )
        for name in ("var_mean", "std_mean")
    ),
    _pair(
        "logsumexp",
        last=case(_X, dim=-1),
        several=case(_X, dim=(0, 2), keepdim=True),
        large=case(Input((3, 6), scale=60.0), dim=1),
    ),
    _pair("cumsum", first=case(_X, dim=0), last=case(_X, dim=-1)),
    _pair("cumprod", first=case(_X, dim=0), last=case(_X, dim=-1)),
    _pair("cummax", exact=True, last=case(_X, dim=-1)),
    _pair(
        "median",
        exact=True,
        odd=case((3, 5), dim=-1),
        even=case((3, 6), dim=-1),
        kept=case(_X, dim=1, keepdim=True),
        whole=case((3, 5)),
    ),
    _pair("count_nonzero", differentiable=False, whole=case(_TIES), dim=case(_TIES, dim=1)),
    *(
        _pair(
            f"{name}_integers",
            function=name,
            differentiable=False,
            whole=case(integers(3, 4, low=-9)),
            dim=case(integers(3, 4, low=-9), dim=1),
        )
        for name in ("sum", "max")
    ),
    _pair(
        "sum_booleans",
        function="sum",
        differentiable=False,
        whole=case(booleans(3, 4)),
        dim=case(booleans(3, 4), dim=1),
    ),
    _pair("nan_amax", differentiable=False, dim=case((4, 6), dim=1)),
]

PAIRS = (
    *_MAIN,
    *_family.forms(_MAIN, "ops", "nan_amax", checks=("forward_eval",)),  # known to differ
    *_family.forms(
        _MAIN,
        "mint",
        "sum mean max:last min:last amax:last amin:last prod argmax argmin all any logsumexp "
        "cumsum cumprod cummax median count_nonzero var std",
    ),
)
