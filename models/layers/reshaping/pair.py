"""Flatten, Unflatten, Identity, Unfold and Fold: windows with padding, strides and dilation."""

from dataclasses import replace

from harness import Input, Pair, Variant

_FOLDER = "models.layers.reshaping"


def _pair(layer: str, name: str, variants: dict[str, Variant], exact: bool = True) -> Pair:
    return Pair(
        name=f"layers.{name}",
        torch=f"{_FOLDER}.pt:{layer}",
        mindspore=f"{_FOLDER}.ms:{layer}",
        has_parameters=False,
        has_state=False,
        exact=exact,
        variants=variants,
    )


FLATTEN = _pair(
    "Flatten",
    "flatten",
    {
        "pooled": Variant(inputs=[Input((2, 8, 1, 1))]),
        "planes": Variant(inputs=[Input((2, 8, 3, 5))]),
    },
)
FLATTEN_LAYER = replace(
    FLATTEN,
    name="layers.flatten.nn",
    torch=f"{_FOLDER}.pt:FlattenLayer",
    variants={
        "default": Variant(inputs=[Input((2, 8, 3, 5))]),
        "middle": Variant({"start_dim": 1, "end_dim": 2}, [Input((2, 8, 3, 5))]),
        "from_end": Variant({"start_dim": -2, "end_dim": -1}, [Input((2, 8, 3, 5))]),
        "all": Variant({"start_dim": 0}, [Input((2, 8, 3))]),
    },
)
UNFLATTEN = _pair(
    "Unflatten",
    "unflatten",
    {
        "middle": Variant({"dim": 1, "unflattened_size": (2, 4)}, [Input((2, 8, 3, 5))]),
        "last": Variant({"dim": -1, "unflattened_size": (3, 5)}, [Input((2, 8, 15))]),
        "inferred": Variant({"dim": -2, "unflattened_size": (2, -1)}, [Input((2, 8, 5))]),
    },
)
IDENTITY = _pair("Identity", "identity", {"default": Variant(inputs=[Input((2, 8, 3, 5))])})
UNFOLD = _pair(
    "Unfold",
    "unfold",
    {
        "k3": Variant({"kernel_size": 3}, [Input((2, 3, 7, 6))]),
        "patches": Variant({"kernel_size": 4, "stride": 4}, [Input((2, 3, 8, 12))]),
        "padded": Variant({"kernel_size": 3, "padding": 1, "stride": 2}, [Input((1, 3, 7, 6))]),
        "uneven": Variant(
            {"kernel_size": (2, 3), "dilation": (2, 1), "padding": (1, 2), "stride": (1, 2)},
            [Input((2, 3, 7, 6))],
        ),
    },
)
FOLD = _pair(
    "Fold",
    "fold",
    {
        "patches": Variant(
            {"output_size": (8, 12), "kernel_size": 4, "stride": 4}, [Input((2, 48, 6))]
        ),
        "overlapping": Variant({"output_size": (5, 6), "kernel_size": 3}, [Input((2, 18, 12))]),
        "padded": Variant(
            {"output_size": 6, "kernel_size": 3, "padding": 1, "stride": 2}, [Input((1, 18, 9))]
        ),
        "uneven": Variant(
            {
                "output_size": (7, 6),
                "kernel_size": (2, 3),
                "dilation": (2, 1),
                "padding": (1, 2),
                "stride": (1, 2),
            },
            [Input((2, 12, 28))],
        ),
    },
    exact=False,
)
MINT = tuple(
    replace(
        pair,
        name=f"{pair.name}.mint",
        mindspore=f"mindspore.mint.nn:{layer}",
        variants={variant: pair.variants[variant]},
    )
    for pair, layer, variant in (
        (FLATTEN_LAYER, "Flatten", "middle"),
        (IDENTITY, "Identity", "default"),
        (UNFOLD, "Unfold", "padded"),
        (FOLD, "Fold", "overlapping"),
    )
)
