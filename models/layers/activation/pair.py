"""torch's activation layers: in the form that a port should use, then the ops and mint forms."""

from dataclasses import replace
from typing import Any

from harness import Input, Pair, Variant

HERE = "models.layers.activation"
PLANES = Input((4, 6, 5, 8), scale=2.0)

#: What every activation runs on: both branches, beyond where exp overflows, near zero.
INPUTS = {
    "default": PLANES,
    "wide": Input((3, 64), scale=40.0),
    "small": Input((1, 32), scale=0.05),
    "tiny": Input((2, 16), scale=1e-3),
}


def activation(
    layer: str,
    always: dict[str, object] | None = None,
    settings: dict[str, dict[str, object]] | None = None,
    *,
    name: str = "",
    inputs: dict[str, Input] = INPUTS,
    forms: str = "ops mint",
    wrong: str = "",
    **facts: Any,
) -> tuple[Pair, ...]:
    """The pairs of one activation: the main one on ``inputs`` and with each of ``settings``.

    always: arguments of all variants. settings: variant -> further arguments. forms: what other
    forms there are; each runs on "default" and with the first of ``settings`` that is not inplace.
    wrong: variant and check that the mindspore.nn layer is known to fail, where the main form is
        another.
    """
    always, settings = always or {}, settings or {}
    variants = {key: Variant(always, [spec]) for key, spec in inputs.items()}
    for key, extra in settings.items():
        variants[key] = Variant({**always, **extra}, [next(iter(inputs.values()))])
    pair = Pair(
        name=f"layers.{name or layer.lower()}",
        torch=f"{HERE}.pt:{layer}",
        mindspore=f"{HERE}.ms:{layer}",
        variants=variants,
        has_state=False,
        **{"has_parameters": False, **facts},
    )
    found = {form: f"{HERE}.ms_{form}:{layer}" for form in forms.split()}
    of_form = dict.fromkeys(found, ["default", *[key for key in settings if key != "inplace"][:1]])
    if wrong:
        found["nn"], of_form["nn"] = f"{HERE}.ms:Stock{layer}", [wrong.partition("-")[0]]
    return pair, *(
        replace(
            pair,
            name=f"{pair.name}.{form}",
            mindspore=target,
            variants={key: variants[key] for key in of_form[form]},
            **({"checks": [wrong.partition("-")[2]]} if form == "nn" else {}),
        )
        for form, target in found.items()
    )


SOFTMAX_INPUTS = {**INPUTS, "wide": Input((3, 64), scale=10.0)}
RELU_INPUTS = {"default": Input((4, 6, 5, 7)), "large": Input((4, 32), scale=20.0)}
TANH_INPUTS = {
    "default": Input((4, 6, 5, 7)),
    "small": Input((4, 32), scale=0.05),
    "saturated": Input((4, 32), scale=8.0),
    "tiny": Input((2, 16), scale=1e-3),
}
IMAGES = {"default": PLANES, "unbatched": Input((5, 3, 4)), "wide": Input((1, 7, 3, 2), scale=40.0)}
DIMS: dict[str, dict[str, object]] = {
    "last": {"dim": -1},
    "dim0": {"dim": 0},
    "dim2": {"dim": 2},
}
ALPHA: dict[str, dict[str, object]] = {"alpha": {"alpha": 0.3}, "alpha2": {"alpha": 2.0}}
LAMBD: dict[str, dict[str, object]] = {"lambd": {"lambd": 1.5}}
INPLACE: dict[str, dict[str, object]] = {"inplace": {"inplace": True}}

#: In train mode slopes are drawn at random, which only equal bounds make comparable.
RANDOM = "torch draws the slopes at random in train mode; layers.rrelu.fixed runs it"

PAIRS = (
    *activation("ReLU", settings=INPLACE, inputs=RELU_INPUTS, exact=True),
    *activation("ReLU6", settings=INPLACE, exact=True),
    *activation("LeakyReLU", settings={"slope": {"negative_slope": 0.2}}, name="leaky_relu"),
    *activation("PReLU", settings={"channels": {"num_parameters": 6}}, has_parameters=True),
    *activation(
        "RReLU",
        settings={"bounds": {"lower": 0.05, "upper": 0.6}},
        forms="",
        without={"forward_train": RANDOM, "same_as_pynative": RANDOM},
    ),
    *activation("RReLU", {"lower": 0.3, "upper": 0.3}, forms="", name="rrelu.fixed"),
    *activation("ELU", forms="mint", settings=ALPHA),
    *activation("ELU", forms="ops")[1:],
    *activation("SELU", forms="mint", wrong="default-backward"),
    *activation("CELU", settings=ALPHA, forms="ops"),
    *activation("GELU", settings={"tanh": {"approximate": "tanh"}}),
    *activation("SiLU", settings=INPLACE),
    *activation("Mish", forms="mint", wrong="wide-forward_eval"),
    *activation("Hardswish"),
    *activation("Hardsigmoid"),
    *activation("Hardtanh", settings={"bounds": {"min_val": -0.5, "max_val": 2.5}}, exact=True),
    *activation("Hardshrink", settings=LAMBD, exact=True),
    *activation("Softshrink", settings=LAMBD),
    *activation("Tanhshrink", forms=""),
    *activation("Sigmoid"),
    *activation("LogSigmoid", name="log_sigmoid", forms="mint", wrong="wide-forward_eval"),
    *activation("Tanh", inputs=TANH_INPUTS, forms="mint"),
    *activation(
        "Softplus", settings={"beta": {"beta": 2.0}, "threshold": {"threshold": 1.5}}, forms="mint"
    ),
    *activation("Softsign", forms="ops"),
    *activation("Softmax", {"dim": 1}, DIMS, inputs=SOFTMAX_INPUTS),
    *activation("Softmax2d", inputs=IMAGES, forms=""),
    *activation("LogSoftmax", {"dim": 1}, DIMS, name="log_softmax", inputs=SOFTMAX_INPUTS),
    *activation("Softmin", {"dim": 1}, DIMS, inputs=SOFTMAX_INPUTS, forms="ops"),
    *activation(
        "Threshold",
        {"threshold": 0.1, "value": 20.0},
        {"negative": {"threshold": -0.7, "value": -1.5}},
        exact=True,
    ),
    *activation("GLU", settings={"channels": {"dim": 1}}),
)
