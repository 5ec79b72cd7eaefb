"""One layer of torch.nn into the MindSpore expression that builds the same.

The API map rewrites the call that would build this very instance; ``_FORMS`` says what a call
cannot: layers that MindSpore has not, or computes differently, from cells in ``helpers.txt``.
"""

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from harness.apimap.executed import load_executed
from harness.apimap.rewrite import rewrite, short
from harness.apimap.rows import load_rows
from harness.porting.described import PARTLY, Described, Filled, Held

_HELPERS = Path(__file__).parent / "helpers.txt"

#: MindSpore layer -> torch's parameter name -> the constructor argument that initialises it.
_WEIGHTS = {"weight": "weight_init", "bias": "bias_init"}
_NORMS = {"weight": "gamma_init", "bias": "beta_init"}
INITIALIZED: dict[str, Mapping[str, str]] = {
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d", "Dense", "BiDense"), _WEIGHTS),
    **dict.fromkeys(("PaddedConv1d", "PaddedConv2d", "PaddedConv3d"), _WEIGHTS),
    **dict.fromkeys(("Conv1dTranspose", "Conv2dTranspose", "Conv3dTranspose"), _WEIGHTS),
    "LargerConv2dTranspose": _WEIGHTS,
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"), _NORMS),
    **dict.fromkeys(("LayerNorm", "LayerNormOverAxes", "GroupNorm"), _NORMS),
    **dict.fromkeys(("Embedding", "PaddedEmbedding"), {"weight": "embedding_table"}),
}
_INITIALIZERS = "mindspore.common.initializer."
#: Layers whose children are their own affair.
WHOLE = frozenset(
    "MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder "
    "TransformerDecoder Transformer".split()
)


@dataclass
class Written:
    """The MindSpore expression of a layer; what a person has to see to, "" for nothing.

    helpers: names of ``helpers.txt`` that it needs. initializers: classes of
    mindspore.common.initializer. defaults: the constructor's, argument -> source.
    """

    code: str
    left: list[str] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    initializers: set[str] = field(default_factory=set)


def write_layer(layer: Described) -> Written:
    """The expression for one of torch's layers. ``code`` is "" where there is none."""
    name = layer.layer.removeprefix("torch.nn.")
    form = _FORMS.get(name)
    code = form(layer.arguments) if form else None
    found = _mapped(layer) if code is None else Written(code)
    if not found.code:
        return found
    node: ast.expr = ast.parse(found.code, mode="eval").body
    found.helpers = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & set(helpers())
    if isinstance(node, ast.Call) and name not in WHOLE:
        _initialize(layer, node, found)
        found.code = ast.unparse(node)
    return found


def call_of(layer: Described) -> ast.Call:
    """The torch call that builds this instance."""
    keywords = {n: repr(v) for n, v in layer.arguments.items() if n not in layer.required}
    arguments = [repr(layer.arguments[name]) for name in layer.required]
    arguments += [f"{name}={source}" for name, source in keywords.items()]
    node = ast.parse(f"{layer.layer}({', '.join(arguments)})", mode="eval").body
    assert isinstance(node, ast.Call)
    return node


def _mapped(layer: Described) -> Written:
    """By the API map."""
    row = load_rows().get(layer.layer)
    try:
        call = call_of(layer)
    except SyntaxError:
        return Written("", [f"an argument of {layer.layer} is no literal"])
    shown = ast.unparse(call)
    if row is None:
        return Written("", [f"{shown}: the API map has no row for it"])
    executed = load_executed().rows.get(row.torch)
    port = rewrite(row, executed, call)
    if not port.code or row.status == "missing":
        return Written("", [f"{shown}: MindSpore has none. {row.note}".rstrip()])
    left = [] if port.complete else [f"{shown}: {'; '.join(port.notes) or row.note}"]
    if row.status == "not on CPU":
        left.append(f"{shown}: CPU has no kernel. {row.note}")
    return Written(port.code, left)


@cache
def helpers() -> dict[str, ast.ClassDef | ast.FunctionDef]:
    """The cells and functions of ``helpers.txt`` by name."""
    tree = ast.parse(_HELPERS.read_text(encoding="utf-8"))
    return {n.name: n for n in tree.body if isinstance(n, (ast.ClassDef, ast.FunctionDef))}


@cache
def helper_source(name: str) -> str:
    """A helper's own source."""
    source = ast.get_source_segment(_HELPERS.read_text(encoding="utf-8"), helpers()[name])
    assert source is not None
    return source


