"""Seeded bugs: real migration mistakes, each planted into a correct port.

A Bug changes the built MindSpore cell, or the converted parameters, of a clean pair. The detector
must report it in the right check and at the right place; ids follow the project's bug catalogue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from harness import Input, Pair, Variant
from harness.pair import resolve_factory

_BOTTLENECK = {"block": "bottleneck", "layers": [1, 2, 1, 1], "num_classes": 7, "width": 8}
_BASIC = {"block": "basicblock", "layers": [1, 1, 1, 1], "num_classes": 7, "width": 8}
_INPUTS = [Input((4, 3, 64, 48))]


def _resnet(name: str, kwargs: Mapping[str, Any]) -> Pair:
    return Pair(
        name=f"networks.{name}",
        torch="models.networks.resnet.pt:ResNet",
        mindspore="models.networks.resnet.ms:ResNet",
        inputs=_INPUTS,
        variants={"default": Variant(kwargs)},
    )


#: Correct pairs that bugs are planted into; small, with every kind of block.
CLEAN = {
    "bottleneck": _resnet("seeded_bottleneck", _BOTTLENECK),
    "basic": _resnet("seeded_basic", _BASIC),
    "deep": _resnet("seeded_deep", {**_BOTTLENECK, "layers": [1, 1, 2, 1]}),
    "grouped": _resnet("seeded_grouped", {**_BOTTLENECK, "groups": 4, "width_per_group": 16}),
}

Parameters = dict[str, np.ndarray]


@dataclass(frozen=True)
class Bug:
    """One planted mistake.

    check: the check that must fail. at: the modules that must be named, and no others; for
    parameters, the entries. plant changes the cell; tamper changes the converted parameters.
    """

    name: str
    check: str
    at: tuple[str, ...]
    plant: Callable[[Any], None] | None = None
    tamper: Callable[[Parameters], None] | None = None
    base: str = "bottleneck"


def _find(net: Any, path: str) -> tuple[Any, str]:
    """The cell that holds the last name of a path."""
    *above, last = path.split(".")
    for name in above:
        net = net._cells[name]
    return net, last


def _replace(path: str, make: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Put another cell in a cell's place."""

    def plant(net: Any) -> None:
        holder, name = _find(net, path)
        made = make(holder._cells[name])
        if name.isdigit():
            holder[int(name)] = made  # a SequentialCell keeps a list beside its cells
        else:
            setattr(holder, name, made)

    return plant


def _conv(**changes: Any) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        from mindspore import nn

        kwargs = {
            "in_channels": old.in_channels,
            "out_channels": old.out_channels,
            "kernel_size": old.kernel_size,
            "stride": old.stride,
            "pad_mode": old.pad_mode,
            "padding": old.padding,
            "dilation": old.dilation,
            "group": old.group,
            "has_bias": old.has_bias,
        }
        return nn.Conv2d(**{**kwargs, **changes})

    return make


def _batch_norm(**changes: Any) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        from mindspore import nn

        return nn.BatchNorm2d(old.num_features, **changes)

    return make


