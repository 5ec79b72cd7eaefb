"""ALBERT of the package transformers; "published" is RXNMapper's, whose package ships it trained.

Source: Schwaller et al. (2021), Extraction of organic chemistry grammar from unsupervised learning
of chemical reactions.
"""

from harness import Input, Pair, Variant

HERE = "models.networks.albert"


def _tokens(vocabulary: int, n: int, steps: int) -> list[Input]:
    """Ids and a mask; 0 is padding."""
    return [
        Input((n, steps), "int64", "integers", low=0, high=vocabulary),
        Input((n, steps), "int64", "integers", low=0, high=2),
    ]


SMALL = {
    "vocab_size": 40,
    "embedding_size": 8,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 20,
    "type_vocab_size": 2,
    "attention_probs_dropout_prob": 0.1,
    "hidden_dropout_prob": 0.1,
}
PUBLISHED = {
    "vocab_size": 591,
    "embedding_size": 128,
    "hidden_size": 256,
    "num_hidden_layers": 12,
    "num_attention_heads": 8,
    "intermediate_size": 512,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "attention_probs_dropout_prob": 0.1,
    "hidden_dropout_prob": 0.1,
}

ALBERT = Pair(
    name="networks.albert",
    torch=f"{HERE}.pt:AlbertForMaskedLM",
    mindspore=f"{HERE}.ms:AlbertForMaskedLM",
    variants={
        "default": Variant(SMALL, _tokens(40, 3, 12)),
        "published": Variant(PUBLISHED, _tokens(591, 4, 48), slow=True),
    },
    has_state=False,
)
