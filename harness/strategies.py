"""hypothesis strategies for layer configurations, in torch's terms: one draw is one Pair.

Each strategy yields (kwargs, inputs) for the factories of a layer pair. Import this module only
where hypothesis is installed.
"""

from typing import Any

from hypothesis import strategies as st

from harness.inputs import Input

Configuration = tuple[dict[str, Any], list[Input]]


@st.composite
def activations(draw: st.DrawFn, channels: int, least: int = 1, most: int = 12) -> Input:
    """An (N, C, H, W) float32 input: odd and oblong planes, tiny and large scales, offsets."""
    shape = (
        draw(st.integers(1, 3), label="batch"),
        channels,
        draw(st.integers(least, most), label="height"),
        draw(st.integers(least, most), label="width"),
    )
    scale = draw(st.sampled_from([1.0, 1e-3, 30.0]), label="scale")
    offset = draw(st.sampled_from([0.0, 0.0, 10.0, -5.0]), label="offset")
    return Input(shape, scale=scale, offset=offset)


@st.composite
def conv2d(draw: st.DrawFn) -> Configuration:
    """Conv2d: kernel, stride, padding, dilation, groups and bias that fit the input."""
    groups = draw(st.sampled_from([1, 1, 2, 4]), label="groups")
    channels = groups * draw(st.integers(1, 3), label="channels per group")
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    dilation = draw(st.integers(1, 2), label="dilation")
    kwargs = {
        "in_channels": channels,
        "out_channels": groups * draw(st.integers(1, 3), label="filters per group"),
        "kernel_size": kernel,
        "stride": draw(st.integers(1, 3), label="stride"),
        "padding": (draw(st.integers(0, 2)), draw(st.integers(0, 2))),
        "dilation": dilation,
        "groups": groups,
        "bias": draw(st.booleans(), label="bias"),
    }
    least = dilation * (max(kernel) - 1) + 1
    return kwargs, [draw(activations(channels, least=least, most=least + 6))]


@st.composite
def batchnorm2d(draw: st.DrawFn) -> Configuration:
    """BatchNorm2d: eps and momentum; at least four values a channel, as training needs several."""
    channels = draw(st.integers(1, 5), label="channels")
    kwargs = {
        "num_features": channels,
        "eps": draw(st.sampled_from([1e-5, 1e-3, 1e-8, 0.1]), label="eps"),
        "momentum": draw(st.sampled_from([0.1, 0.01, 0.5, 1.0]), label="momentum"),
    }
    return kwargs, [draw(activations(channels, least=2))]


@st.composite
def maxpool2d(draw: st.DrawFn) -> Configuration:
    """MaxPool2d: padding at most half the kernel, as torch demands."""
    kernel = draw(st.integers(2, 4), label="kernel")
    kwargs = {
        "kernel_size": kernel,
        "stride": draw(st.one_of(st.none(), st.integers(1, 3)), label="stride"),
        "padding": draw(st.integers(0, kernel // 2), label="padding"),
    }
    return kwargs, [draw(activations(3, least=kernel))]


@st.composite
def dense(draw: st.DrawFn) -> Configuration:
    """Linear and Dense: sizes and bias."""
    size = draw(st.integers(1, 64), label="in_features")
    kwargs = {
        "in_features": size,
        "out_features": draw(st.integers(1, 32), label="out_features"),
        "bias": draw(st.booleans(), label="bias"),
    }
    batch = draw(st.integers(1, 5), label="batch")
    return kwargs, [Input((batch, size), scale=draw(st.sampled_from([1.0, 1e-3, 30.0])))]
