"""Stage "init": the port starts from values that torch would not start from."""

from functools import partial
from typing import Any

from seeded.kinds import INIT, Bug, Change
from seeded.plants import find, planted

_bug = partial(Bug, INIT)


def _filled(parameter: str, kind: str, *args: Any, **kwargs: Any) -> Change:
    """One parameter drawn anew, by the name of an initializer."""

    def plant(net: Any) -> None:
        _fill(net, parameter, kind, *args, **kwargs)

    return planted(plant)


def _fill(net: Any, parameter: str, kind: str, *args: Any, **kwargs: Any) -> None:
    from mindspore.common import initializer

    path, _, local = parameter.rpartition(".")
    target = getattr(find(net, path), local)
    made = getattr(initializer, kind)(*args, **kwargs)
    target.set_data(initializer.initializer(made, target.shape, target.dtype).init_data())


def _each_conv(kind: str, *args: Any, only: str = "", **kwargs: Any) -> Change:
    """Every convolution (or those whose path contains ``only``) drawn anew."""

    def plant(net: Any) -> None:
        for path, cell in net.cells_and_names():
            if type(cell).__name__ == "Conv2d" and only in path:
                _fill(net, f"{path}.weight", kind, *args, **kwargs)

    return planted(plant)


def _each_gamma(ending: str, value: float) -> Change:
    def plant(net: Any) -> None:
        for path, _ in net.cells_and_names():
            if path.endswith(ending):
                _fill(net, f"{path}.gamma", "Constant", value)

    return planted(plant)


def _copied_blocks(net: Any) -> None:
    """Blocks made by copying one: they all start from the same values."""
    first = find(net, "layer3.1")
    for number in range(2, 6):
        twin = find(net, f"layer3.{number}")
        for (_, ours), (_, theirs) in zip(
            first.parameters_and_names(), twin.parameters_and_names()
        ):
            theirs.set_data(ours.value().copy())


def _drawn_with_one_seed(net: Any) -> None:
    import numpy as np
    from mindspore import Tensor

    weight = net.layer2._cells["0"].conv1.weight
    values = np.random.default_rng(1).standard_normal(weight.shape) * 0.1
    weight.set_data(Tensor(values.astype("float32")))


#: What torch draws the stem's weights with: 8 filters of 7 x 7, by fan-out.
_STEM = (2 / (8 * 7 * 7)) ** 0.5
_LAST_GAMMAS = tuple(f"layer{i}.{j}.bn3.gamma" for i, j in ((1, 0), (2, 0), (2, 1), (3, 0), (4, 0)))
_CONV2S = tuple(f"layer{i}.{j}.conv2.weight" for i in range(1, 5) for j in range(2))
_DOWNSAMPLES = tuple(f"layer{i}.0.downsample.0.weight" for i in range(1, 5))

BUGS = [
    _bug("I01_dense_bias_zero", "initialization", ("fc.bias",),
         _filled("fc.bias", "Zero"), "resnet50"),
    _bug("I02_fan_in", "initialization", ("layer2.0.downsample.0.weight",),
         _filled("layer2.0.downsample.0.weight", "HeNormal", mode="fan_in",
                 nonlinearity="relu"), "resnet50"),
    _bug("I02_uniform_for_normal", "initialization", ("layer3.1.conv1.weight",),
         _filled("layer3.1.conv1.weight", "HeUniform", mode="fan_out", nonlinearity="relu"),
         "resnet18"),
    _bug("I02_slope", "initialization", ("layer4.1.conv2.weight",),
         _filled("layer4.1.conv2.weight", "HeNormal", negative_slope=0.2, mode="fan_out"),
         "resnet18"),
    _bug("I03_zero_init_not_applied", "initialization", _LAST_GAMMAS,
         _each_gamma("bn3", 1), "zero_init"),
    _bug("I07_conv_sigma_0.02", "initialization", _CONV2S,
         _each_conv("Normal", 0.02, only="conv2"), "resnet18"),
    _bug("X_loop_misses_downsamples", "initialization", _DOWNSAMPLES,
         _each_conv("HeUniform", negative_slope=5**0.5, only="downsample"), "resnext50"),
    _bug("X_stem_truncated", "initialization", ("conv1.weight",),
         _filled("conv1.weight", "TruncatedNormal", _STEM, 0, -2 * _STEM, 2 * _STEM),
         "resnet18"),
    _bug("X_dense_xavier", "initialization", ("fc.weight",),
         _filled("fc.weight", "XavierUniform"), "resnet18"),
    _bug("X_dense_bias_normal", "initialization", ("fc.bias",),
         _filled("fc.bias", "Normal", 1.0), "resnet18"),
    _bug("X_gamma_half", "initialization", ("layer2.0.bn1.gamma",),
         _filled("layer2.0.bn1.gamma", "Constant", 0.5), "resnet50"),
    _bug("X_beta_not_zero", "initialization", ("layer4.2.bn3.beta",),
         _filled("layer4.2.bn3.beta", "Constant", 1e-3), "resnext50"),
    _bug("X_variance_zero", "initialization", ("layer1.0.bn1.moving_variance",),
         _filled("layer1.0.bn1.moving_variance", "Zero"), "resnet18"),
    _bug("X_one_seed", "initialization", ("layer2.0.conv1.weight",),
         planted(_drawn_with_one_seed), "resnet50"),
    _bug("X_copied_blocks", "initialization",
         tuple(f"layer3.{i}.conv{j}.weight" for i in range(1, 6) for j in (1, 2, 3)),
         planted(_copied_blocks), "resnet50"),
    _bug("L36_embedding_sigma", "initialization", ("embedding.embedding_table", "decoder.weight"),
         _filled("embedding.embedding_table", "Normal", 0.01), "text"),
    _bug("X_padding_row_drawn", "initialization", ("embedding.embedding_table", "decoder.weight"),
         _filled("embedding.embedding_table", "Normal", 1.0), "text"),
    _bug("X_lstm_orthogonal", "initialization", ("lstm.weight_hh_l0",),
         _filled("lstm.weight_hh_l0", "Orthogonal"), "text"),
    _bug("X_forget_bias_one", "initialization", ("lstm.bias_ih_l0",),
         _filled("lstm.bias_ih_l0", "One"), "text"),
    _bug("X_position_zero", "initialization", ("position",),
         _filled("position", "Zero"), "attention"),
    _bug("X_prelu_one", "initialization", ("prelu.w",),
         _filled("prelu.w", "One"), "decoder"),
]  # fmt: skip
