"""torch.nn.TransformerEncoder over padded sequences, normalising after and before its layers."""

from harness import Input, Pair, Variant

_HERE = "models.networks.transformer_encoder"
_LAYERS = 2
_SMALL = {
    "ntoken": 20, "d_model": 16, "nhead": 2, "d_hid": 24, "nlayers": _LAYERS, "num_classes": 3,
    "max_len": 12,
}  # fmt: skip
_FULL = {
    "ntoken": 28_782, "d_model": 512, "nhead": 8, "d_hid": 2048, "nlayers": _LAYERS,
    "num_classes": 2,
}  # fmt: skip
_NORM_FIRST = {"norm_first": True, "activation": "gelu"}


def _ids(n: int, t: int, words: int) -> Input:
    """A part of the ids is 0, padding."""
    return Input((n, t), "int64", "integers", low=0, high=words)


PAIR = Pair(
    name="networks.transformer_encoder",
    torch=f"{_HERE}.pt:TransformerModel",
    mindspore=f"{_HERE}.ms:TransformerModel",
    variants={
        "default": Variant(_SMALL, [_ids(3, 10, 6)]),
        "norm_first": Variant({**_SMALL, **_NORM_FIRST}, [_ids(3, 10, 6)], slow=True),
        "full": Variant(_FULL, [_ids(4, 32, 100)], slow=True),
    },
    modules={
        f"transformer_encoder.layers.{i}.linear{j}": f"transformer_encoder.layers.{i}.dense{j}"
        for i in range(_LAYERS)
        for j in (1, 2)
    },
)
