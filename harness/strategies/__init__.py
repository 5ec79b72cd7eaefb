"""hypothesis strategies for configurations of layers and functions, in torch's terms.

Each strategy yields (kwargs, inputs): what both factories of a pair are called with, and what their
modules are fed. They fit the registered pair of the same name, and any pair of a user's own that
takes torch's arguments::

    @given(strategies.conv2d(), st.integers(0, 2**16))
    def test_my_conv(configuration, seed):
        assert_equivalent(MY_PAIR, configuration, seed)

Import this package only where hypothesis is installed.
"""

from collections.abc import Callable, Mapping

from hypothesis import strategies as st

from harness.strategies.functions import FUNCTIONS
from harness.strategies.normalization import NORMALIZATIONS, batchnorm, groupnorm, layernorm
from harness.strategies.pointwise import ACTIVATIONS, softmax
from harness.strategies.sequences import (
    SEQUENCES,
    dense,
    embedding,
    multihead_attention,
    recurrent,
)
from harness.strategies.tensors import Configuration, tensors
from harness.strategies.windows import (
    WINDOWS,
    adaptive_pool,
    avgpool,
    conv,
    conv_transpose,
    maxpool,
    pad,
)

__all__ = [
    "STRATEGIES", "Configuration", "adaptive_pool", "avgpool", "batchnorm", "conv",
    "conv_transpose", "dense", "embedding", "groupnorm", "layernorm", "maxpool",
    "multihead_attention", "pad", "recurrent", "softmax", "strategy_for", "tensors",
]  # fmt: skip

#: Name of a registered pair -> the strategy of its configurations.
STRATEGIES: Mapping[str, Callable[[], st.SearchStrategy[Configuration]]] = {
    **WINDOWS,
    **NORMALIZATIONS,
    **ACTIVATIONS,
    **SEQUENCES,
    **FUNCTIONS,
}


def strategy_for(pair: str) -> st.SearchStrategy[Configuration]:
    """The strategy of a registered pair's configurations; raises KeyError where there is none."""
    return STRATEGIES[pair]()
