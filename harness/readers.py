"""What the frameworks' own layers keep, in torch's terms: all but windows and padding.

Readers for ``harness.settings``. What a layer does not keep, or what has no effect as it is set,
is left out.
"""

from typing import Any

from harness.windows import Reader, Settings, has_bias, spread


def keep(*same: str, **renamed: str) -> Reader:
    """Settings under torch's own names, and setting="attribute other": whichever there is."""
    names = {name: (name,) for name in same} | {name: own.split() for name, own in renamed.items()}
    return lambda kept, _: {
        name: kept[attribute]
        for name, attributes in names.items()
        for attribute in attributes
        if attribute in kept
    }


def constant(**settings: Any) -> Reader:
    """What every layer of its type has and none can change."""
    return lambda kept, _: dict(settings)


def sizes(*names: str) -> Reader:
    """Numbers that may be given once for all spatial dimensions."""
    return lambda kept, dimensions: {
        name: None if kept[name] is None else spread(kept[name], dimensions)
        for name in names
        if name in kept
    }


def both(*readers: Reader) -> Reader:
    """What any of the readers finds; a later one prevails."""
    return lambda kept, dimensions: {
        name: value for reader in readers for name, value in reader(kept, dimensions).items()
    }


# Normalization.


def _affine(kept: Settings) -> dict[str, Any]:
    """Frozen gamma and beta are unlike affine=False, and look the same: no answer then."""
    if "affine" in kept:
        return {"affine": kept["affine"]}
    return {"affine": True} if kept.get("gamma.requires_grad") else {}


def batch_norm(kept: Settings, _: int) -> dict[str, Any]:
    """BatchNorm of torch and of mint."""
    tracks = kept["track_running_stats"]
    found = {"num_features": kept["num_features"], "eps": kept["eps"], **_affine(kept)}
    if tracks:
        found["momentum (torch's sense)"] = kept["momentum"]
    return {**found, "batch statistics": "in training only" if tracks else "always"}


def nn_batch_norm(kept: Settings, dimensions: int) -> dict[str, Any]:
    """The cell keeps 1 - momentum, which is torch's number; BatchNorm3d wraps a BatchNorm2d."""
    kept = {name.removeprefix("bn2d."): value for name, value in kept.items()}
    if "track_running_stats" in kept:
        return batch_norm(kept, dimensions)
    use = kept["use_batch_statistics"]
    found = {"num_features": kept["num_features"], "eps": kept["eps"], **_affine(kept)}
    if use is not False:
        found["momentum (torch's sense)"] = kept["momentum"]
    statistics = {None: "in training only", True: "always", False: "never"}
    return {**found, "batch statistics": statistics[use]}


def instance_norm(kept: Settings, _: int) -> dict[str, Any]:
    """MindSpore's always normalizes by the input's own statistics: its momentum has no effect."""
    found = {"num_features": kept["num_features"], "eps": kept["eps"], **_affine(kept)}
    use = "in training only" if kept.get("track_running_stats") else "always"
    return {**found, "input's statistics": use}


def layer_norm(kept: Settings, _: int) -> dict[str, Any]:
    """LayerNorm of torch and of mint."""
    affine, shape = kept["elementwise_affine"], kept["normalized_shape"]
    return {
        "normalized_shape": shape,
        "normalized dimensions": f"last {len(shape)}",
        "eps": kept["eps"],
        "elementwise_affine": affine,
        "bias": affine and has_bias(kept),
    }


def nn_layer_norm(kept: Settings, dimensions: int) -> dict[str, Any]:
    """gamma must have the input's shape from begin_params_axis on: that axis is always right."""
    if "epsilon" not in kept:
        return layer_norm(kept, dimensions)
    found = {"eps": kept["epsilon"], "elementwise_affine": True, "bias": True}
    shape, norm = kept.get("normalized_shape"), kept["begin_norm_axis"]
    if shape is None:
        return found
    normalized = f"last {len(shape)}" if norm == kept["begin_params_axis"] else f"from {norm} on"
    found["normalized dimensions"] = "last 1" if norm == -1 else normalized
    return {**found, "normalized_shape": shape}


def local_response(kept: Settings, _: int) -> dict[str, Any]:
    """nn.LRN takes the sum over its window where torch takes the mean."""
    size = 2 * kept["lrn_op.depth_radius"] + 1
    alpha = kept["lrn_op.alpha"] * size
    return {"size": size, "alpha": alpha, "beta": kept["lrn_op.beta"], "k": kept["lrn_op.bias"]}


# Activations and dropout.


def dropout(kept: Settings, _: int) -> dict[str, Any]:
    """nn.Dropout keeps p=None where keep_prob counts; Dropout2d and 3d keep keep_prob only."""
    p = kept.get("p", kept.get("prob"))
    return {"p": 1 - kept["keep_prob"] if p is None else p}


def softmax(kept: Settings, _: int) -> dict[str, Any]:
    """nn.Softmax keeps a tuple of one axis."""
    found = keep(dim="dim axis softmax.axis")(kept, 0)
    axis = found.get("dim")
    return {"dim": axis[0]} if isinstance(axis, tuple) else found


def random_slope(kept: Settings, _: int) -> dict[str, Any]:
    """RReLU; MindSpore keeps its bounds in float32."""
    return {name: float(f"{kept[name]:.6g}") for name in ("lower", "upper") if name in kept}


