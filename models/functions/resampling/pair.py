"""Functions that pad, unfold and sample planes: every mode, corners aligned or not."""

from harness import Input
from models.functions.common.declare import Family, case

_family = Family("resampling")
_pair = _family.pair

_X = (2, 3, 5, 7)
_GRID = Input((2, 4, 6, 2), draw="uniform", low=-1.3, high=1.3)

_MAIN = [
    _pair(
        "pad",
        exact=True,
        last=case(_X, pad=(1, 2)),
        planes=case(_X, pad=(1, 0, 2, 3)),
        value=case(_X, pad=(1, 2, 0, 1), value=-1.5),
        channels=case((2, 3, 4, 4), pad=(0, 0, 0, 0, 1, 2)),
        cropped=case(_X, pad=(-1, 2, 0, -1)),
        reflect=case(_X, pad=(1, 2, 3, 0), mode="reflect"),
        replicate=case(_X, pad=(1, 2, 3, 0), mode="replicate"),
        circular=case(_X, pad=(1, 2, 3, 0), mode="circular"),
    ),
    _pair(
        "unfold",
        k3=case(_X, kernel_size=3, padding=1),
        stride2=case(_X, kernel_size=(2, 3), stride=2),
        dilation2=case(_X, kernel_size=2, dilation=2),
    ),
    _pair(
        "fold",
        k2=case((2, 12, 12), output_size=(4, 5), kernel_size=2),
        stride2=case((2, 12, 6), output_size=(4, 6), kernel_size=2, stride=2),
    ),
    _pair(
        "interpolate",
        nearest=case(_X, scale_factor=2.0),
        nearest_size=case(_X, size=(8, 9)),
        nearest_down=case(_X, size=(3, 4)),
        nearest_exact=case(_X, size=(8, 9), mode="nearest-exact"),
        bilinear=case(_X, scale_factor=2.0, mode="bilinear", align_corners=False),
        bilinear_size=case(_X, size=(8, 9), mode="bilinear", align_corners=False),
        bilinear_down=case(_X, size=(3, 4), mode="bilinear", align_corners=False),
        bilinear_corners=case(_X, size=(8, 9), mode="bilinear", align_corners=True),
        area=case(_X, size=(3, 4), mode="area"),
        linear=case((2, 3, 7), size=11, mode="linear", align_corners=False),
        trilinear=case((1, 2, 3, 4, 5), size=(5, 6, 7), mode="trilinear", align_corners=False),
    ),
    _pair(
        "interpolate_bicubic",
        halves=case(_X, size=(8, 9), align_corners=False),
        corners=case(_X, size=(8, 9), align_corners=True),
    ),
    _pair(
        "grid_sample",
        bilinear=case(_X, _GRID, align_corners=False),
        corners=case(_X, _GRID, align_corners=True),
        border=case(_X, _GRID, padding_mode="border", align_corners=False),
        reflection=case(_X, _GRID, padding_mode="reflection", align_corners=False),
        nearest=case(_X, _GRID, mode="nearest", align_corners=False),
    ),
    _pair(
        "affine_grid",
        halves=case((2, 2, 3), size=(2, 3, 4, 5), align_corners=False),
        corners=case((2, 2, 3), size=(2, 3, 4, 5), align_corners=True),
    ),
    _pair("pixel_shuffle", exact=True, two=case((2, 8, 3, 5), upscale_factor=2)),
    _pair("pixel_unshuffle", exact=True, two=case((2, 3, 4, 6), downscale_factor=2)),
    _pair("channel_shuffle", exact=True, two=case((2, 6, 3, 5), groups=2)),
]

PAIRS = (
    *_MAIN,
    # Known to differ.
    *_family.forms(_MAIN, "ops", "interpolate_bicubic", checks=("forward_eval",)),
    *_family.forms(_MAIN, "mint", "pad unfold fold interpolate grid_sample pixel_shuffle"),
)
