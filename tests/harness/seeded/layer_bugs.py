"""Stage "layer defaults": one layer is built with the wrong arguments, or is another layer."""

from functools import partial

from seeded.bases import batch_norms
from seeded.kinds import LAYER, Bug
from seeded.nets.sizes import CHANNELS, EMBEDDED, GROUPS, HIDDEN, WORDS
from seeded.plants import again, own, planted, put, replaced, replaced_each, sequential, stock

_bug = partial(Bug, LAYER)


def _plain_embedding(net: object) -> None:
    """nn.Embedding with its own padding_idx, tied to the output layer as before."""
    tied = net.embedding.embedding_table  # type: ignore[attr-defined]
    put(net, "embedding", stock("Embedding", WORDS, EMBEDDED, padding_idx=0)(None))
    net.embedding.embedding_table = tied  # type: ignore[attr-defined]


_PADDED = ((0, 0), (0, 0), (1, 1), (1, 1))

BUGS = [
    # Convolutions.
    _bug("L01_padding_forgotten", "forward_eval", ("layer1.1.conv1",),
         replaced("layer1.1.conv1", again(pad_mode="valid", padding=0)), "resnet18"),
    _bug("L02_conv_same", "forward_eval", ("layer2.0.conv2",),
         replaced("layer2.0.conv2", again(pad_mode="same", padding=0))),
    _bug("L02_conv_same_on_odd_planes", "forward_eval", ("layer2.0.conv2",),
         replaced("layer2.0.conv2", again(pad_mode="same", padding=0)), "odd"),
    _bug("L03_stem_same", "forward_eval", ("conv1",),
         replaced("conv1", again(pad_mode="same", padding=0)), "resnet18"),
    _bug("L05_dense_without_bias", "structure", ("fc.bias",),
         replaced("fc", again(has_bias=False)), "resnet50"),
    _bug("L07_groups_forgotten", "structure", ("layer2.0.conv2.weight",),
         replaced("layer2.0.conv2", again(group=1)), "resnext50"),
    _bug("L09_padding_order", "forward_eval", ("pad",),
         replaced("pad", stock("Pad", ((0, 0), (0, 0), (1, 2), (0, 1)))), "vision"),
    _bug("L10_reflect_dropped", "forward_eval", ("stem",),
         replaced("stem.0", stock("Pad", _PADDED)), "vision"),
    _bug("L11_transposed_same", "forward_eval", ("up2",),
         replaced("up2", again(pad_mode="same", padding=0)), "decoder"),
    _bug("L12_output_padding", "forward_eval", ("up2",),
         replaced("up2", again(padding=1, output_padding=1)), "decoder"),
    _bug("X_wide_downsample_kernel", "structure", ("layer2.0.downsample.0.weight",),
         replaced("layer2.0.downsample.0", again(kernel_size=3, padding=1)), "resnet18"),
    _bug("X_bias_before_norm", "structure", ("layer1.1.conv3.bias",),
         replaced("layer1.1.conv3", again(has_bias=True)), "resnext50"),
    _bug("X_stride_forgotten", "forward_eval", ("layer3.0.downsample.0",),
         replaced("layer3.0.downsample.0", again(stride=1)), "resnext50"),
    _bug("X_dilation_too_early", "forward_eval", ("layer3.0.conv2",),
         replaced("layer3.0.conv2", again(dilation=2, padding=2)), "dilated"),
    _bug("X_dilation_forgotten", "forward_eval", ("layer4.0.conv2",),
         replaced("layer4.0.conv2", again(dilation=1, padding=1)), "dilated"),
    # Pooling.
    _bug("L13_pool_padded_with_zeros", "forward_eval", ("pool",),
         replaced("pool", sequential(stock("Pad", _PADDED), stock("MaxPool2d", 3, 2))), "vision"),
    _bug("L14_pool_same", "forward_eval", ("maxpool",),
         replaced("maxpool", stock("MaxPool2d", 3, 2, pad_mode="same")), "resnet50"),
    _bug("L15_pool_stride", "forward_eval", ("maxpool",),
         replaced("maxpool", stock("MaxPool2d", 3, pad_mode="pad", padding=1))),
    _bug("L16_ceil_mode_dropped", "forward_eval", ("pyramid.down",),
         replaced("pyramid.down", stock("MaxPool2d", 2, 2)), "vision"),
    _bug("L17_average_same", "forward_eval", ("smooth",),
         replaced("smooth", stock("AvgPool2d", 3, 1, pad_mode="same")), "vision"),
    _bug("L18_average_of_fixed_size", "forward_eval", ("avgpool",),
         replaced("avgpool", stock("AvgPool2d", 2)), "resnet18"),
    _bug("X_average_for_max", "forward_eval", ("maxpool",),
         replaced("maxpool", stock("AvgPool2d", 3, 2, pad_mode="pad", padding=1)), "resnet18"),
    _bug("X_max_for_average", "forward_eval", ("avgpool",),
         replaced("avgpool", stock("AdaptiveMaxPool2d", (1, 1))), "resnet50"),
    # Normalisation.
    _bug("L19_bn_momentum", "state", ("layer2.1.bn2",),
         replaced("layer2.1.bn2", again(momentum=0.1)), "resnet50"),
    _bug("L21_bn_eps_1e-3", "forward_eval", ("layer3.0.bn1",),
         replaced("layer3.0.bn1", again(eps=1e-3)), "resnet18"),
    _bug("L21_every_bn_eps", "forward_eval", batch_norms("bottleneck", [3, 4, 6, 3]),
         replaced_each("BatchNorm2d", again(eps=1e-3)), "resnet50"),
    _bug("L22_bn_eps_1e-4", "forward_eval", ("layer2.0.downsample.1",),
         replaced("layer2.0.downsample.1", again(eps=1e-4)), "resnext50"),
    _bug("L28_layer_norm_eps", "forward_eval", ("head.norm",),
         replaced("head.norm", stock("LayerNorm", (CHANNELS,))), "vision"),
    _bug("B08_norm_missing", "structure", tuple(
         f"layer1.0.downsample.1.{name}"
         for name in ("weight", "bias", "running_mean", "running_var")),
         replaced("layer1.0.downsample.1", stock("Identity")), "resnet50"),
    _bug("X_bn_without_affine", "structure", ("layer1.1.bn1.gamma", "layer1.1.bn1.beta"),
         replaced("layer1.1.bn1", again(affine=False)), "resnet18"),
    _bug("X_group_norm_groups", "forward_eval", ("norm",),
         replaced("norm", stock("GroupNorm", 2 * GROUPS, CHANNELS)), "vision"),
    # Activations.
    _bug("L47_relu6", "forward_eval", ("relu",), replaced("relu", stock("ReLU6")), "basic"),
    _bug("X_leaky_relu", "forward_eval", ("layer2.3.relu",),
         replaced("layer2.3.relu", stock("LeakyReLU", 0.01)), "resnet50"),
    _bug("X_leaky_slope", "forward_eval", ("act",),
         replaced("act", stock("LeakyReLU")), "vision"),
    _bug("L30_gelu_by_tanh", "forward_eval", ("gelu",), replaced("gelu", stock("GELU")), "vision"),
    _bug("X_quick_gelu", "forward_eval", ("blocks.1.gelu",),
         replaced("blocks.1.gelu", own("leaves.QuickGELU")), "attention"),
    _bug("X_tanh_for_sigmoid", "forward_eval", ("gate.sigmoid",),
         replaced("gate.sigmoid", stock("Tanh")), "vision"),
    _bug("X_hard_sigmoid", "forward_eval", ("gate.sigmoid",),
         replaced("gate.sigmoid", stock("HSigmoid")), "vision"),
    _bug("X_softmax_axis", "forward_eval", ("blocks.0.attention.softmax",),
         replaced("blocks.0.attention.softmax", stock("Softmax", axis=1)), "attention"),
    _bug("X_dense_with_relu", "forward_eval", ("fc",),
         replaced("fc", again(activation="relu")), "resnet50"),
    _bug("X_prelu_channels", "structure", ("prelu.w",),
         replaced("prelu", stock("PReLU", 1)), "decoder"),
    # Dropout, words, sequences.
    _bug("L32_dropout_keep_prob", "forward_train", ("head.dropout",),
         replaced("head.dropout", stock("Dropout", 0.1)), "vision"),
    _bug("X_dropout_rate", "forward_train", ("blocks.1.dropout",),
         replaced("blocks.1.dropout", stock("Dropout", p=0.15)), "attention"),
    _bug("L35_padding_trains", "backward", ("embedding",),
         planted(_plain_embedding), "padded_text"),
    _bug("W30_batch_first", "forward_eval", ("lstm",),
         replaced("lstm", stock("LSTM", EMBEDDED, HIDDEN)), "text"),
    _bug("X_lstm_bidirectional", "structure", ("lstm.weight_ih_l0_reverse",
         "lstm.weight_hh_l0_reverse", "lstm.bias_ih_l0_reverse", "lstm.bias_hh_l0_reverse"),
         replaced("lstm", stock("LSTM", EMBEDDED, HIDDEN, batch_first=True, bidirectional=True)),
         "text"),
]  # fmt: skip
