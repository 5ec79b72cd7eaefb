"""The MindSpore side."""

import mindspore as ms
from mindspore import nn, ops
from mindspore.common.initializer import HeUniform, Uniform, initializer

from harness.loop import Loop


def _dense(inputs: int, outputs: int) -> nn.Dense:
    """A Dense that is initialized as torch's Linear is."""
    return nn.Dense(inputs, outputs, weight_init=HeUniform(5**0.5), bias_init=Uniform(inputs**-0.5))


def _attend(q: ms.Tensor, k: ms.Tensor, v: ms.Tensor, heads: int) -> ms.Tensor:
    batch, length, width = q.shape
    q, k, v = (
        part.reshape(batch, length, heads, width // heads).swapaxes(1, 2) for part in (q, k, v)
    )
    share = ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / (width // heads) ** 0.5, -1)
    return ops.matmul(share, v).swapaxes(1, 2).reshape(batch, length, width)


class Together(nn.Cell):
    """Attention with one Dense for q, k and v; wrong says what a port may get wrong."""

    def __init__(self, width: int, heads: int, wrong: str) -> None:
        super().__init__()
        self.heads, self.wrong = heads, wrong
        self.qkv = _dense(width, 3 * width)
        self.out = _dense(width, width)

    def construct(self, x):
        width = x.shape[-1]
        joined = self.qkv(x)
        q, k, v = joined[..., :width], joined[..., width : 2 * width], joined[..., 2 * width :]
        if self.wrong == "order":
            q, k = k, q
        if self.wrong == "slice":
            v = joined[..., 2 * width - 1 : -1]
        return self.out(_attend(q, k, v, self.heads))


class Kernel(nn.Cell):
    """The same with a parameter laid out (inputs, outputs), joined along axis 1."""

    def __init__(self, width: int, heads: int, wrong: str) -> None:
        super().__init__()
        self.heads, self.width = heads, width
        bound = width**-0.5
        self.qkv = ms.Parameter(initializer(Uniform(bound), (width, 3 * width)), name="qkv")
        self.bias = ms.Parameter(initializer(Uniform(bound), (3 * width,)), name="bias")
        self.out = _dense(width, width)

    def construct(self, x):
        joined = ops.matmul(x, self.qkv) + self.bias
        q, k, v = ops.split(joined, self.width, -1)
        return self.out(_attend(q, k, v, self.heads))


class Apart(nn.Cell):
    """Attention with q, k and v apart, initialized as torch's in_proj_weight is."""

    def __init__(self, width: int, heads: int, wrong: str) -> None:
        super().__init__()
        self.heads, self.wrong = heads, wrong
        xavier = Uniform((6 / (width + 3 * width)) ** 0.5)
        self.q, self.k, self.v = (
            nn.Dense(width, width, weight_init=xavier, bias_init="zeros") for _ in range(3)
        )
        self.out_proj = nn.Dense(width, width, weight_init=HeUniform(5**0.5), bias_init="zeros")

    def construct(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        if self.wrong == "order":
            q, k = k, q
        return self.out_proj(_attend(q, k, v, self.heads))


class Layer(nn.Cell):
    """A residual layer around attention."""

    def __init__(self, attention, width: int, heads: int, wrong: str) -> None:
        super().__init__()
        self.attn = attention(width, heads, wrong)
        self.norm = nn.LayerNorm([width], epsilon=1e-5)

    def construct(self, x):
        return self.norm(x + self.attn(x))


class Encoder(nn.Cell):
    """Layers one after the other; only the last one is wrong."""

    def __init__(self, attention, width: int, heads: int, layers: int, wrong: str) -> None:
        super().__init__()
        self.layers = nn.CellList(
            [
                Layer(attention, width, heads, wrong if number == layers - 1 else "")
                for number in range(layers)
            ]
        )

    def construct(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def together(width=8, heads=2, layers=2, wrong=""):
    """An encoder with one Dense for q, k and v."""
    return Encoder(Together, width, heads, layers, wrong)


def kernel(width=8, heads=2, layers=2, wrong=""):
    """An encoder with one bare parameter for q, k and v."""
    return Encoder(Kernel, width, heads, layers, wrong)


def apart(width=8, heads=2, layers=2, wrong=""):
    """An encoder with q, k and v apart."""
    return Encoder(Apart, width, heads, layers, wrong)


def _gate(x: ms.Tensor) -> ms.Tensor:
    return 0.5 + 0.5 * _squash(x)


def _squash(x: ms.Tensor) -> ms.Tensor:
    return x / (1 + x.abs())


class Gated(nn.Cell):
    """An LSTM's step over time, a Dense a gate for the input and one for what is carried on."""

    def __init__(self, inputs: int = 5, width: int = 6) -> None:
        super().__init__()
        self.width = width
        drawn = Uniform(width**-0.5)

        def gate(outside: int, bias: bool) -> nn.Dense:
            return nn.Dense(outside, width, weight_init=drawn, bias_init=drawn, has_bias=bias)

        self.xi, self.xf, self.xg, self.xo = (gate(inputs, True) for _ in range(4))
        self.hi, self.hf, self.hg, self.ho = (gate(width, False) for _ in range(4))

    def construct(self, x):
        hidden = cell = ops.zeros((x.shape[0], self.width), x.dtype)
        outputs = []
        for time in range(x.shape[1]):
            now = x[:, time]
            let_in = _gate(self.xi(now) + self.hi(hidden))
            keep = _gate(self.xf(now) + self.hf(hidden))
            fresh = _squash(self.xg(now) + self.hg(hidden))
            out = _gate(self.xo(now) + self.ho(hidden))
            cell = keep * cell + let_in * fresh
            hidden = out * _squash(cell)
            outputs.append(hidden)
        return ops.stack(outputs, 1)


def slow_biases(model: nn.Cell) -> nn.Optimizer:
    """An optimizer whose biases learn at a tenth of torch's rate."""
    biases = [p for p in model.trainable_params() if p.name.endswith(".bias")]
    others = [p for p in model.trainable_params() if not p.name.endswith(".bias")]
    groups = [{"params": biases, "lr": 0.01}, {"params": others, "lr": 0.1}]
    return nn.SGD(groups, learning_rate=0.1, momentum=0.9)


def loop(factory) -> Loop:
    """A training of an encoder, its outputs' first values against the labels."""
    network, criterion = factory(), nn.MSELoss()
    optimizer = nn.SGD(network.trainable_params(), learning_rate=0.1, momentum=0.9)

    def forward(data, target):
        return criterion(network(data)[:, 0, 0], target)

    differentiate = ms.value_and_grad(forward, None, optimizer.parameters)

    def step(data, target):
        loss, gradients = differentiate(data, target)
        optimizer(gradients)
        return loss

    return Loop(network, step, criterion, optimizer, lambda: network.set_train(True))
