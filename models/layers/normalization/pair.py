"""Normalization: eps and momentum, small variances, large offsets, batch of one, tiny planes,
without weights, without running statistics."""

from dataclasses import replace

from harness import Input, Pair, ParameterRules, Variant

_FOLDER = "models.layers.normalization"
_NAMES = {"LocalResponseNorm": "local_response_norm"}
_FROZEN = "MindSpore keeps it, frozen at its initial value"
_UNREAD = "MindSpore keeps running statistics, which nothing reads"
_NO_WEIGHTS = ParameterRules(mindspore_only={"*gamma": _FROZEN, "*beta": _FROZEN})
_NO_STATISTICS = ParameterRules(mindspore_only={"*moving_*": _UNREAD})
_NOTHING_TO_TRAIN = {"optimizer_step": "there is nothing to train without weights"}


def _pair(layer: str, variants: dict[str, Variant], form: str = "", target: str = "") -> Pair:
    return Pair(
        name=f"layers.{_NAMES.get(layer, layer.lower())}{form}",
        torch=f"{_FOLDER}.pt:{layer}",
        mindspore=target or f"{_FOLDER}.ms:{layer}",
        variants=variants,
    )


# BatchNorm.

BATCHNORM2D = _pair(
    "BatchNorm2d",
    {
        "default": Variant({"num_features": 6}, [Input((4, 6, 5, 7))]),
        "eps": Variant({"num_features": 6, "eps": 1e-3}, [Input((4, 6, 5, 7))]),
        "momentum": Variant({"num_features": 6, "momentum": 0.03}, [Input((4, 6, 5, 7))]),
        "offset": Variant({"num_features": 4}, [Input((4, 4, 6, 6), offset=20.0)]),
        "small_values": Variant(
            {"num_features": 4}, [Input((4, 4, 6, 6), scale=3e-3)], {"running_var": "tiny_var"}
        ),
        "batch1": Variant({"num_features": 4}, [Input((1, 4, 5, 3))]),
        "plane1": Variant({"num_features": 4}, [Input((6, 4, 1, 1))]),
    },
)
BATCHNORM1D = _pair(
    "BatchNorm1d",
    {
        "rows": Variant({"num_features": 6}, [Input((8, 6))]),
        "sequences": Variant({"num_features": 6}, [Input((4, 6, 9))]),
        "eps_momentum": Variant(
            {"num_features": 4, "eps": 1e-3, "momentum": 0.3}, [Input((4, 4, 7))]
        ),
        "small_values": Variant(
            {"num_features": 4}, [Input((16, 4), scale=3e-3)], {"running_var": "tiny_var"}
        ),
        "batch1": Variant({"num_features": 4}, [Input((1, 4, 9))]),
    },
)
BATCHNORM3D = _pair(
    "BatchNorm3d",
    {
        "default": Variant({"num_features": 4}, [Input((2, 4, 3, 5, 4))]),
        "eps_momentum": Variant(
            {"num_features": 4, "eps": 1e-3, "momentum": 0.3}, [Input((2, 4, 3, 5, 4))]
        ),
        "batch1": Variant({"num_features": 4}, [Input((1, 4, 3, 5, 4))]),
    },
)
SYNCBATCHNORM = _pair(
    "SyncBatchNorm",
    {
        "planes": Variant({"num_features": 4}, [Input((4, 4, 5, 7))]),
        "rows": Variant({"num_features": 4, "momentum": 0.3}, [Input((8, 4))]),
    },
)
CUMULATIVE = replace(
    BATCHNORM2D,
    name="layers.batchnorm2d.cumulative",
    mindspore=f"{_FOLDER}.ms:CumulativeBatchNorm2d",
    variants={
        "default": Variant({"num_features": 4, "momentum": None}, [Input((4, 4, 5, 7))]),
    },
)


def _changed(pair: Pair, form: str, **kwargs: object) -> Pair:
    variants = {
        name: replace(v, kwargs={**v.kwargs, **kwargs}) for name, v in pair.variants.items()
    }
    return replace(pair, name=f"{pair.name}.{form}", variants=dict(list(variants.items())[:2]))


NO_AFFINE = tuple(
    replace(
        _changed(pair, "no_affine", affine=False),
        parameters=_NO_WEIGHTS,
        without=_NOTHING_TO_TRAIN,
    )
    for pair in (BATCHNORM1D, BATCHNORM2D, BATCHNORM3D)
)
UNTRACKED = tuple(
    replace(
        _changed(pair, "untracked", track_running_stats=False),
        parameters=_NO_STATISTICS,
        has_state=False,
    )
    for pair in (BATCHNORM1D, BATCHNORM2D, BATCHNORM3D)
)

# LayerNorm, RMSNorm.

