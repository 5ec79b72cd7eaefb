"""Stage "gradients": the forward is right, bit for bit or nearly, and the gradient is not."""

from functools import partial

from seeded.kinds import GRADIENT, Bug
from seeded.plants import own, replaced, rewired

_bug = partial(Bug, GRADIENT)


def _wired(name: str, path: str, construct: str, base: str) -> Bug:
    """A bug in one module's own construct."""
    return _bug(name, "backward", (path,), rewired(path, construct), base, construct=True)


BUGS = [
    _wired("G01_shortcut_stopped", "layer3.5", "resnet.bottleneck_stopping_shortcut",
           "resnet50"),
    _wired("G03_downsample_stopped", "layer3.0", "resnet.bottleneck_stopping_downsample",
           "resnext50"),
    _wired("X_features_detached", "", "resnet.resnet_with_detached_features", "resnet50"),
    _wired("X_stem_frozen", "", "resnet.resnet_with_frozen_stem", "resnet18"),
    _bug("X_weight_detached", "backward", ("layer3.1.conv2",),
         rewired("layer3.1.conv2", "leaves.conv_with_detached_weight"), "resnet18"),
    _bug("X_straight_through_relu", "backward", ("layer2.2.relu",),
         replaced("layer2.2.relu", own("leaves.StraightThroughReLU")), "resnet50"),
    _bug("X_relu_clips_gradients", "backward", ("layer1.1.relu",),
         replaced("layer1.1.relu", own("leaves.ReLUClippingGradients")), "resnext50"),
    _bug("X_bn_statistics_detached", "backward", ("layer1.0.bn2",),
         rewired("layer1.0.bn2", "leaves.batch_norm_with_detached_statistics"), "resnet18"),
    _wired("X_gate_detached", "gate", "small.gate_detached", "vision"),
    _wired("X_attention_detached", "blocks.1.attention", "small.attention_detaching_weights",
           "attention"),
    _wired("X_detach_forgotten", "", "small.text_without_detach", "text"),
    _wired("X_words_frozen", "", "small.text_with_frozen_words", "text"),
    _wired("X_statistics_detached", "", "small.decoder_detaching_statistics", "decoder"),
]  # fmt: skip
