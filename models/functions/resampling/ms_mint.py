"""The same functions of mindspore.mint.nn.functional, which has torch's names and arguments."""

from mindspore.mint.nn import functional as F

from models.functions.common.ms import cell

pad = cell(F.pad)
unfold = cell(F.unfold)
fold = cell(F.fold)
interpolate = cell(F.interpolate)
grid_sample = cell(F.grid_sample)
pixel_shuffle = cell(F.pixel_shuffle)
