"""Layers of sequences and features: linear, embedding, recurrent, attention."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from harness.inputs import Input
from harness.strategies.tensors import Configuration, tensors


@st.composite
def dense(draw: st.DrawFn) -> Configuration:
    """Linear: sizes and bias."""
    size = draw(st.integers(1, 64), label="in_features")
    kwargs = {
        "in_features": size,
        "out_features": draw(st.integers(1, 32), label="out_features"),
        "bias": draw(st.booleans(), label="bias"),
    }
    leading = draw(st.lists(st.integers(1, 5), min_size=1, max_size=2), label="leading")
    return kwargs, [draw(tensors((*leading, size), offsets=(0.0,)))]


@st.composite
def embedding(draw: st.DrawFn) -> Configuration:
    """Embedding: every id occurs in some draw, the padding's too."""
    number = draw(st.integers(2, 9), label="num_embeddings")
    kwargs: dict[str, Any] = {
        "num_embeddings": number,
        "embedding_dim": draw(st.integers(1, 8), label="embedding_dim"),
        "padding_idx": draw(st.one_of(st.none(), st.integers(0, number - 1)), label="padding_idx"),
    }
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=2), label="shape"))
    return kwargs, [Input(shape, "int64", "integers", low=0, high=number)]


@st.composite
def recurrent(draw: st.DrawFn) -> Configuration:
    """RNN, LSTM and GRU: layers, directions, layout, bias; batch and length differ."""
    size = draw(st.integers(1, 6), label="input_size")
    batch_first = draw(st.booleans(), label="batch_first")
    kwargs = {
        "input_size": size,
        "hidden_size": draw(st.integers(1, 6), label="hidden_size"),
        "num_layers": draw(st.integers(1, 2), label="num_layers"),
        "bidirectional": draw(st.booleans(), label="bidirectional"),
        "bias": draw(st.booleans(), label="bias"),
        "batch_first": batch_first,
    }
    batch, length = draw(st.permutations([2, 5]), label="batch and length")
    shape = (batch, length, size) if batch_first else (length, batch, size)
    return kwargs, [draw(tensors(shape, scales=(1.0, 1e-2, 3.0), offsets=(0.0,)))]


@st.composite
def multihead_attention(draw: st.DrawFn) -> Configuration:
    """MultiheadAttention: heads, layout, bias; query and key of different lengths."""
    heads = draw(st.integers(1, 3), label="num_heads")
    width = heads * draw(st.integers(1, 4), label="width of a head")
    batch_first = draw(st.booleans(), label="batch_first")
    kwargs = {
        "embed_dim": width,
        "num_heads": heads,
        "bias": draw(st.booleans(), label="bias"),
        "batch_first": batch_first,
    }

    def of(length: int) -> Input:
        shape = (2, length, width) if batch_first else (length, 2, width)
        return Input(shape)

    queries, keys = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    return kwargs, [of(queries), of(keys), of(keys)]


#: Registered pairs -> strategies.
SEQUENCES: Mapping[str, Callable[[], st.SearchStrategy[Configuration]]] = {
    "layers.dense": dense,
    "layers.embedding": embedding,
    "layers.rnn": recurrent,
    "layers.lstm": recurrent,
    "layers.gru": recurrent,
    # Not multihead_attention: on CPU the gradient of a product whose leading sizes are all one
    # gains a dimension, and every search ends there.
}
