"""Graphemes to phonemes: of English words (g2p_en), and of Chinese characters (g2pM).

"published" is what the packages ship weights for.
"""

from harness import Input, Pair, Variant

HERE = "models.networks.phonemes"


def _ids(n: int, steps: int, high: int) -> Input:
    return Input((n, steps), "int64", "integers", low=0, high=high)


def _lengths(n: int, steps: int) -> Input:
    """Lengths of words, at least 1."""
    return Input((n,), "int64", "integers", low=1, high=steps + 1)


G2P = Pair(
    name="networks.g2p",
    torch=f"{HERE}.pt:G2p",
    mindspore=f"{HERE}.ms:G2p",
    variants={
        "default": Variant(
            {"graphemes": 9, "phonemes": 11, "features": 6, "hidden": 8},
            [_ids(4, 5, 9), _lengths(4, 5), _ids(4, 3, 11)],
        ),
        "published": Variant(
            {"graphemes": 29, "phonemes": 74, "features": 256, "hidden": 256},
            [_ids(8, 12, 29), _lengths(8, 12), _ids(8, 10, 74)],
            slow=True,
        ),
    },
    has_state=False,
)
G2PM = Pair(
    name="networks.g2pm",
    torch=f"{HERE}.pt:G2pM",
    mindspore=f"{HERE}.ms:G2pM",
    variants={
        "default": Variant(
            {"characters": 12, "readings": 7, "features": 6, "hidden": 5},
            [_ids(4, 6, 12)],
        ),
        "published": Variant(
            {"characters": 5398, "readings": 876, "features": 64, "hidden": 32},
            [_ids(8, 20, 5398)],
            slow=True,
        ),
    },
    has_state=False,
)
