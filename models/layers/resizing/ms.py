"""torch's resizing layers in MindSpore; nn.Upsample and ops.interpolate are the same.

Of nn.Upsample, these differ from torch: bicubic mode (another kernel), a scale_factor without
recompute_scale_factor (refused for sequences and planes; recomputed, a fractional one is another
scale), area mode of sequences and nearest-exact mode of volumes (refused). Resample has them all.
"""

import math

import numpy as np
from mindspore import Tensor, mint, nn, ops

Size = int | tuple[int, ...] | None
Scale = float | tuple[float, ...] | None

ChannelShuffle = nn.ChannelShuffle
PixelShuffle = nn.PixelShuffle
PixelUnshuffle = nn.PixelUnshuffle

_DIMENSIONS = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def Upsample(
    size: Size = None,
    scale_factor: Scale = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> nn.Cell:
    """With torch's arguments: nn.Upsample where it computes what torch does, else Resample."""
    scales = _floats(scale_factor)
    whole = all(scale.is_integer() for scale in scales or ())
    if mode not in ("nearest", "linear", "bilinear", "trilinear") or not (
        size is not None or whole or align_corners or recompute_scale_factor
    ):
        return Resample(size, scale_factor, mode, bool(align_corners), bool(recompute_scale_factor))
    if isinstance(size, int) and mode in _DIMENSIONS:
        size = (size,) * _DIMENSIONS[mode]
    recompute = None if scales is None else True
    if scales is not None and len(scales) == 1:
        return nn.Upsample(size, scales[0], mode, align_corners, recompute)
    return nn.Upsample(size, scales, mode, align_corners, recompute)


def _floats(scale_factor: Scale) -> tuple[float, ...] | None:
    """MindSpore takes no integers for scales."""
    if scale_factor is None:
        return None
    each = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,)
    return tuple(map(float, each))


def MintUpsample(
    size: Size, scale_factor: float | None, mode: str, align_corners: bool | None = None
) -> nn.Cell:
    """mint's, which takes a fractional scale_factor as torch does, but no integers for scales."""
    scale = None if scale_factor is None else float(scale_factor)
    return mint.nn.Upsample(size, scale, mode, align_corners)


def UpsamplingNearest2d(size: Size = None, scale_factor: Scale = None) -> nn.Cell:
    """An Upsample in its nearest mode."""
    size = (size, size) if isinstance(size, int) else size
    return Upsample(size, scale_factor, "nearest")


def UpsamplingBilinear2d(size: Size = None, scale_factor: Scale = None) -> nn.Cell:
    """An Upsample in its bilinear mode, corners aligned."""
    return Upsample(size, scale_factor, "bilinear", align_corners=True)


class Resample(nn.Cell):
    """torch's interpolation, one dimension after the other, by a matrix of weights for each."""

    def __init__(
        self,
        size: Size,
        scale_factor: Scale,
        mode: str,
        align_corners: bool = False,
        recompute_scale_factor: bool = False,
    ):
        super().__init__()
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def construct(self, x: Tensor) -> Tensor:
        for axis in range(2, x.ndim):
            size, scale = _at(self.size, axis - 2), _at(self.scale_factor, axis - 2)
            if scale is not None:
                size = int(x.shape[axis] * scale)
            if self.recompute_scale_factor:
                scale = None
            if self.mode in ("nearest", "nearest-exact"):
                x = ops.gather(x, _nearest(self.mode, x.shape[axis], size, scale), axis)
            else:
                weights = _weights(self.mode, x.shape[axis], size, scale, self.align_corners)
                x = ops.matmul(x.swapaxes(axis, -1), weights).swapaxes(axis, -1)
        return x


def _at(value: Size | Scale, axis: int) -> float | int | None:
    return value[axis] if isinstance(value, tuple) else value


@ops.constexpr
def _nearest(mode: str, before: int, after: int, scale: float | None) -> Tensor:
    """For each output position the input's that it copies."""
    half = 0.5 if mode == "nearest-exact" else 0.0
    step = 1 / scale if scale else before / after
    return Tensor(np.minimum((np.arange(after) + half) * step, before - 1).astype("int32"))


@ops.constexpr
def _weights(
    mode: str, before: int, after: int, scale: float | None, align_corners: bool
) -> Tensor:
    """What each input position (row) contributes to each output position (column)."""
    weights = np.zeros((before, after))
    for to in range(after):
        if mode == "area":
            window = slice(to * before // after, math.ceil((to + 1) * before / after))
            weights[window, to] = 1 / (window.stop - window.start)
            continue
        if align_corners:
            place = to * (before - 1) / max(after - 1, 1)
        else:
            place = (to + 0.5) * (1 / scale if scale else before / after) - 0.5
        if mode != "bicubic":
            place = max(place, 0.0)
        first = math.floor(place)
        for at in range(first - 1, first + 3):
            weight = _cubic(place - at) if mode == "bicubic" else max(1 - abs(place - at), 0.0)
            weights[min(max(at, 0), before - 1), to] += weight
    return Tensor(weights.astype("float32"))


def _cubic(distance: float) -> float:
    """torch's cubic convolution, a = -0.75; MindSpore's and PIL's is a = -0.5."""
    d, a = abs(distance), -0.75
    if d <= 1:
        return ((a + 2) * d - (a + 3)) * d * d + 1
    return ((d - 5) * d + 8) * d * a - 4 * a if d < 2 else 0.0
