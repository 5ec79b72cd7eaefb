"""Linear, Bilinear, Embedding and EmbeddingBag: rows and sequences, padding rows, empty bags."""

from dataclasses import replace

from harness import Input, Pair, Variant

_FOLDER = "models.layers.linear"

DENSE = Pair(
    name="layers.dense",
    torch=f"{_FOLDER}.pt:Linear",
    mindspore=f"{_FOLDER}.ms:Dense",
    has_state=False,
    variants={
        "default": Variant({"in_features": 32, "out_features": 10}, [Input((4, 32))]),
        "no_bias": Variant(
            {"in_features": 32, "out_features": 10, "bias": False}, [Input((4, 32))]
        ),
        "square": Variant({"in_features": 16, "out_features": 16}, [Input((3, 16))]),
        "batch1": Variant({"in_features": 64, "out_features": 10}, [Input((1, 64))]),
        "sequences": Variant({"in_features": 12, "out_features": 7}, [Input((2, 5, 12))]),
        "grids": Variant({"in_features": 6, "out_features": 4}, [Input((2, 3, 5, 6))]),
        "one_vector": Variant({"in_features": 12, "out_features": 7}, [Input((12,))]),
    },
)
MINT_LINEAR = replace(
    DENSE,
    name="layers.dense.mint",
    mindspore="mindspore.mint.nn:Linear",
    variants={name: DENSE.variants[name] for name in ("default", "sequences")},
)
_WIDTHS = {"in1_features": 6, "in2_features": 4, "out_features": 5}
BILINEAR = Pair(
    name="layers.bilinear",
    torch=f"{_FOLDER}.pt:Bilinear",
    mindspore=f"{_FOLDER}.ms:Bilinear",
    has_state=False,
    variants={
        "rows": Variant(_WIDTHS, [Input((7, 6)), Input((7, 4))]),
        "no_bias": Variant({**_WIDTHS, "bias": False}, [Input((7, 6)), Input((7, 4))]),
        "sequences": Variant(_WIDTHS, [Input((2, 3, 6)), Input((2, 3, 4))]),
    },
)


def _ids(*shape: int) -> Input:
    return Input(shape, "int64", "integers", low=0, high=7)


_TABLE = {"num_embeddings": 7, "embedding_dim": 5}
EMBEDDING = Pair(
    name="layers.embedding",
    torch=f"{_FOLDER}.pt:Embedding",
    mindspore=f"{_FOLDER}.ms:Embedding",
    inputs=[_ids(4, 6)],
    has_state=False,
    exact=True,
    variants={
        "default": Variant(_TABLE),
        "padding": Variant({**_TABLE, "padding_idx": 0}),
        "padding_from_end": Variant({**_TABLE, "padding_idx": -2}),
        "one_row": Variant(_TABLE, [_ids(9)]),
        "int32": Variant(_TABLE, [replace(_ids(2, 3, 4), dtype="int32")]),
        "large": Variant({"num_embeddings": 500, "embedding_dim": 32}, [_ids(8, 16)]),
    },
)
_PADDING = {"padding": EMBEDDING.variants["padding"]}
NN_EMBEDDING = replace(
    EMBEDDING,
    name="layers.embedding.nn",
    mindspore=f"{_FOLDER}.ms:NNEmbedding",
    variants=_PADDING,
    checks=("backward",),  # known to differ
)
MINT_EMBEDDING = replace(
    EMBEDDING,
    name="layers.embedding.mint",
    mindspore="mindspore.mint.nn:Embedding",
    variants=_PADDING,
)
EMBEDDING_BAG = Pair(
    name="layers.embedding_bag",
    torch=f"{_FOLDER}.pt:EmbeddingBag",
    mindspore=f"{_FOLDER}.ms:EmbeddingBag",
    inputs=[_ids(4, 6)],
    has_state=False,
    variants={
        **{mode: Variant({**_TABLE, "mode": mode}) for mode in ("mean", "sum", "max")},
        **{
            f"{mode}_padding": Variant({**_TABLE, "mode": mode, "padding_idx": 2}, [_ids(9, 2)])
            for mode in ("mean", "sum", "max")
        },
    },
)
EMBEDDING_BAG_OF = replace(
    EMBEDDING_BAG,
    name="layers.embedding_bag.offsets",
    torch=f"{_FOLDER}.pt:EmbeddingBagOf",
    mindspore=f"{_FOLDER}.ms:EmbeddingBagOf",
    inputs=[_ids(11)],
    variants={
        **{
            mode: Variant({**_TABLE, "mode": mode, "offsets": (0, 3, 3, 7)})
            for mode in ("mean", "sum", "max")
        },
        "weighted": Variant(
            {**_TABLE, "mode": "sum", "offsets": (0, 3, 3, 7)}, [_ids(11), Input((11,))]
        ),
    },
)
