"""One layer of torch.nn into the MindSpore expression that builds the same.

The API map rewrites the call that would build this very instance; ``FORMS`` say what a call
cannot: layers that MindSpore has not, or computes differently, from cells in ``helpers.txt``.
"""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from harness.apimap.executed import load_executed
from harness.apimap.rewrite import rewrite, short
from harness.apimap.rows import load_rows
from harness.porting.described import PARTLY, Described, Filled, Held
from harness.porting.forms import FORMS

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
    form = FORMS.get(name)
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
