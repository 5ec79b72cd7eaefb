"""Stage "block wiring": every layer is right, and what connects them is not."""

from functools import partial
from typing import Any

from seeded.kinds import WIRING, Bug
from seeded.plants import again, aliased, find, planted, put, rewired

_bug = partial(Bug, WIRING)


def _wired(name: str, path: str, construct: str, base: str = "bottleneck") -> Bug:
    """A bug in one module's own construct, seen in eval mode."""
    return _bug(name, "forward_eval", (path,), rewired(path, construct), base, construct=True)


def _stride_on_conv1(net: Any) -> None:
    block = find(net, "layer3.0")
    block.conv1, block.conv2 = again(stride=2)(block.conv1), again(stride=1)(block.conv2)


def _kept_in_a_list(net: Any) -> None:
    """A block kept in a Python list: absent from the tree and from the parameters."""
    stage = net.layer2
    block = stage._cells.pop("1")
    stage.cell_list = list(stage._cells.values())
    net.__dict__["extra_blocks"] = [block]


def _one_block_short(net: Any) -> None:
    from mindspore import nn

    put(net, "layer3", nn.SequentialCell(*list(net.layer3.cell_list)[:-1]))


BUGS = [
    # Bottlenecks.
    _bug("B01_stride_on_conv1", "forward_eval", ("layer3.0.conv1", "layer3.0.conv2"),
         planted(_stride_on_conv1), "resnet50"),
    _wired("B02_relu_missing", "layer3.4", "resnet.bottleneck_without_second_relu", "resnet50"),
    _wired("B05_no_shortcut", "layer2.2", "resnet.bottleneck_without_shortcut", "resnext50"),
    _wired("X_downsample_not_called", "layer4.0", "resnet.bottleneck_without_downsample",
           "resnet50"),
    _wired("X_bn_not_called", "layer4.1", "resnet.bottleneck_without_last_bn", "resnext50"),
    _wired("X_extra_relu", "layer3.2", "resnet.bottleneck_with_extra_relu", "resnext50"),
    _wired("X_relu_on_shortcut", "layer2.0", "resnet.bottleneck_with_relu_on_shortcut",
           "resnet50"),
    _wired("X_added_before_bn", "layer2.1", "resnet.bottleneck_adding_before_bn"),
    # Basic blocks.
    _wired("B04_last_relu_missing", "layer3.1", "resnet.basicblock_without_last_relu", "resnet18"),
    _wired("B05_scaled_shortcut", "layer1.0", "resnet.basicblock_with_scaled_shortcut", "basic"),
    _wired("X_late_shortcut", "layer1.1", "resnet.basicblock_with_late_shortcut", "resnet18"),
    _wired("X_bn_used_for_its_sibling", "layer2.1", "resnet.basicblock_using_first_bn_twice",
           "resnet18"),
    _wired("X_bns_called_in_another_order", "layer4.1", "resnet.basicblock_with_bns_swapped",
           "resnet18"),
    _wired("X_weight_of_its_sibling", "layer3.1", "resnet.basicblock_with_siblings_weight",
           "resnet18"),
    _wired("X_added_in_place", "layer2.1", "resnet.basicblock_adding_in_place", "resnet18"),
    # Stages.
    _wired("X_block_skipped", "layer3", "resnet.stage_skipping_last", "resnet50"),
    _wired("X_block_called_twice", "layer1", "resnet.stage_calling_last_twice", "resnext50"),
    _wired("X_blocks_in_another_order", "layer2", "resnet.stage_with_blocks_swapped", "resnet50"),
    _bug("X_one_block_for_two", "structure", ("layer3.2",),
         aliased("layer3.2", "layer3.1"), "resnet50"),
    _bug("X_one_block_short", "structure", ("layer3.5",), planted(_one_block_short), "resnext50"),
    _bug("B11_block_in_list", "structure", ("layer2.1",), planted(_kept_in_a_list), "resnet18"),
    # Whole networks.
    _wired("B09_softmax_at_end", "", "resnet.resnet_with_softmax", "resnet18"),
    _wired("B12_relu_before_bn", "", "resnet.resnet_relu_before_bn", "resnet50"),
    _wired("X_plane_summed", "", "resnet.resnet_summing_the_plane", "resnet18"),
    _wired("X_images_transposed", "", "resnet.resnet_on_transposed_images", "resnet18"),
    _wired("X_input_rescaled", "", "resnet.resnet_rescaling_its_input", "resnet50"),
    _wired("X_bgr_images", "", "resnet.resnet_on_bgr", "resnet18"),
    # Vision.
    _wired("L38_corners_aligned", "pyramid", "small.pyramid_aligning_corners", "vision"),
    _wired("X_nearest_for_bilinear", "pyramid", "small.pyramid_with_nearest", "vision"),
    _wired("X_concatenated_in_another_order", "pyramid", "small.pyramid_with_halves_swapped",
           "vision"),
    _wired("X_shuffle_transposed", "shuffle", "small.shuffle_with_groups_and_channels_confused",
           "vision"),
    _wired("X_gate_added", "gate", "small.gate_adding", "vision"),
    _wired("X_gate_not_called", "", "small.vision_without_gate", "vision"),
    _wired("L45_length_over_the_batch", "head", "small.head_with_length_over_the_batch", "vision"),
    _wired("X_largest_for_mean", "head", "small.head_with_largest", "vision"),
    # Attention.
    _wired("X_attention_unscaled", "blocks.1.attention", "small.attention_without_scale",
           "attention"),
    _wired("X_query_for_key", "blocks.0.attention", "small.attention_with_query_and_key_swapped",
           "attention"),
    _wired("X_key_for_value", "blocks.1.attention", "small.attention_using_key_as_value",
           "attention"),
    _wired("X_causal_mask", "blocks.0.attention", "small.attention_with_causal_mask", "attention"),
    _wired("X_heads_reshaped", "blocks.0.attention", "small.attention_splitting_heads_by_reshape",
           "attention"),
    _wired("X_norm_after_adding", "blocks.1", "small.block_with_post_norm", "attention"),
    _wired("X_normalised_shortcut", "blocks.0", "small.block_adding_to_the_normalised",
           "attention"),
    _wired("X_position_not_added", "", "small.encoder_without_position", "attention"),
    _wired("X_tokens_averaged", "", "small.encoder_averaging_tokens", "attention"),
    # Text and decoder.
    _wired("X_first_step_read", "", "small.text_reading_the_first_step", "text"),
    _wired("X_cell_state_read", "", "small.text_reading_the_cell_state", "text"),
    _wired("X_words_reversed", "", "small.text_in_reverse", "text"),
    _wired("X_outputs_swapped", "", "small.text_with_outputs_swapped", "text"),
    _wired("X_planes_channels_last", "", "small.decoder_with_channels_last", "decoder"),
    _wired("X_one_batch_size", "", "small.decoder_for_one_batch_size", "decoder"),
    _wired("L40_biased_std", "", "small.decoder_with_biased_std", "decoder"),
    _wired("X_standardised_over_channels", "", "small.decoder_standardising_over_channels",
           "decoder"),
]  # fmt: skip
