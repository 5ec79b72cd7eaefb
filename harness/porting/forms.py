"""Layers that a rewritten call does not give: torch's arguments to a MindSpore expression.

A form answers None where the API map's call is right for these arguments. Names without ``nn`` are
cells and functions of ``helpers.txt``.
"""

from collections.abc import Callable, Mapping
from typing import Any


def _spread(value: Any, dimensions: int) -> tuple[int, ...]:
    return (value,) * dimensions if isinstance(value, int) else tuple(value)


def _convolution(dimensions: int) -> Callable[[Mapping[str, Any]], str | None]:
    layers = ("ReflectionPad", "ReplicationPad")

    def form(given: Mapping[str, Any]) -> str | None:
        mode = given.get("padding_mode", "zeros")
        if mode == "zeros":
            return None
        kernel = _spread(given["kernel_size"], dimensions)
        dilation = _spread(given.get("dilation", 1), dimensions)
        padding = given.get("padding", 0)
        pairs: list[tuple[int, int]] = []
        for axis in range(dimensions):
            if padding == "same":  # the odd one comes last
                whole = dilation[axis] * (kernel[axis] - 1)
                pairs.append((whole // 2, whole - whole // 2))
            else:
                each = 0 if padding == "valid" else _spread(padding, dimensions)[axis]
                pairs.append((each, each))
        amounts = tuple(amount for pair in reversed(pairs) for amount in pair)
        if mode == "circular":
            pad = f"CircularPad({amounts})"
        else:
            pad = f"nn.{layers[mode == 'replicate']}{dimensions}d({amounts})"
        names = {"stride": "stride", "dilation": "dilation", "groups": "group"}
        rest = "".join(f", {new}={given[old]!r}" for old, new in names.items() if old in given)
        bias = given.get("bias", True)
        first = f"{given['in_channels']}, {given['out_channels']}, {given['kernel_size']!r}"
        return f"PaddedConv{dimensions}d({pad}, {first}{rest}, has_bias={bias})"

    return form


def _conv_transpose_2d(given: Mapping[str, Any]) -> str | None:
    extra = given.get("output_padding", 0)
    if not extra:
        return None
    padding = tuple(p for p in _spread(given.get("padding", 0), 2) for _ in range(2))
    names = {"stride": "stride", "dilation": "dilation", "groups": "group"}
    rest = "".join(f", {new}={given[old]!r}" for old, new in names.items() if old in given)
    first = f"{given['in_channels']}, {given['out_channels']}, {given['kernel_size']!r}"
    return (
        f"LargerConv2dTranspose({first}{rest}, pad_mode='pad', padding={padding}, "
        f"output_padding={_spread(extra, 2)}, has_bias={given.get('bias', True)})"
    )


def _batch_norm(name: str) -> Callable[[Mapping[str, Any]], str | None]:
    def form(given: Mapping[str, Any]) -> str | None:
        if given.get("track_running_stats", True) or given.get("momentum", 0.1) is None:
            return None
        rest = f", affine={given['affine']}" if "affine" in given else ""
        eps = f", eps={given['eps']!r}" if "eps" in given else ""
        return f"nn.{name}({given['num_features']}{eps}{rest}, use_batch_statistics=True)"

    return form


def _layer_norm(given: Mapping[str, Any]) -> str:
    shape = _spread(given["normalized_shape"], 1)
    kind = "nn.LayerNorm" if len(shape) == 1 else "LayerNormOverAxes"
    norm = f"{kind}({shape}, epsilon={given.get('eps', 1e-5)!r})"
    affine = given.get("elementwise_affine", True)
    bias = affine and given.get("bias", True)
    return norm if affine and bias else f"without_weights({norm}, gamma={affine}, beta={bias})"


def _rms_norm(given: Mapping[str, Any]) -> str:
    shape = _spread(given["normalized_shape"], 1)
    eps = given.get("eps")
    affine = "" if given.get("elementwise_affine", True) else ", affine=False"
    return f"RMSNorm({shape}, {1.1920928955078125e-07 if eps is None else eps!r}{affine})"


def _embedding(given: Mapping[str, Any]) -> str | None:
    padding = given.get("padding_idx")
    if padding is None or given.get("max_norm") is not None:
        return None
    count = given["num_embeddings"]
    return f"PaddedEmbedding({count}, {given['embedding_dim']}, padding_idx={padding % count})"


def _pad(dimensions: int) -> Callable[[Mapping[str, Any]], str | None]:
    def form(given: Mapping[str, Any]) -> str | None:
        amounts = _spread(given["padding"], 2 * dimensions)
        if min(amounts) < 0:
            return None
        value = f", {float(given['value'])!r}" if given.get("value") else ""
        return f"ConstantPad({amounts}{value})"

    return form


def _attention(given: Mapping[str, Any]) -> str:
    rest = {k: v for k, v in given.items() if k not in ("embed_dim", "num_heads")}
    names = {"bias": "has_bias"}
    more = "".join(f", {names.get(name, name)}={value!r}" for name, value in rest.items()
                   if not (name in ("kdim", "vdim") and value == given["embed_dim"]))  # fmt: skip
    return f"like_torch(nn.MultiheadAttention({given['embed_dim']}, {given['num_heads']}{more}))"


def _pool_1d(name: str) -> Callable[[Mapping[str, Any]], str | None]:
    def form(given: Mapping[str, Any]) -> str | None:
        size = given["output_size"]
        single = isinstance(size, int) and size != 1 and not given.get("return_indices")
        return f"{name}({size})" if single else None

    return form


def _dropout(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda given: f"nn.{name}(p={float(given.get('p', 0.5))!r})"


def _two(cell: str, **defaults: float) -> Callable[[Mapping[str, Any]], str]:
    def form(given: Mapping[str, Any]) -> str:
        return f"{cell}({', '.join(repr(given.get(k, v)) for k, v in defaults.items())})"

    return form


#: Layer of torch.nn -> what writes it.
FORMS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "Conv1d": _convolution(1),
    "Conv2d": _convolution(2),
    "Conv3d": _convolution(3),
    "ConvTranspose2d": _conv_transpose_2d,
    **{f"BatchNorm{d}d": _batch_norm(f"BatchNorm{d}d") for d in (1, 2, 3)},
    "LayerNorm": _layer_norm,
    "RMSNorm": _rms_norm,
    "Embedding": _embedding,
    **{f"{kind}Pad{d}d": _pad(d) for d in (1, 2, 3) for kind in ("Zero", "Constant")},
    "CircularPad1d": lambda given: f"CircularPad({_spread(given['padding'], 2)})",
    "CircularPad2d": lambda given: f"CircularPad({_spread(given['padding'], 4)})",
    "CircularPad3d": lambda given: f"CircularPad({_spread(given['padding'], 6)})",
    "MultiheadAttention": _attention,
    "AdaptiveAvgPool1d": _pool_1d("AdaptiveAvgPool1d"),
    "AdaptiveMaxPool1d": _pool_1d("AdaptiveMaxPool1d"),
    **{f"Dropout{d}": _dropout(f"Dropout{d}") for d in ("", "1d", "2d", "3d")},
    "AlphaDropout": lambda given: f"AlphaDropout({float(given.get('p', 0.5))!r})",
    "ELU": lambda given: f"GeneralELU({given['alpha']!r})" if "alpha" in given else None,
    "SELU": lambda given: "SELU()",
    "Mish": lambda given: "Mish()",
    "LogSigmoid": lambda given: "LogSigmoid()",
    "Softplus": _two("Softplus", beta=1.0, threshold=20.0),
    "RReLU": _two("RandomLeakyReLU", lower=1 / 8, upper=1 / 3),
    "ChannelShuffle": lambda given: f"ChannelShuffle({given['groups']})",
}
