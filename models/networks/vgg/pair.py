"""VGG16-BN; its classifier has 120 million parameters and takes 512 channels in any case."""

from harness import Input, Pair, Preprocess, Variant

_FEW = [8, "M", 16, "M", 512, "M"]

VGG16_BN = Pair(
    name="networks.vgg16_bn",
    torch="models.networks.vgg.pt:vgg16_bn",
    mindspore="models.networks.vgg.ms:vgg16_bn",
    variants={
        "default": Variant({"layers": _FEW, "num_classes": 10}, [Input((2, 3, 32, 24))], slow=True),
        "full": Variant({"num_classes": 1000}, [Input((2, 3, 64, 64))], slow=True),
    },
    preprocess=Preprocess(size=(224, 224)),
)
