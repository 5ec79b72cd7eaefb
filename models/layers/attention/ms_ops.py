"""The fused kernel of scaled dot product attention: Ascend only, no float32."""

from mindspore import Tensor, dtype, nn, ops


class ScaledDotProductAttention(nn.Cell):
    """Heads come as (N, H, L, E), as in torch; its mask is True where a query may not look."""

    def construct(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        found = ops.flash_attention_score(
            query.astype(dtype.float16),
            key.astype(dtype.float16),
            value.astype(dtype.float16),
            query.shape[1],
            scalar_value=query.shape[-1] ** -0.5,
            input_layout="BNSD",
        )
        return found.astype(query.dtype)
