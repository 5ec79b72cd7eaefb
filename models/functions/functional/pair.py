"""torch.nn.functional: what layers compute, called as functions, weights among the inputs."""

from harness import Input
from models.functions.common.declare import Family, case, integers, positive

_family = Family("functional")
_pair = _family.pair

_X = (3, 8, 5)
_IMAGES = (2, 4, 7, 9)
_SMALL = Input((3, 8), scale=1e-2)
_LARGE = Input((3, 8), scale=20.0)
_QKV = ((2, 3, 5, 4), (2, 3, 6, 4), (2, 3, 6, 4))
_CHANNELS = (positive(4), positive(4), Input((4,)), Input((4,)))  # of a batch norm

_ACTIVATIONS = [
    _pair(
        "relu",
        exact=True,
        normal=case(_X),
        zeros=case(Input((40,), draw="integers", low=-2, high=3)),
    ),
    _pair("relu6", exact=True, large=case(_LARGE)),
    _pair("leaky_relu", default=case(_X), slope=case(_X, negative_slope=0.3)),
    _pair("elu", default=case(_X), alpha=case(_X, alpha=0.4)),
    _pair("celu", default=case(_X), alpha=case(_X, alpha=0.4)),
    _pair("gelu", exactly=case(_X), tanh=case(_X, approximate="tanh"), small=case(_SMALL)),
    _pair("glu", last=case((3, 8)), dim=case((3, 8, 5), dim=1)),
    _pair("hardtanh", exact=True, default=case(_X), given=case(_X, min_val=-0.5, max_val=1.5)),
    _pair("softplus", default=case(_X), beta=case(_LARGE, beta=2, threshold=10)),
    _pair("threshold", exact=True, given=case(_X, threshold=0.1, value=-2.0)),
    *(
        _pair(name, normal=case(_X), large=case(_LARGE), small=case(_SMALL))
        for name in "selu silu mish hardswish hardsigmoid softsign logsigmoid".split()
    ),
    *(
        _pair(
            name,
            last=case(_X, dim=-1),
            channels=case(_X, dim=1),
            large=case(Input((3, 8), scale=5.0), dim=-1),
        )
        for name in "softmax log_softmax".split()
    ),
    _pair("softmin", last=case(_X, dim=-1), channels=case(_X, dim=1)),
]

_LAYERS = [
    _pair(
        "layer_norm",
        affine=case(_X, (5,), (5,), normalized_shape=(5,)),
        plain=case(_X, normalized_shape=(5,)),
        two=case(_X, (8, 5), (8, 5), normalized_shape=(8, 5)),
        small=case(_SMALL, normalized_shape=(8,)),
        eps=case(_SMALL, normalized_shape=(8,), eps=1e-3),
    ),
    _pair(
        "rms_norm",
        last=case(_X, (5,), normalized_shape=(5,)),
        small=case(_SMALL, (8,), normalized_shape=(8,), eps=1e-5),
    ),
    _pair(
        "batch_norm",
        eval=case(_IMAGES, *_CHANNELS),
        train=case(_IMAGES, *_CHANNELS, training=True),
        eps=case(Input(_IMAGES, scale=1e-2), *_CHANNELS, training=True, eps=1e-3),
        matrix=case((6, 4), *_CHANNELS),
    ),
    _pair(
        "group_norm",
        affine=case(_X, (8,), (8,), num_groups=4),
        plain=case((2, 8, 3, 5), num_groups=2),
        one=case(_X, (8,), (8,), num_groups=1),
    ),
    _pair("instance_norm", plain=case(_IMAGES), affine=case(_IMAGES, (4,), (4,))),
    _pair("dropout", eval=case(_X, p=0.3, training=False), none=case(_X, p=0.0, training=True)),
    _pair(
        "max_pool2d",
        exact=True,
        default=case(_IMAGES, kernel_size=2),
        padded=case(Input((2, 4, 8, 8), offset=-5.0), kernel_size=3, stride=2, padding=1),
        ceil=case((2, 4, 8, 8), kernel_size=3, stride=2, ceil_mode=True),
        dilation2=case(_IMAGES, kernel_size=3, stride=1, dilation=2),
        indices=case(_IMAGES, kernel_size=2, return_indices=True),
        asymmetric=case(_IMAGES, kernel_size=(3, 2), stride=(2, 1), padding=(1, 0)),
    ),
    _pair(
        "avg_pool2d",
        default=case(_IMAGES, kernel_size=2),
        padded=case((2, 4, 8, 8), kernel_size=3, stride=2, padding=1),
        uncounted=case((2, 4, 8, 8), kernel_size=3, stride=2, padding=1, count_include_pad=False),
        ceil=case((2, 4, 8, 8), kernel_size=3, stride=2, ceil_mode=True),
    ),
    _pair(
        "adaptive_avg_pool2d",
        one=case(_IMAGES, output_size=1),
        uneven=case(_IMAGES, output_size=(3, 2)),
        larger=case((2, 4, 3, 3), output_size=(5, 4)),
    ),
    _pair(
        "adaptive_max_pool2d",
        exact=True,
        one=case(_IMAGES, output_size=1),
        uneven=case(_IMAGES, output_size=(3, 2)),
    ),
    _pair(
        "embedding",
        exact=True,
        plain=case(integers(3, 4, high=7), (7, 5)),
        padding=case(integers(3, 4, high=7), (7, 5), padding_idx=0),
    ),
    _pair(
        "scaled_dot_product_attention",
        plain=case(*_QKV),
        causal=case((2, 3, 5, 4), (2, 3, 5, 4), (2, 3, 5, 4), is_causal=True),
        bias=case(*_QKV, (2, 1, 5, 6)),
        scale=case(*_QKV, scale=0.3),
    ),
    _pair(
        "cross_entropy",
        classes=case((6, 5), integers(6, high=5)),
        planes=case((2, 5, 3, 4), integers(2, 3, 4, high=5)),
        smoothed=case((6, 5), integers(6, high=5), label_smoothing=0.1),
        each=case((6, 5), integers(6, high=5), reduction="none"),
    ),
    _pair("mse_loss", mean=case(_X, _X), sum=case(_X, _X, reduction="sum")),
]

_MAIN = [*_ACTIVATIONS, *_LAYERS]

PAIRS = (
    *_MAIN,
    *_family.forms(_MAIN, "ops", "layer_norm embedding"),
    *_family.forms(_MAIN, "ops", "selu", checks=("backward",)),  # known to differ
    *_family.forms(
        _MAIN,
        "mint",
        "relu relu6 leaky_relu elu selu gelu silu mish hardswish hardsigmoid softplus logsigmoid "
        "glu threshold softmax log_softmax layer_norm batch_norm group_norm dropout max_pool2d "
        "avg_pool2d adaptive_avg_pool2d adaptive_max_pool2d embedding cross_entropy mse_loss",
    ),
)
