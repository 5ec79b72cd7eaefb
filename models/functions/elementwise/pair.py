"""Elementwise functions, on values where their definitions differ: negatives, halves, zeros."""

from harness import Input
from models.functions.common.declare import Family, booleans, case, integers, positive

_family = Family("elementwise")
_pair = _family.pair

_SHAPE = (3, 4, 5)
_WHOLE = Input(_SHAPE, draw="integers", low=-4, high=5)
_NONZERO = Input(_SHAPE, draw="integers", low=1, high=4)
_SIGNS = Input((40,), draw="integers", low=-1, high=2)
_UNIT = Input(_SHAPE, draw="uniform", low=-0.95, high=0.95)
_TINY = case(Input(_SHAPE, scale=1e-6))

_normal = case(_SHAPE)
_two = case(_SHAPE, _SHAPE)
_broadcast = case(_SHAPE, (4, 1))

_UNARY = [
    *(_pair(name, normal=_normal) for name in "exp2 square sin cos tan atan sinh cosh".split()),
    *(_pair(name, normal=_normal) for name in "asinh erf erfc".split()),
    *(_pair(name, normal=_normal, tiny=_TINY) for name in "exp tanh sigmoid".split()),
    *(
        _pair(
            name,
            positive=case(positive(*_SHAPE)),
            small=case(positive(*_SHAPE, low=1e-6, high=1e-4)),
        )
        for name in "log log2 log10 sqrt rsqrt reciprocal".split()
    ),
    _pair("expm1", tiny=_TINY, normal=_normal),
    _pair("log1p", tiny=_TINY, positive=case(positive(*_SHAPE)), negative=case(_UNIT)),
    *(_pair(name, unit=case(_UNIT)) for name in "asin acos atanh".split()),
    _pair("acosh", above_1=case(positive(*_SHAPE, low=1.1, high=5.0))),
    *(
        _pair(name, exact=True, normal=_normal, zeros=case(_WHOLE))
        for name in "abs neg sign".split()
    ),
    *(
        _pair(name, exact=True, normal=case(Input(_SHAPE, scale=3.0)), whole=case(_WHOLE))
        for name in "floor ceil trunc frac".split()
    ),
    _pair(
        "round",
        normal=case(Input(_SHAPE, scale=3.0)),
        halves=case(Input(_SHAPE, draw="integers", low=-9, high=10), scale=0.5),
        decimals=case(Input(_SHAPE, scale=3.0), decimals=2),
    ),
]

_BINARY = [
    *(
        _pair(name, same=_two, broadcast=_broadcast, alpha=case(_SHAPE, _SHAPE, alpha=0.3))
        for name in "add sub".split()
    ),
    _pair("mul", same=_two, broadcast=_broadcast),
    *(
        _pair(name, exact=True, same=_two, broadcast=_broadcast, ties=case(_SIGNS, _SIGNS))
        for name in "maximum minimum".split()
    ),
    _pair(
        "div",
        true=case(_SHAPE, positive(*_SHAPE)),
        floor=case(_SHAPE, positive(4, 1), rounding_mode="floor"),
        trunc=case(_SHAPE, positive(4, 1), rounding_mode="trunc"),
    ),
    _pair(
        "floor_divide", differentiable=False, floats=case(Input(_SHAPE, scale=9.0), positive(4, 1))
    ),
    *(
        _pair(
            name,
            floats=case(Input(_SHAPE, scale=9.0), positive(4, 1)),
            whole=case(_WHOLE, _NONZERO),
        )
        for name in "remainder fmod".split()
    ),
    *(
        _pair(
            f"{name}_integers",
            function=name,
            differentiable=False,
            same=case(integers(*_SHAPE, low=-9), integers(*_SHAPE, low=1, high=5)),
            negative=case(integers(*_SHAPE, low=-9), integers(*_SHAPE, low=-5, high=0)),
        )
        for name in "div floor_divide remainder fmod".split()
    ),
    *(
        _pair(
            f"{name}_integers",
            function=name,
            differentiable=False,
            same=case(integers(*_SHAPE, low=-9), integers(*_SHAPE, low=-9)),
            mixed=case(Input(_SHAPE), integers(*_SHAPE, low=-9)),
        )
        for name in "add mul maximum".split()
    ),
    _pair(
        "pow",
        square=case(_SHAPE, exponent=2),
        cube=case(_SHAPE, exponent=3),
        root=case(positive(*_SHAPE), exponent=0.5),
        inverse=case(positive(*_SHAPE), exponent=-1),
        tensor=case(positive(*_SHAPE), _SHAPE),
    ),
    _pair("atan2", same=_two, broadcast=_broadcast),
    _pair("hypot", same=_two),
    _pair("xlogy", same=case(_SHAPE, positive(*_SHAPE))),
    _pair("logaddexp", same=_two),
    _pair("lerp", scalar=case(_SHAPE, _SHAPE, weight=0.3), tensor=case(_SHAPE, _SHAPE, _SHAPE)),
    _pair(
        "addcmul", same=case(_SHAPE, _SHAPE, _SHAPE), value=case(_SHAPE, _SHAPE, (4, 1), value=-0.5)
    ),
    _pair(
        "addcdiv",
        same=case(_SHAPE, _SHAPE, positive(*_SHAPE)),
        value=case(_SHAPE, _SHAPE, positive(4, 1), value=-0.5),
    ),
    _pair(
        "clamp",
        exact=True,
        both=case(_SHAPE, min=-0.5, max=0.7),
        below=case(_SHAPE, min=-0.5),
        above=case(_SHAPE, max=0.7),
        zero=case(_SHAPE, min=0),
        at_bounds=case(_WHOLE, min=-2, max=3),
    ),
]

