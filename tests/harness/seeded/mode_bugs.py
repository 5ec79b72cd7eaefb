"""Stage "train/eval mode": layers or state in the wrong mode, parameters wrongly frozen."""

from functools import partial
from typing import Any

from seeded.bases import batch_norms
from seeded.kinds import MODE, Bug
from seeded.plants import (
    again,
    own,
    planted,
    reclassed,
    replaced,
    rewired,
    set_attribute,
    stock,
    told,
)

_bug = partial(Bug, MODE)
_BASIC = batch_norms("basicblock", [1, 1, 1, 1])


def _ignores_its_mode(net: Any) -> None:
    reclassed(net, set_train=lambda self, mode=True: self)


def _thaws(net: Any) -> None:
    """set_train reaches everything, as MindSpore's own does."""
    from models.networks.resnet.ms import ResNet

    net.__class__ = ResNet


def _unlisted_position(net: Any) -> None:
    """A plain Tensor where torch has a Parameter."""
    from mindspore import Tensor

    value = net._params.pop("position").asnumpy()
    net.__dict__["position"] = Tensor(value)


BUGS = [
    _bug("L23_bn_batch_statistics", "forward_eval", ("bn1",),
         replaced("bn1", again(use_batch_statistics=True)), "resnet18"),
    _bug("L24_bn_frozen", "forward_train", ("layer4.0.bn3",),
         replaced("layer4.0.bn3", again(use_batch_statistics=False)), "resnext50"),
    _bug("L33_dropout_in_eval", "forward_eval", ("",),
         rewired("", "resnet.resnet_dropping_in_eval"), "resnet18", construct=True),
    _bug("M01_training_mode_ignored", "forward_train", _BASIC,
         planted(_ignores_its_mode), "basic"),
    _bug("M04_bn_left_in_eval", "forward_train", ("layer3.0.bn2",),
         told("layer3.0.bn2", False), "resnet50"),
    _bug("M04_frozen_bns_trained", "forward_train", ("layer1.0.bn1", "layer1.0.bn2"),
         planted(_thaws), "fine_tuned"),
    _bug("X_stage_left_in_eval", "forward_train",
         tuple(name for name in _BASIC if name.startswith("layer4.")),
         told("layer4", False), "basic"),
    _bug("X_bn_left_in_training", "forward_eval", ("layer2.1.bn3",),
         told("layer2.1.bn3", True), "resnext50"),
    _bug("X_bn_called_twice", "forward_train", ("layer1.1",),
         rewired("layer1.1", "resnet.basicblock_normalising_twice"), "resnet18", construct=True),
    _bug("X_statistics_move_in_eval", "state", ("layer3.0.bn2",),
         rewired("layer3.0.bn2", "leaves.batch_norm_moving_its_mean_in_eval"),
         "resnet18"),
    _bug("X_statistics_never_move", "state", ("layer2.1.bn1",),
         replaced("layer2.1.bn1", again(momentum=1.0)), "resnext50"),
    _bug("X_shortcut_in_training_only", "forward_eval", ("layer4.2",),
         rewired("layer4.2", "resnet.bottleneck_adding_shortcut_in_training_only"), "resnet50",
         construct=True),
    _bug("M06_frozen_gamma", "structure", ("layer2.0.bn2.gamma",),
         set_attribute("layer2.0.bn2", "gamma.requires_grad", False)),
    _bug("M06_frozen_conv", "structure", ("conv1.weight",),
         set_attribute("conv1", "weight.requires_grad", False), "resnext50"),
    _bug("X_position_no_parameter", "structure", ("position",),
         planted(_unlisted_position), "attention"),
    _bug("X_dropout_never_active", "forward_train", ("head.dropout",),
         replaced("head.dropout", stock("Identity")), "vision"),
    _bug("X_dropout_always_active", "forward_eval", ("dropout",),
         replaced("dropout", own("leaves.AlwaysDropping", 0.2)), "text"),
    _bug("L33_functional_dropout_in_eval", "forward_eval", ("",),
         rewired("", "small.perceptron_dropping_in_eval"), "functional", construct=True),
    _bug("X_functional_dropout_rate", "forward_train", ("",),
         rewired("", "small.perceptron_dropping_less"), "functional", construct=True),
    _bug("X_functional_dropout_omitted", "forward_train", ("",),
         rewired("", "small.perceptron_without_dropout"), "functional", construct=True),
    _bug("X_dropout_not_called", "forward_train", ("blocks.1",),
         rewired("blocks.1", "small.block_without_second_dropout"), "attention", construct=True),
]  # fmt: skip
