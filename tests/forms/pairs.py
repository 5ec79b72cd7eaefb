"""The pairs."""

from harness import Input, Pair, Variant


def first_words(rng, shape):
    """A mask of the words that are there: a row has one at least."""
    lengths = rng.integers(1, shape[1] + 1, (shape[0], 1))
    return [[place < length for place in range(shape[1])] for (length,) in lengths]


_GRAPHS = "a graph returns no {}"

READER = Pair(
    name="networks.reader",
    torch="forms.pt:Reader",
    mindspore="forms.ms:Reader",
    inputs=[Input((4, 7), "int64", "integers", low=0, high=11)],
    keywords={
        "mask": Input((4, 7), "bool", first_words),
        "biases": (Input((6,)), Input((7, 6))),
        "scale": 0.5,
    },
    variants={
        "default": Variant(),
        "bare": Variant(keywords={"mask": None}),
    },
    has_state=False,
)
TELLING = Pair(
    name="networks.telling",
    torch="forms.pt:Reader",
    mindspore="forms.ms:Reader",
    inputs=READER.inputs,
    keywords={**READER.keywords, "tell": True},
    has_state=False,
    without={"same_as_pynative": _GRAPHS.format("dataclass")},
)
SEVERAL = Pair(
    name="networks.several",
    torch="forms.pt:Several",
    mindspore="forms.ms:Several",
    inputs=[{"x": Input((3, 5)), "wanted": Input((3, 5))}],
    has_state=False,
)
DROPPING = Pair(
    name="networks.dropping",
    torch="forms.pt:Dropping",
    mindspore="forms.ms:Dropping",
    inputs=[Input((16, 6))],
    variants={
        kept: Variant({"rate": 0.3, "kept": kept})
        for kept in ("below", "floor", "bernoulli", "dropout")
    },
    has_state=False,
)
TIMESTEP = Pair(
    name="networks.timestep",
    torch="forms.pt:Timestep",
    mindspore="forms.ms:Timestep",
    inputs=[Input((5,), "int64", "integers", low=0, high=1000)],
)
PAIRS = (READER, TELLING, SEVERAL, DROPPING, TIMESTEP)