_TRUTH = [
    *(
        _pair(
            name,
            differentiable=False,
            whole=case(_WHOLE, _NONZERO),
            integers=case(integers(40), integers(40)),
        )
        for name in "eq ne lt le gt ge".split()
    ),
    *(
        _pair(
            name,
            differentiable=False,
            booleans=case(booleans(40), booleans(40)),
            floats=case(_SIGNS, _SIGNS),
        )
        for name in "logical_and logical_or logical_xor".split()
    ),
    _pair("logical_not", differentiable=False, booleans=case(booleans(40)), floats=case(_SIGNS)),
    *(
        _pair(name, differentiable=False, divided=case(_SIGNS, _SIGNS))
        for name in "isnan isinf isfinite".split()
    ),
]

_NONFINITE = [
    _pair(
        "nan_to_num",
        differentiable=False,
        default=case(_SIGNS, _SIGNS),
        given=case(_SIGNS, _SIGNS, nan=0.5, posinf=9.0, neginf=-7.0),
        only_nan=case(_SIGNS, _SIGNS, nan=0.5),
    ),
    _pair("nan_relu", normal=_normal),
    _pair("nan_maximum", same=_two),
    _pair("nan_minimum", same=_two),
    _pair("nan_clamp", both=case(_SHAPE, min=-0.5, max=0.25)),
    _pair("nan_softplus", normal=_normal),
]

_MAIN = [*_UNARY, *_BINARY, *_TRUTH, *_NONFINITE]

PAIRS = (
    *_MAIN,
    *_family.forms(
        _MAIN,
        "ops",
        "expm1:tiny log1p:tiny nan_relu nan_maximum nan_minimum nan_clamp nan_softplus",
        checks=("forward_eval",),  # known to differ
    ),
    *_family.forms(_MAIN, "mint", "expm1:tiny log1p:tiny", checks=("forward_eval",)),  # likewise
    *_family.forms(
        _MAIN,
        "mint",
        "exp exp2 log log2 log10 sqrt rsqrt square reciprocal abs neg sign sin cos tan "
        "asin acos atan sinh cosh asinh acosh atanh tanh sigmoid erf erfc floor ceil trunc frac "
        "add sub mul maximum minimum fmod atan2 xlogy logaddexp div floor_divide remainder pow "
        "lerp addcmul addcdiv clamp eq ne lt le gt ge logical_and logical_or logical_xor "
        "logical_not round isnan isinf isfinite nan_to_num",
    ),
)
