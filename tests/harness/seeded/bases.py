"""The correct pairs that bugs are planted into: narrow, on small inputs, at their true depths."""

from dataclasses import replace
from typing import Any

from harness import Input, Pair, ParameterRules, Variant
from seeded.kinds import Base
from seeded.nets.sizes import LATENT, TOKENS, WIDTH, WORDS

_BOTTLENECK = {"block": "bottleneck", "layers": [1, 2, 1, 1], "num_classes": 7, "width": 8}
_BASIC = {"block": "basicblock", "layers": [1, 1, 1, 1], "num_classes": 7, "width": 8}
_DEEP = {"block": "bottleneck", "layers": [3, 4, 6, 3], "num_classes": 7}


def _pair(name: str, side: str, **more: Any) -> Pair:
    """side: "module:Class" with {} for the framework, pt or ms."""
    return Pair(
        name=f"networks.seeded_{name}",
        torch=side.format("pt"),
        mindspore=side.format("ms"),
        **more,
    )


def _resnet(name: str, plane: tuple[int, int] = (64, 48), **kwargs: Any) -> Pair:
    return _pair(
        name,
        "models.networks.resnet.{}:ResNet",
        inputs=[Input((4, 3, *plane))],
        variants={"default": Variant(kwargs)},
    )


_VISION = _pair(
    "vision",
    "seeded.nets.vision_{}:Vision",
    inputs=[Input((3, 3, 17, 13))],
    has_state=False,
    parameters=ParameterRules(
        explicit={"stem.weight": "stem.1.weight", "stem.bias": "stem.1.bias"}
    ),
)
_ATTENTION = _pair(
    "attention",
    "seeded.nets.attention_{}:Encoder",
    inputs=[Input((3, TOKENS, WIDTH))],
    has_state=False,
)
_TEXT = _pair(
    "text",
    "seeded.nets.text_{}:Text",
    inputs=[Input((3, 7), "int32", "integers", low=0, high=WORDS)],
    has_state=False,
    parameters=ParameterRules(explicit={"embedding.weight": "embedding.embedding_table"}),
)

BASES = {
    "bottleneck": Base(_resnet("bottleneck", **_BOTTLENECK), "small ResNets"),
    "basic": Base(_resnet("basic", **_BASIC), "small ResNets"),
    "dilated": Base(
        _resnet(
            "dilated", **_BOTTLENECK, replace_stride_with_dilation=[False, True, True]
        ),
        "small ResNets",
    ),
    "odd": Base(_resnet("odd", (65, 33), **_BOTTLENECK), "small ResNets"),
    "zero_init": Base(
        _resnet("zero_init", **_BOTTLENECK, zero_init_residual=True), "small ResNets"
    ),
    "fine_tuned": Base(
        _pair(
            "fine_tuned",
            "seeded.nets.frozen_{}:FineTuned",
            inputs=[Input((4, 3, 48, 32))],
            variants={"default": Variant(_BASIC)},
        ),
        "small ResNets",
    ),
    "resnet18": Base(
        _resnet("resnet18", **{**_BASIC, "layers": [2, 2, 2, 2]}),
        "ResNet-18",
    ),
    "resnet50": Base(_resnet("resnet50", (48, 32), **_DEEP, width=4), "ResNet-50"),
    "resnext50": Base(
        _resnet("resnext50", (48, 32), **_DEEP, width=16, groups=32, width_per_group=4),
        "ResNeXt-50",
    ),
    "functional": Base(
        _pair(
            "functional",
            "seeded.nets.functional_{}:Perceptron",
            inputs=[Input((8, WIDTH))],
            has_state=False,
        ),
        "functional",
        ("*",),
    ),
    "vision": Base(_VISION, "vision"),
    #: A softmax does not see what is added to every key; a standardised plane has no offset.
    "attention": Base(_ATTENTION, "attention", ("*.key.bias:grad",)),
    "text": Base(_TEXT, "text"),
    #: The padding word is among the few.
    "padded_text": Base(
        replace(_TEXT, inputs=[Input((3, 7), "int32", "integers", low=0, high=4)]), "text"
    ),
    "decoder": Base(
        _pair("decoder", "seeded.nets.decoder_{}:Decoder", inputs=[Input((4, LATENT))]),
        "decoder",
        ("last.bias:grad",),
    ),
}  # fmt: skip


def batch_norms(block: str, layers: list[int]) -> tuple[str, ...]:
    """The paths of every BatchNorm of a ResNet, in order."""
    basic = block == "basicblock"
    found = ["bn1"]
    for stage, blocks in enumerate(layers, start=1):
        for number in range(blocks):
            path = f"layer{stage}.{number}"
            found += [f"{path}.bn{i}" for i in range(1, 3 if basic else 4)]
            if number == 0 and (stage > 1 or not basic):
                found.append(f"{path}.downsample.1")
    return tuple(found)
