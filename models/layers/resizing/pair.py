"""Resizing: up, down and by fractions, every mode, corners aligned or not."""

from dataclasses import replace
from typing import Any

from harness import Input, Pair, Variant

_FOLDER = "models.layers.resizing"
_SEQUENCES, _PLANES, _VOLUMES = Input((2, 3, 7)), Input((2, 3, 7, 6)), Input((2, 2, 5, 4, 6))


def _pair(layer: str, name: str, variants: dict[str, Variant], target: str = "") -> Pair:
    return Pair(
        name=f"layers.{name}",
        torch=f"{_FOLDER}.pt:{layer}",
        mindspore=target or f"{_FOLDER}.ms:{layer}",
        inputs=[_PLANES],
        has_parameters=False,
        has_state=False,
        variants=variants,
    )


def _to(
    given: Input, mode: str, size: object = None, scale: object = None, **more: object
) -> Variant:
    return Variant({"size": size, "scale_factor": scale, "mode": mode, **more}, [given])


UPSAMPLE = _pair(
    "Upsample",
    "upsample",
    {
        "nearest_sequences": _to(_SEQUENCES, "nearest", 11),
        "nearest_planes": _to(_PLANES, "nearest", scale=2),
        "nearest_down": _to(_PLANES, "nearest", (4, 5)),
        "nearest_fraction": _to(_PLANES, "nearest", scale=1.7),
        "nearest_volumes": _to(_VOLUMES, "nearest", scale=(2.0, 3.0, 1.0)),
        "exact_planes": _to(_PLANES, "nearest-exact", (11, 4)),
        "exact_volumes": _to(_VOLUMES, "nearest-exact", scale=1.5),
        "linear": _to(_SEQUENCES, "linear", 11),
        "linear_aligned": _to(_SEQUENCES, "linear", scale=2, align_corners=True),
        "linear_fraction": _to(_SEQUENCES, "linear", scale=1.5),
        "bilinear": _to(_PLANES, "bilinear", scale=2),
        "bilinear_sizes": _to(_PLANES, "bilinear", (5, 13)),
        "bilinear_aligned": _to(_PLANES, "bilinear", 12, align_corners=True),
        "bilinear_fraction": _to(_PLANES, "bilinear", scale=1.7),
        "bilinear_recomputed": _to(_PLANES, "bilinear", scale=1.7, recompute_scale_factor=True),
        "bilinear_half": _to(_PLANES, "bilinear", scale=(0.5, 2.0)),
        "bicubic": _to(_PLANES, "bicubic", scale=2),
        "bicubic_sizes": _to(_PLANES, "bicubic", (5, 13)),
        "bicubic_aligned": _to(_PLANES, "bicubic", (12, 9), align_corners=True),
        "bicubic_fraction": _to(_PLANES, "bicubic", scale=1.7),
        "trilinear": _to(_VOLUMES, "trilinear", scale=2),
        "trilinear_aligned": _to(_VOLUMES, "trilinear", (7, 3, 9), align_corners=True),
        "trilinear_fraction": _to(_VOLUMES, "trilinear", scale=1.5),
        "area_sequences": _to(_SEQUENCES, "area", 4),
        "area_planes": _to(_PLANES, "area", (3, 8)),
        "area_volumes": _to(_VOLUMES, "area", scale=0.6),
    },
)
UPSAMPLING = (
    _pair(
        "UpsamplingNearest2d",
        "upsampling_nearest2d",
        {"scale": Variant({"scale_factor": 3}), "size": Variant({"size": 9})},
    ),
    _pair(
        "UpsamplingBilinear2d",
        "upsampling_bilinear2d",
        {"scale": Variant({"scale_factor": 3}), "size": Variant({"size": (9, 11)})},
    ),
)


def _form(name: str, target: str, *variants: str, **declared: Any) -> Pair:
    kept = {variant: UPSAMPLE.variants[variant] for variant in variants}
    whole = f"layers.upsample.{name}"
    return replace(UPSAMPLE, name=whole, mindspore=target, variants=kept, **declared)


FORMS = (
    # Known to differ.
    _form("nn", "mindspore.nn:Upsample", "bicubic_sizes", checks=("forward_eval",)),
    _form("mint", f"{_FOLDER}.ms:MintUpsample", "nearest_planes", "bilinear_sizes"),
)
SHUFFLES = tuple(
    replace(pair, exact=True)
    for pair in (
        _pair(
            "PixelShuffle",
            "pixel_shuffle",
            {
                "by2": Variant({"upscale_factor": 2}, [Input((2, 12, 4, 5))]),
                "by3": Variant({"upscale_factor": 3}, [Input((1, 9, 4, 3))]),
            },
        ),
        _pair(
            "PixelShuffle",
            "pixel_shuffle.mint",
            {"by2": Variant({"upscale_factor": 2}, [Input((2, 12, 4, 5))])},
            "mindspore.mint.nn:PixelShuffle",
        ),
        _pair(
            "PixelUnshuffle",
            "pixel_unshuffle",
            {
                "by2": Variant({"downscale_factor": 2}, [Input((2, 3, 4, 6))]),
                "by3": Variant({"downscale_factor": 3}, [Input((1, 2, 6, 9))]),
            },
        ),
        _pair(
            "ChannelShuffle",
            "channel_shuffle",
            {
                "groups2": Variant({"groups": 2}, [Input((2, 6, 4, 5))]),
                "groups3": Variant({"groups": 3}, [Input((2, 6, 7, 4))]),
            },
        ),
    )
)
