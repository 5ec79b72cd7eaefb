"""A whole ResNet stage: blocks in a row, the first of which may change shape."""

from torch import nn

from models.blocks.basicblock.pt import BasicBlock, projection
from models.blocks.bottleneck.pt import Bottleneck

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
) -> nn.Sequential:
    """``blocks`` blocks; the first has the stride, the projection and ``first_dilation``."""
    cls = BLOCKS[block]
    outplanes = planes * cls.expansion
    downsample = projection(inplanes, outplanes, stride)
    first = dilation if first_dilation is None else first_dilation
    layers = [cls(inplanes, planes, stride, downsample, groups, base_width, first)]
    for _ in range(1, blocks):
        layers.append(cls(outplanes, planes, 1, None, groups, base_width, dilation))
    return nn.Sequential(*layers)
