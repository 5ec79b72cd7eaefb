"""torch's attention and Transformer layers: as they are, and with the masks that models build."""

import torch
from torch import Tensor, nn
from torch.nn import (
    MultiheadAttention,
    Transformer,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from torch.nn.functional import scaled_dot_product_attention

__all__ = [
    "MultiheadAttention",
    "Transformer",
    "TransformerDecoderLayer",
    "TransformerEncoderLayer",
]


class ScaledDotProductAttention(nn.Module):
    """The function as a module; a boolean mask is True where a query may look."""

    def __init__(
        self, is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False
    ):
        super().__init__()
        self.is_causal = is_causal
        self.scale = scale
        self.enable_gqa = enable_gqa

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None
    ) -> Tensor:
        return scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask,
            is_causal=self.is_causal,
            scale=self.scale,
            enable_gqa=self.enable_gqa,
        )


def _padding(lengths: Tensor, steps: int) -> Tensor:
    """(N, S), True where a key is padding: in modules True is what nobody may look at."""
    return torch.arange(steps) >= lengths[:, None]


def _causal(steps: int) -> Tensor:
    return torch.ones(steps, steps, dtype=torch.bool).triu(1)


class MaskedAttention(nn.Module):
    """Attention to keys of several lengths, with a mask beside."""

    def __init__(self, need_weights: bool = True, average: bool = True, **settings: object):
        super().__init__()
        self.attention = MultiheadAttention(**settings)
        self.need_weights = need_weights
        self.average = average

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        lengths: Tensor,
        attn_mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        padding = _padding(lengths, key.shape[1 if self.attention.batch_first else 0])
        if attn_mask is not None and attn_mask.is_floating_point():
            padding = torch.zeros(padding.shape, dtype=attn_mask.dtype).masked_fill(
                padding, float("-inf")
            )
        return self.attention(
            query, key, value, padding, self.need_weights, attn_mask, self.average
        )


class MixedMaskAttention(nn.Module):
    """A boolean mask of padding beside a mask of numbers."""

    def __init__(self, **settings: object):
        super().__init__()
        self.attention = MultiheadAttention(**settings)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, lengths: Tensor, attn_mask: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        padding = _padding(lengths, key.shape[0])
        return self.attention(query, key, value, padding, True, attn_mask)


class MaskedEncoderLayer(nn.Module):
    """Causal, over sequences of several lengths."""

    def __init__(self, **settings: object):
        super().__init__()
        self.layer = TransformerEncoderLayer(batch_first=True, **settings)

    def forward(self, src: Tensor, lengths: Tensor) -> Tensor:
        steps = src.shape[1]
        return self.layer(src, _causal(steps), _padding(lengths, steps))


class MaskedDecoderLayer(nn.Module):
    """Causal, over a memory of several lengths."""

    def __init__(self, **settings: object):
        super().__init__()
        self.layer = TransformerDecoderLayer(batch_first=True, **settings)

    def forward(self, tgt: Tensor, memory: Tensor, lengths: Tensor) -> Tensor:
        padding = _padding(lengths, memory.shape[1])
        return self.layer(tgt, memory, _causal(tgt.shape[1]), None, None, padding)


def TransformerEncoder(num_layers: int, final_norm: bool, **settings: object) -> nn.Module:
    """Some layers and a norm; nested tensors would zero padded positions, in eval mode only."""
    norm = nn.LayerNorm(settings["d_model"]) if final_norm else None
    layer = TransformerEncoderLayer(**settings)
    return nn.TransformerEncoder(layer, num_layers, norm, enable_nested_tensor=False)


def TransformerDecoder(num_layers: int, final_norm: bool, **settings: object) -> nn.Module:
    """Some layers and a norm."""
    norm = nn.LayerNorm(settings["d_model"]) if final_norm else None
    return nn.TransformerDecoder(TransformerDecoderLayer(**settings), num_layers, norm)
