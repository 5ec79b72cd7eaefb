"""Attention with every kind of mask, MultiheadAttention, and the Transformer made of it."""

from typing import Any

from harness import Input, Pair, Variant

HERE = "models.layers.attention"


def _pair(name: str, layer: str, variants: dict[str, Variant], **facts: Any) -> Pair:
    sides = {"torch": f"{HERE}.pt:{layer}", "mindspore": f"{HERE}.ms:{layer}"}
    return Pair(f"layers.{name}", **{**sides, **facts}, variants=variants, has_state=False)


def _slow_to_compile(name: str, layer: str, variants: dict[str, Variant], **facts: Any) -> Pair:
    return _pair(name, layer, variants, slow_graphs=True, **facts)


def _three(steps: int, keys: int, keyed: int = 8, valued: int = 8) -> list[Input]:
    """Query, key and value of three samples, 8 wide, steps first."""
    return [Input((steps, 3, 8)), Input((keys, 3, keyed)), Input((keys, 3, valued))]


# (N, H, L, E) and (N, H, S, E), L unlike S.
QKV = [Input((2, 4, 5, 8)), Input((2, 4, 6, 8)), Input((2, 4, 6, 3))]
FEW_HEADS = [QKV[0], Input((2, 2, 6, 8)), Input((2, 2, 6, 3))]


def _mask(*shape: int) -> Input:
    return Input(shape, "bool", "boolean")


SCALED = (
    _pair(
        "scaled_dot_product_attention",
        "ScaledDotProductAttention",
        {
            "default": Variant({}, QKV),
            "causal": Variant({"is_causal": True}, QKV),
            "scale": Variant({"scale": 0.2}, QKV),
            "additive_mask": Variant({}, [*QKV, Input((5, 6), scale=3.0)]),
            "boolean_mask": Variant({}, [*QKV, _mask(2, 1, 5, 6)]),
            "key_padding": Variant({}, [*QKV, _mask(2, 1, 1, 6)]),
            "masked_rows": Variant({}, [*QKV, _mask(5, 1)]),
            "grouped_heads": Variant({"enable_gqa": True}, FEW_HEADS),
            "large": Variant({}, [Input((2, 4, 5, 8), scale=5.0), *QKV[1:]]),
            "three_dimensions": Variant({}, [Input((4, 5, 8)), Input((4, 6, 8)), Input((4, 6, 3))]),
        },
        has_parameters=False,
    ),
    _pair(
        "scaled_dot_product_attention.ops",
        "ScaledDotProductAttention",
        {"default": Variant({}, [Input((2, 4, 16, 16))] * 3)},
        mindspore=f"{HERE}.ms_ops:ScaledDotProductAttention",
        has_parameters=False,
    ),
)

HEADS: dict[str, Any] = {"embed_dim": 8, "num_heads": 2}
LENGTHS = Input((3,), "int32", "integers", low=1, high=7)
ADDED = Input((5, 6), scale=2.0)

MULTIHEAD = (
    _slow_to_compile(
        "multihead_attention",
        "MultiheadAttention",
        {
            "default": Variant(HEADS, _three(5, 6)),
            "batch_first": Variant(
                {**HEADS, "batch_first": True},
                [Input((3, 5, 8)), Input((3, 6, 8)), Input((3, 6, 8))],
            ),
            "no_bias": Variant({**HEADS, "bias": False}, _three(5, 6)),
            "key_and_value_sizes": Variant({**HEADS, "kdim": 5, "vdim": 3}, _three(5, 6, 5, 3)),
            "bias_kv": Variant({**HEADS, "add_bias_kv": True}, _three(5, 6)),
            "zero_attn": Variant({**HEADS, "add_zero_attn": True}, _three(5, 6)),
            "one_head": Variant({"embed_dim": 8, "num_heads": 1}, _three(5, 6)),
            "unbatched": Variant(HEADS, [Input((5, 8)), Input((6, 8)), Input((6, 8))]),
        },
    ),
    _slow_to_compile(
        "multihead_attention.masks",
        "MaskedAttention",
        {
            "padding": Variant(HEADS, [*_three(5, 6), LENGTHS]),
            "additive": Variant(HEADS, [*_three(5, 6), LENGTHS, ADDED]),
            "additive_per_head": Variant(HEADS, [*_three(5, 6), LENGTHS, Input((6, 5, 6))]),
            "weights_per_head": Variant({**HEADS, "average": False}, [*_three(5, 6), LENGTHS]),
            "no_weights": Variant({**HEADS, "need_weights": False}, [*_three(5, 6), LENGTHS]),
            "bias_kv": Variant({**HEADS, "add_bias_kv": True}, [*_three(5, 6), LENGTHS, ADDED]),
            "zero_attn": Variant(
                {**HEADS, "add_zero_attn": True}, [*_three(5, 6), LENGTHS, _mask(5, 6)]
            ),
        },
    ),
    _pair(
        "multihead_attention.mixed_masks",
        "MixedMaskAttention",
        {"default": Variant(HEADS, [*_three(5, 6), LENGTHS, ADDED])},
        checks=["forward_eval"],  # wrong there, by a bug of nn.MultiheadAttention
    ),
)

