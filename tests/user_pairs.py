"""Pairs as a user would declare them outside ``models/``, for the tests of the command line."""

from dataclasses import replace
from typing import Any

from models.blocks.bottleneck.pair import PAIR
from models.blocks.stem.pair import PAIR as STEM


def wrong_eps(**kwargs: Any) -> Any:
    """The Bottleneck with one BatchNorm's eps ten times too large."""
    from mindspore import nn

    from models.blocks.bottleneck.ms import build

    block = build(**kwargs)
    block.bn2 = nn.BatchNorm2d(block.bn2.num_features, eps=1e-4)
    return block


def padded_with_zeros(**kwargs: Any) -> Any:
    """The stem whose pool pads with zeros: equal after a ReLU, but for the gradient at ties."""
    from mindspore import nn

    from models.blocks.stem.ms import Stem

    stem = Stem(**kwargs)
    stem.maxpool = nn.SequentialCell(nn.Pad(((0, 0), (0, 0), (1, 1), (1, 1))), nn.MaxPool2d(3, 2))
    return stem


#: Under its own name, and under the name of the pair that torch was recorded for.
WRONG_EPS = replace(PAIR, name="blocks.wrong_eps", mindspore="user_pairs:wrong_eps")
WRONG_EPS_AS_STRIDE2 = replace(PAIR, mindspore="user_pairs:wrong_eps")
DIFFERS_IN_GRAPH = replace(PAIR, name="blocks.differs_in_graph", mindspore="graph_only:build")
LATENT = replace(STEM, name="blocks.padded_stem", mindspore="user_pairs:padded_with_zeros")
