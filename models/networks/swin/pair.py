"""torchvision's Swin Transformers."""

from harness import Input, Pair, Preprocess, Variant

_HERE = "models.networks.swin"
#: 7 x 9 patches: neither whole windows nor, when merged, whole pairs.
_SMALL = {
    "patch_size": [4, 4], "embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4],
    "window_size": [4, 4], "mlp_ratio": 2.0, "num_classes": 10, "dropout": 0.1,
    "attention_dropout": 0.1,
}  # fmt: skip
_FULL = {
    "patch_size": [4, 4], "embed_dim": 96, "depths": [2, 2, 6, 2], "num_heads": [3, 6, 12, 24],
    "window_size": [7, 7],
}  # fmt: skip

SWIN_T = Pair(
    name="networks.swin_t",
    torch=f"{_HERE}.pt:SwinTransformer",
    mindspore=f"{_HERE}.ms:SwinTransformer",
    variants={
        "default": Variant(_SMALL, [Input((2, 3, 28, 36))]),
        "full": Variant(_FULL, [Input((1, 3, 224, 224))], slow=True),
    },
    preprocess=Preprocess(size=(224, 224)),
)
