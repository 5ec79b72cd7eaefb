"""Conv2d: every argument that ResNet and its relatives use."""

from harness import Input, Pair, Variant


def _variant(shape: tuple[int, ...], **kwargs: object) -> Variant:
    return Variant(kwargs=kwargs, inputs=[Input(shape)])


PAIR = Pair(
    name="layers.conv2d",
    torch="models.layers.conv2d.pt:Conv2d",
    mindspore="models.layers.conv2d.ms:Conv2d",
    has_state=False,
    variants={
        "k1": _variant((2, 8, 7, 9), in_channels=8, out_channels=6, kernel_size=1, bias=False),
        "k3": _variant(
            (2, 8, 7, 9), in_channels=8, out_channels=6, kernel_size=3, padding=1, bias=False
        ),
        "k3_bias_valid": _variant((2, 3, 8, 8), in_channels=3, out_channels=5, kernel_size=3),
        "stride2_even": _variant(
            (2, 4, 8, 8), in_channels=4, out_channels=8, kernel_size=3, stride=2, padding=1
        ),
        "stride2_odd": _variant(
            (2, 4, 9, 7), in_channels=4, out_channels=8, kernel_size=3, stride=2, padding=1
        ),
        "stem_k7": _variant(
            (1, 3, 17, 22), in_channels=3, out_channels=8, kernel_size=7, stride=2, padding=3
        ),
        "groups": _variant(
            (2, 8, 6, 5), in_channels=8, out_channels=12, kernel_size=3, padding=1, groups=4
        ),
        "depthwise": _variant(
            (2, 8, 6, 5), in_channels=8, out_channels=8, kernel_size=3, padding=1, groups=8
        ),
        "dilation2": _variant(
            (2, 4, 9, 11), in_channels=4, out_channels=4, kernel_size=3, padding=2, dilation=2
        ),
        "asymmetric": _variant(
            (2, 4, 9, 11),
            in_channels=4,
            out_channels=4,
            kernel_size=(3, 5),
            stride=(2, 1),
            padding=(0, 2),
        ),
        "batch1": _variant((1, 4, 5, 5), in_channels=4, out_channels=4, kernel_size=3, padding=1),
    },
)
