"""Activations: every parameter of them, values on all branches."""

from collections.abc import Callable, Mapping
from functools import partial

from hypothesis import strategies as st

from harness.strategies.tensors import Configuration, axes, shapes, tensors

#: Scales that stay where exp is finite, and those where it is not.
MODERATE = (1.0, 1e-3, 4.0)

#: Scales of values on which tanh and its kin are not flat.
GENTLE = (1.0, 1e-3, 0.3)


@st.composite
def activation(draw: st.DrawFn, **arguments: st.SearchStrategy) -> Configuration:
    """An activation with its own arguments on a tensor of any shape."""
    kwargs = {name: draw(values, label=name) for name, values in arguments.items()}
    return kwargs, [draw(tensors(draw(shapes()), offsets=(0.0,)))]


@st.composite
def saturating(draw: st.DrawFn, **arguments: st.SearchStrategy) -> Configuration:
    """An activation that goes flat, on values where its slope is more than its kernel's error."""
    kwargs = {name: draw(values, label=name) for name, values in arguments.items()}
    return kwargs, [draw(tensors(draw(shapes()), scales=GENTLE, offsets=(0.0,)))]


@st.composite
def softmax(draw: st.DrawFn) -> Configuration:
    """Softmax and its kin along any dimension."""
    shape = draw(shapes(least=1))
    kwargs = {"dim": draw(axes(len(shape)))}
    return kwargs, [draw(tensors(shape, scales=MODERATE, offsets=(0.0, 5.0)))]


@st.composite
def glu(draw: st.DrawFn) -> Configuration:
    """GLU along a dimension of even length."""
    shape = list(draw(shapes(least=1)))
    dim = draw(axes(len(shape)))
    shape[dim] *= 2
    return {"dim": dim}, [draw(tensors(shape, scales=MODERATE, offsets=(0.0,)))]


@st.composite
def hardtanh(draw: st.DrawFn) -> Configuration:
    """Hardtanh between two bounds."""
    low = draw(st.sampled_from([-1.0, -0.25, -3.0]), label="min_val")
    high = draw(st.sampled_from([1.0, 0.5, 6.0]), label="max_val")
    return {"min_val": low, "max_val": high}, [draw(tensors(draw(shapes())))]


def _of(*values: float) -> st.SearchStrategy:
    return st.sampled_from(values)


_PLAIN = ("relu", "relu6", "hardswish", "hardsigmoid", "softsign", "selu")
_SATURATING = ("sigmoid", "tanh", "silu", "mish", "log_sigmoid", "tanhshrink")

#: Registered pairs -> strategies.
ACTIVATIONS: Mapping[str, Callable[[], st.SearchStrategy[Configuration]]] = {
    **{f"layers.{name}": activation for name in _PLAIN},
    **{f"layers.{name}": saturating for name in _SATURATING},
    "layers.leaky_relu": partial(activation, negative_slope=_of(0.01, 0.2, 1.0)),
    "layers.elu": partial(activation, alpha=_of(1.0, 0.3, 2.0)),
    "layers.celu": partial(activation, alpha=_of(1.0, 0.3, 2.0)),
    "layers.gelu": partial(saturating, approximate=st.sampled_from(["none", "tanh"])),
    "layers.softplus": partial(activation, beta=_of(1.0, 2.0, 0.5), threshold=_of(20.0, 1.5)),
    "layers.hardshrink": partial(activation, lambd=_of(0.5, 0.1)),
    "layers.softshrink": partial(activation, lambd=_of(0.5, 0.1)),
    "layers.threshold": partial(activation, threshold=_of(0.1, -0.7), value=_of(20.0, -1.5)),
    "layers.hardtanh": hardtanh,
    "layers.glu": glu,
    # Not softmax and softmin: along a dimension that is not the last their gradients differ on CPU.
    "layers.log_softmax": softmax,
}
