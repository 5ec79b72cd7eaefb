"""torchvision's Swin Transformer in MindSpore, with its attribute names and their order."""

from collections.abc import Sequence

import numpy as np
from mindspore import Parameter, Tensor, nn, ops
from mindspore.common.initializer import TruncatedNormal, initializer


class Permute(nn.Cell):
    """The dimensions in another order."""

    def __init__(self, dims: tuple[int, ...]):
        super().__init__()
        self.dims = dims

    def construct(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)


class StochasticDepth(nn.Cell):
    """Drops the residual branch of whole samples in train mode."""

    def __init__(self, p: float):
        super().__init__()
        self.p = p
        self.keep = nn.Dropout(p=p)

    def construct(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        return x * self.keep(ops.ones((x.shape[0], 1, 1, 1), x.dtype))


class PatchMerging(nn.Cell):
    """(N, H, W, C) to (N, H/2, W/2, 2C); odd sizes are padded."""

    def __init__(self, dim: int):
        super().__init__()
        self.reduction = _dense(4 * dim, 2 * dim, has_bias=False)
        self.norm = nn.LayerNorm((4 * dim,), epsilon=1e-5)

    def construct(self, x: Tensor) -> Tensor:
        x = _padded(x, x.shape[1] % 2, x.shape[2] % 2)
        n, h, w, c = x.shape
        x = x.reshape(n, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 4, 2, 5)
        x = self.norm(x.reshape(n, h // 2, w // 2, 4 * c))
        return self.reduction(x)


def _dense(in_features: int, out_features: int, has_bias: bool = True) -> nn.Dense:
    return nn.Dense(
        in_features,
        out_features,
        weight_init=TruncatedNormal(0.02),
        bias_init="zeros",
        has_bias=has_bias,
    )


def _padded(x: Tensor, bottom: int, right: int) -> Tensor:
    """(N, H, W, C) with zeros below and to the right."""
    return ops.pad(x, (0, 0, 0, right, 0, bottom)) if bottom + right > 0 else x


def _rolled(x: Tensor, shift: int, axis: int) -> Tensor:
    """torch.roll towards the front; ops.roll has no kernel on CPU."""
    if shift == 0:
        return x
    rest = x.shape[axis] - shift
    front, back = ops.narrow(x, axis, 0, shift), ops.narrow(x, axis, shift, rest)
    return ops.cat([back, front], axis)


@ops.constexpr
def _mask(size: tuple[int, int], window: tuple[int, int], shift: tuple[int, int]) -> Tensor:
    """(windows, 1, positions, positions): -100 between positions that only the shift brought
    together."""
    region = np.zeros(size, "float32")
    rows, columns = (((0, -w), (-w, -s), (-s, None)) for w, s in zip(window, shift))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            region[slice(*row), slice(*column)] = 3 * i + j
    (h, w), (wh, ww) = size, window
    region = region.reshape(h // wh, wh, w // ww, ww).transpose(0, 2, 1, 3).reshape(-1, wh * ww)
    apart = region[:, None, :] != region[:, :, None]
    return Tensor(np.where(apart, np.float32(-100), np.float32(0))[:, None])


def _relative_position_index(window: tuple[int, int]) -> np.ndarray:
    """Where in the table of biases each pair of positions has its own, flat."""
    h, w = (axis.reshape(-1) for axis in np.indices(window))
    rows = h[:, None] - h[None, :] + window[0] - 1
    columns = w[:, None] - w[None, :] + window[1] - 1
    return (rows * (2 * window[1] - 1) + columns).reshape(-1).astype("int64")


class ShiftedWindowAttention(nn.Cell):
    """Self-attention of (N, H, W, C) within windows, which every second block shifts."""

    def __init__(
        self,
        dim: int,
        window_size: Sequence[int],
        shift_size: Sequence[int],
        num_heads: int,
        attention_dropout: float = 0.0,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.window_size = tuple(window_size)
        self.shift_size = tuple(shift_size)
        self.num_heads = num_heads
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.qkv = _dense(dim, dim * 3)
        self.proj = _dense(dim, dim)
        entries = (2 * window_size[0] - 1) * (2 * window_size[1] - 1)
        self.relative_position_bias_table = Parameter(
            initializer(TruncatedNormal(0.02), (entries, num_heads)),
            name="relative_position_bias_table",
        )
        self.relative_position_index = Parameter(
            Tensor(_relative_position_index(self.window_size)),
            name="relative_position_index",
            requires_grad=False,
        )

    def _relative_position_bias(self) -> Tensor:
        positions = self.window_size[0] * self.window_size[1]
        bias = ops.gather(self.relative_position_bias_table, self.relative_position_index, 0)
        return bias.reshape(positions, positions, -1).permute(2, 0, 1).expand_dims(0)

    def construct(self, x: Tensor) -> Tensor:
        n, height, width, c = x.shape
        wh, ww = self.window_size
        x = _padded(x, (wh - height % wh) % wh, (ww - width % ww) % ww)
        _, h, w, _ = x.shape
        # A window that holds all rows, or all columns, is not shifted along them.
        sh = 0 if wh >= h else self.shift_size[0]
        sw = 0 if ww >= w else self.shift_size[1]
        x = _rolled(_rolled(x, sh, 1), sw, 2)

        windows, positions = (h // wh) * (w // ww), wh * ww
        x = x.reshape(n, h // wh, wh, w // ww, ww, c).permute(0, 1, 3, 2, 4, 5)
        x = x.reshape(n * windows, positions, c)
        qkv = self.qkv(x).reshape(n * windows, positions, 3, self.num_heads, c // self.num_heads)
        qkv = qkv.permute(2, 0, 3, 1, 4)
        query, key, value = qkv[0] * (c // self.num_heads) ** -0.5, qkv[1], qkv[2]
        scores = ops.matmul(query, key.swapaxes(2, 3)) + self._relative_position_bias()
        if sh + sw > 0:
            shape = scores.shape
            scores = scores.reshape(n, windows, self.num_heads, positions, positions)
            scores = (scores + _mask((h, w), self.window_size, (sh, sw))).reshape(shape)
        weights = ops.softmax(scores, -1)
        weights = ops.dropout(weights, self.attention_dropout, self.training)
        x = ops.matmul(weights, value).swapaxes(1, 2).reshape(n * windows, positions, c)
        x = ops.dropout(self.proj(x), self.dropout, self.training)

        x = x.reshape(n, h // wh, w // ww, wh, ww, c).permute(0, 1, 3, 2, 4, 5)
        x = x.reshape(n, h, w, c)
        x = _rolled(_rolled(x, (h - sh) % h, 1), (w - sw) % w, 2)
        return x[:, :height, :width]


class MLP(nn.SequentialCell):
    """Two linear layers, with GELU between them."""

    def __init__(self, dim: int, hidden: int, dropout: float):
        super().__init__(
            _dense(dim, hidden),
            nn.GELU(approximate=False),
            nn.Dropout(p=dropout),
            _dense(hidden, dim),
            nn.Dropout(p=dropout),
        )


class SwinTransformerBlock(nn.Cell):
    """Attention and MLP, each behind its LayerNorm and beside a shortcut."""

    def __init__(
        self,
        dim: int,
        num_heads: int,
        window_size: Sequence[int],
        shift_size: Sequence[int],
        mlp_ratio: float,
        dropout: float,
        attention_dropout: float,
        stochastic_depth_prob: float,
    ):
        super().__init__()
        self.norm1 = nn.LayerNorm((dim,), epsilon=1e-5)
        self.attn = ShiftedWindowAttention(
            dim, window_size, shift_size, num_heads, attention_dropout, dropout
        )
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob)
        self.norm2 = nn.LayerNorm((dim,), epsilon=1e-5)
        self.mlp = MLP(dim, int(dim * mlp_ratio), dropout)

    def construct(self, x: Tensor) -> Tensor:
        x = x + self.stochastic_depth(self.attn(self.norm1(x)))
        return x + self.stochastic_depth(self.mlp(self.norm2(x)))


class SwinTransformer(nn.Cell):
    """Images (N, 3, H, W) to logits (N, num_classes)."""

    def __init__(
        self,
        patch_size: Sequence[int],
        embed_dim: int,
        depths: Sequence[int],
        num_heads: Sequence[int],
        window_size: Sequence[int],
        mlp_ratio: float = 4.0,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        stochastic_depth_prob: float = 0.1,
        num_classes: int = 1000,
    ):
        super().__init__()
        patch = tuple(patch_size)
        layers: list[nn.Cell] = [
            nn.SequentialCell(
                nn.Conv2d(3, embed_dim, patch, patch, pad_mode="valid", has_bias=True),
                Permute((0, 2, 3, 1)),
                nn.LayerNorm((embed_dim,), epsilon=1e-5),
            )
        ]
        number = 0
        for stage, depth in enumerate(depths):
            dim = embed_dim * 2**stage
            blocks = []
            for i in range(depth):
                blocks.append(
                    SwinTransformerBlock(
                        dim,
                        num_heads[stage],
                        window_size,
                        [0 if i % 2 == 0 else side // 2 for side in window_size],
                        mlp_ratio,
                        dropout,
                        attention_dropout,
                        stochastic_depth_prob * number / (sum(depths) - 1),
                    )
                )
                number += 1
            layers.append(nn.SequentialCell(*blocks))
            if stage < len(depths) - 1:
                layers.append(PatchMerging(dim))
        self.features = nn.SequentialCell(*layers)
        self.norm = nn.LayerNorm((dim,), epsilon=1e-5)
        self.permute = Permute((0, 3, 1, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.flatten = nn.Flatten()
        self.head = _dense(dim, num_classes)

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.norm(x)
        x = self.permute(x)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.head(x)
