"""torch's functions that pad, unfold and sample planes, in MindSpore."""

import mindspore as ms
from mindspore import Tensor, ops

from models.functions.common.ms import cell

pixel_shuffle = cell(ops.pixel_shuffle)
pixel_unshuffle = cell(ops.pixel_unshuffle)


@cell
def pad(
    x: Tensor, *, pad: tuple[int, ...], mode: str = "constant", value: float | None = None
) -> Tensor:
    """The same order of sides as torch: the last dimension first.

    ops.pad of a negative number hangs on CPU: what is cut off is cut off before.
    """
    for i in range(len(pad) // 2):
        before, after = max(-pad[2 * i], 0), max(-pad[2 * i + 1], 0)
        if before + after > 0:
            x = ops.narrow(x, -1 - i, before, x.shape[-1 - i] - before - after)
    return ops.pad(x, tuple([max(side, 0) for side in pad]), mode, value)


@cell
def unfold(
    x: Tensor,
    *,
    kernel_size: int | tuple[int, int],
    dilation: int = 1,
    padding: int = 0,
    stride: int = 1,
) -> Tensor:
    return ops.unfold(x, kernel_size, dilation, padding, stride)


@cell
def fold(
    x: Tensor,
    *,
    output_size: tuple[int, int],
    kernel_size: int | tuple[int, int],
    dilation: int = 1,
    padding: int = 0,
    stride: int = 1,
) -> Tensor:
    """output_size is an int32 tensor here."""
    size = ms.tensor(output_size, ms.int32)
    return ops.fold(x, size, kernel_size, dilation, padding, stride)


@cell
def interpolate(
    x: Tensor,
    *,
    size: int | tuple[int, ...] | None = None,
    scale_factor: float | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    if scale_factor is not None:
        size = tuple([int(n * scale_factor) for n in x.shape[2:]])
    return ops.interpolate(x, size, None, mode, align_corners)


def _cubic(x: Tensor, dim: int, size: int, align_corners: bool) -> Tensor:
    """x along dim resampled to size: four neighbours each, weighted with torch's a = -0.75."""
    length, a = x.shape[dim], -0.75
    at = ops.arange(size).astype(x.dtype)
    if align_corners:
        at = at * ((length - 1) / max(size - 1, 1))
    else:
        at = (at + 0.5) * (length / size) - 0.5
    base = ops.floor(at)
    near, far = at - base, base + 1 - at
    weights = (
        ((near + 1) * a - 5 * a) * (near + 1) ** 2 + 8 * a * (near + 1) - 4 * a,
        ((a + 2) * near - (a + 3)) * near**2 + 1,
        ((a + 2) * far - (a + 3)) * far**2 + 1,
        ((far + 1) * a - 5 * a) * (far + 1) ** 2 + 8 * a * (far + 1) - 4 * a,
    )
    shape = [1] * x.ndim
    shape[dim] = size
    total = 0
    for k in range(4):
        index = ops.clamp(base + (k - 1), 0, length - 1).astype(ms.int32)
        total = total + ops.gather(x, index, dim) * weights[k].reshape(tuple(shape))
    return total


@cell
def interpolate_bicubic(x: Tensor, *, size: tuple[int, int], align_corners: bool = False) -> Tensor:
    """ops.interpolate(mode="bicubic") has a = -0.5 on CPU."""
    return _cubic(_cubic(x, 3, size[1], align_corners), 2, size[0], align_corners)


@cell
def grid_sample(
    x: Tensor,
    grid: Tensor,
    *,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
) -> Tensor:
    return ops.grid_sample(x, grid, mode, padding_mode, align_corners)


@cell
def affine_grid(theta: Tensor, *, size: tuple[int, ...], align_corners: bool = False) -> Tensor:
    return ops.affine_grid(theta, size, align_corners)


@cell
def channel_shuffle(x: Tensor, *, groups: int) -> Tensor:
    n, c, h, w = x.shape
    return x.reshape(n, groups, c // groups, h, w).swapaxes(1, 2).reshape(n, c, h, w)