def slopes(kept: Settings, _: int) -> dict[str, Any]:
    """PReLU of nn and of mint: what they keep is the parameter alone."""
    return {"num_parameters": kept["w.shape" if "w.shape" in kept else "weight.shape"][0]}


# Layers with weights.


def linear(kept: Settings, _: int) -> dict[str, Any]:
    """Linear of torch, nn and mint, and nn.Dense, which may hold an activation."""
    names = keep(in_features="in_features in_channels", out_features="out_features out_channels")
    activation = kept.get("activation.type", "yes") if kept.get("activation_flag") else None
    return {**names(kept, 0), "bias": has_bias(kept), "activation": activation}


def embedding(kept: Settings, _: int) -> dict[str, Any]:
    """Embedding of torch and of mint: the padding row receives no gradient."""
    names = ("num_embeddings", "embedding_dim", "max_norm", "scale_grad_by_freq")
    found = {name: kept[name] for name in names}
    padding = kept["padding_idx"]
    if padding is None:
        return {**found, "padding_idx": None}
    padding %= kept["num_embeddings"]
    return {**found, "padding_idx": padding, "gradient of the padding row": "zero"}


def nn_embedding(kept: Settings, dimensions: int) -> dict[str, Any]:
    """nn.Embedding trains the padding row like any other."""
    if "vocab_size" not in kept:
        return embedding(kept, dimensions)
    found = embedding_table(kept, dimensions)
    if found["padding_idx"] is not None:
        found["gradient of the padding row"] = "as of any row"
    return found


def embedding_table(kept: Settings, dimensions: int) -> dict[str, Any]:
    """What nn.Embedding keeps, whatever a construct makes of it."""
    if "vocab_size" not in kept:
        return embedding(kept, dimensions)
    names = keep(num_embeddings="vocab_size", embedding_dim="embedding_size")
    found = {"max_norm": kept.get("max_norm"), "scale_grad_by_freq": False, **names(kept, 0)}
    return {**found, "padding_idx": kept.get("padding_idx")}


_RECURRENT = keep(
    "input_size", "hidden_size", "num_layers", "batch_first", "bidirectional", "nonlinearity",
    "proj_size",
)  # fmt: skip


def recurrent(kept: Settings, _: int) -> dict[str, Any]:
    """Recurrent networks of torch and cells of both frameworks; dropout acts between layers."""
    found = {**_RECURRENT(kept, 0), "bias": has_bias(kept)}
    if kept.get("num_layers", 1) > 1:
        found["dropout"] = kept["dropout"]
    return found


def nn_recurrent(kept: Settings, dimensions: int) -> dict[str, Any]:
    """What input size and nonlinearity were asked for shows in what was made of it."""
    found = {"proj_size": 0, **recurrent(kept, dimensions)}
    if "weight_ih_l0.shape" in kept:
        found["input_size"] = kept["weight_ih_l0.shape"][1]
    if "rnn.type" in kept:
        found["nonlinearity"] = "relu" if kept["rnn.type"].endswith("Relu") else "tanh"
    return found


_ATTENTION = keep(
    "embed_dim", "num_heads", "dropout", "batch_first", "kdim", "vdim", "add_zero_attn"
)


def attention(kept: Settings, _: int) -> dict[str, Any]:
    """bias_k is a parameter, no setting, unless it is None."""
    found = {**_ATTENTION(kept, 0), "add_bias_kv": "bias_k" not in kept}
    return found | keep(bias="in_proj_bias")(kept, 0)


def nn_attention(kept: Settings, dimensions: int) -> dict[str, Any]:
    """in_proj_bias is a parameter, no setting, unless it is None."""
    return {**attention(kept, dimensions), "bias": "in_proj_bias" not in kept}


def transformer_layer(kept: Settings, _: int) -> dict[str, Any]:
    """One layer of torch's Transformer; its children are read for themselves."""
    names = {1: "relu", 2: "gelu"}
    number = kept.get("activation_relu_or_gelu")
    found = {"norm_first": kept["norm_first"]}
    return found | ({"activation": names[number]} if number in names else {})


# The rest.


def upsample(kept: Settings, _: int) -> dict[str, Any]:
    """Upsample; None is how MindSpore and torch alike say False.

    Whether a scale is computed anew from the sizes shows in fractional ones only.
    """
    found = {name: _one(kept.get(name)) for name in ("size", "scale_factor")}
    scale = found["scale_factor"]
    scales = scale if isinstance(scale, tuple) else (scale,)
    flags = ["align_corners"]
    if any(each is not None and each % 1 for each in scales):
        flags.append("recompute_scale_factor")
    return {**found, **keep("mode")(kept, 0), **{name: bool(kept.get(name)) for name in flags}}


def _one(value: Any) -> Any:
    """The one number that a tuple repeats."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


_LOSS = keep(
    "reduction", "margin", "p", "eps", "swap", "ignore_index", "label_smoothing", "delta", "beta",
    "full", "log_input", "log_target", "blank", "zero_infinity",
)  # fmt: skip


def loss(kept: Settings, _: int) -> dict[str, Any]:
    """Losses; some of nn keep their reduction as two flags."""
    found = _LOSS(kept, 0)
    if "reduction" not in kept and "reduce" in kept:
        taken = "mean" if kept["average"] else "sum"
        found["reduction"] = taken if kept["reduce"] else "none"
    return found
