"""BERT: a small one of the same code, and the published base model."""

from harness import Input, Pair, Variant

_SMALL = {
    "vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
    "intermediate_size": 64, "max_position_embeddings": 16,
}  # fmt: skip


def _inputs(n: int, t: int, words: int) -> list[Input]:
    """Ids, the mask of zeros and ones, segments."""
    return [Input((n, t), "int64", "integers", low=0, high=high) for high in (words, 2, 2)]


PAIR = Pair(
    name="networks.bert",
    torch="models.networks.bert.pt:Bert",
    mindspore="models.networks.bert.ms:Bert",
    variants={
        "default": Variant(_SMALL, _inputs(2, 12, 50)),
        "base": Variant({}, _inputs(2, 16, 30_522), slow=True),
    },
    has_state=False,
)
