"""RNN, LSTM and GRU: stacked, in both directions, from given states, of lengths; and cells."""

from dataclasses import replace

from harness import Input, Pair, Variant

HERE = "models.layers.recurrent"
SIZES = {"input_size": 5, "hidden_size": 7}
STEPS_FIRST, BATCH_FIRST = Input((6, 3, 5)), Input((3, 6, 5))
LENGTHS = Input((4,), "int32", "integers", low=1, high=7)
BOTH_WAYS = {**SIZES, "num_layers": 2, "bidirectional": True}


def _pair(name: str, layer: str, variants: dict[str, Variant], unrolled: bool = True) -> Pair:
    """unrolled: every step is in the graph, which takes long to compile."""
    sides = f"{HERE}.pt:{layer}", f"{HERE}.ms:{layer}"
    return Pair(f"layers.{name}", *sides, variants=variants, has_state=False, slow_graphs=unrolled)


def _layer(layer: str) -> Pair:
    """Without initial states: they are zeros then."""
    variants = {
        "default": Variant(SIZES, [STEPS_FIRST]),
        "batch_first": Variant({**SIZES, "batch_first": True}, [BATCH_FIRST]),
        "no_bias": Variant({**SIZES, "bias": False}, [STEPS_FIRST]),
        "layers2": Variant({**SIZES, "num_layers": 2, "batch_first": True}, [BATCH_FIRST]),
        "bidirectional": Variant({**SIZES, "bidirectional": True}, [STEPS_FIRST]),
        "both": Variant({**BOTH_WAYS, "batch_first": True, "bias": False}, [BATCH_FIRST]),
        "step1_batch1": Variant(SIZES, [Input((1, 1, 5))]),
        "large": Variant(SIZES, [Input((6, 3, 5), scale=6.0)]),
    }
    if layer == "RNN":
        relu = {"nonlinearity": "relu"}
        variants["relu"] = Variant({**SIZES, **relu}, [STEPS_FIRST])
        variants["relu_both"] = Variant({**BOTH_WAYS, **relu, "batch_first": True}, [BATCH_FIRST])
    return _pair(layer.lower(), layer, variants)


def _from_states(layer: str, states: int) -> Pair:
    """The initial states of every layer and direction given; they are never batch first."""

    def inputs(x: Input, layers: int) -> list[Input]:
        return [x, *[Input((layers, 3, 7))] * states]

    taking = f"Stateful{layer}" if states > 1 else layer
    return _pair(
        f"{layer.lower()}.states",
        taking,
        {
            "default": Variant(SIZES, inputs(STEPS_FIRST, 1)),
            "both": Variant({**BOTH_WAYS, "batch_first": True}, inputs(BATCH_FIRST, 4)),
        },
    )


def _of_lengths(layer: str) -> Pair:
    """Sequences of several lengths, padded; beyond its end an output is zero."""
    x = Input((4, 6, 5))
    return _pair(
        f"{layer.lower()}.lengths",
        f"Lengths{layer}",
        {
            "default": Variant(SIZES, [Input((6, 4, 5)), LENGTHS]),
            "batch_first": Variant({**SIZES, "batch_first": True}, [x, LENGTHS]),
            "both": Variant({**BOTH_WAYS, "batch_first": True}, [x, LENGTHS]),
        },
    )


def _cell(layer: str, states: int, **settings: str) -> Pair:
    inputs = [Input((4, 5)), *[Input((4, 7))] * states]
    return _pair(
        layer.lower(),
        layer,
        {
            "default": Variant(SIZES, inputs),
            "no_bias": Variant({**SIZES, "bias": False}, inputs),
            "batch1": Variant(SIZES, [replace(i, shape=(1, i.shape[1])) for i in inputs]),
            **{value: Variant({**SIZES, key: value}, inputs) for key, value in settings.items()},
        },
        unrolled=False,
    )


#: Dropout between layers is drawn inside torch's kernel: only eval mode can be compared.
DROPPING = "dropout between layers is random in train mode, inside torch's kernel"

PAIRS = (
    *map(_layer, ("RNN", "LSTM", "GRU")),
    *map(_from_states, ("RNN", "LSTM", "GRU"), (1, 2, 1)),
    *map(_of_lengths, ("RNN", "LSTM", "GRU")),
    replace(
        _pair(
            "lstm.dropout",
            "LSTM",
            {"default": Variant({**BOTH_WAYS, "dropout": 0.5}, [STEPS_FIRST])},
        ),
        without={"forward_train": DROPPING, "same_as_pynative": DROPPING},
    ),
    _cell("RNNCell", 1, nonlinearity="relu"),
    _cell("LSTMCell", 2),
    _cell("GRUCell", 1),
)
