"""Controls: ports that are written differently and compute the same, so nothing may fail."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from harness import Pair, ParameterRules
from harness.parameters import Layout
from seeded.kinds import Change, Control
from seeded.nets.sizes import CHANNELS
from seeded.plants import (
    again,
    find,
    own,
    planted,
    put,
    replaced,
    replaced_each,
    rewired,
    sequential,
    stock,
)


def _declared(
    change: Change,
    modules: Mapping[str, str] | None = None,
    explicit: Mapping[str, str] | None = None,
    layouts: Mapping[str, Layout] | None = None,
) -> Change:
    """A change of names or layouts, and what the pair then says about them."""

    def edit(pair: Pair) -> Pair:
        rules = ParameterRules(explicit=explicit or {}, layouts=layouts or {})
        return replace(pair, modules=modules or {}, parameters=rules)

    return replace(change, edit=edit)


def _and_then(first: Callable[[Any], None], change: Change) -> Change:
    assert change.plant is not None
    return planted(first, change.plant)


def _rename(net: Any) -> None:
    for old, new in (("bn1", "norm"), ("layer1", "stage1"), ("fc", "classifier")):
        setattr(net, new, net._cells.pop(old))


def _rename_position(net: Any) -> None:
    net.pos_embed = net._params.pop("position")


def _second_relu(net: Any) -> None:
    from mindspore import nn

    find(net, "layer1.1").relu2 = nn.ReLU()


def _identity(net: Any) -> None:
    from mindspore import nn

    find(net, "layer1.1").identity = nn.Identity()


def _cell_list(net: Any) -> None:
    from mindspore import nn

    put(net, "layer2", nn.CellList(list(net.layer2.cell_list)))


def _unrolled(net: Any) -> None:
    net.second_a, net.second_b = net._cells.pop("layer2").cell_list


def _registered_in_reverse(net: Any) -> None:
    for _, cell in list(net.cells_and_names()):
        if not hasattr(cell, "cell_list"):
            kept = dict(reversed(cell._cells.items()))
            cell._cells.clear()
            cell._cells.update(kept)


def _to_float32(net: Any) -> None:
    import mindspore

    net.to_float(mindspore.float32)


def _as_kernel(array: np.ndarray) -> np.ndarray:
    return array[:, :, None, None]


def _as_matrix(array: np.ndarray) -> np.ndarray:
    return array[:, :, 0, 0]


_MATRIX_AS_KERNEL = Layout("matrix as kernel", _as_kernel, _as_matrix)
_PADDED = ((0, 0), (0, 0), (1, 1), (1, 1))
_ZERO_PADDED_POOL = sequential(stock("Pad", _PADDED), stock("MaxPool2d", 3, 2))

CONTROLS = [
    Control("C_pool_padded_with_zeros_after_relu", replaced("maxpool", _ZERO_PADDED_POOL),
            latent=("maxpool",)),
    # Other names and trees.
    Control("C_renamed", _declared(
        _and_then(_rename, rewired("", "equal.resnet_renamed")),
        modules={"bn1": "norm", "layer1": "stage1", "fc": "classifier"})),
    Control("C_parameter_renamed", _declared(
        _and_then(_rename_position,
                  rewired("", "equal.encoder_with_another_name_for_position")),
        explicit={"position": "pos_embed"}), "attention"),
    Control("C_sequential_by_hand", replaced(
        "layer3", lambda old: own("equal.ByHand", old)(None)), "resnet50"),
    Control("C_stage_unrolled", _declared(
        _and_then(_unrolled, rewired("", "equal.resnet_with_its_second_stage_unrolled")),
        modules={"layer2.0": "second_a", "layer2.1": "second_b"}), "resnet18"),
    Control("C_stage_as_cell_list", _and_then(
        _cell_list, rewired("", "equal.resnet_looping_over_its_second_stage")), "resnet18"),
    Control("C_registered_in_reverse", planted(_registered_in_reverse), "resnet18"),
    Control("C_a_relu_each", _and_then(
        _second_relu, rewired("layer1.1", "equal.basicblock_with_a_relu_each")), "resnet18"),
    Control("C_identities", _and_then(
        _identity, rewired("layer1.1", "equal.basicblock_with_identities")), "resnet18"),
    # Other layers that are the same.
    Control("C_mean_for_pool", replaced("avgpool", own("equal.MeanOfPlane"))),
    Control("C_dense_as_conv", _declared(
        replaced("fc", lambda old: own("equal.ConvHead", old)(None)),
        explicit={"fc.weight": "fc.conv.weight", "fc.bias": "fc.conv.bias"},
        layouts={"fc.conv.weight": _MATRIX_AS_KERNEL})),
    Control("C_gelu_by_erf", replaced("gelu", own("equal.GELUByErf")), "vision"),
    Control("C_momentum_written_out", replaced_each(
        "BatchNorm2d", again(momentum=1 - 0.1, eps=0.1**5)), "resnet50"),
    Control("C_four_paddings", replaced("layer2.0.conv2", again(padding=(1, 1, 1, 1)))),
    Control("C_same_at_stride_1", replaced("layer2.1.conv2", again(pad_mode="same", padding=0))),
    Control("C_same_at_1x1", replaced("layer3.0.conv1", again(pad_mode="same", padding=0))),
    Control("C_transposed_same_at_4x4", replaced("up1", again(pad_mode="same", padding=0)),
            "decoder"),
    Control("C_keep_prob", replaced("head.dropout", stock("Dropout", keep_prob=0.9)), "vision"),
    Control("C_group_norm_eps", replaced("norm", stock("GroupNorm", 2, CHANNELS, eps=1e-5)),
            "vision"),
    Control("C_to_float32", planted(_to_float32), "basic"),
    Control("C_layer_norm_by_hand", rewired("norm", "equal.layer_norm_by_hand"), "attention"),
    Control("C_softmax_by_hand", replaced(
        "blocks.1.attention.softmax", own("equal.SoftmaxByHand")), "attention"),
    Control("C_sigmoid_by_hand", replaced("gate.sigmoid", own("equal.SigmoidByHand")), "vision"),
    Control("C_relu_by_maximum", replaced("relu", own("equal.ReLUByMaximum")), "basic"),
    # Other constructs that are the same.
    Control("C_added_in_another_order", rewired(
        "layer2.1", "equal.bottleneck_adding_in_another_order"), "resnet50"),
    Control("C_ops_add", rewired("layer3.0", "equal.bottleneck_with_ops_add")),
    Control("C_functional_relu", rewired(
        "layer2.2", "equal.bottleneck_with_functional_relu"), "resnet50"),
    Control("C_flattened_by_reshape", rewired("", "equal.resnet_flattening_by_reshape"),
            "resnet18"),
    Control("C_averaged_by_mean", rewired("", "equal.resnet_averaging_by_mean"), "resnet18"),
    Control("C_relu_after_pool", rewired("", "equal.resnet_with_relu_after_pool"), "basic"),
    Control("C_query_scaled", rewired(
        "blocks.0.attention", "equal.attention_scaling_the_query"), "attention"),
    Control("C_hidden_state_read", rewired("", "equal.text_reading_the_hidden_state"), "text"),
    Control("C_averaged_in_two_steps", rewired("", "equal.decoder_averaging_in_two_steps"),
            "decoder"),
    Control("C_mean_in_double_precision", rewired(
        "head", "equal.head_averaging_in_double_precision"), "vision"),
    Control("C_outputs_in_a_list", rewired("", "equal.text_giving_a_list"), "text"),
    # Nothing changed at all.
    Control("C_another_seed", Change(), "resnet18", seed=7),
    Control("C_a_third_seed", Change(), "resnext50", seed=11),
]  # fmt: skip