LAYERNORM = replace(
    _pair(
        "LayerNorm",
        {
            "last": Variant({"normalized_shape": 16}, [Input((4, 7, 16))]),
            "rows": Variant({"normalized_shape": (16,), "eps": 1e-3}, [Input((8, 16))]),
            "last_two": Variant({"normalized_shape": (5, 6)}, [Input((4, 3, 5, 6))]),
            "image": Variant({"normalized_shape": (3, 5, 6)}, [Input((4, 3, 5, 6))]),
            "small_values": Variant({"normalized_shape": 16}, [Input((4, 7, 16), scale=1e-2)]),
            "offset": Variant({"normalized_shape": 16}, [Input((4, 7, 16), offset=10.0)]),
            "no_bias": Variant({"normalized_shape": 16, "bias": False}, [Input((4, 7, 16))]),
            "batch1": Variant({"normalized_shape": 64}, [Input((1, 1, 64))]),
        },
    ),
    parameters=_NO_WEIGHTS,
    has_state=False,
)
RMSNORM = replace(
    _pair(
        "RMSNorm",
        {
            "last": Variant({"normalized_shape": 16}, [Input((4, 7, 16))]),
            "eps": Variant({"normalized_shape": 16, "eps": 1e-2}, [Input((4, 7, 16))]),
            "last_two": Variant({"normalized_shape": (5, 6)}, [Input((4, 3, 5, 6))]),
            "small_values": Variant(
                {"normalized_shape": 16, "eps": 1e-6}, [Input((4, 7, 16), scale=1e-3)]
            ),
        },
    ),
    has_state=False,
)

# GroupNorm, InstanceNorm.

GROUPNORM = replace(
    _pair(
        "GroupNorm",
        {
            "groups": Variant({"num_groups": 3, "num_channels": 6}, [Input((4, 6, 5, 7))]),
            "one_group": Variant({"num_groups": 1, "num_channels": 6}, [Input((4, 6, 5, 7))]),
            "eps": Variant(
                {"num_groups": 2, "num_channels": 4, "eps": 1e-3}, [Input((4, 4, 9), scale=1e-2)]
            ),
            "volumes": Variant({"num_groups": 2, "num_channels": 4}, [Input((2, 4, 3, 4, 5))]),
            "rows": Variant({"num_groups": 2, "num_channels": 8}, [Input((4, 8))]),
            "offset": Variant(
                {"num_groups": 2, "num_channels": 4}, [Input((1, 4, 6, 6), offset=10.0)]
            ),
        },
    ),
    has_state=False,
)
INSTANCENORM = tuple(
    replace(
        _pair(
            f"InstanceNorm{dimensions}d",
            {
                "affine": Variant({"num_features": 4, "affine": True}, [Input(shape)]),
                "eps": Variant(
                    {"num_features": 4, "affine": True, "eps": 1e-3}, [Input(shape, scale=1e-2)]
                ),
            },
            target=f"{_FOLDER}.ms:InstanceNorm",
        ),
        has_state=False,
    )
    for dimensions, shape in ((1, (3, 4, 9)), (2, (3, 4, 5, 6)), (3, (2, 4, 3, 4, 5)))
)
TRACKED = tuple(
    replace(_changed(pair, "tracked", track_running_stats=True), has_state=True)
    for pair in INSTANCENORM
)
PLAIN = tuple(
    replace(
        _changed(pair, "no_affine", **{switch: False}),
        parameters=_NO_WEIGHTS,
        has_parameters=False,
    )
    for pair, switch in (
        (LAYERNORM, "elementwise_affine"),
        (RMSNORM, "elementwise_affine"),
        (GROUPNORM, "affine"),
        *((pair, "affine") for pair in INSTANCENORM),
    )
)
LOCAL_RESPONSE_NORM = replace(
    _pair(
        "LocalResponseNorm",
        {
            "default": Variant({"size": 5}, [Input((2, 7, 5, 6))]),
            "strong": Variant(
                {"size": 3, "alpha": 0.5, "beta": 0.6, "k": 2.0}, [Input((2, 7, 5, 6))]
            ),
            "even": Variant({"size": 4, "alpha": 0.5}, [Input((2, 7, 5, 6))]),
            "wider_than_channels": Variant({"size": 9, "alpha": 0.5}, [Input((1, 3, 4, 6))]),
        },
    ),
    has_parameters=False,
    has_state=False,
)

# Other forms.


def _form(pair: Pair, form: str, target: str, variant: str) -> Pair:
    return replace(
        pair,
        name=f"{pair.name}.{form}",
        mindspore=target,
        variants={variant: pair.variants[variant]},
    )


MINT = tuple(
    _form(pair, "mint", f"mindspore.mint.nn:{pair.torch.rpartition(':')[2]}", variant)
    for pair, variant in (
        (BATCHNORM1D, "rows"),
        (BATCHNORM2D, "default"),
        (BATCHNORM3D, "default"),
        (SYNCBATCHNORM, "planes"),
        (LAYERNORM, "last_two"),
        (GROUPNORM, "groups"),
        (NO_AFFINE[1], "default"),
        (UNTRACKED[1], "default"),
    )
)
OPS = (
    _form(BATCHNORM2D, "ops", f"{_FOLDER}.ms:OpsBatchNorm2d", "momentum"),
    _form(LAYERNORM, "ops", f"{_FOLDER}.ms:OpsLayerNorm", "last_two"),
    _form(RMSNORM, "ops", f"{_FOLDER}.ms:OpsRMSNorm", "eps"),
)
#: MindSpore's own InstanceNorm, which CPU has no kernel for.
NN = tuple(
    replace(
        _form(pair, "nn", f"mindspore.nn:{pair.torch.rpartition(':')[2]}", "affine"),
        parameters=_NO_STATISTICS,
    )
    for pair in INSTANCENORM
)
