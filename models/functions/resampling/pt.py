"""torch's functions that pad, unfold and sample planes, as they are."""

from torch import Tensor
from torch.nn import functional as F

from models.functions.common.pt import module

pad = module(F.pad)
unfold = module(F.unfold)
fold = module(F.fold)
interpolate = module(F.interpolate)
grid_sample = module(F.grid_sample)
affine_grid = module(F.affine_grid)
pixel_shuffle = module(F.pixel_shuffle)
pixel_unshuffle = module(F.pixel_unshuffle)


@module
def interpolate_bicubic(x: Tensor, *, size: tuple[int, int], align_corners: bool = False) -> Tensor:
    return F.interpolate(x, size, mode="bicubic", align_corners=align_corners)


@module
def channel_shuffle(x: Tensor, *, groups: int) -> Tensor:
    n, c, h, w = x.shape
    return x.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)
