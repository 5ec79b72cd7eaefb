"""Classifiers of digits of the package ccexam, which ships their trained weights."""

from harness import Input, Pair, Preprocess, Variant

HERE = "models.networks.digits"

USPS = Pair(
    name="networks.usps",
    torch=f"{HERE}.pt:USPSNet",
    mindspore=f"{HERE}.ms:USPSNet",
    inputs=[Input((4, 1, 16, 16))],
    variants={"default": Variant({"input_size": 16})},
)
SVHN = Pair(
    name="networks.svhn",
    torch=f"{HERE}.pt:SVHNNet",
    mindspore=f"{HERE}.ms:SVHNNet",
    inputs=[Input((4, 3, 32, 32))],
    variants={"default": Variant({"input_size": 32})},
    preprocess=Preprocess(
        size=(32, 32), mean=(0.4377, 0.4438, 0.4728), std=(0.1980, 0.2010, 0.1970)
    ),
)
