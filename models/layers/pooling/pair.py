"""Pooling: padded windows over negative inputs, odd and even sizes, ceil_mode, dilation, divisors,
indices, output sizes that do not divide the input's."""

from dataclasses import replace

from harness import Input, Pair, Variant

_FOLDER = "models.layers.pooling"
#: Inputs of one, two and three dimensions, odd and even ones.
_INPUTS = {1: Input((2, 4, 11)), 2: Input((2, 4, 9, 8)), 3: Input((2, 3, 6, 7, 5))}
_STEM = {"kernel_size": 3, "stride": 2, "padding": 1}


def _pair(layer: str, name: str, variants: dict[str, Variant], exact: bool = False) -> Pair:
    return Pair(
        name=f"layers.{name}",
        torch=f"{_FOLDER}.pt:{layer}",
        mindspore=f"{_FOLDER}.ms:{layer}",
        inputs=[_INPUTS[int(layer[-2])]],
        has_parameters=False,
        has_state=False,
        exact=exact,
        variants=variants,
    )


def _form(pair: Pair, form: str, target: str, variant: str) -> Pair:
    variants = {variant: pair.variants[variant]}
    return replace(pair, name=f"{pair.name}.{form}", mindspore=target, variants=variants)


# Maxima and means over windows.

_MAX = {
    "stem": Variant(_STEM),
    "default_stride": Variant({"kernel_size": 2}),
    "ceil": Variant({"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    "dilation": Variant({"kernel_size": 2, "stride": 1, "dilation": 2}),
    "indices": Variant({**_STEM, "return_indices": True}),
}
_AVG = {
    "stem": Variant(_STEM),
    "default_stride": Variant({"kernel_size": 2}),
    "ceil": Variant({"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    "ceil_padded": Variant({**_STEM, "kernel_size": 4, "ceil_mode": True}),
    "without_pad": Variant({**_STEM, "count_include_pad": False}),
    "ceil_without_pad": Variant(
        {**_STEM, "kernel_size": 4, "ceil_mode": True, "count_include_pad": False}
    ),
}
_DIVISOR = {
    "divisor": Variant({**_STEM, "divisor_override": 5}),
    "ceil_divisor": Variant({**_STEM, "divisor_override": 5, "ceil_mode": True}),
}
MAXPOOL1D = _pair("MaxPool1d", "maxpool1d", _MAX, exact=True)
MAXPOOL2D = _pair(
    "MaxPool2d",
    "maxpool2d",
    {
        "stem": Variant(_STEM, [Input((2, 4, 8, 8))]),
        "stem_odd": Variant(_STEM, [Input((2, 4, 9, 7))]),
        "stem_negative": Variant(_STEM, [Input((2, 4, 8, 8), offset=-5.0)]),
        "default_stride": Variant({"kernel_size": 2}, [Input((2, 4, 8, 6))]),
        "ceil": Variant({"kernel_size": 3, "stride": 2, "ceil_mode": True}, [Input((2, 4, 8, 8))]),
        "dilation": _MAX["dilation"],
        "indices": _MAX["indices"],
        "uneven": Variant({"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}),
    },
    exact=True,
)
MAXPOOL3D = _pair(
    "MaxPool3d",
    "maxpool3d",
    {
        **_MAX,
        "uneven": Variant({"kernel_size": (1, 3, 2), "stride": (1, 2, 2), "padding": (0, 1, 0)}),
    },
    exact=True,
)
AVGPOOL1D = _pair("AvgPool1d", "avgpool1d", _AVG)
AVGPOOL2D = _pair(
    "AvgPool2d",
    "avgpool2d",
    {**_AVG, **_DIVISOR, "uneven": Variant({"kernel_size": (3, 2), "stride": (2, 1)})},
)
AVGPOOL3D = _pair("AvgPool3d", "avgpool3d", {**_AVG, **_DIVISOR})
LPPOOL = tuple(
    _pair(
        f"LPPool{dimensions}d",
        f"lppool{dimensions}d",
        {
            "norm2": Variant({"norm_type": 2.0, "kernel_size": 3, "stride": 2}),
            "ceil": Variant({"norm_type": 2.0, "kernel_size": 2, "ceil_mode": True}),
            "norm3": Variant(
                {"norm_type": 3.0, "kernel_size": 2}, [replace(_INPUTS[dimensions], offset=5.0)]
            ),
        },
    )
    for dimensions in (1, 2)
)

# Adaptive ones.

ADAPTIVE_AVGPOOL2D = _pair(
    "AdaptiveAvgPool2d",
    "adaptive_avgpool2d",
    {
        "to1": Variant({"output_size": 1}, [Input((2, 8, 7, 7))]),
        "to1_odd": Variant({"output_size": 1}, [Input((2, 8, 5, 3))]),
        "to1_plane1": Variant({"output_size": 1}, [Input((2, 8, 1, 1))]),
        "to3x2": Variant({"output_size": (3, 2)}, [Input((2, 8, 7, 5))]),
        "enlarged": Variant({"output_size": 7}, [Input((2, 8, 5, 3))]),
        "one_kept": Variant({"output_size": (None, 3)}, [Input((2, 8, 5, 7))]),
    },
)
REDUCE_MEAN = replace(
    ADAPTIVE_AVGPOOL2D,
    name="layers.reduce_mean",
    mindspore=f"{_FOLDER}.ms:ReduceMean",
    variants={n: v for n, v in ADAPTIVE_AVGPOOL2D.variants.items() if n.startswith("to1")},
)
_TO = {
    "to1": Variant({"output_size": 1}),
    "to4": Variant({"output_size": 4}),
    "enlarged": Variant({"output_size": 13}),
}
_INDICES = {"indices": Variant({"output_size": 3, "return_indices": True})}
ADAPTIVE_AVGPOOL1D = _pair("AdaptiveAvgPool1d", "adaptive_avgpool1d", _TO)
ADAPTIVE_AVGPOOL3D = _pair(
    "AdaptiveAvgPool3d",
    "adaptive_avgpool3d",
    {"to1": _TO["to1"], "to4": _TO["to4"], "uneven": Variant({"output_size": (2, 5, 3)})},
)
ADAPTIVE_MAXPOOL1D = _pair(
    "AdaptiveMaxPool1d", "adaptive_maxpool1d", {**_TO, **_INDICES}, exact=True
)
ADAPTIVE_MAXPOOL2D = _pair(
    "AdaptiveMaxPool2d",
    "adaptive_maxpool2d",
    {
        **_TO,
        **_INDICES,
        "uneven": Variant({"output_size": (5, 3)}),
        "one_kept": Variant({"output_size": (None, 3)}),
    },
    exact=True,
)
ADAPTIVE_MAXPOOL3D = _pair(
    "AdaptiveMaxPool3d",
    "adaptive_maxpool3d",
    {"to1": _TO["to1"], "to4": _TO["to4"], **_INDICES},
    exact=True,
)

# Back to where the maxima were: the second input says where, in int64.

MAXUNPOOL = tuple(
    replace(
        _pair(
            f"MaxUnpool{dimensions}d",
            f"maxunpool{dimensions}d",
            {
                "k2": Variant({"kernel_size": 2}),
                "k3s2p1": Variant({"kernel_size": 3, "stride": 2, "padding": 1}),
            },
            exact=True,
        ),
        inputs=[
            Input((2, 3, *(1,) * (dimensions - 1), 8)),
            Input((2, 3, *(1,) * (dimensions - 1), 8), "int64", "permutation"),
        ],
    )
    for dimensions in (1, 2, 3)
)

# Other forms.

MINT = tuple(
    _form(pair, "mint", f"mindspore.mint.nn:{pair.torch.rpartition(':')[2]}", variant)
    for pair, variant in (
        (MAXPOOL2D, "stem"),
        (AVGPOOL1D, "stem"),
        (AVGPOOL2D, "divisor"),
        (AVGPOOL3D, "stem"),
        (ADAPTIVE_AVGPOOL1D, "to4"),
        (ADAPTIVE_AVGPOOL2D, "to3x2"),
        (ADAPTIVE_AVGPOOL3D, "to4"),
        (ADAPTIVE_MAXPOOL1D, "to4"),
        (ADAPTIVE_MAXPOOL2D, "uneven"),
        (MAXUNPOOL[1], "k2"),
    )
)
OPS = (
    _form(MAXPOOL2D, "ops", f"{_FOLDER}.ms:OpsMaxPool2d", "stem_negative"),
    _form(AVGPOOL2D, "ops", f"{_FOLDER}.ms:OpsAvgPool2d", "stem"),
    _form(ADAPTIVE_AVGPOOL2D, "ops", f"{_FOLDER}.ms:OpsAdaptiveAvgPool2d", "to3x2"),
)