@cache
def defaults_of(function: str) -> dict[str, str]:
    """Argument -> default's source of a MindSpore constructor as expressions write it."""
    found: dict[str, str] = {}
    for row in load_executed().rows.values():
        for name, signature in row.mindspore.items():
            if short(name) == function and signature:
                found |= {p.name: p.default for p in signature if p.default is not None}
    if not function.startswith("nn.") and function in helpers():
        node = helpers()[function]
        if isinstance(node, ast.ClassDef) and node.bases and not found:
            return defaults_of(ast.unparse(node.bases[0]))
    return found


# -- initial values ------------------------------------------------------------------------------


def _initialize(layer: Described, node: ast.Call, found: Written) -> None:
    """Say in the constructor how parameters start, where it is not what MindSpore does."""
    kind = ast.unparse(node.func).rpartition(".")[2]
    names = INITIALIZED.get(kind, {})
    for held in layer.held:
        if not held.trainable and held.name.startswith(("running_", "num_batches")):
            continue
        usual = held.usual or Filled()
        alike = held.filled == usual or initial(held) == initial(replace(held, filled=usual))
        copied = not held.filled.name and held.constant is None and bool(usual.name)
        if (alike or copied) and not kind.endswith("Embedding"):
            continue
        if held.name not in names:
            if kind != "PReLU":
                found.left.append(f"{held.name} of {layer.layer} starts with other values")
            continue
        source = initial(held)
        if source is None:
            found.left.append(f"how {held.name} starts is not known: {_told(held.filled)}")
            continue
        found.initializers |= initializers_in(source)
        node.keywords.append(ast.keyword(names[held.name], ast.parse(source, mode="eval").body))


def initializers_in(source: str) -> set[str]:
    """Classes of mindspore.common.initializer that an expression names."""
    tree = ast.parse(source, mode="eval")
    return {n.func.id for n in ast.walk(tree)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip


def _told(filled: Filled) -> str:
    if not filled.name:
        return "nothing was seen to fill it"
    return f"torch.nn.init.{filled.name} with {dict(filled.arguments)}"


def initial(held: Held) -> str | None:
    """The MindSpore initializer of a parameter: ``HeNormal(...)``, ``"zeros"``; None: not known."""
    filled = held.filled
    if held.constant is not None and filled.name in ("", "zeros_", "ones_", "constant_"):
        if held.constant in (0.0, 1.0):
            return repr("ones" if held.constant else "zeros")
        return f"Constant({float(str(np.float32(held.constant)))!r})"
    partly = filled.arguments.get(PARTLY)
    padding_row = partly and len(held.shape) == 2 and partly[1] == held.shape[1]
    if partly and not padding_row:
        return None
    values = {k: v for k, v in filled.arguments.items() if k != PARTLY}
    if filled.name == "uniform_":
        low, high = float(values["a"]), float(values["b"])
        return f"Uniform({high!r})" if math.isclose(-low, high) else None
    row = load_rows().get(f"torch.nn.init.{filled.name}")
    if row is None or not filled.name:
        return None
    given = ", ".join(f"{name}={value!r}" for name, value in values.items())
    call = ast.parse(f"{row.torch}(w, {given})", mode="eval").body
    assert isinstance(call, ast.Call)
    port = rewrite(row, load_executed().rows.get(row.torch), call)
    try:
        made = ast.parse(port.code, mode="eval").body
    except SyntaxError:
        return None
    if not (isinstance(made, ast.Call) and made.args):
        return None
    return ast.unparse(made.args[0]).removeprefix(_INITIALIZERS)


# -- forms that a rewritten call does not give ---------------------------------------------------


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


_FORMS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
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
    **{f"Dropout{d}": _dropout(f"Dropout{d}") for d in ("1d", "2d", "3d")},
    "AlphaDropout": lambda given: f"AlphaDropout({float(given.get('p', 0.5))!r})",
    "ELU": lambda given: f"GeneralELU({given['alpha']!r})" if "alpha" in given else None,
    "SELU": lambda given: "SELU()",
    "Mish": lambda given: "Mish()",
    "LogSigmoid": lambda given: "LogSigmoid()",
    "Softplus": _two("Softplus", beta=1.0, threshold=20.0),
    "RReLU": _two("RandomLeakyReLU", lower=1 / 8, upper=1 / 3),
    "ChannelShuffle": lambda given: f"ChannelShuffle({given['groups']})",
}
