"""A port with one mistake, in a file that knows nothing of the harness."""

from typing import Any

from mindspore import nn

from models.blocks.bottleneck.ms import build


def wrong_eps(**kwargs: Any) -> nn.Cell:
    """The Bottleneck with one BatchNorm's eps ten times too large."""
    block = build(**kwargs)
    block.bn2 = nn.BatchNorm2d(block.bn2.num_features, eps=1e-4)
    return block
