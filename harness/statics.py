"""Settings that differ between twin modules, in torch's terms and in their true meaning.

Read off inventories: no framework, no arithmetic, milliseconds.
"""

from typing import Any

from harness import settings
from harness.inventory import Module

Fact = tuple[str, Any, Any]

#: torch type -> MindSpore types that are the same layer under another name, set rightly.
TWIN_TYPES: dict[str, tuple[str, ...]] = {
    "Linear": ("Dense",),
    "NonDynamicallyQuantizableLinear": ("Linear", "Dense"),  # within MultiheadAttention
    "Bilinear": ("BiDense",),
    "ConvTranspose1d": ("Conv1dTranspose",),
    "ConvTranspose2d": ("Conv2dTranspose",),
    "ConvTranspose3d": ("Conv3dTranspose",),
    "InstanceNorm1d": ("GroupNorm",),
    "InstanceNorm2d": ("GroupNorm",),
    "InstanceNorm3d": ("GroupNorm",),
    "LocalResponseNorm": ("LRN",),
    "ZeroPad1d": ("ConstantPad1d", "Pad"),
    "ZeroPad2d": ("ConstantPad2d", "Pad"),
    "ZeroPad3d": ("ConstantPad3d", "Pad"),
    "ConstantPad1d": ("ZeroPad1d", "Pad"),
    "ConstantPad2d": ("ZeroPad2d", "Pad"),
    "ConstantPad3d": ("ZeroPad3d", "Pad"),
    "ReflectionPad1d": ("Pad",),
    "ReflectionPad2d": ("Pad",),
    "ReflectionPad3d": ("Pad",),
    "Hardshrink": ("HShrink",),
    "Hardsigmoid": ("HSigmoid",),
    "Hardswish": ("HSwish",),
    "Hardtanh": ("ReLU6",),
    "ReLU6": ("Hardtanh",),
    "SELU": ("SeLU",),
    "Softmax2d": ("Softmax",),
    "Softshrink": ("SoftShrink",),
    "Embedding": ("EmbeddingLookup",),
    "Upsample": ("UpsamplingNearest2d", "UpsamplingBilinear2d"),
    "UpsamplingNearest2d": ("Upsample",),
    "UpsamplingBilinear2d": ("Upsample",),
    "Sequential": ("SequentialCell",),
    "ModuleList": ("CellList",),
    "ModuleDict": ("CellDict",),
    "CrossEntropyLoss": ("SoftmaxCrossEntropyWithLogits",),
    "MultiLabelMarginLoss": ("MultilabelMarginLoss",),
}

#: Settings that count dimensions, from either end.
AXES = ("dim", "start_dim", "end_dim")

TORCH, MINDSPORE = "torch.nn.modules.", "mindspore."


def differences(torch: Module, mindspore: Module) -> tuple[Fact, ...]:
    """(setting, torch's value, MindSpore's value) for every setting that both sides know.

    Only the frameworks' own layers, and what inherits from them, have settings of known meaning.
    """
    ours, theirs = _layer(torch, TORCH), _layer(mindspore, MINDSPORE)
    facts: list[Fact] = []
    stock = _is_from(TORCH, torch) and _is_from(MINDSPORE, mindspore)
    if stock and theirs not in (ours, *TWIN_TYPES.get(ours, ())):
        facts.append(("type", torch.type, mindspore.type))
    want = settings.of_torch(ours, torch.settings)
    found = settings.of_mindspore(theirs, mindspore.settings, mindspore.overrides)
    for name in want:
        if name in found and want[name] != found[name]:
            value = found[name]
            facts.append((name, want[name], _axis(want[name], value) if name in AXES else value))
    return tuple(facts)


def _is_from(home: str, module: Module) -> bool:
    return module.namespace.startswith(home)


def _layer(module: Module, home: str) -> str:
    """The framework's own layer that it is or inherits from, "" where it is neither.

    mint calls several of its classes after the nn layer that they replace: EmbeddingExt.
    """
    name = module.type if _is_from(home, module) else module.base
    return name.removesuffix("Ext")


def _axis(torch: int | None, mindspore: Any) -> Any:
    """Counted from opposite ends, two axes are the same on inputs of one rank."""
    if torch is None or mindspore is None or (torch < 0) == (mindspore < 0):
        return mindspore
    return f"{mindspore} (the same on {abs(torch - mindspore)}-D inputs only)"
