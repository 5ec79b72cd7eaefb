"""What a wrong transform could have done, tried on torch's own input. Pure NumPy and PIL."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from harness.cifar import bilinear_weights
from harness.compare import judge
from harness.pipelines import both_sides, kind_of, padding_of, size_of, statistics_of
from harness.recipe import Setting
from harness.tolerance import EXPLAINED_LEVELS
from harness.verdict import AGREES

#: Words -> what the mistake makes of the input, in float64.
Guess = tuple[str, np.ndarray]


def explanation(
    setting: Setting, given: np.ndarray, expected: np.ndarray, found: np.ndarray
) -> str:
    """Words of the first mistake that makes ``found`` of ``given``; "" where none does."""
    guesses = _OF.get(setting.name)
    for words, made in (*(guesses(setting, given) if guesses else ()), *_anywhere(expected)):
        if same(found, made):
            return words
    return ""


def same(found: np.ndarray, made: np.ndarray) -> bool:
    """Whether pixels are equal but for rounding, floats up to what float32 costs."""
    if found.shape != made.shape:
        return False
    if found.dtype == np.uint8:
        return bool(np.abs(made - found.astype(np.float64)).max() <= EXPLAINED_LEVELS)
    oracle = made.astype(np.float64)
    return judge(found.astype(np.float32), oracle.astype(np.float32), oracle).status == AGREES


def _anywhere(expected: np.ndarray) -> Iterator[Guess]:
    planes = expected.ndim == 3 and expected.shape[0] == 3
    channel = 0 if planes else -1
    yield "the channels are reversed: BGR for RGB", np.flip(expected, channel)
    turned = expected.transpose(0, 2, 1) if planes else expected.transpose(1, 0, 2)
    yield "H and W are swapped", turned
    if planes:
        yield "the layout is left at (H, W, C): HWC2CHW is missing", expected.transpose(1, 2, 0)
        mirrored = {"left to right": 2, "upside down": 1}
    else:
        yield "the layout is (C, H, W)", expected.transpose(2, 0, 1)
        mirrored = {"left to right": 1, "upside down": 0}
    for words, axis in mirrored.items():
        yield f"the image is mirrored {words}", np.flip(expected, axis)


def _resizes(setting: Setting, given: np.ndarray) -> Iterator[Guess]:
    height, width = target(setting, given.shape[:2])
    picture, kind = Image.fromarray(given), kind_of(setting)
    for other in ("nearest", "bilinear", "bicubic"):
        if other != kind:
            method = Image.Resampling[other.upper()]
            yield (
                f"the interpolation is {other}, torch's is {kind}",
                _resized(picture, height, width, method),
            )
    yield (
        (
            "there is no antialiasing: mindspore's Resize runs its C++ kernel on arrays; give it "
            "PIL images (vision.ToPIL() in front), which equals torchvision in every pixel"
        ),
        bilinear(given, height, width),
    )
    method = Image.Resampling[kind.upper()]
    size = size_of(setting)
    if isinstance(size, int):
        yield (
            (
                f"both sides are resized to {size}; torch's Resize({size}) takes the shorter side "
                f"there and keeps the aspect ratio"
            ),
            _resized(picture, size, size, method),
        )
    else:
        short = target(Setting("resize", {"size": min(size)}), given.shape[:2])
        yield (
            (f"the shorter side is resized to {min(size)}; torch's Resize({list(size)}) sets both"),
            _resized(picture, *short, method),
        )
    yield "H and W are swapped in its size", _resized(picture, width, height, method)


def target(setting: Setting, shape: tuple[int, ...]) -> tuple[int, int]:
    """(height, width) after a resize, as torchvision computes it."""
    size = size_of(setting)
    if isinstance(size, tuple):
        return size
    height, width = shape
    if height <= width:
        return size, int(size * width / height)
    return int(size * height / width), size


def _resized(picture: Image.Image, height: int, width: int, method: Image.Resampling) -> np.ndarray:
    return np.asarray(picture.resize((width, height), method)).astype(np.float64)


def bilinear(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear between the four nearest pixels, whatever the scale: no antialiasing."""
    rows = bilinear_weights(pixels.shape[0], height)
    columns = bilinear_weights(pixels.shape[1], width)
    return np.einsum("hy,yxc,wx->hwc", rows, pixels.astype(np.float64), columns, optimize=True)


