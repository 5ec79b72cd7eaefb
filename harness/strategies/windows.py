"""Convolutions, transposed convolutions, pooling and padding, in one to three dimensions."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hypothesis import strategies as st

from harness.strategies.tensors import Configuration, planes


@st.composite
def conv(draw: st.DrawFn, dimensions: int = 2) -> Configuration:
    """ConvNd: kernel, stride, padding, dilation, groups and bias that fit the input."""
    kwargs, kernel, dilation = draw(_convolution(dimensions))
    kwargs["padding"] = tuple(draw(st.integers(0, 2), label="padding") for _ in range(dimensions))
    least = dilation * (max(kernel) - 1) + 1
    most = least + (6 if dimensions < 3 else 2)
    return kwargs, [draw(planes(kwargs["in_channels"], dimensions, least, most))]


@st.composite
def conv_transpose(draw: st.DrawFn, dimensions: int = 2) -> Configuration:
    """ConvTransposeNd: output_padding below the stride, padding that leaves an output.

    torch takes an output_padding below the dilation, too, which oneDNN does not compute; in three
    dimensions MindSpore does not dilate.
    """
    kwargs, kernel, dilation = draw(_convolution(dimensions))
    if dimensions == 3:
        dilation = kwargs["dilation"] = 1
    reach = dilation * (min(kernel) - 1)
    kwargs["padding"] = draw(st.integers(0, min(2, reach)), label="padding")
    largest = kwargs["stride"] - 1
    kwargs["output_padding"] = draw(st.integers(0, largest), label="output_padding")
    # The smallest input has an output of one element at least.
    return kwargs, [draw(planes(kwargs["in_channels"], dimensions, 2, 5 if dimensions < 3 else 3))]


@st.composite
def _convolution(draw: st.DrawFn, dimensions: int) -> tuple[dict[str, Any], tuple[int, ...], int]:
    groups = draw(st.sampled_from([1, 1, 2, 4]), label="groups")
    channels = groups * draw(st.integers(1, 3), label="channels per group")
    largest = 4 if dimensions < 3 else 2
    kernel = tuple(draw(st.integers(1, largest), label="kernel") for _ in range(dimensions))
    dilation = draw(st.integers(1, 2), label="dilation")
    kwargs = {
        "in_channels": channels,
        "out_channels": groups * draw(st.integers(1, 3), label="filters per group"),
        "kernel_size": kernel,
        "stride": draw(st.integers(1, 3), label="stride"),
        "dilation": dilation,
        "groups": groups,
        "bias": draw(st.booleans(), label="bias"),
    }
    return kwargs, kernel, dilation


@st.composite
def maxpool(draw: st.DrawFn, dimensions: int = 2) -> Configuration:
    """MaxPoolNd: padding at most half the kernel, as torch demands."""
    kwargs, kernel = draw(_pool())
    return kwargs, [draw(planes(3, dimensions, kernel, kernel + 4))]


@st.composite
def avgpool(draw: st.DrawFn, dimensions: int = 2) -> Configuration:
    """AvgPoolNd: the padding counted or not."""
    kwargs, kernel = draw(_pool())
    kwargs["count_include_pad"] = draw(st.booleans(), label="count_include_pad")
    return kwargs, [draw(planes(3, dimensions, kernel, kernel + 4))]


@st.composite
def _pool(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    kernel = draw(st.integers(2, 4), label="kernel")
    return {
        "kernel_size": kernel,
        "stride": draw(st.one_of(st.none(), st.integers(1, 3)), label="stride"),
        "padding": draw(st.integers(0, kernel // 2), label="padding"),
        "ceil_mode": draw(st.booleans(), label="ceil_mode"),
    }, kernel


@st.composite
def adaptive_pool(draw: st.DrawFn, dimensions: int = 2) -> Configuration:
    """AdaptivePoolNd: outputs that do not divide the input, and larger ones."""
    size = tuple(draw(st.integers(1, 5), label="output_size") for _ in range(dimensions))
    kwargs = {"output_size": size if dimensions > 1 else size[0]}
    return kwargs, [draw(planes(3, dimensions, 1, 9))]


@st.composite
def pad(draw: st.DrawFn, dimensions: int = 2, mode: str = "constant") -> Configuration:
    """PadNd: another amount on every side; reflection stays below the side's own length."""
    amounts = tuple(draw(st.integers(0, 3), label="padding") for _ in range(2 * dimensions))
    kwargs: dict[str, Any] = {"padding": amounts}
    if mode == "constant":
        kwargs["value"] = draw(st.sampled_from([0.0, -1.5, 3.0]), label="value")
    return kwargs, [draw(planes(2, dimensions, 4, 6))]


#: Registered pairs -> strategies.
WINDOWS: Mapping[str, Callable[[], st.SearchStrategy[Configuration]]] = {
    **{f"layers.conv{n}d": partial(conv, n) for n in (1, 2, 3)},
    **{f"layers.conv_transpose{n}d": partial(conv_transpose, n) for n in (1, 2, 3)},
    **{f"layers.maxpool{n}d": partial(maxpool, n) for n in (1, 2, 3)},
    **{f"layers.avgpool{n}d": partial(avgpool, n) for n in (1, 2)},
    **{f"layers.adaptive_avgpool{n}d": partial(adaptive_pool, n) for n in (1, 2)},
    **{f"layers.adaptive_maxpool{n}d": partial(adaptive_pool, n) for n in (1, 2)},
    **{f"layers.constantpad{n}d": partial(pad, n) for n in (1, 2, 3)},
    **{f"layers.reflectionpad{n}d": partial(pad, n, "reflect") for n in (1, 2)},
    **{f"layers.replicationpad{n}d": partial(pad, n, "replicate") for n in (1, 2)},
}
