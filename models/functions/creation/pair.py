"""Functions that make tensors, each added to its input so that types meet."""

from models.functions.common.declare import Family, case

_family = Family("creation")
_pair = _family.pair

_X = (3, 5)
_like = case(_X)

_MAIN = [
    _pair("arange", default=_like, step=case(_X, start=3, step=2), down=case(_X, start=3, step=-1)),
    _pair(
        "arange_integers",
        differentiable=False,
        end=case(_X, end=7),
        step=case(_X, start=1, end=8, step=3),
    ),
    _pair("linspace", unit=case(_X, start=0.0, end=1.0), down=case(_X, start=1.0, end=-1.0)),
    *(
        _pair(name, like=_like)
        for name in "zeros_like ones_like zeros ones eye causal_mask".split()
    ),
    *(_pair(name, given=case(_X, fill_value=0.3)) for name in ("full_like", "full")),
]

PAIRS = (
    *_MAIN,
    *_family.forms(
        _MAIN,
        "mint",
        "arange arange_integers linspace zeros_like ones_like zeros ones eye full_like full",
    ),
)
