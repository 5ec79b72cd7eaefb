"""torchvision's Vision Transformers."""

from harness import Input, Pair, Preprocess, Variant

_HERE = "models.networks.vit"
_SMALL = {
    "image_size": 32, "patch_size": 16, "num_layers": 2, "num_heads": 2, "hidden_dim": 16,
    "mlp_dim": 32, "num_classes": 10,
}  # fmt: skip
_FULL = {
    "image_size": 224, "patch_size": 16, "num_layers": 12, "num_heads": 12, "hidden_dim": 768,
    "mlp_dim": 3072,
}  # fmt: skip

#: Dropout within nn.MultiheadAttention is drawn inside it: attention_dropout stays 0.
VIT_B_16 = Pair(
    name="networks.vit_b_16",
    torch=f"{_HERE}.pt:VisionTransformer",
    mindspore=f"{_HERE}.ms:VisionTransformer",
    variants={
        "default": Variant({**_SMALL, "dropout": 0.1}, [Input((2, 3, 32, 32))]),
        "full": Variant(_FULL, [Input((1, 3, 224, 224))], slow=True),
    },
    has_state=False,
    preprocess=Preprocess(size=(224, 224)),
)
