"""The small transformer encoder in MindSpore; names and order follow ``attention_pt.py``."""

from mindspore import Parameter, Tensor, nn
from mindspore.common.initializer import Normal, initializer

from seeded.nets.sizes import CLASSES, HEADS, TOKENS, WIDTH


class Attention(nn.Cell):
    """Multi-head self-attention; (N, T, WIDTH) to the same."""

    def __init__(self):
        super().__init__()
        self.query = nn.Dense(WIDTH, WIDTH)
        self.key = nn.Dense(WIDTH, WIDTH)
        self.value = nn.Dense(WIDTH, WIDTH)
        self.softmax = nn.Softmax(axis=-1)
        self.out = nn.Dense(WIDTH, WIDTH)

    def construct(self, x: Tensor) -> Tensor:
        n, t, _ = x.shape
        q = self.query(x).reshape(n, t, HEADS, -1).swapaxes(1, 2)
        k = self.key(x).reshape(n, t, HEADS, -1).swapaxes(1, 2)
        v = self.value(x).reshape(n, t, HEADS, -1).swapaxes(1, 2)
        weights = self.softmax(q @ k.swapaxes(2, 3) * (WIDTH // HEADS) ** -0.5)
        return self.out((weights @ v).swapaxes(1, 2).reshape(n, t, WIDTH))


class Block(nn.Cell):
    """Attention and a two-layer perceptron, each on a normalised copy of what it adds to."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm((WIDTH,), epsilon=1e-5)
        self.attention = Attention()
        self.norm2 = nn.LayerNorm((WIDTH,), epsilon=1e-5)
        self.fc1 = nn.Dense(WIDTH, 2 * WIDTH)
        self.gelu = nn.GELU(approximate=False)
        self.fc2 = nn.Dense(2 * WIDTH, WIDTH)
        self.dropout = nn.Dropout(p=0.1)

    def construct(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.fc2(self.gelu(self.fc1(self.norm2(x)))))


class Encoder(nn.Cell):
    """Tokens (N, TOKENS, WIDTH) to logits (N, CLASSES), read off the first token."""

    def __init__(self):
        super().__init__()
        self.position = Parameter(initializer(Normal(0.02), (1, TOKENS, WIDTH)))
        self.blocks = nn.SequentialCell(Block(), Block())
        self.norm = nn.LayerNorm((WIDTH,), epsilon=1e-5)
        self.head = nn.Dense(WIDTH, CLASSES)

    def construct(self, x: Tensor) -> Tensor:
        x = self.blocks(x + self.position)
        return self.head(self.norm(x)[:, 0])
