"""Settings that differ between twin modules, in torch's terms and in their true meaning.

Read off inventories: no framework, no arithmetic, milliseconds.
"""

from collections.abc import Callable, Mapping
from typing import Any

from harness.inventory import Module

Fact = tuple[str, Any, Any]

#: torch type -> MindSpore types that are the same layer under another name.
TWIN_TYPES: dict[str, tuple[str, ...]] = {
    "Linear": ("Dense",),
    "Sequential": ("SequentialCell",),
    "ModuleList": ("CellList",),
    "ConvTranspose2d": ("Conv2dTranspose",),
    "ConvTranspose1d": ("Conv1dTranspose",),
    "ZeroPad2d": ("ZeroPad2d", "Pad"),
    "AdaptiveAvgPool2d": ("AdaptiveAvgPool2d", "GlobalAvgPool"),
}


def differences(torch: Module, mindspore: Module) -> tuple[Fact, ...]:
    """(setting, torch's value, MindSpore's value) for every setting that both sides know."""
    facts: list[Fact] = []
    twins = TWIN_TYPES.get(torch.type, (torch.type,))
    stock = torch.namespace.startswith("torch.nn") or mindspore.namespace.startswith("mindspore.")
    if stock and mindspore.type not in twins:
        facts.append(("type", torch.type, mindspore.type))
    read_torch, read_mindspore = _READERS.get(torch.type, (dict, dict))
    ours, theirs = read_torch(torch.settings), read_mindspore(mindspore.settings)
    facts += [
        (name, ours[name], theirs[name])
        for name in ours
        if name in theirs and ours[name] != theirs[name]
    ]
    return tuple(facts)


Reader = Callable[[Mapping[str, Any]], dict[str, Any]]


def _pair(value: Any) -> Any:
    return (value, value) if isinstance(value, (int, float)) else value


def _convolution(settings: Mapping[str, Any]) -> dict[str, Any]:
    padding = settings.get("padding")
    return {
        "kernel_size": settings.get("kernel_size"),
        "stride": settings.get("stride"),
        "padding": padding if isinstance(padding, str) else _pair(padding),
        "dilation": settings.get("dilation"),
        "groups": settings.get("groups"),
        "bias": settings.get("bias"),
        "padding_mode": settings.get("padding_mode"),
    }


def _ms_padding(settings: Mapping[str, Any]) -> Any:
    mode = str(settings.get("pad_mode", "")).lower()
    if mode == "same":
        return "same (pad_mode)"
    if mode == "valid":
        return (0, 0)
    padding = settings.get("padding")
    if isinstance(padding, tuple) and len(padding) == 4:
        top, bottom, left, right = padding
        return (top, left) if (top, left) == (bottom, right) else padding
    if isinstance(padding, tuple) and len(padding) == 3:  # MaxPool2d keeps a leading depth of 0
        return padding[1:]
    return _pair(padding)


def _ms_convolution(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kernel_size": settings.get("kernel_size"),
        "stride": settings.get("stride"),
        "padding": _ms_padding(settings),
        "dilation": settings.get("dilation"),
        "groups": settings.get("group"),
        "bias": settings.get("has_bias"),
        "padding_mode": "zeros",
    }


def _batch_norm(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "eps": settings.get("eps"),
        "momentum (torch's sense)": settings.get("momentum"),
        "affine": settings.get("affine"),
        "batch statistics": _statistics(None if settings.get("track_running_stats") else True),
    }


def _ms_batch_norm(settings: Mapping[str, Any]) -> dict[str, Any]:
    # The cell keeps 1 - momentum, which is torch's number.
    return {
        "eps": settings.get("eps"),
        "momentum (torch's sense)": round(float(settings.get("momentum", 0.0)), 12),
        "batch statistics": _statistics(settings.get("use_batch_statistics")),
    }


def _statistics(use: bool | None) -> str:
    return {None: "in training only", True: "always", False: "never"}[use]


def _pool(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kernel_size": _pair(settings.get("kernel_size")),
        "stride": _pair(settings.get("stride")),
        "padding": _pair(settings.get("padding")),
        "ceil_mode": settings.get("ceil_mode"),
        "count_include_pad": settings.get("count_include_pad"),
    }


def _ms_pool(settings: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "kernel_size": _pair(settings.get("kernel_size")),
        "stride": _pair(settings.get("stride")),
        "padding": _ms_padding(settings),
    }
    for name in ("ceil_mode", "count_include_pad"):
        if name in settings:
            found[name] = settings[name]
    return found


def _linear(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "in_features": settings.get("in_features"),
        "out_features": settings.get("out_features"),
        "bias": settings.get("bias"),
        "activation": False,
    }


def _ms_dense(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "in_features": settings.get("in_channels"),
        "out_features": settings.get("out_channels"),
        "bias": settings.get("has_bias"),
        "activation": settings.get("activation_flag"),
    }


_READERS: dict[str, tuple[Reader, Reader]] = {
    "Conv1d": (_convolution, _ms_convolution),
    "Conv2d": (_convolution, _ms_convolution),
    "BatchNorm1d": (_batch_norm, _ms_batch_norm),
    "BatchNorm2d": (_batch_norm, _ms_batch_norm),
    "MaxPool2d": (_pool, _ms_pool),
    "AvgPool2d": (_pool, _ms_pool),
    "Linear": (_linear, _ms_dense),
}
