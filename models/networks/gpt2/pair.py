"""GPT-2: a small one of the same code, and the published 124 million parameters."""

from harness import Input, Pair, Variant

_SMALL = {"vocab_size": 50, "n_positions": 16, "n_embd": 32, "n_layer": 2, "n_head": 4}


def _ids(*shape: int, words: int) -> Input:
    return Input(shape, "int64", "integers", low=0, high=words)


PAIR = Pair(
    name="networks.gpt2",
    torch="models.networks.gpt2.pt:GPT2",
    mindspore="models.networks.gpt2.ms:GPT2",
    variants={
        "default": Variant(_SMALL, [_ids(2, 12, words=50)]),
        "full": Variant({}, [_ids(2, 16, words=50_257)], slow=True),
    },
    has_state=False,
)
