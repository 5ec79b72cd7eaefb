"""SqueezeNet 1.1 and 1.0; their widths are fixed, and small enough for every run."""

from harness import Input, Pair, Preprocess, Variant


def _squeezenet(name: str, version: str, slow: bool) -> Pair:
    kwargs = {"version": version}
    return Pair(
        name=f"networks.{name}",
        torch="models.networks.squeezenet.pt:SqueezeNet",
        mindspore="models.networks.squeezenet.ms:SqueezeNet",
        variants={
            "default": Variant({**kwargs, "num_classes": 10}, [Input((2, 3, 32, 27))], slow=slow),
            "full": Variant({**kwargs, "num_classes": 1000}, [Input((2, 3, 95, 64))], slow=True),
        },
        has_state=False,
        preprocess=Preprocess(size=(224, 224)),
    )


SQUEEZENET1_1 = _squeezenet("squeezenet1_1", "1_1", slow=False)
SQUEEZENET1_0 = _squeezenet("squeezenet1_0", "1_0", slow=True)
