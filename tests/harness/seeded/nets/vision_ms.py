"""The small image network in MindSpore; attribute names and order follow ``vision_pt.py``."""

from mindspore import Tensor, nn, ops

from seeded.nets.sizes import CHANNELS, CLASSES, GROUPS


class Pyramid(nn.Cell):
    """Features beside their own halved and enlarged copy; (N, C, H, W) to the same."""

    def __init__(self):
        super().__init__()
        self.down = nn.MaxPool2d(2, 2, pad_mode="pad", ceil_mode=True)
        self.mix = nn.Conv2d(
            2 * CHANNELS, CHANNELS, 3, pad_mode="pad", padding=2, dilation=2, has_bias=True
        )

    def construct(self, x: Tensor) -> Tensor:
        coarse = ops.interpolate(
            self.down(x), size=x.shape[2:], mode="bilinear", align_corners=False
        )
        return self.mix(ops.cat((x, coarse), 1))


class Shuffle(nn.Cell):
    """A grouped convolution, its channels then dealt out to all groups."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(
            CHANNELS, CHANNELS, 3, pad_mode="pad", padding=1, group=GROUPS, has_bias=True
        )

    def construct(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        n, c, h, w = x.shape
        x = x.reshape(n, GROUPS, c // GROUPS, h, w)
        return x.swapaxes(1, 2).reshape(n, c, h, w)


class Gate(nn.Cell):
    """Squeeze and excite."""

    def __init__(self):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc1 = nn.Conv2d(CHANNELS, CHANNELS // 4, 1, pad_mode="pad", has_bias=True)
        self.act = nn.ReLU()
        self.fc2 = nn.Conv2d(CHANNELS // 4, CHANNELS, 1, pad_mode="pad", has_bias=True)
        self.sigmoid = nn.Sigmoid()

    def construct(self, x: Tensor) -> Tensor:
        return x * self.sigmoid(self.fc2(self.act(self.fc1(self.pool(x)))))


class Head(nn.Cell):
    """Mean over the plane, unit length, LayerNorm, Dropout, Dense."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm((CHANNELS,), epsilon=1e-5)
        self.dropout = nn.Dropout(p=0.1)
        self.fc = nn.Dense(CHANNELS, CLASSES)

    def construct(self, x: Tensor) -> Tensor:
        x = x.mean((2, 3))
        x = x / ops.sqrt((x * x).sum(1, keepdims=True))
        return self.fc(self.dropout(self.norm(x)))


class Vision(nn.Cell):
    """Images (N, 3, H, W) to logits (N, CLASSES)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.SequentialCell(
            nn.Pad(((0, 0), (0, 0), (1, 1), (1, 1)), mode="REFLECT"),
            nn.Conv2d(3, CHANNELS, 3, pad_mode="valid", has_bias=True),
        )
        self.act = nn.LeakyReLU(0.1)
        self.pool = nn.MaxPool2d(3, 2, pad_mode="pad", padding=1)
        self.norm = nn.GroupNorm(GROUPS, CHANNELS)
        self.gelu = nn.GELU(approximate=False)
        self.smooth = nn.AvgPool2d(3, stride=1, pad_mode="pad", padding=1, count_include_pad=True)
        self.pyramid = Pyramid()
        self.pad = nn.Pad(((0, 0), (0, 0), (0, 1), (1, 2)))
        self.conv = nn.Conv2d(CHANNELS, CHANNELS, 3, pad_mode="valid", has_bias=True)
        self.shuffle = Shuffle()
        self.gate = Gate()
        self.head = Head()

    def construct(self, x: Tensor) -> Tensor:
        x = self.pool(self.act(self.stem(x)))
        x = self.smooth(self.gelu(self.norm(x)))
        x = self.conv(self.pad(self.pyramid(x)))
        return self.head(self.gate(self.shuffle(x)))
