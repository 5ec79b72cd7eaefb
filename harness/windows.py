"""Kernels, strides and padding in torch's terms: convolutions, pooling and padding layers.

Readers of what a layer keeps, for ``harness.settings``. What has no effect is left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

Settings = Mapping[str, Any]
#: (what a layer keeps, number of spatial dimensions in its name) -> settings in torch's terms.
Reader = Callable[[Settings, int], dict[str, Any]]
#: (before, after) for each spatial dimension; None where it depends on the size of the input.
Pads = tuple[tuple[int, int], ...] | None

SAME = 'pad_mode "same", by input size'


def spread(value: Any, dimensions: int) -> Any:
    """One value a spatial dimension: 3 is (3, 3), and (1, 3, 3), which MindSpore keeps, too."""
    if not isinstance(value, tuple):
        return (value,) * dimensions
    return value * dimensions if len(value) == 1 else value[-dimensions:]


def has_bias(kept: Settings) -> bool:
    """A bias is a parameter, no setting: where has_bias is not kept, a missing bias is."""
    return bool(kept["has_bias"] if "has_bias" in kept else kept.get("bias", True))


def convolution(kept: Settings, dimensions: int) -> dict[str, Any]:
    """Conv1d to Conv3d of torch, mint and nn."""
    found = _window(kept, dimensions)
    mode = kept.get("pad_mode", kept["padding"])
    pads = _same(found) if mode == "same" else _pads(kept, mode, dimensions)
    found |= {"padding": _shown(pads), **_channels(kept)}
    if _padded(pads):
        found["padding_mode"] = kept.get("padding_mode", "zeros")  # nn has no other
    return found


def transposed(kept: Settings, dimensions: int) -> dict[str, Any]:
    """ConvTranspose1d to 3d of torch and mint, nn.Conv1dTranspose and nn.Conv3dTranspose."""
    found = _window(kept, dimensions)
    extra = spread(kept.get("output_padding", 0), dimensions)
    mode = kept.get("pad_mode", "pad")
    pads = _pads(kept, mode, dimensions)
    if mode != "pad":
        # By what the kernels of two neighbours overlap, or leave open where that is negative.
        overlap = [more + 1 - step for more, step in zip(_reach(found), found["stride"])]
        extra = tuple(max(-each, 0) for each in overlap)
        if mode == "same":
            odd = any(each > 0 and each % 2 for each in overlap)  # cut unevenly: not so in torch
            pads = None if odd else tuple((max(each, 0) // 2,) * 2 for each in overlap)
    shown = {"padding": _shown(pads), "output_padding": extra}
    return found | shown | _channels(kept)


def transposed_2d(kept: Settings, dimensions: int) -> dict[str, Any]:
    """nn.Conv2dTranspose, which appends zeros for output_padding where torch goes on computing."""
    found = transposed(kept, dimensions)
    extra = found["output_padding"]
    if kept["pad_mode"] == "pad" and any(extra) and (any(found["padding"]) or found["bias"]):
        found["output_padding"] = f"{extra}, appended as zeros"
    return found


def pool(kept: Settings, dimensions: int) -> dict[str, Any]:
    """Pooling and unpooling of torch and mint, and of nn where it has no pad_mode."""
    found = _window(kept, dimensions)
    pads = _pads({"padding": 0, **kept}, "pad", dimensions)
    found["padding"] = _shown(pads)
    for name in ("ceil_mode", "return_indices", "divisor_override", "norm_type"):
        if name in kept:
            found[name] = kept[name]
    if "count_include_pad" in kept and _padded(pads):
        found["count_include_pad"] = kept["count_include_pad"]
    return found


def nn_pool(kept: Settings, dimensions: int) -> dict[str, Any]:
    """MaxPool and AvgPool of nn, whose padding and what follows it are kept by a primitive."""
    if "pad_mode" not in kept:
        return pool(kept, dimensions)
    inner = {
        name.partition(".")[2]: value
        for name, value in kept.items()
        if name.startswith(("max_pool.", "avg_pool."))
    }
    found = _window({**kept, "dilation": inner.get("dilation", 1)}, dimensions)
    mode = kept["pad_mode"].lower()
    padding = inner.get("pad_list", inner.get("pads", kept.get("padding")))
    if mode == "pad" and padding is None:
        return found
    pads = _same(found) if mode == "same" else _pads({"padding": padding}, mode, dimensions)
    found |= {"padding": _shown(pads), "return_indices": kept.get("return_indices", False)}
    if inner:
        found["ceil_mode"] = bool(inner.get("ceil_mode"))
        found["divisor_override"] = inner.get("divisor_override") or None
        if _padded(pads):  # the plain AvgPool primitive knows no other than False
            found["count_include_pad"] = inner.get("count_include_pad", False)
    return found


def adaptive_pool(kept: Settings, dimensions: int) -> dict[str, Any]:
    """AdaptiveAvgPool and AdaptiveMaxPool; None is the size of the input, kept as -1 by nn."""
    found = {"return_indices": kept.get("return_indices", False)}
    for name, value in kept.items():
        if name.rpartition(".")[2] == "output_size":
            sizes = spread(value, dimensions)
            found["output_size"] = tuple(None if size == -1 else size for size in sizes)
    return found


def padding(mode: str = "") -> Reader:
    """Padding layers: one mode each, except that nn.Pad keeps its own."""

    def read(kept: Settings, _: int) -> dict[str, Any]:
        own = mode or kept["mode"].lower()
        found: dict[str, Any] = {"mode": own}
        amounts = kept.get("padding", kept.get("paddings"))
        if amounts is not None:
            found["padding"] = _last_first(amounts)
        if own == "constant":
            found["value"] = kept.get("value", 0)
        return found

    return read


def _last_first(amounts: Any) -> tuple[int, ...]:
    """Amounts as torch writes them, from the last dimension on; untouched first ones dropped."""
    if amounts and isinstance(amounts[0], tuple):  # nn: one pair a dimension, from the first on
        amounts = tuple(amount for pair in reversed(amounts) for amount in pair)
    while amounts[-2:] == (0, 0):
        amounts = amounts[:-2]
    return amounts


def _window(kept: Settings, dimensions: int) -> dict[str, Any]:
    names = [name for name in ("kernel_size", "stride", "dilation") if name in kept]
    found = {name: spread(kept[name], dimensions) for name in names}
    if kept.get("stride", 0) is None:  # of pooling
        found["stride"] = found["kernel_size"]
    return found


def _channels(kept: Settings) -> dict[str, Any]:
    names = ("in_channels", "out_channels")
    groups = kept["groups"] if "groups" in kept else kept["group"]
    return {**{name: kept[name] for name in names}, "groups": groups, "bias": has_bias(kept)}


def _reach(window: Settings) -> list[int]:
    """Number of elements that a kernel covers beside the one it stands on."""
    kernel = window["kernel_size"]
    dilation = window.get("dilation", (1,) * len(kernel))
    return [d * (k - 1) for k, d in zip(kernel, dilation)]


def _same(window: Settings) -> Pads:
    """What mode "same" pads: the odd one comes last, in both frameworks."""
    reach = _reach(window)
    if any(more and step > 1 for more, step in zip(reach, window["stride"])):
        return None
    return tuple((more // 2, more - more // 2) for more in reach)


def _pads(kept: Settings, mode: str, dimensions: int) -> Pads:
    value: Any = 0 if mode == "valid" else kept["padding"]
    number = len(value) if isinstance(value, tuple) else 1
    if number % 2 == 0 and number >= 2 * dimensions:
        flat = value[-2 * dimensions :]
        return tuple(zip(flat[::2], flat[1::2]))
    return tuple((each, each) for each in spread(value, dimensions))


def _padded(pads: Pads) -> bool:
    return pads is None or any(any(pair) for pair in pads)


def _shown(pads: Pads) -> Any:
    """As torch takes it, one number a dimension; as (before, after) where the two differ."""
    if pads is None:
        return SAME
    symmetric = all(before == after for before, after in pads)
    return tuple(before for before, _ in pads) if symmetric else pads
