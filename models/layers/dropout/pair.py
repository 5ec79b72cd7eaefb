"""Dropout: in train mode both sides drop by one pattern that the harness gives them, except the
alpha ones, which draw inside torch's kernel; tests/test_dropout.py looks at what is drawn."""

from dataclasses import replace

from harness import Input, Pair, Variant

_FOLDER = "models.layers.dropout"
_DRAWN = (
    "torch draws in train mode, inside its kernel; tests/test_dropout.py looks at what it draws"
)
_TRAINS = ("forward_train", "backward", "same_as_pynative")


def _pair(layer: str, name: str, shape: tuple[int, ...], *rates: float) -> Pair:
    return Pair(
        name=f"layers.{name}",
        torch=f"{_FOLDER}.pt:{layer}",
        mindspore=f"{_FOLDER}.ms:{layer}",
        inputs=[Input(shape)],
        has_parameters=False,
        has_state=False,
        variants={f"p{rate:g}": Variant({"p": rate}) for rate in rates},
    )


DROPOUT = _pair("Dropout", "dropout", (4, 6, 5, 7), 0.0, 0.1, 0.5, 0.9)
CHANNELS = (
    _pair("Dropout1d", "dropout1d", (6, 8, 9), 0.0, 0.3),
    _pair("Dropout2d", "dropout2d", (6, 8, 5, 7), 0.0, 0.3),
    _pair("Dropout3d", "dropout3d", (6, 8, 3, 4, 5), 0.0, 0.3),
)
FORMS = (
    replace(
        _pair("Dropout", "dropout.ops", (4, 6, 5, 7), 0.1), mindspore=f"{_FOLDER}.ms:OpsDropout"
    ),
    replace(
        _pair("Dropout", "dropout.mint", (4, 6, 5, 7), 0.1), mindspore="mindspore.mint.nn:Dropout"
    ),
    replace(
        _pair("Dropout2d", "dropout2d.mint", (6, 8, 5, 7), 0.3),
        mindspore="mindspore.mint.nn:Dropout2d",
    ),
)
_ALPHA = (("AlphaDropout", "alpha_dropout"), ("FeatureAlphaDropout", "feature_alpha_dropout"))
ALPHA_OFF = tuple(_pair(layer, name, (4, 6, 5, 7), 0.0) for layer, name in _ALPHA)
ALPHA_IN_EVAL = tuple(
    replace(_pair(layer, f"{name}.eval", (4, 6, 5, 7), 0.3), without=dict.fromkeys(_TRAINS, _DRAWN))
    for layer, name in _ALPHA
)
