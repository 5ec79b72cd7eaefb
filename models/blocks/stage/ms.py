"""A whole ResNet stage in MindSpore; names and order follow ``pt.py``."""

from mindspore import nn

from models.blocks.basicblock.ms import BasicBlock, projection
from models.blocks.bottleneck.ms import Bottleneck

BLOCKS = {"basicblock": BasicBlock, "bottleneck": Bottleneck}


def build(
    block: str,
    inplanes: int,
    planes: int,
    blocks: int,
    stride: int = 1,
    groups: int = 1,
    base_width: int = 64,
    dilation: int = 1,
    first_dilation: int | None = None,
) -> nn.SequentialCell:
    """``blocks`` blocks; the first has the stride, the projection and ``first_dilation``."""
    cls = BLOCKS[block]
    outplanes = planes * cls.expansion
    downsample = projection(inplanes, outplanes, stride)
    first = dilation if first_dilation is None else first_dilation
    layers = [cls(inplanes, planes, stride, downsample, groups, base_width, first)]
    for _ in range(1, blocks):
        layers.append(cls(outplanes, planes, 1, None, groups, base_width, dilation))
    return nn.SequentialCell(*layers)
