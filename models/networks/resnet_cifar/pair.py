"""The CIFAR-10 ResNets: 20, 32, 44, 56 layers."""

from harness import Input, Pair, Preprocess, Variant


def _resnet(name: str, blocks: int, slow: bool = True) -> Pair:
    return Pair(
        name=f"networks.{name}",
        torch="models.networks.resnet_cifar.pt:CifarResNet",
        mindspore="models.networks.resnet_cifar.ms:CifarResNet",
        inputs=[Input((4, 3, 32, 32))],
        variants={"default": Variant({"blocks": blocks}, slow=slow)},
        preprocess=Preprocess(size=(32, 32)),
    )


RESNET20 = _resnet("resnet20", 3, slow=False)
RESNET32 = _resnet("resnet32", 5)
RESNET44 = _resnet("resnet44", 7)
RESNET56 = _resnet("resnet56", 9)