def _to_tensors(setting: Setting, given: np.ndarray) -> Iterator[Guess]:
    pixels = given.astype(np.float64)
    planes = pixels.transpose(2, 0, 1)
    yield "it is not scaled: Rescale(1/255) is missing (255 times too large)", planes
    yield "it is scaled twice: 255 times too small", planes / 255**2
    yield "it is scaled to -1..1", planes / 127.5 - 1
    yield "neither scaled nor brought to (C, H, W)", pixels


def _normalizations(setting: Setting, given: np.ndarray) -> Iterator[Guess]:
    x = given.astype(np.float64)
    mean, std = (np.array(values)[:, None, None] for values in statistics_of(setting))
    yield "mean and std are in reversed order (blue, green, red)", (x - mean[::-1]) / std[::-1]
    yield "the mean is in reversed order", (x - mean[::-1]) / std
    yield "the std is in reversed order", (x - mean) / std[::-1]
    yield (
        "mean and std are in 0..255 units, for an image scaled to 0..1",
        (x - mean * 255) / (std * 255),
    )
    yield "the mean is in 0..255 units, for an image scaled to 0..1", (x - mean * 255) / std
    yield "the std is in 0..255 units, for an image scaled to 0..1", (x - mean) / (std * 255)
    yield "it does nothing", x
    yield "the mean is not subtracted", x / std
    yield "it is not divided by std", x - mean
    yield "mean and std are exchanged", (x - std) / mean
    yield "it multiplies by std", (x - mean) * std


def _pads(setting: Setting, given: np.ndarray) -> Iterator[Guess]:
    left, top, right, bottom = padding_of(setting)
    x = given.astype(np.float64)
    for words, sides in misread(left, top, right, bottom).items():
        yield words, padded(x, sides)
    yield "it does nothing", x
    for words, how in FILLS.items():
        yield f"it {words}, torch with 0", padded(x, (left, top, right, bottom), **how)


def misread(left: int, top: int, right: int, bottom: int) -> dict[str, tuple[int, int, int, int]]:
    """Words -> the sides that a padding gets where its four numbers are taken in another order."""
    order = "both frameworks' images are padded (left, top, right, bottom)"
    return {
        f"it was given as nn.Conv2d's (top, bottom, left, right); {order}": (
            top, bottom, left, right,
        ),
        f"it was read as nn.Conv2d's (top, bottom, left, right); {order}": (
            right, left, bottom, top,
        ),
        "left and right, top and bottom are exchanged": (right, bottom, left, top),
        "x and y are exchanged": (top, left, bottom, right),
    }  # fmt: skip


def padded(x: np.ndarray, sides: tuple[int, int, int, int], **how: object) -> np.ndarray:
    """An image (H, W, C) with (left, top, right, bottom) pixels more."""
    left, top, right, bottom = sides
    return np.pad(x, ((top, bottom), (left, right), (0, 0)), **how)  # type: ignore[call-overload]


#: Words -> how np.pad does it.
FILLS: dict[str, dict[str, object]] = {
    "repeats the border": {"mode": "edge"},
    "mirrors the image": {"mode": "reflect"},
    "mirrors the image with its border": {"mode": "symmetric"},
    "fills with 255": {"constant_values": 255},
    "fills with 128": {"constant_values": 128},
}


def _crops(setting: Setting, given: np.ndarray) -> Iterator[Guess]:
    height, width = both_sides(setting)
    for top in range(given.shape[0] - height + 1):
        for left in range(given.shape[1] - width + 1):
            cut = given[top : top + height, left : left + width].astype(np.float64)
            yield f"it starts at row {top}, column {left}", cut


_OF = {
    "resize": _resizes,
    "to_tensor": _to_tensors,
    "normalize": _normalizations,
    "pad": _pads,
    "center_crop": _crops,
}
