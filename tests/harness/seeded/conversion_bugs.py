"""Stage "weight conversion": the port is right, and what is loaded into it is not."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from harness import Pair, ParameterRules
from harness.inputs import generator
from seeded.kinds import CONVERSION, Bug, Change, Parameters
from seeded.plants import planted

_bug = partial(Bug, CONVERSION)


def _swap(a: str, b: str) -> Change:
    def tamper(parameters: Parameters) -> None:
        parameters[a], parameters[b] = parameters[b], parameters[a]

    return Change(tamper=tamper)


def _set(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def tamper(parameters: Parameters) -> None:
        changed = np.asarray(change(parameters[name]), parameters[name].dtype)
        parameters[name] = np.ascontiguousarray(changed)

    return Change(tamper=tamper)


def _set_each(ending: str | tuple[str, ...], change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def tamper(parameters: Parameters) -> None:
        for name in [n for n in parameters if n.endswith(ending)]:
            parameters[name] = np.ascontiguousarray(change(parameters[name]))

    return Change(tamper=tamper)


def _drop(*names: str) -> Change:
    """Not loaded: the port keeps what it was built with."""

    def tamper(parameters: Parameters) -> None:
        for name in names:
            del parameters[name]

    return Change(tamper=tamper)


def _copy(name: str, source: str) -> Change:
    def tamper(parameters: Parameters) -> None:
        parameters[name] = parameters[source].copy()

    return Change(tamper=tamper)


def _swap_all_statistics(parameters: Parameters) -> None:
    for mean in [name for name in parameters if name.endswith("moving_mean")]:
        variance = mean.replace("moving_mean", "moving_variance")
        parameters[mean], parameters[variance] = parameters[variance], parameters[mean]


def _biases_merged(parameters: Parameters) -> None:
    """One bias of an LSTM that has two: the same sum, not the same parameters."""
    parameters["lstm.bias_ih_l0"] = parameters["lstm.bias_ih_l0"] + parameters["lstm.bias_hh_l0"]
    parameters["lstm.bias_hh_l0"] = np.zeros_like(parameters["lstm.bias_hh_l0"])


def _through_bfloat16(array: np.ndarray) -> np.ndarray:
    return (array.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


def _through_int8(array: np.ndarray) -> np.ndarray:
    step = np.abs(array).max() / 127
    return np.round(array / step) * step


def _another_epoch(array: np.ndarray) -> np.ndarray:
    return array + 1e-3 * generator(0, "epoch").standard_normal(array.shape)


def _one_bit_flipped(array: np.ndarray) -> np.ndarray:
    bits = array.view(np.uint32).copy()
    bits.flat[5] ^= np.uint32(1)
    return bits.view(np.float32)


def _gates_in_another_order(array: np.ndarray) -> np.ndarray:
    i, f, g, o = np.split(array, 4)
    return np.concatenate([i, o, f, g])


def _groups_in_another_order(array: np.ndarray) -> np.ndarray:
    return np.concatenate(np.split(array, 2)[::-1])


def _dictionary(explicit: dict[str, str]) -> Change:
    """What the pair says about its names is wrong."""

    def edit(pair: Pair) -> Pair:
        return replace(pair, parameters=ParameterRules(explicit=explicit))

    return Change(edit=edit)


def _untied(net: object) -> None:
    from mindspore import nn

    old = net.decoder  # type: ignore[attr-defined]
    net.decoder = nn.Dense(old.in_channels, old.out_channels)  # type: ignore[attr-defined]


def _tied(net: object) -> None:
    net.up2.bias = net.prelu.w  # type: ignore[attr-defined]


def _changed(
    name: str,
    parameter: str,
    change: Callable[[np.ndarray], np.ndarray],
    base: str = "resnet18",
) -> Bug:
    """One parameter holds something else."""
    return _bug(name, "parameters", (parameter,), _set(parameter, change), base)


_DOWNSAMPLE = "layer4.0.downsample"

BUGS = [
    # Loaded into the wrong place.
    _bug("W01_all_statistics_swapped", "parameters", ("bn1.moving_mean", "bn1.moving_variance"),
         Change(tamper=_swap_all_statistics), "resnet50", only_some=True),
    _bug("W02_statistics_swapped", "parameters",
         ("layer1.0.bn1.moving_mean", "layer1.0.bn1.moving_variance"),
         _swap("layer1.0.bn1.moving_mean", "layer1.0.bn1.moving_variance")),
    _bug("W03_gamma_beta_swapped", "parameters", ("layer1.0.bn2.gamma", "layer1.0.bn2.beta"),
         _swap("layer1.0.bn2.gamma", "layer1.0.bn2.beta"), "resnext50"),
    _bug("W06_convs_swapped", "parameters", ("layer3.1.conv2.weight", "layer3.2.conv2.weight"),
         _swap("layer3.1.conv2.weight", "layer3.2.conv2.weight"), "resnet50"),
    _bug("W07_convs_of_a_block_swapped", "parameters",
         ("layer3.1.conv1.weight", "layer3.1.conv2.weight"),
         _swap("layer3.1.conv1.weight", "layer3.1.conv2.weight"), "resnet18"),
    _bug("X_loaded_from_its_neighbour", "parameters", ("layer3.2.conv2.weight",),
         _copy("layer3.2.conv2.weight", "layer3.1.conv2.weight"), "resnext50"),
    _bug("W13_dictionary_to_the_wrong_layer", "structure",
         (f"{_DOWNSAMPLE}.0.weight", f"{_DOWNSAMPLE}.1.gamma"),
         _dictionary({f"{_DOWNSAMPLE}.0.weight": f"{_DOWNSAMPLE}.1.gamma"}), "resnet50"),
    _bug("W33_dictionary_crosswise", "forward_eval", ("layer2.1.conv1", "layer2.1.conv2"),
         _dictionary({"layer2.1.conv1.weight": "layer2.1.conv2.weight",
                      "layer2.1.conv2.weight": "layer2.1.conv1.weight"}), "resnet18"),
    # Not loaded.
    _bug("W04_statistics_not_loaded", "parameters",
         ("layer4.1.bn2.moving_mean", "layer4.1.bn2.moving_variance"),
         _drop("layer4.1.bn2.moving_mean", "layer4.1.bn2.moving_variance"), "resnet50"),
    _bug("W14_bias_not_loaded", "parameters", ("fc.bias",), _drop("fc.bias"), "resnet18"),
    _changed("W19_mean_not_loaded", "layer2.0.bn3.moving_mean", np.zeros_like, "resnext50"),
    # Another layout.
    _changed("W09_dense_reshaped", "fc.weight", lambda w: w.T.reshape(w.shape)),
    _changed("X_square_dense_transposed", "blocks.0.attention.query.weight", lambda w: w.T,
             "attention"),
    _changed("X_transposed_conv_in_and_out", "up1.weight", lambda w: w.transpose(1, 0, 2, 3),
             "decoder"),
    _changed("X_kernel_rotated", "layer1.0.conv1.weight", lambda w: w[:, :, ::-1, ::-1]),
    _changed("X_kernel_height_and_width", "layer2.0.conv2.weight",
             lambda w: w.transpose(0, 1, 3, 2), "resnet50"),
    _changed("X_kernel_channels_last", "layer4.0.conv2.weight",
             lambda w: w.transpose(2, 3, 1, 0).reshape(w.shape)),
    _changed("X_groups_in_another_order", "layer2.1.conv2.weight", _groups_in_another_order,
             "resnext50"),
    _changed("W15_bgr", "conv1.weight", lambda w: w[:, ::-1], "resnet50"),
    _changed("W29_gates_in_another_order", "lstm.weight_hh_l0", _gates_in_another_order, "text"),
    _bug("W29_biases_merged", "parameters", ("lstm.bias_ih_l0", "lstm.bias_hh_l0"),
         Change(tamper=_biases_merged), "text"),
    _bug("X_words_shifted", "parameters", ("embedding.embedding_table", "decoder.weight"),
         _set_each(("embedding_table", "decoder.weight"), lambda w: np.roll(w, 1, axis=0)),
         "text"),
    # Another value.
    _changed("W16_through_float16", "layer2.0.conv1.weight",
             lambda w: w.astype(np.float16).astype(np.float32), "resnet50"),
    _changed("X_through_bfloat16", "layer3.0.conv2.weight", _through_bfloat16),
    _changed("X_through_int8", "fc.weight", _through_int8, "resnext50"),
    _changed("X_bias_negated", "fc.bias", np.negative, "resnet50"),
    _changed("X_variance_as_deviation", "layer3.1.bn2.moving_variance", np.sqrt),
    _changed("X_gamma_without_sign", "layer2.0.bn1.gamma", np.abs, "resnext50"),
    _changed("X_weights_clipped", "layer1.1.conv2.weight", lambda w: w.clip(-0.25, 0.25)),
    _changed("X_moments_of_another_epoch", "layer4.1.bn1.moving_mean", _another_epoch),
    _changed("X_one_bit_flipped", "layer3.5.conv3.weight", _one_bit_flipped, "resnet50"),
    _bug("X_every_gamma_times_eps", "parameters", ("bn1.gamma", "layer4.1.bn2.gamma"),
         _set_each("gamma", lambda g: g * np.float32(1 + 1e-5)), "resnet18", only_some=True),
    # Tied, or not.
    _bug("X_untied", "structure", ("decoder.weight", "embedding.weight"),
         planted(_untied), "text"),
    _bug("X_tied", "structure", ("up2.bias", "prelu.w"), planted(_tied), "decoder"),
]  # fmt: skip
