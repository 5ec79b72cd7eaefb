"""What the attributes of the frameworks' own layers mean, in torch's terms.

One reader a layer type, for each framework; both answer in the same words, so that equal answers
mean equal layers. What a layer does not keep, or what has no effect, a reader leaves out.

MindSpore's layers keep much of their configuration in what they are made of; an inventory names
it as Python reaches it: "elu.alpha", "bn2d.eps", "gamma.requires_grad".
"""

from collections.abc import Callable, Mapping
from typing import Any

Settings = Mapping[str, Any]
#: (attributes, number of spatial dimensions of the layer's type) -> settings.
Reader = Callable[[Settings, int], dict[str, Any]]
#: (before, after) for each spatial dimension.
Pads = tuple[tuple[int, int], ...]

DEPENDS = 'pad_mode "same": depends on the input size'


def of_torch(layer: str, attributes: Settings) -> dict[str, Any]:
    """Settings of one of torch's own layers; nothing for a type without a reader."""
    return _read(_TORCH, layer, attributes)


def of_mindspore(layer: str, attributes: Settings) -> dict[str, Any]:
    """Settings of one of MindSpore's own layers, nn or mint, in torch's terms."""
    return _read(_MINDSPORE, layer, attributes)


def _read(readers: Mapping[str, Reader], layer: str, attributes: Settings) -> dict[str, Any]:
    if layer not in readers:
        return {}
    dimensions = next((int(letter) for letter in layer if letter.isdigit()), 2)
    plain = {name: _plain(value) for name, value in attributes.items()}
    return readers[layer](plain, dimensions)


def _plain(value: Any) -> Any:
    """Lists as tuples: what was written as a list, or has been through JSON, compares equal."""
    return tuple(_plain(item) for item in value) if isinstance(value, (list, tuple)) else value


def _tidy(value: Any) -> Any:
    """A float without the last digits that 1 - x or x * n leaves: 0.09999999999999998 is 0.1."""
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _keep(*same: str, **renamed: str) -> Reader:
    """Attributes that mean what torch's setting means, under its name or setting="attribute"."""
    names = {**{name: name for name in same}, **renamed}
    return lambda kept, _: {setting: kept[name] for setting, name in names.items() if name in kept}


def _first(kept: Settings, *names: str) -> Any:
    """The value under the first of the names that is there."""
    return next((kept[name] for name in names if name in kept), None)


def _known(**settings: Any) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _spread(value: Any, dimensions: int) -> Any:
    """One value for each spatial dimension: 3 is (3, 3); MindSpore's leading entries are dropped."""
    if not isinstance(value, tuple):
        return (value,) * dimensions
    return value * dimensions if len(value) == 1 else value[-dimensions:]


def _has_bias(kept: Settings) -> bool:
    # A bias is a parameter, no attribute: without has_bias, only its absence is kept.
    return bool(kept["has_bias"]) if "has_bias" in kept else kept.get("bias", True) is True


# Windows: convolutions and pooling.


def _pads(value: Any, dimensions: int) -> Pads:
    if isinstance(value, tuple) and len(value) >= 2 * dimensions:
        flat = value[-2 * dimensions :]
        return tuple(zip(flat[::2], flat[1::2]))
    return tuple((each, each) for each in _spread(value, dimensions))


def _shown(pads: Pads | None) -> Any:
    if pads is None:
        return DEPENDS
    symmetric = all(before == after for before, after in pads)
    return tuple(before for before, _ in pads) if symmetric else pads


def _window(kept: Settings, dimensions: int) -> dict[str, Any]:
    found = {
        name: _spread(kept[name], dimensions)
        for name in ("kernel_size", "stride", "dilation")
        if name in kept
    }
    if kept.get("stride", 0) is None:
        found["stride"] = found["kernel_size"]
    return found


def _same(window: Settings) -> Pads | None:
    """What "same" pads, the larger half behind; None where it depends on the size of the input."""
    kernel, stride = window["kernel_size"], window["stride"]
    reach = [d * (k - 1) for k, d in zip(kernel, window.get("dilation", (1,) * len(kernel)))]
    if any(more and step > 1 for more, step in zip(reach, stride)):
        return None
    return tuple((more // 2, more - more // 2) for more in reach)


def _convolution(kept: Settings, dimensions: int) -> dict[str, Any]:
    found = _window(kept, dimensions)
    mode = kept.get("pad_mode", kept["padding"])
    pads: Pads | None
    if mode == "same":
        pads = _same(found)
    else:
        pads = _pads(0 if mode == "valid" else kept["padding"], dimensions)
    return {
        **found,
        **_channels(kept),
        "padding": _shown(pads),
        # Without padding its mode means nothing; MindSpore's nn pads with zeros only.
        **_known(padding_mode=kept.get("padding_mode", "zeros") if _any(pads) else None),
    }


def _channels(kept: Settings) -> dict[str, Any]:
    return {
        **_keep("in_channels", "out_channels")(kept, 0),
        "groups": _first(kept, "groups", "group"),
        "bias": _has_bias(kept),
    }


def _any(pads: Pads | None) -> bool:
    return pads is None or any(any(pair) for pair in pads)


def _transposed(kept: Settings, dimensions: int) -> dict[str, Any]:
    found = _window(kept, dimensions)
    mode = kept.get("pad_mode", "pad")
    # What kernel and stride leave over: modes "same" and "valid" cut it off, or fill it up.
    over = [
        d * (k - 1) + 1 - s
        for k, s, d in zip(found["kernel_size"], found["stride"], found["dilation"])
    ]
    padding: Any = _shown(_pads(kept["padding"], dimensions))
    output_padding: Any = _spread(kept.get("output_padding", 0), dimensions)
    if mode != "pad":
        output_padding = tuple(max(-each, 0) for each in over)
        cut = [max(each, 0) if mode == "same" else 0 for each in over]
        padding = DEPENDS if any(each % 2 for each in cut) else tuple(each // 2 for each in cut)
    if any(each % 2 for each in over) and mode == "same" and padding == DEPENDS:
        padding = 'pad_mode "same": one more behind'
    found |= _channels(kept) | {"padding": padding, "output_padding": output_padding}
    return found
