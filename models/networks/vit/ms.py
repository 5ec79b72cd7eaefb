"""torchvision's Vision Transformer in MindSpore, with its attribute names and their order."""

import math
from collections import OrderedDict

from mindspore import Parameter, Tensor, nn, ops
from mindspore.common.initializer import Normal, TruncatedNormal, XavierUniform, initializer

from models.layers.attention.ms import MultiheadAttention


class MLPBlock(nn.SequentialCell):
    """Two linear layers, with GELU between them."""

    def __init__(self, in_dim: int, mlp_dim: int, dropout: float):
        settings = {"weight_init": XavierUniform(), "bias_init": Normal(1e-6)}
        super().__init__(
            nn.Dense(in_dim, mlp_dim, **settings),
            nn.GELU(approximate=False),
            nn.Dropout(p=dropout),
            nn.Dense(mlp_dim, in_dim, **settings),
            nn.Dropout(p=dropout),
        )


class EncoderBlock(nn.Cell):
    """Attention and MLP, each behind its LayerNorm and beside a shortcut."""

    def __init__(
        self,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
    ):
        super().__init__()
        self.ln_1 = nn.LayerNorm((hidden_dim,), epsilon=1e-6)
        self.self_attention = MultiheadAttention(
            hidden_dim, num_heads, dropout=attention_dropout, batch_first=True
        )
        self.dropout = nn.Dropout(p=dropout)
        self.ln_2 = nn.LayerNorm((hidden_dim,), epsilon=1e-6)
        self.mlp = MLPBlock(hidden_dim, mlp_dim, dropout)

    def construct(self, input: Tensor) -> Tensor:
        x = self.ln_1(input)
        x = self.self_attention(x, x, x, need_weights=False)[0]
        x = self.dropout(x)
        x = x + input
        y = self.ln_2(x)
        y = self.mlp(y)
        return x + y


class Encoder(nn.Cell):
    """Positions added, the blocks, a LayerNorm."""

    def __init__(
        self,
        seq_length: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
    ):
        super().__init__()
        self.pos_embedding = Parameter(
            initializer(Normal(0.02), (1, seq_length, hidden_dim)), name="pos_embedding"
        )
        self.dropout = nn.Dropout(p=dropout)
        self.layers = nn.SequentialCell(
            OrderedDict(
                (
                    f"encoder_layer_{i}",
                    EncoderBlock(num_heads, hidden_dim, mlp_dim, dropout, attention_dropout),
                )
                for i in range(num_layers)
            )
        )
        self.ln = nn.LayerNorm((hidden_dim,), epsilon=1e-6)

    def construct(self, input: Tensor) -> Tensor:
        input = input + self.pos_embedding
        return self.ln(self.layers(self.dropout(input)))


class VisionTransformer(nn.Cell):
    """Images (N, 3, image_size, image_size) to logits (N, num_classes)."""

    def __init__(
        self,
        image_size: int,
        patch_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        num_classes: int = 1000,
    ):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.conv_proj = nn.Conv2d(
            3,
            hidden_dim,
            patch_size,
            patch_size,
            pad_mode="valid",
            has_bias=True,
            weight_init=TruncatedNormal(math.sqrt(1 / (3 * patch_size**2))),
            bias_init="zeros",
        )
        self.class_token = Parameter(initializer("zeros", (1, 1, hidden_dim)), name="class_token")
        self.encoder = Encoder(
            (image_size // patch_size) ** 2 + 1,
            num_layers,
            num_heads,
            hidden_dim,
            mlp_dim,
            dropout,
            attention_dropout,
        )
        head = nn.Dense(hidden_dim, num_classes, weight_init="zeros", bias_init="zeros")
        self.heads = nn.SequentialCell(OrderedDict([("head", head)]))

    def construct(self, x: Tensor) -> Tensor:
        n = x.shape[0]
        x = self.conv_proj(x)
        x = x.reshape(n, self.hidden_dim, -1).swapaxes(1, 2)
        class_token = ops.broadcast_to(self.class_token, (n, 1, self.hidden_dim))
        x = ops.cat([class_token, x], axis=1)
        x = self.encoder(x)
        return self.heads(x[:, 0])
