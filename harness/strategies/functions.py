"""Functions of tensors: reductions, shapes, indices, products."""

from collections.abc import Callable, Mapping
from functools import partial

from hypothesis import strategies as st

from harness.inputs import Input
from harness.strategies.tensors import Configuration, axes, shapes, tensors


@st.composite
def along_dim(draw: st.DrawFn, least: int = 1, keepdim: bool = False) -> Configuration:
    """A function along one dimension of at least ``least`` elements."""
    shape = [max(least, side) for side in draw(shapes())]
    kwargs = {"dim": draw(axes(len(shape)))}
    if keepdim:
        kwargs["keepdim"] = draw(st.booleans(), label="keepdim")
    return kwargs, [draw(tensors(shape, offsets=(0.0, 2.0)))]


@st.composite
def variance(draw: st.DrawFn) -> Configuration:
    """var and std: the correction, few elements."""
    shape = [max(2, side) for side in draw(shapes())]
    kwargs = {
        "dim": draw(axes(len(shape))),
        "unbiased": draw(st.booleans(), label="unbiased"),
        "keepdim": draw(st.booleans(), label="keepdim"),
    }
    # A spread far below the mean has no digits left in float32.
    return kwargs, [draw(tensors(shape, scales=(1.0, 30.0), offsets=(0.0, 2.0)))]


@st.composite
def topk(draw: st.DrawFn) -> Configuration:
    """topk: largest or smallest, along any dimension."""
    shape = draw(shapes())
    dim = draw(axes(len(shape)))
    kwargs = {
        "k": draw(st.integers(1, shape[dim]), label="k"),
        "dim": dim,
        "largest": draw(st.booleans(), label="largest"),
    }
    return kwargs, [draw(tensors(shape, offsets=(0.0,)))]


@st.composite
def matmul(draw: st.DrawFn) -> Configuration:
    """matmul: vectors, matrices and batches that broadcast."""
    rows, inner, columns = (draw(st.integers(1, 6)) for _ in range(3))
    batch = draw(st.integers(2, 3), label="batch")
    left = draw(st.sampled_from([(inner,), (rows, inner), (batch, rows, inner)]), label="left")
    right = draw(
        st.sampled_from([(inner,), (inner, columns), (batch, inner, columns), (1, inner, columns)]),
        label="right",
    )
    return {}, [draw(tensors(s, offsets=(0.0,))) for s in (left, right)]


@st.composite
def permute(draw: st.DrawFn) -> Configuration:
    """permute: any order of any number of dimensions."""
    shape = draw(shapes(least=2))
    return {"dims": tuple(draw(st.permutations(range(len(shape)))))}, [draw(tensors(shape))]


@st.composite
def transpose(draw: st.DrawFn) -> Configuration:
    """transpose of two dimensions, the same one twice included."""
    shape = draw(shapes(least=2))
    rank = len(shape)
    return {"dim0": draw(axes(rank)), "dim1": draw(axes(rank))}, [draw(tensors(shape))]


@st.composite
def flatten(draw: st.DrawFn) -> Configuration:
    """flatten from one dimension to another."""
    shape = draw(shapes(least=1))
    start = draw(st.integers(0, len(shape) - 1), label="start_dim")
    end = draw(st.integers(start, len(shape) - 1), label="end_dim")
    return {"start_dim": start, "end_dim": end}, [draw(tensors(shape))]


@st.composite
def joined(draw: st.DrawFn) -> Configuration:
    """cat and stack of two or three tensors."""
    shape = draw(shapes())
    kwargs = {"dim": draw(axes(len(shape)))}
    return kwargs, [draw(tensors(shape)) for _ in range(draw(st.integers(2, 3), label="tensors"))]


@st.composite
def roll(draw: st.DrawFn) -> Configuration:
    """roll by amounts of either sign, beyond the length too."""
    shape = draw(shapes())
    kwargs = {"shifts": draw(st.integers(-7, 7), label="shifts"), "dims": draw(axes(len(shape)))}
    return kwargs, [draw(tensors(shape))]


@st.composite
def flip(draw: st.DrawFn) -> Configuration:
    """flip of some dimensions."""
    shape = draw(shapes())
    dims = st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True)
    return {"dims": tuple(draw(dims, label="dims"))}, [draw(tensors(shape))]


@st.composite
def triangle(draw: st.DrawFn) -> Configuration:
    """tril and triu: the diagonal at, above and below the main one."""
    shape = draw(shapes(least=2))
    return {"diagonal": draw(st.integers(-3, 3), label="diagonal")}, [draw(tensors(shape))]


@st.composite
def gather(draw: st.DrawFn) -> Configuration:
    """gather along a dimension, by an index of another length."""
    shape = draw(shapes(least=1, most=3))
    dim = draw(axes(len(shape)))
    index = list(shape)
    index[dim] = draw(st.integers(1, 6), label="indices")
    ids = Input(tuple(index), "int64", "integers", low=0, high=shape[dim])
    return {"dim": dim}, [draw(tensors(shape)), ids]


@st.composite
def clamp(draw: st.DrawFn) -> Configuration:
    """clamp: either bound or both."""
    low = draw(st.sampled_from([None, -0.5, 0.0]), label="min")
    high = draw(st.sampled_from([0.25, 2.0] if low is None else [None, 0.25, 2.0]), label="max")
    return {"min": low, "max": high}, [draw(tensors(draw(shapes()), offsets=(0.0,)))]


#: Registered pairs -> strategies.
FUNCTIONS: Mapping[str, Callable[[], st.SearchStrategy[Configuration]]] = {
    **{
        f"functions.{name}": partial(along_dim, keepdim=True)
        for name in ("sum", "mean", "amax", "amin", "prod", "logsumexp")
    },
    **{f"functions.{name}": along_dim for name in ("cumsum", "cumprod", "argmax", "argmin")},
    "functions.var": variance,
    "functions.std": variance,
    "functions.topk": topk,
    "functions.sort": along_dim,
    "functions.matmul": matmul,
    "functions.permute": permute,
    "functions.transpose": transpose,
    "functions.flatten": flatten,
    "functions.cat": joined,
    "functions.stack": joined,
    "functions.roll": roll,
    "functions.flip": flip,
    "functions.tril": triangle,
    "functions.triu": triangle,
    "functions.gather": gather,
    "functions.clamp": clamp,
}
