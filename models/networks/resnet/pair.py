"""The ResNet family: 18 to 152, ResNeXt-50 32x4d, Wide ResNet-50-2."""

from harness import Input, Pair, Preprocess, Variant

_INPUTS = [Input((4, 3, 64, 64))]


def _resnet(name: str, block: str, layers: list[int], slow: bool = True, **kwargs: object) -> Pair:
    kwargs = {"block": block, "layers": layers, "num_classes": 10, **kwargs}
    last = "bn3" if block == "bottleneck" else "bn2"
    variants = {
        "default": Variant(kwargs, slow=slow),
        "odd": Variant(kwargs, [Input((2, 3, 65, 47))], slow=True),
        "zero_init_residual": Variant(
            {**kwargs, "zero_init_residual": True},
            draw={f"layer*.{last}.weight": "zeros"},
            slow=True,
        ),
    }
    if block == "bottleneck":
        dilated = {**kwargs, "replace_stride_with_dilation": [False, True, True]}
        variants["dilated"] = Variant(dilated, [Input((2, 3, 48, 64))], slow=True)
    return Pair(
        name=f"networks.{name}",
        torch="models.networks.resnet.pt:ResNet",
        mindspore="models.networks.resnet.ms:ResNet",
        inputs=_INPUTS,
        variants=variants,
        preprocess=Preprocess(size=(224, 224)),
    )


RESNET18 = _resnet("resnet18", "basicblock", [2, 2, 2, 2], slow=False)
RESNET34 = _resnet("resnet34", "basicblock", [3, 4, 6, 3])
RESNET50 = _resnet("resnet50", "bottleneck", [3, 4, 6, 3], slow=False)
RESNET101 = _resnet("resnet101", "bottleneck", [3, 4, 23, 3])
RESNET152 = _resnet("resnet152", "bottleneck", [3, 8, 36, 3])
RESNEXT50 = _resnet("resnext50_32x4d", "bottleneck", [3, 4, 6, 3], groups=32, width_per_group=4)
WIDE_RESNET50 = _resnet("wide_resnet50_2", "bottleneck", [3, 4, 6, 3], width_per_group=128)