def _max_pool(*args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        from mindspore import nn

        return nn.MaxPool2d(*args, **kwargs)

    return make


def _dense_without_bias(old: Any) -> Any:
    from mindspore import nn

    return nn.Dense(old.in_channels, old.out_channels, has_bias=False)


def _cell(name: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        from mindspore import nn

        return getattr(nn, name)()

    return make


def _construct(path: str, name: str) -> Callable[[Any], None]:
    """Give one cell another construct, by name from ``wrong_constructs``."""

    def plant(net: Any) -> None:
        import wrong_constructs

        holder, last = _find(net, path) if path else (None, "")
        cell = holder._cells[last] if holder is not None else net
        body = {"construct": getattr(wrong_constructs, name)}
        cell.__class__ = type(type(cell).__name__, (type(cell),), body)

    return plant


def _frozen(path: str) -> Callable[[Any], None]:
    def plant(net: Any) -> None:
        holder, name = _find(net, path)
        holder._cells[name].gamma.requires_grad = False

    return plant


def _always_eval(net: Any) -> None:
    """A network that keeps one BatchNorm in eval mode whatever it is told."""

    def set_train(self: Any, mode: bool = True) -> Any:
        super(type(self), self).set_train(mode)
        self.layer3._cells["0"].bn2.set_train(False)
        return self

    net.__class__ = type(type(net).__name__, (type(net),), {"set_train": set_train})


def _stride_on_conv1(net: Any) -> None:
    block = net.layer3._cells["0"]
    block.conv1 = _conv(stride=2)(block.conv1)
    block.conv2 = _conv(stride=1)(block.conv2)


def _unregistered(net: Any) -> None:
    """A block kept in a Python list: absent from the tree and from the parameters."""
    stage = net.layer2
    block = stage._cells.pop("1")
    stage.cell_list = list(stage._cells.values())
    net.__dict__["extra_blocks"] = [block]


def _swap(a: str, b: str) -> Callable[[Parameters], None]:
    def tamper(parameters: Parameters) -> None:
        parameters[a], parameters[b] = parameters[b], parameters[a]

    return tamper


def _set(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Parameters], None]:
    def tamper(parameters: Parameters) -> None:
        parameters[name] = np.ascontiguousarray(change(parameters[name]))

    return tamper


def _swap_all_statistics(parameters: Parameters) -> None:
    for name in [n for n in parameters if n.endswith("moving_mean")]:
        _swap(name, name.replace("moving_mean", "moving_variance"))(parameters)


BUGS = [
    # Layer defaults.
    Bug("L02_conv_same", "forward_eval", ("layer2.0.conv2",),
        _replace("layer2.0.conv2", _conv(pad_mode="same", padding=0))),
    Bug("L03_stem_same", "forward_eval", ("conv1",),
        _replace("conv1", _conv(pad_mode="same", padding=0))),
    Bug("L05_dense_without_bias", "structure", ("fc.bias",), _replace("fc", _dense_without_bias)),
    Bug("L07_groups_forgotten", "structure", ("layer2.0.conv2.weight",),
        _replace("layer2.0.conv2", _conv(group=1)), base="grouped"),
    Bug("L14_pool_same", "forward_eval", ("maxpool",),
        _replace("maxpool", _max_pool(3, 2, pad_mode="same"))),
    Bug("L15_pool_stride", "forward_eval", ("maxpool",),
        _replace("maxpool", _max_pool(3, pad_mode="pad", padding=1))),
    Bug("L19_bn_momentum", "state", ("layer2.1.bn2",),
        _replace("layer2.1.bn2", _batch_norm(momentum=0.1))),
    Bug("L21_bn_eps_1e-3", "forward_eval", ("layer3.0.bn1",),
        _replace("layer3.0.bn1", _batch_norm(eps=1e-3))),
    Bug("L22_bn_eps_1e-4", "forward_eval", ("layer2.0.downsample.1",),
        _replace("layer2.0.downsample.1", _batch_norm(eps=1e-4))),
    Bug("L23_bn_batch_statistics", "forward_eval", ("bn1",),
        _replace("bn1", _batch_norm(use_batch_statistics=True))),
    Bug("L24_bn_frozen", "forward_train", ("layer4.0.bn3",),
        _replace("layer4.0.bn3", _batch_norm(use_batch_statistics=False))),
    Bug("L47_relu6", "forward_eval", ("relu",), _replace("relu", _cell("ReLU6")), base="basic"),
    # Wiring.
    Bug("B01_stride_on_conv1", "forward_eval", ("layer3.0.conv1", "layer3.0.conv2"),
        _stride_on_conv1),
    Bug("B02_relu_missing", "forward_eval", ("layer2.1",),
        _construct("layer2.1", "bottleneck_without_second_relu")),
    Bug("B04_last_relu_missing", "forward_eval", ("layer2.1",),
        _construct("layer2.1", "bottleneck_without_last_relu")),
    Bug("B05_no_shortcut", "forward_eval", ("layer2.1",),
        _construct("layer2.1", "bottleneck_without_shortcut")),
    Bug("B05_scaled_shortcut", "forward_eval", ("layer1.0",),
        _construct("layer1.0", "basicblock_with_scaled_shortcut"), base="basic"),
    Bug("B09_softmax_at_end", "forward_eval", ("",), _construct("", "resnet_with_softmax")),
    Bug("B11_block_in_list", "structure", ("layer2.1.conv1.weight",), _unregistered),
    Bug("B12_relu_before_bn", "forward_eval", ("",), _construct("", "resnet_relu_before_bn")),
    Bug("X_block_skipped", "forward_eval", ("layer2",),
        _construct("layer2", "stage_skipping_last")),
    Bug("X_block_called_twice", "forward_eval", ("layer2",),
        _construct("layer2", "stage_calling_last_twice")),
    Bug("L33_dropout_in_eval", "forward_eval", ("",), _construct("", "resnet_dropping_in_eval")),
    Bug("P02_half_precision_inside", "forward_eval", ("layer2.1",),
        _construct("layer2.1", "bottleneck_adding_in_half_precision")),
    # Gradients only.
    Bug("G01_stop_gradient", "backward", ("layer2.1",),
        _construct("layer2.1", "bottleneck_stopping_shortcut")),
    Bug("G03_stop_gradient_downsample", "backward", ("layer3.0",),
        _construct("layer3.0", "bottleneck_stopping_downsample")),
    # Modes.
    Bug("M04_bn_left_in_eval", "forward_train", ("layer3.0.bn2",), _always_eval),
    Bug("M06_frozen_parameter", "structure", ("layer2.0.bn2.gamma",), _frozen("layer2.0.bn2")),
    # Conversion.
    Bug("W01_all_statistics_swapped", "parameters", ("bn1.moving_mean", "bn1.moving_variance"),
        tamper=_swap_all_statistics),
    Bug("W02_statistics_swapped", "parameters",
        ("layer1.0.bn1.moving_mean", "layer1.0.bn1.moving_variance"),
        tamper=_swap("layer1.0.bn1.moving_mean", "layer1.0.bn1.moving_variance")),
    Bug("W03_gamma_beta_swapped", "parameters", ("layer1.0.bn2.gamma", "layer1.0.bn2.beta"),
        tamper=_swap("layer1.0.bn2.gamma", "layer1.0.bn2.beta")),
    Bug("W06_convs_swapped", "parameters", ("layer3.0.conv2.weight", "layer3.1.conv2.weight"),
        tamper=_swap("layer3.0.conv2.weight", "layer3.1.conv2.weight"), base="deep"),
    Bug("W09_dense_reshaped", "parameters", ("fc.weight",),
        tamper=_set("fc.weight", lambda w: w.T.reshape(w.shape))),
    Bug("W15_bgr", "parameters", ("conv1.weight",), 
        tamper=_set("conv1.weight", lambda w: w[:, ::-1])),
    Bug("W16_through_float16", "parameters", ("layer2.0.conv1.weight",),
        tamper=_set("layer2.0.conv1.weight", lambda w: w.astype(np.float16).astype(np.float32))),
    Bug("W19_mean_not_converted", "parameters", ("layer2.0.bn3.moving_mean",),
        tamper=_set("layer2.0.bn3.moving_mean", np.zeros_like)),
]  # fmt: skip


def bug(name: str) -> Bug:
    return next(b for b in BUGS if b.name == name)


def build_with(name: str, **kwargs: Any) -> Any:
    """The port's factory with a bug planted; importable, so that workers can call it."""
    net = resolve_factory("models.networks.resnet.ms:ResNet", "seeded bugs")(**kwargs)
    plant = bug(name).plant
    if plant is not None:
        plant(net)
    return net


def pair_with(seeded: Bug) -> Pair:
    """The clean pair with a bug planted."""
    return replace(CLEAN[seeded.base], mindspore=partial(build_with, seeded.name))
