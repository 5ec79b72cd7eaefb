"""Normalizations: eps and momentum, several values a channel, as training needs them."""

from collections.abc import Callable, Mapping
from functools import partial

from hypothesis import strategies as st

from harness.strategies.tensors import Configuration, planes, tensors

EPS = (1e-5, 1e-3, 1e-8, 0.1)


@st.composite
def batchnorm(draw: st.DrawFn, dimensions: int = 2) -> Configuration:
    """BatchNormNd: at least four values a channel."""
    channels = draw(st.integers(1, 5), label="channels")
    kwargs = {
        "num_features": channels,
        "eps": draw(st.sampled_from(EPS), label="eps"),
        "momentum": draw(st.sampled_from([0.1, 0.01, 0.5, 1.0]), label="momentum"),
    }
    least = {1: 4, 2: 2, 3: 2}[dimensions]
    return kwargs, [draw(planes(channels, dimensions, least, least + (8 if dimensions < 3 else 2)))]


@st.composite
def layernorm(draw: st.DrawFn) -> Configuration:
    """LayerNorm over one or two last dimensions."""
    shape = tuple(draw(st.lists(st.integers(2, 6), min_size=1, max_size=2), label="normalized"))
    kwargs = {"normalized_shape": shape, "eps": draw(st.sampled_from(EPS), label="eps")}
    leading = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2), label="leading")
    return kwargs, [draw(tensors((*leading, *shape)))]


@st.composite
def groupnorm(draw: st.DrawFn) -> Configuration:
    """GroupNorm: from one group to one a channel."""
    groups = draw(st.integers(1, 4), label="num_groups")
    channels = groups * draw(st.integers(1, 3), label="channels per group")
    kwargs = {
        "num_groups": groups,
        "num_channels": channels,
        "eps": draw(st.sampled_from(EPS), label="eps"),
    }
    return kwargs, [draw(planes(channels, 2, 2, 7))]


#: Registered pairs -> strategies.
NORMALIZATIONS: Mapping[str, Callable[[], st.SearchStrategy[Configuration]]] = {
    **{f"layers.batchnorm{n}d": partial(batchnorm, n) for n in (1, 2, 3)},
    "layers.layernorm": layernorm,
    "layers.groupnorm": groupnorm,
}
