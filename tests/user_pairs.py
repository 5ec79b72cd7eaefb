"""Pairs as a user would declare them outside ``models/``, for the tests of the command line."""

from dataclasses import replace
from typing import Any

from models.blocks.bottleneck.pair import PAIR


def wrong_eps(**kwargs: Any) -> Any:
    """The Bottleneck with one BatchNorm's eps ten times too large."""
    from mindspore import nn

    from models.blocks.bottleneck.ms import build

    block = build(**kwargs)
    block.bn2 = nn.BatchNorm2d(block.bn2.num_features, eps=1e-4)
    return block


#: Under its own name, and under the name of the pair that torch was recorded for.
WRONG_EPS = replace(PAIR, name="blocks.wrong_eps", mindspore="user_pairs:wrong_eps")
WRONG_EPS_AS_STRIDE2 = replace(PAIR, mindspore="user_pairs:wrong_eps")
DIFFERS_IN_GRAPH = replace(PAIR, name="blocks.differs_in_graph", mindspore="graph_only:build")
