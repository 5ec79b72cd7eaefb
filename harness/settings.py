"""The settings of the frameworks' own layers, in torch's terms: a reader for each type of layer.

The readers of both frameworks answer in the same words, so that equal answers mean equal layers.
A reader leaves out what it does not know: only what both sides know can be compared.

Much of a MindSpore layer's configuration is kept by what the layer is made of. An inventory names
it as Python reaches it: "elu.alpha", "bn2d.eps", "gamma.requires_grad".
"""

from collections.abc import Mapping
from typing import Any

from harness import readers, windows
from harness.readers import both, constant, keep, sizes
from harness.windows import Reader, Settings


def of_torch(layer: str, kept: Settings) -> dict[str, Any]:
    """Settings of one of torch's own layers; none for a type without a reader."""
    return _read(_TORCH, layer, kept)


def of_mindspore(layer: str, kept: Settings, overrides: bool = False) -> dict[str, Any]:
    """Settings of one of MindSpore's own layers, of nn or of mint, in torch's terms.

    overrides: it inherits from that layer and computes in a construct of its own, so that what the
    layer's construct does with its settings says nothing.
    """
    return _read(_MINDSPORE | _OVERRIDDEN if overrides else _MINDSPORE, layer, kept)


def _read(table: Mapping[str, Reader], layer: str, kept: Settings) -> dict[str, Any]:
    if layer not in table:
        return {}
    dimensions = next((int(letter) for letter in layer if letter.isdigit()), 2)
    try:
        found = table[layer]({name: _plain(value) for name, value in kept.items()}, dimensions)
    except (KeyError, TypeError):  # another version's layer, which keeps something else
        return {}
    return {name: _tidy(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """Lists as tuples: one framework keeps a list as it was given, and JSON knows no tuples."""
    return tuple(_plain(item) for item in value) if isinstance(value, (list, tuple)) else value


def _tidy(value: Any) -> Any:
    """A float without what arithmetic adds to it: 1 - 0.9 leaves 0.09999999999999998."""
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _each(names: str, reader: Reader) -> dict[str, Reader]:
    return dict.fromkeys(names.split(), reader)


def _1d_to_3d(names: str, reader: Reader) -> dict[str, Reader]:
    return {f"{name}{d}d": reader for name in names.split() for d in (1, 2, 3)}


_LOSSES = """
BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss
HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MSELoss MarginRankingLoss MultiLabelSoftMarginLoss
MultiMarginLoss NLLLoss PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss
TripletMarginWithDistanceLoss
"""

#: What is read alike in both frameworks.
_BOTH: dict[str, Reader] = {
    **_1d_to_3d("Conv", windows.convolution),
    **_1d_to_3d("ConvTranspose", windows.transposed),
    **_1d_to_3d("LPPool MaxUnpool", windows.pool),
    **_1d_to_3d("AdaptiveAvgPool AdaptiveMaxPool", windows.adaptive_pool),
    **_1d_to_3d(
        "FractionalMaxPool",
        both(sizes("kernel_size", "output_size", "output_ratio"), keep("return_indices")),
    ),
    **_1d_to_3d("ZeroPad ConstantPad", windows.padding("constant")),
    **_1d_to_3d("ReflectionPad", windows.padding("reflect")),
    **_1d_to_3d("ReplicationPad", windows.padding("replicate")),
    **_1d_to_3d("CircularPad", windows.padding("circular")),
    **_each("Fold Unfold", sizes("output_size", "kernel_size", "dilation", "padding", "stride")),
    **_1d_to_3d("InstanceNorm", readers.instance_norm),
    "GroupNorm": keep("num_groups", "num_channels", "eps", "affine"),
    **_each("Dropout Dropout1d Dropout2d Dropout3d", readers.dropout),
    "CELU": keep(alpha="alpha celu.alpha"),
    "ELU": keep(alpha="alpha elu.alpha"),
    "GELU": keep("approximate"),
    "GLU": keep("dim"),
    "Hardtanh": keep("min_val", "max_val"),
    "LeakyReLU": keep(negative_slope="negative_slope alpha"),
    "ReLU6": constant(min_val=0, max_val=6),
    "RReLU": readers.random_slope,
    "Threshold": keep("threshold", "value"),
    **_each("Softmax Softmin", readers.softmax),
    "Softmax2d": constant(dim=-3),
    "LogSoftmax": keep(dim="dim log_softmax.axis"),
    "Linear": readers.linear,
    **_each("RNNCell LSTMCell GRUCell", readers.recurrent),
    "Transformer": keep("d_model", "nhead", "batch_first"),
    "Upsample": readers.upsample,
    "UpsamplingNearest2d": both(readers.upsample, constant(mode="nearest")),
    "UpsamplingBilinear2d": both(readers.upsample, constant(mode="bilinear", align_corners=True)),
    "Flatten": keep("start_dim", "end_dim"),
    "Unflatten": keep("unflattened_size", dim="dim axis"),
    "PixelShuffle": keep("upscale_factor"),
    "PixelUnshuffle": keep("downscale_factor"),
    "ChannelShuffle": keep("groups"),
    **_each(_LOSSES, readers.loss),
}

_TORCH: dict[str, Reader] = {
    **_BOTH,
    **_1d_to_3d("MaxPool AvgPool", windows.pool),
    **_each("BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm", readers.batch_norm),
    "LayerNorm": readers.layer_norm,
    "LocalResponseNorm": keep("size", "alpha", "beta", "k"),
    **_each("Hardshrink Softshrink", keep("lambd")),
    "PReLU": keep("num_parameters"),
    "NonDynamicallyQuantizableLinear": readers.linear,
    "Bilinear": keep("in1_features", "in2_features", "out_features", "bias"),
    "Embedding": readers.embedding,
    **_each("RNN LSTM GRU", readers.recurrent),
    "MultiheadAttention": readers.attention,
    **_each("TransformerEncoderLayer TransformerDecoderLayer", readers.transformer_layer),
    "MultiLabelMarginLoss": readers.loss,
}

_MINDSPORE: dict[str, Reader] = {
    **_BOTH,
    **_each("Conv1dTranspose Conv3dTranspose", windows.transposed),
    "Conv2dTranspose": windows.transposed_2d,
    **_1d_to_3d("MaxPool AvgPool", windows.nn_pool),
    "Pad": windows.padding(),
    **_each("BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm", readers.nn_batch_norm),
    "LayerNorm": readers.nn_layer_norm,
    "LRN": readers.local_response,
    "HShrink": keep(lambd="hshrink.lambd"),
    "SoftShrink": keep(lambd="softshrink.lambd"),
    "PReLU": readers.slopes,
    "Dense": readers.linear,
    "BiDense": keep(
        in1_features="in1_channels",
        in2_features="in2_channels",
        out_features="out_channels",
        bias="has_bias",
    ),
    **_each("Embedding EmbeddingLookup", readers.nn_embedding),
    **_each("RNN LSTM GRU", readers.nn_recurrent),
    "MultiheadAttention": readers.nn_attention,
    **_each(
        "TransformerEncoderLayer TransformerDecoderLayer",
        keep("norm_first", activation="activation1"),
    ),
    **_each("MultilabelMarginLoss SoftmaxCrossEntropyWithLogits", readers.loss),
}

#: Cells whose construct decides what their settings mean: what is left where it is another's.
_OVERRIDDEN: dict[str, Reader] = {
    "Conv2dTranspose": windows.transposed,
    **_each("Embedding EmbeddingLookup", readers.embedding_table),
}
