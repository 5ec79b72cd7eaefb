"""Padding: even and uneven amounts on every side, negative amounts (cropping), no amount at all."""

from collections.abc import Iterator

from harness import Input, Pair, Variant

_INPUTS = {1: Input((2, 3, 9)), 2: Input((2, 3, 7, 6)), 3: Input((2, 3, 5, 4, 6))}
_UNEVEN = (3, 1, 0, 2, 1, 2)
_CROP = (-1, 2, 1, -2, 0, 1)

_HANGS = {
    "same_as_pynative": "the gradient of ops.pad's constant mode is right once in graph mode, then "
    "wrong, then hangs"
}
_CRASHES = {"same_as_pynative": "mint.nn.ReflectionPad2d crashes the process in graph mode"}


def _pair(layer: str, mindspore: str, form: str, variants: dict[str, tuple[int, ...]]) -> Pair:
    dimensions = int(layer[-2])
    more = {"value": -1.5} if layer.startswith("Constant") else {}
    name = layer.lower() + form
    without = {"reflectionpad2d.mint": _CRASHES}.get(name, {})
    if name in ("zeropad2d.nn", "constantpad2d.nn", "constantpad2d.ops"):
        without = _HANGS
    return Pair(
        name=f"layers.{name}",
        torch=f"models.layers.padding.pt:{layer}",
        mindspore=mindspore,
        inputs=[_INPUTS[dimensions]],
        variants={
            title: Variant({"padding": padding, **more}) for title, padding in variants.items()
        },
        has_parameters=False,
        has_state=False,
        exact=True,
        without=without,
    )


def _pairs() -> Iterator[Pair]:
    for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular"):
        for dimensions in (1, 2, 3):
            layer, amounts = f"{kind}Pad{dimensions}d", 2 * dimensions
            variants = {"even": (2,) * amounts, "uneven": _UNEVEN[:amounts]}
            if kind in ("Constant", "Zero"):
                variants["cropping"] = _CROP[:amounts]
            single = {"even": variants["even"]}
            yield _pair(layer, f"models.layers.padding.ms:{layer}", "", variants)
            if kind != "Circular":
                yield _pair(layer, f"mindspore.mint.nn:{layer}", ".mint", single)
    for kind in ("Constant", "Reflection", "Replication"):
        target = f"models.layers.padding.ms:Ops{kind}Pad2d"
        yield _pair(f"{kind}Pad2d", target, ".ops", {"uneven": _UNEVEN[:4]})
    for layer in ("ConstantPad2d", "ZeroPad2d"):
        yield _pair(layer, f"mindspore.nn:{layer}", ".nn", {"even": (2, 2, 2, 2)})


PAIRS = tuple(_pairs())
