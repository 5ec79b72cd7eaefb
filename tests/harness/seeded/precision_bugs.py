"""Stage "precision": numbers pass through a type that cannot hold them."""

from functools import partial
from typing import Any

from seeded.kinds import PRECISION, Bug
from seeded.plants import find, planted, rewired

_bug = partial(Bug, PRECISION)


def _wired(name: str, path: str, construct: str, base: str) -> Bug:
    """A bug in one module's own construct, seen in eval mode."""
    return _bug(name, "forward_eval", (path,), rewired(path, construct), base, construct=True)


def _in_float16(path: str) -> Any:
    def plant(net: Any) -> None:
        import mindspore

        find(net, path).to_float(mindspore.float16)

    return planted(plant)


BUGS = [
    _wired("P02_added_in_half_precision", "layer2.1", "resnet.bottleneck_adding_in_half_precision",
           "bottleneck"),
    _bug("X_conv_to_float16", "forward_eval", ("layer3.2.conv2",),
         _in_float16("layer3.2.conv2"), "resnet50"),
    _bug("X_bn_to_float16", "forward_eval", ("layer2.0.bn1",),
         _in_float16("layer2.0.bn1"), "resnext50"),
    _bug("X_dense_in_half_precision", "forward_eval", ("fc",),
         rewired("fc", "leaves.dense_in_half_precision"), "resnet18"),
    _bug("X_layer_norm_in_half_precision", "forward_eval", ("blocks.0.norm2",),
         rewired("blocks.0.norm2", "leaves.layer_norm_in_half_precision"), "attention"),
    _wired("X_images_in_half_precision", "", "resnet.resnet_on_half_precision_images", "resnet18"),
    _wired("X_integer_pixels", "", "resnet.resnet_with_integer_pixels", "basic"),
    _wired("X_logits_in_half_precision", "", "resnet.resnet_with_half_precision_logits", "basic"),
    _wired("X_logits_in_double_precision", "", "resnet.resnet_with_double_logits", "resnet18"),
    _wired("X_mean_in_half_precision", "head", "small.head_averaging_in_half_precision", "vision"),
    _wired("X_scores_in_half_precision", "blocks.0.attention", "small.attention_in_half_precision",
           "attention"),
    _wired("X_scale_rounded", "blocks.1.attention", "small.attention_with_rounded_scale",
           "attention"),
    _wired("X_ids_in_half_precision", "", "small.text_with_half_precision_ids", "text"),
    _wired("X_ids_as_bytes", "", "small.text_with_bytes_for_ids", "text"),
    # Images have a variance near one in eval mode, where this is no more than rounding.
    _bug("X_eps_under_the_root", "forward_train", ("",),
         rewired("", "small.decoder_with_eps_under_the_root"), "decoder", construct=True),
]  # fmt: skip
