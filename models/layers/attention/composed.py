"""Scaled dot product attention, which MindSpore has as private functions and on Ascend only."""

from mindspore import Tensor, dtype, nn, ops


class ScaledDotProductAttention(nn.Cell):
    """torch.nn.functional.scaled_dot_product_attention, without dropout.

    A boolean mask is True where a query may look; a query that may look nowhere gets zeros.
    """

    def __init__(
        self, is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False
    ):
        super().__init__()
        self.is_causal = is_causal
        self.scale = scale
        self.enable_gqa = enable_gqa
        self.lowest = -3.4e38  # finite, so that a row of nothing else has a gradient

    def construct(
        self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None
    ) -> Tensor:
        scale = query.shape[-1] ** -0.5 if self.scale is None else self.scale
        if self.enable_gqa:
            heads = query.shape[-3] // key.shape[-3]
            key = ops.repeat_interleave(key, heads, -3)
            value = ops.repeat_interleave(value, heads, -3)
        scores = ops.matmul(query, key.swapaxes(-2, -1)) * scale
        if self.is_causal:
            attn_mask = ops.ones(scores.shape[-2:], dtype.float32).tril() > 0
        if attn_mask is None:
            weights = ops.softmax(scores, -1)
        elif attn_mask.dtype == dtype.bool_:
            weights = ops.softmax(ops.where(attn_mask, scores, self.lowest), -1) * attn_mask
        else:
            weights = ops.softmax(scores + attn_mask, -1)
        return ops.matmul(weights, value)
