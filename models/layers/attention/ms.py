"""torch's attention and Transformer layers in MindSpore: parameters are named as torch's, but for
dense1 and dense2, torch's linear1 and linear2.

Those that hold an attention start with a random bias of its out_proj, where torch's is zero:
``_like_torch`` sets it.
"""

from mindspore import Tensor, dtype, nn, ops
from mindspore.common.initializer import initializer

from models.layers.attention.composed import ScaledDotProductAttention

__all__ = ["ScaledDotProductAttention"]


def _like_torch(cell: nn.Cell) -> nn.Cell:
    """The cell, with the bias of every attention's out_proj zero."""
    for _, inner in cell.cells_and_names():
        if isinstance(inner, nn.MultiheadAttention) and inner.out_proj.has_bias:
            bias = inner.out_proj.bias
            bias.set_data(initializer("zeros", bias.shape, bias.dtype))
    return cell


def MultiheadAttention(
    embed_dim: int,
    num_heads: int,
    dropout: float = 0.0,
    bias: bool = True,
    add_bias_kv: bool = False,
    add_zero_attn: bool = False,
    kdim: int | None = None,
    vdim: int | None = None,
    batch_first: bool = False,
) -> nn.MultiheadAttention:
    """has_bias for bias. Without need_weights it returns a tuple of one.

    In graph mode do not call one cell both for self-attention and for other keys: it notes outside
    the graph whether query, key and value are one tensor, and the graph keeps its first note.
    """
    return _like_torch(
        nn.MultiheadAttention(
            embed_dim,
            num_heads,
            dropout=dropout,
            has_bias=bias,
            add_bias_kv=add_bias_kv,
            add_zero_attn=add_zero_attn,
            kdim=kdim,
            vdim=vdim,
            batch_first=batch_first,
        )
    )


def TransformerEncoderLayer(**settings: object) -> nn.TransformerEncoderLayer:
    """torch's arguments, but there is no bias=False; activation is relu, gelu or one of ops."""
    return _like_torch(nn.TransformerEncoderLayer(**settings))


def TransformerDecoderLayer(**settings: object) -> nn.TransformerDecoderLayer:
    """torch's arguments, but there is no bias=False; activation is relu, gelu or one of ops."""
    return _like_torch(nn.TransformerDecoderLayer(**settings))


def _norm(final_norm: bool, settings: dict[str, object]) -> nn.LayerNorm | None:
    """epsilon is 1e-7 by default there."""
    return nn.LayerNorm((settings["d_model"],), epsilon=1e-5) if final_norm else None


def TransformerEncoder(
    num_layers: int, final_norm: bool, **settings: object
) -> nn.TransformerEncoder:
    """The same; every layer is a copy of the one given, in torch too."""
    layer = nn.TransformerEncoderLayer(**settings)
    return _like_torch(nn.TransformerEncoder(layer, num_layers, _norm(final_norm, settings)))


def TransformerDecoder(
    num_layers: int, final_norm: bool, **settings: object
) -> nn.TransformerDecoder:
    """The same; every layer is a copy of the one given, in torch too."""
    layer = nn.TransformerDecoderLayer(**settings)
    return _like_torch(nn.TransformerDecoder(layer, num_layers, _norm(final_norm, settings)))


def Transformer(**settings: object) -> nn.Transformer:
    """torch's arguments, but there is no bias=False."""
    return _like_torch(nn.Transformer(**settings))


def _padding(lengths: Tensor, steps: int) -> Tensor:
    """(N, S), True where a key is padding, as in torch."""
    return ops.arange(steps) >= lengths.expand_dims(1)


def _causal(steps: int) -> Tensor:
    return ops.ones((steps, steps), dtype.float32).triu(1) > 0


class MaskedAttention(nn.Cell):
    """Attention to keys of several lengths, with a mask beside.

    Both masks must be of one type: a boolean mask of padding beside a mask of numbers is added as
    ones, where torch makes minus infinity of it.
    """

    def __init__(self, need_weights: bool = True, average: bool = True, **settings: object):
        super().__init__()
        self.attention = MultiheadAttention(**settings)
        self.need_weights = need_weights
        self.average = average
        self.steps = 1 if self.attention.batch_first else 0

    def construct(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        lengths: Tensor,
        attn_mask: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        padding = _padding(lengths, key.shape[self.steps])
        if attn_mask is not None and attn_mask.dtype != dtype.bool_:
            padding = ops.zeros(padding.shape, attn_mask.dtype).masked_fill(padding, float("-inf"))
        return self.attention(
            query, key, value, padding, self.need_weights, attn_mask, self.average
        )


class MixedMaskAttention(nn.Cell):
    """A boolean mask of padding beside a mask of numbers: wrong, see MaskedAttention."""

    def __init__(self, **settings: object):
        super().__init__()
        self.attention = MultiheadAttention(**settings)

    def construct(
        self, query: Tensor, key: Tensor, value: Tensor, lengths: Tensor, attn_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        padding = _padding(lengths, key.shape[0])
        return self.attention(query, key, value, padding, True, attn_mask)


class MaskedEncoderLayer(nn.Cell):
    """Causal, over sequences of several lengths."""

    def __init__(self, **settings: object):
        super().__init__()
        self.layer = TransformerEncoderLayer(batch_first=True, **settings)

    def construct(self, src: Tensor, lengths: Tensor) -> Tensor:
        steps = src.shape[1]
        return self.layer(src, _causal(steps), _padding(lengths, steps))


class MaskedDecoderLayer(nn.Cell):
    """Causal, over a memory of several lengths."""

    def __init__(self, **settings: object):
        super().__init__()
        self.layer = TransformerDecoderLayer(batch_first=True, **settings)

    def construct(self, tgt: Tensor, memory: Tensor, lengths: Tensor) -> Tensor:
        padding = _padding(lengths, memory.shape[1])
        return self.layer(tgt, memory, _causal(tgt.shape[1]), None, None, padding)