SIZES: dict[str, Any] = {"d_model": 8, "nhead": 2, "dim_feedforward": 12, "dropout": 0.0}
NORM_FIRST = {**SIZES, "norm_first": True, "activation": "gelu", "batch_first": True}
SRC, MEMORY = Input((5, 3, 8)), Input((6, 3, 8))
SRC_BATCH, MEMORY_BATCH = Input((3, 5, 8)), Input((3, 6, 8))
LINEAR = {"linear1": "dense1", "linear2": "dense2"}


def _renamed(*layers: str) -> dict[str, str]:
    """linear1 and linear2 of the layers at these paths are called dense1 and dense2."""
    return {
        f"{layer}.{ours}": f"{layer}.{theirs}"
        for layer in layers
        for ours, theirs in LINEAR.items()
    }


def _layer(name: str, layer: str, inputs: list[Input], batch_first: list[Input]) -> Pair:
    variants = {
        "default": Variant(SIZES, inputs),
        "norm_first_gelu": Variant(NORM_FIRST, batch_first),
        "gelu": Variant({**SIZES, "activation": "gelu"}, inputs),
        "eps": Variant({**SIZES, "layer_norm_eps": 1e-3}, inputs),
        "batch_first": Variant({**SIZES, "batch_first": True}, batch_first),
    }
    return _slow_to_compile(name, layer, variants, modules=LINEAR)


def _masked(name: str, layer: str, inputs: list[Input]) -> Pair:
    variants = {
        "default": Variant(SIZES, inputs),
        "norm_first_gelu": Variant({**SIZES, "norm_first": True, "activation": "gelu"}, inputs),
    }
    return _slow_to_compile(name, layer, variants, modules=_renamed("layer"))


def _stack(name: str, layer: str, inputs: list[Input], batch_first: list[Input]) -> Pair:
    variants = {
        "default": Variant({"num_layers": 2, "final_norm": False, **SIZES}, inputs),
        "final_norm": Variant({"num_layers": 2, "final_norm": True, **NORM_FIRST}, batch_first),
    }
    return _slow_to_compile(name, layer, variants, modules=_renamed("layers.0", "layers.1"))


PAIRS = (
    *SCALED,
    *MULTIHEAD,
    _layer("transformer_encoder_layer", "TransformerEncoderLayer", [SRC], [SRC_BATCH]),
    _layer(
        "transformer_decoder_layer",
        "TransformerDecoderLayer",
        [SRC, MEMORY],
        [SRC_BATCH, MEMORY_BATCH],
    ),
    _masked(
        "transformer_encoder_layer.masks",
        "MaskedEncoderLayer",
        [Input((3, 6, 8)), LENGTHS],
    ),
    _masked(
        "transformer_decoder_layer.masks",
        "MaskedDecoderLayer",
        [SRC_BATCH, MEMORY_BATCH, LENGTHS],
    ),
    _stack("transformer_encoder", "TransformerEncoder", [SRC], [SRC_BATCH]),
    _stack("transformer_decoder", "TransformerDecoder", [SRC, MEMORY], [SRC_BATCH, MEMORY_BATCH]),
    _slow_to_compile(
        "transformer",
        "Transformer",
        {
            "default": Variant(
                {**SIZES, "num_encoder_layers": 1, "num_decoder_layers": 1}, [MEMORY, SRC]
            ),
            "norm_first_gelu": Variant(
                {**NORM_FIRST, "num_encoder_layers": 1, "num_decoder_layers": 1},
                [MEMORY_BATCH, SRC_BATCH],
            ),
        },
        modules=_renamed("encoder.layers.0", "decoder.layers.0"),
    ),
)
