"""Settings that differ between two layers, read off real modules of both frameworks."""

import json
from collections.abc import Sequence

import pytest

from harness import statics, structure
from harness.backends import open_backend
from harness.inventory import Inventory, Module
from harness.registry import all_pairs
from harness.statics import Fact
from harness.subject import Subject

pytestmark = pytest.mark.usefixtures("frameworks")

ROW = "gradient of the padding row"
SAME = 'pad_mode "same", by input size'

#: torch's layer, MindSpore's, the facts.
CASES: list[tuple[str, str, Sequence[Fact]]] = [
    # convolutions
    ("Conv1d(2, 4, 3, padding=1)", "Conv1d(2, 4, 3, pad_mode='pad', padding=1, has_bias=True)", []),
    ("Conv1d(2, 4, 3, 2)", "Conv1d(2, 4, 3, 2, has_bias=True)", [("padding", (0,), SAME)]),
    ("Conv1d(2, 4, 3)", "mint.Conv1d(2, 4, 3, padding=1)", [("padding", (0,), (1,))]),
    ("Conv2d(2, 4, 3)", "Conv2d(2, 4, 3, pad_mode='valid', has_bias=True)", []),
    ("Conv2d(2, 4, 3)", "Conv2d(2, 4, 3, has_bias=True)", [("padding", (0, 0), (1, 1))]),
    ("Conv2d(2, 4, 3, padding=1)", "Conv2d(2, 4, 3, has_bias=True)", []),
    ("Conv2d(2, 4, 3, padding=2, dilation=2)", "Conv2d(2, 4, 3, dilation=2, has_bias=True)", []),
    ("Conv2d(2, 4, 4, padding='same')", "Conv2d(2, 4, 4, has_bias=True)", []),
    ("Conv2d(2, 4, 4, padding=1)", "Conv2d(2, 4, 4, has_bias=True)",
     [("padding", (1, 1), ((1, 2), (1, 2)))]),
    ("Conv2d(2, 4, 1, 2)", "Conv2d(2, 4, 1, 2, has_bias=True)", []),
    ("Conv2d(2, 4, 3, 2, 1)", "Conv2d(2, 4, 3, 2, has_bias=True)", [("padding", (1, 1), SAME)]),
    ("Conv2d(2, 4, 3, padding=(1, 2))",
     "Conv2d(2, 4, 3, pad_mode='pad', padding=(1, 1, 2, 2), has_bias=True)", []),
    ("Conv2d(2, 4, 3, padding=(1, 2))",
     "Conv2d(2, 4, 3, pad_mode='pad', padding=(1, 2, 1, 2), has_bias=True)",
     [("padding", (1, 2), ((1, 2), (1, 2)))]),
    ("Conv2d(4, 4, 3, 2, groups=2, dilation=2)", "Conv2d(4, 4, (3, 1), 1, 'valid')",
     [("kernel_size", (3, 3), (3, 1)), ("stride", (2, 2), (1, 1)), ("dilation", (2, 2), (1, 1)),
      ("groups", 2, 1), ("bias", True, False)]),
    ("Conv2d(2, 4, 3, padding=1, padding_mode='reflect')",
     "Conv2d(2, 4, 3, pad_mode='pad', padding=1, has_bias=True)",
     [("padding_mode", "reflect", "zeros")]),
    ("Conv2d(2, 4, 1, padding_mode='reflect')", "Conv2d(2, 4, 1, has_bias=True)", []),
    ("Conv2d(2, 4, 3, padding=1, padding_mode='reflect')",
     "mint.Conv2d(2, 4, 3, padding=1, padding_mode='reflect')", []),
    ("Conv2d(2, 4, 3)", "mint.Conv2d(2, 4, 3, padding='same', bias=False)",
     [("padding", (0, 0), (1, 1)), ("bias", True, False)]),
    ("Conv3d(2, 4, 3, padding=(1, 1, 2))",
     "Conv3d(2, 4, 3, pad_mode='pad', padding=(1, 1, 1, 1, 2, 2), has_bias=True)", []),
    ("Conv3d(2, 4, 3)", "Conv3d(2, 4, 3, pad_mode='pad', padding=1, has_bias=True)",
     [("padding", (0, 0, 0), (1, 1, 1))]),
    ("Conv3d(2, 4, 3, bias=False)", "mint.Conv3d(2, 4, 3, bias=False)", []),
    ("Conv2d(2, 4, 3)", "Dense(2, 4)", [("type", "Conv2d", "Dense")]),
    # transposed convolutions
    ("ConvTranspose1d(2, 4, 3, padding=1)",
     "Conv1dTranspose(2, 4, 3, pad_mode='pad', padding=1, has_bias=True)", []),
    ("ConvTranspose1d(2, 4, 4, 2, 1)", "Conv1dTranspose(2, 4, 4, 2, has_bias=True)", []),
    ("ConvTranspose1d(2, 4, 4, 2, 1, 1)", "Conv1dTranspose(2, 4, 4, 2, 'pad', 1, has_bias=True)",
     [("output_padding", (1,), (0,))]),
    ("ConvTranspose2d(2, 4, 4, 2, 1)", "Conv2dTranspose(2, 4, 4, 2, has_bias=True)", []),
    ("ConvTranspose2d(2, 4, 4, 2)", "Conv2dTranspose(2, 4, 4, 2, has_bias=True)",
     [("padding", (0, 0), (1, 1))]),
    ("ConvTranspose2d(2, 4, 3, 2, 1, 1)", "Conv2dTranspose(2, 4, 3, 2, has_bias=True)",
     [("padding", (1, 1), SAME), ("output_padding", (1, 1), (0, 0))]),
    ("ConvTranspose2d(2, 4, 2, 3, output_padding=1)",
     "Conv2dTranspose(2, 4, 2, 3, 'valid', has_bias=True)", []),
    ("ConvTranspose2d(2, 4, 2, 3)", "Conv2dTranspose(2, 4, 2, 3, 'valid', has_bias=True)",
     [("output_padding", (0, 0), (1, 1))]),
    ("ConvTranspose2d(2, 4, 3, 2, 0, 1, bias=False)", "Conv2dTranspose(2, 4, 3, 2, 'pad', 0, 1)",
     []),
    ("ConvTranspose2d(2, 4, 3, 2, 1, 1, bias=False)", "Conv2dTranspose(2, 4, 3, 2, 'pad', 1, 1)",
     [("output_padding", (1, 1), "(1, 1), appended as zeros")]),
    ("ConvTranspose2d(2, 4, 3, 2, 1, 1)", "mint.ConvTranspose2d(2, 4, 3, 2, 1, 1)", []),
    ("ConvTranspose2d(2, 4, 3, groups=2)", "mint.ConvTranspose2d(2, 4, 3, groups=1)",
     [("groups", 2, 1)]),
    ("ConvTranspose3d(2, 4, 3, 2, 1, 1)",
     "Conv3dTranspose(2, 4, 3, 2, 'pad', 1, output_padding=1, has_bias=True)", []),
    ("ConvTranspose3d(2, 4, 3, 2, 1, 1)", "Conv3dTranspose(2, 4, 3, 2, 'pad', 0, has_bias=True)",
     [("padding", (1, 1, 1), (0, 0, 0)), ("output_padding", (1, 1, 1), (0, 0, 0))]),
    # normalization
    ("BatchNorm1d(3)", "BatchNorm1d(3)", []),
    ("BatchNorm1d(3)", "BatchNorm1d(3, momentum=0.1)", [("momentum (torch's sense)", 0.1, 0.9)]),
    ("BatchNorm2d(3, eps=1e-3, momentum=0.03)", "BatchNorm2d(3, eps=1e-3, momentum=0.97)", []),
    ("BatchNorm2d(3)", "BatchNorm2d(3, eps=1e-3)", [("eps", 1e-05, 1e-03)]),
    ("BatchNorm2d(3)", "BatchNorm2d(3, use_batch_statistics=True)",
     [("batch statistics", "in training only", "always")]),
    ("BatchNorm2d(3)", "BatchNorm2d(3, use_batch_statistics=False)",
     [("batch statistics", "in training only", "never")]),
    ("BatchNorm2d(3, track_running_stats=False)", "BatchNorm2d(3, use_batch_statistics=True)", []),
    ("BatchNorm2d(3)", "mint.BatchNorm2d(3)", []),
    ("BatchNorm2d(3)", "mint.BatchNorm2d(3, momentum=0.9, affine=False)",
     [("affine", True, False), ("momentum (torch's sense)", 0.1, 0.9)]),
    ("BatchNorm2d(3, momentum=None)", "BatchNorm2d(3)", [("momentum (torch's sense)", None, 0.1)]),
    ("BatchNorm3d(3)", "mint.BatchNorm3d(3)", []),
    ("BatchNorm3d(3)", "mint.BatchNorm3d(3, eps=1e-3)", [("eps", 1e-05, 1e-03)]),
    ("SyncBatchNorm(3)", "SyncBatchNorm(3)", []),
    ("SyncBatchNorm(3)", "SyncBatchNorm(3, momentum=0.1)",
     [("momentum (torch's sense)", 0.1, 0.9)]),
    ("BatchNorm1d(3)", "BatchNorm2d(3)", [("type", "BatchNorm1d", "BatchNorm2d")]),
    ("LayerNorm(4)", "LayerNorm((4,), epsilon=1e-5)", []),
    ("LayerNorm(4)", "LayerNorm((4,))", [("eps", 1e-05, 1e-07)]),
    ("LayerNorm((3, 4))", "LayerNorm((3, 4), 1, 1, epsilon=1e-5)", []),
    ("LayerNorm((3, 4))", "LayerNorm((3, 4), epsilon=1e-5)",
     [("normalized dimensions", "last 2", "last 1")]),
    ("LayerNorm(4)", "LayerNorm((4,), 1, -1, epsilon=1e-5)",
     [("normalized dimensions", "last 1", "from 1 on")]),
    ("LayerNorm(4, elementwise_affine=False)", "LayerNorm((4,), epsilon=1e-5)",
     [("elementwise_affine", False, True), ("bias", False, True)]),
    ("LayerNorm((3, 4), bias=False)", "mint.LayerNorm((3, 4), bias=False)", []),
    ("LayerNorm(4)", "mint.LayerNorm(4, bias=False)", [("bias", True, False)]),
    ("GroupNorm(2, 4)", "GroupNorm(2, 4)", []),
    ("GroupNorm(2, 4)", "GroupNorm(4, 4, affine=False)",
     [("num_groups", 2, 4), ("affine", True, False)]),
    ("GroupNorm(2, 4, eps=1e-6)", "mint.GroupNorm(2, 4)", [("eps", 1e-06, 1e-05)]),
    *[
        (f"InstanceNorm{d}d(3, affine=True)", f"InstanceNorm{d}d(3, momentum=0.3)", [])
        for d in (1, 2, 3)
    ],
    ("InstanceNorm2d(3, affine=True)", "InstanceNorm2d(3, eps=1e-3)", [("eps", 1e-05, 1e-03)]),
    ("InstanceNorm2d(3, affine=True, track_running_stats=True)", "InstanceNorm2d(3)",
     [("input's statistics", "in training only", "always")]),
    # pooling
    ("MaxPool1d(3)", "MaxPool1d(3, 3)", []),
    ("MaxPool1d(3)", "MaxPool1d(3)", [("stride", (3,), (1,))]),
    ("MaxPool1d(3, 2, 1)", "MaxPool1d(3, 2, 'pad', 1)", []),
    ("MaxPool1d(3, 2, 1)", "MaxPool1d(3, 2, 'same')", [("padding", (1,), SAME)]),
    ("MaxPool2d(3, 2, 1)", "MaxPool2d(3, 2, 'pad', 1)", []),
    ("MaxPool2d((3, 2), 2, 1)", "MaxPool2d((2, 3), 2, 'pad', 1)",
     [("kernel_size", (3, 2), (2, 3))]),
    ("MaxPool2d(3, 1, 1)", "MaxPool2d(3, 1, 'same')", []),
    ("MaxPool2d(3, 2, 1)", "MaxPool2d(3, 2, 'same')", [("padding", (1, 1), SAME)]),
    ("MaxPool2d(3, 2, 1)", "mint.MaxPool2d(3, 2, 1)", []),
    ("MaxPool2d(3, ceil_mode=True)", "mint.MaxPool2d(3, dilation=2)",
     [("dilation", (1, 1), (2, 2)), ("ceil_mode", True, False)]),
    ("MaxPool3d(3, 1)", "MaxPool3d(3)", []),
    ("MaxPool3d(3)", "MaxPool3d(3)", [("stride", (3, 3, 3), (1, 1, 1))]),
    *[(f"AvgPool{d}d(3)", f"AvgPool{d}d(3, 3)", []) for d in (1, 2, 3)],
    ("AvgPool2d(3)", "AvgPool2d(3)", [("stride", (3, 3), (1, 1))]),
    ("AvgPool2d(3, 1, 1, count_include_pad=False)", "AvgPool2d(3, 1, 'same')", []),
    ("AvgPool3d(3, 1, 1)", "AvgPool3d(3, 1, 'same')", []),
    ("AvgPool2d(3)", "mint.AvgPool2d(3)", []),
    ("AvgPool2d(3, padding=1)",
     "mint.AvgPool2d(3, padding=1, count_include_pad=False, divisor_override=2)",
     [("divisor_override", None, 2), ("count_include_pad", True, False)]),
    ("AvgPool2d(3, count_include_pad=False)", "mint.AvgPool2d(3)", []),
    ("AvgPool1d(3)", "mint.AvgPool1d(3, 2)", [("stride", (3,), (2,))]),
    ("AvgPool2d(3)", "MaxPool2d(3, 3)", [("type", "AvgPool2d", "MaxPool2d")]),
    ("AdaptiveAvgPool1d(3)", "AdaptiveAvgPool1d(3)", []),
    ("AdaptiveAvgPool1d(3)", "mint.AdaptiveAvgPool1d(1)", [("output_size", (3,), (1,))]),
    ("AdaptiveAvgPool2d(3)", "mint.AdaptiveAvgPool2d((3, 3))", []),
    ("AdaptiveMaxPool1d(3)", "AdaptiveMaxPool1d(2)", [("output_size", (3,), (2,))]),
    ("AdaptiveMaxPool2d((3, 2))", "AdaptiveMaxPool2d((3, 2))", []),
    ("AdaptiveMaxPool2d((3, 2))", "AdaptiveMaxPool2d((2, 3), return_indices=True)",
     [("return_indices", False, True), ("output_size", (3, 2), (2, 3))]),
    ("AdaptiveAvgPool2d(7)", "AvgPool2d(7)", [("type", "AdaptiveAvgPool2d", "AvgPool2d")]),
    *[(f"MaxUnpool{d}d(2)", f"MaxUnpool{d}d(2)", []) for d in (1, 2, 3)],
    ("MaxUnpool2d(2)", "MaxUnpool2d(2, 1)", [("stride", (2, 2), (1, 1))]),
    ("LPPool1d(2, 3)", "LPPool1d(2, 3, 3)", []),
    ("LPPool2d(2, 3)", "LPPool2d(1, 3, ceil_mode=True)",
     [("ceil_mode", False, True), ("norm_type", 2, 1)]),
    ("FractionalMaxPool2d(3, output_size=2)", "FractionalMaxPool2d(3, output_size=(2, 2))", []),
    ("FractionalMaxPool3d(3, output_size=2)", "FractionalMaxPool3d(2, output_size=2)",
     [("kernel_size", (3, 3, 3), (2, 2, 2))]),
    # padding
    ("ZeroPad2d((1, 2, 3, 4))", "ZeroPad2d((1, 2, 3, 4))", []),
    ("ZeroPad2d((1, 2, 3, 4))", "ZeroPad2d((3, 4, 1, 2))",
     [("padding", (1, 2, 3, 4), (3, 4, 1, 2))]),
    ("ZeroPad2d((1, 2, 3, 4))", "Pad(((0, 0), (0, 0), (3, 4), (1, 2)))", []),
    ("ZeroPad2d((1, 2, 3, 4))", "Pad(((0, 0), (0, 0), (1, 2), (3, 4)))",
     [("padding", (1, 2, 3, 4), (3, 4, 1, 2))]),
    ("ZeroPad2d((1, 1, 0, 0))", "Pad(((0, 0), (0, 0), (0, 0), (1, 1)))", []),
    ("ZeroPad3d(1)", "mint.ZeroPad3d(1)", []),
    ("ConstantPad1d(1, 0.5)", "ConstantPad1d(1, 0.5)", []),
    ("ConstantPad2d(1, 0.5)", "Pad(((0, 0), (0, 0), (1, 1), (1, 1)))", [("value", 0.5, 0)]),
    ("ConstantPad3d(1, 0.5)", "mint.ConstantPad3d(1, 0.25)", [("value", 0.5, 0.25)]),
    ("ReflectionPad1d((1, 2))", "mint.ReflectionPad1d((2, 1))", [("padding", (1, 2), (2, 1))]),
    ("ReflectionPad2d((1, 2, 3, 4))", "ReflectionPad2d((1, 2, 3, 4))", []),
    ("ReflectionPad2d(1)", "Pad(((0, 0), (0, 0), (1, 1), (1, 1)))",
     [("mode", "reflect", "constant")]),
    ("ReplicationPad3d(1)", "ReplicationPad3d(1)", []),
    ("ReplicationPad3d(1)", "ReplicationPad3d(2)", [("padding", (1,) * 6, (2,) * 6)]),
    ("ReplicationPad2d(1)", "ReflectionPad2d(1)",
     [("type", "ReplicationPad2d", "ReflectionPad2d"), ("mode", "replicate", "reflect")]),
    # dropout
    ("Dropout(0.1)", "Dropout(p=0.1)", []),
    ("Dropout(0.1)", "Dropout(keep_prob=0.9)", []),
    ("Dropout(0.1)", "Dropout(0.1)", [("p", 0.1, 0.9)]),
    ("Dropout(0.1)", "mint.Dropout(0.1)", []),
    ("Dropout(0.1)", "mint.Dropout(0.9)", [("p", 0.1, 0.9)]),
    *[(f"Dropout{d}d(0.1)", f"Dropout{d}d(0.1)", []) for d in (1, 2, 3)],
    *[(f"Dropout{d}d(0.1)", f"Dropout{d}d(0.2)", [("p", 0.1, 0.2)]) for d in (1, 2, 3)],
    # activations
    ("LeakyReLU()", "LeakyReLU(0.01)", []),
    ("LeakyReLU()", "LeakyReLU()", [("negative_slope", 0.01, 0.2)]),
    ("ELU(0.5)", "mint.ELU()", [("alpha", 0.5, 1.0)]),
    ("GELU()", "GELU(False)", []),
    ("GELU()", "GELU()", [("approximate", "none", "tanh")]),
    ("GELU('tanh')", "mint.GELU()", [("approximate", "tanh", "none")]),
    ("GELU()", "FastGelu()", [("type", "GELU", "FastGelu")]),
    ("GLU(1)", "GLU(1)", []),
    ("GLU(1)", "GLU()", [("dim", 1, "-1 (the same on 2-D inputs only)")]),
    ("Hardtanh()", "Hardtanh()", []),
    ("Hardtanh(-2, 2)", "mint.Hardtanh()", [("min_val", -2, -1.0), ("max_val", 2, 1.0)]),
    ("Hardtanh(0, 6)", "ReLU6()", []),
    ("ReLU6()", "Hardtanh(0, 5)", [("max_val", 6, 5)]),
    ("ReLU()", "ReLU6()", [("type", "ReLU", "ReLU6")]),
    ("Threshold(0.1, 0.2)", "Threshold(0.1, 0.2)", []),
    ("Threshold(0.1, 0.2)", "mint.Threshold(0.2, 0.1)",
     [("threshold", 0.1, 0.2), ("value", 0.2, 0.1)]),
    ("Softmax(1)", "mint.Softmax(1)", []),
    ("Softmax(1)", "mint.Softmax(2)", [("dim", 1, 2)]),
    ("Softmin(-1)", "Softmin()", []),
    ("Softmin()", "Softmin()", [("dim", None, -1)]),
    ("LogSoftmax(1)", "mint.LogSoftmax(-1)", [("dim", 1, "-1 (the same on 2-D inputs only)")]),
    ("Softmax2d()", "Softmax2d()", []),
    *[
        (f"{ours}()", f"{theirs}()", [])
        for ours, theirs in (
            ("ReLU", "ReLU"), ("ReLU6", "ReLU6"), ("Sigmoid", "Sigmoid"), ("Tanh", "Tanh"),
            ("SiLU", "SiLU"), ("Mish", "Mish"), ("LogSigmoid", "LogSigmoid"), ("SELU", "SeLU"),
            ("Softsign", "Softsign"), ("Tanhshrink", "Tanhshrink"), ("Hardswish", "HSwish"),
            ("Hardsigmoid", "HSigmoid"), ("Identity", "Identity"), ("Sequential", "SequentialCell"),
            ("ModuleList", "CellList"), ("ModuleDict", "CellDict"),
        )
    ],
    ("SiLU()", "Sigmoid()", [("type", "SiLU", "Sigmoid")]),
    # layers with weights
    ("Linear(2, 3)", "Dense(2, 3)", []),
    ("Linear(2, 3)", "Dense(2, 3, has_bias=False)", [("bias", True, False)]),
    ("Linear(2, 3)", "mint.Linear(3, 2, bias=False)",
     [("in_features", 2, 3), ("out_features", 3, 2), ("bias", True, False)]),
    ("Bilinear(2, 3, 4)", "BiDense(2, 3, 4)", []),
    ("Bilinear(2, 3, 4, bias=False)", "BiDense(3, 2, 4)",
     [("in1_features", 2, 3), ("in2_features", 3, 2), ("bias", False, True)]),
    ("Embedding(5, 3)", "Embedding(5, 3)", []),
    ("Embedding(5, 3, padding_idx=-1)", "mint.Embedding(5, 3, padding_idx=4)", []),
    ("Embedding(5, 3, padding_idx=-1)", "Embedding(5, 3, padding_idx=4)",
     [(ROW, "zero", "as of any row")]),
    ("Embedding(5, 3, padding_idx=0)", "Embedding(5, 3)", [("padding_idx", 0, None)]),
    ("Embedding(5, 3, max_norm=1)", "Embedding(6, 4)",
     [("num_embeddings", 5, 6), ("embedding_dim", 3, 4), ("max_norm", 1, None)]),
    *[(f"{name}(4, 5)", f"{name}(4, 5)", []) for name in ("RNN", "LSTM", "GRU")],
    ("LSTM(4, 5, 2, dropout=0.1)", "LSTM(4, 5, 2, batch_first=True)",
     [("batch_first", False, True), ("dropout", 0.1, 0.0)]),
    ("LSTM(4, 5, bidirectional=True)", "LSTM(4, 6, 2, has_bias=False)",
     [("hidden_size", 5, 6), ("num_layers", 1, 2), ("bidirectional", True, False),
      ("bias", True, False)]),
    ("LSTM(4, 5, proj_size=3)", "LSTM(4, 5)", [("proj_size", 3, 0)]),
    *[(f"{name}Cell(4, 5)", f"{name}Cell(4, 5)", []) for name in ("RNN", "LSTM", "GRU")],
    ("RNNCell(4, 5, bias=False)", "RNNCell(3, 5, nonlinearity='relu')",
     [("input_size", 4, 3), ("nonlinearity", "tanh", "relu"), ("bias", False, True)]),
    ("MultiheadAttention(8, 2)", "MultiheadAttention(8, 2)", []),
    ("MultiheadAttention(8, 2, 0.1, kdim=4, add_bias_kv=True)",
     "MultiheadAttention(8, 4, batch_first=True)",
     [("num_heads", 2, 4), ("dropout", 0.1, 0.0), ("batch_first", False, True), ("kdim", 4, 8),
      ("add_bias_kv", True, False)]),
    ("MultiheadAttention(8, 2).out_proj", "MultiheadAttention(8, 2).out_proj", []),
    ("TransformerEncoderLayer(8, 2, 16)", "TransformerEncoderLayer(8, 2, 16)", []),
    ("TransformerEncoderLayer(8, 2, 16, activation='gelu')",
     "TransformerEncoderLayer(8, 2, 16, norm_first=True)",
     [("norm_first", False, True), ("activation", "gelu", "relu")]),
    ("TransformerDecoderLayer(8, 2, 16)", "TransformerDecoderLayer(8, 2, 16, norm_first=True)",
     [("norm_first", False, True)]),
    ("Transformer(8, 2, 1, 1, 16, batch_first=True)",
     "Transformer(8, 4, 1, 1, 16, batch_first=True)",
     [("nhead", 2, 4)]),
    # shapes
    ("Flatten()", "Flatten()", []),
    ("Flatten(1, -1)", "Flatten(2, 3)",
     [("start_dim", 1, 2), ("end_dim", -1, "3 (the same on 4-D inputs only)")]),
    ("Unflatten(1, (2, 3))", "Unflatten(1, (2, 3))", []),
    ("Unflatten(1, (2, 3))", "Unflatten(2, (3, 2))",
     [("unflattened_size", (2, 3), (3, 2)), ("dim", 1, 2)]),
    ("PixelShuffle(2)", "PixelShuffle(2)", []),
    ("PixelShuffle(2)", "mint.PixelShuffle(3)", [("upscale_factor", 2, 3)]),
    ("PixelUnshuffle(2)", "PixelUnshuffle(3)", [("downscale_factor", 2, 3)]),
    ("ChannelShuffle(2)", "ChannelShuffle(4)", [("groups", 2, 4)]),
    ("Fold(4, 2)", "mint.Fold((4, 4), 2, stride=2)", [("stride", (1, 1), (2, 2))]),
    ("Unfold(2, padding=1)", "mint.Unfold((2, 2))", [("padding", (1, 1), (0, 0))]),
    ("Upsample(scale_factor=2)", "Upsample(scale_factor=(2.0, 2.0))", []),
    ("Upsample(size=4, mode='bilinear')",
     "Upsample(size=(4, 4), mode='bilinear', align_corners=True)",
     [("align_corners", False, True)]),
    ("Upsample(size=4)", "Upsample(scale_factor=2.0, mode='bicubic')",
     [("size", 4, None), ("scale_factor", None, 2.0), ("mode", "nearest", "bicubic")]),
    ("UpsamplingBilinear2d(scale_factor=2)", "mint.UpsamplingBilinear2d(scale_factor=2.0)", []),
    ("UpsamplingBilinear2d(scale_factor=2)", "Upsample(scale_factor=2.0, mode='bilinear')",
     [("align_corners", True, False)]),
    # losses
    ("CrossEntropyLoss()", "CrossEntropyLoss()", []),
    ("CrossEntropyLoss(label_smoothing=0.1)", "CrossEntropyLoss(ignore_index=0)",
     [("ignore_index", -100, 0), ("label_smoothing", 0.1, 0.0)]),
    ("CrossEntropyLoss()", "SoftmaxCrossEntropyWithLogits(sparse=True)",
     [("reduction", "mean", "none")]),
    ("MSELoss()", "MSELoss('sum')", [("reduction", "mean", "sum")]),
    ("MSELoss(reduction='none')", "MSELoss('none')", []),
    ("SmoothL1Loss()", "SmoothL1Loss()", [("reduction", "mean", "none")]),
    ("SmoothL1Loss()", "mint.SmoothL1Loss(beta=0.5)", [("beta", 1.0, 0.5)]),
    ("MultiLabelMarginLoss()", "MultilabelMarginLoss()", []),
]  # fmt: skip

#: Settings that MindSpore's layer keeps in what it is made of.
INNER: list[tuple[str, str, Sequence[Fact]]] = [
    ("BatchNorm2d(3, affine=False)", "BatchNorm2d(3)", [("affine", False, True)]),
    ("BatchNorm3d(3)", "BatchNorm3d(3, eps=1e-3, momentum=0.1)",
     [("eps", 1e-05, 1e-03), ("momentum (torch's sense)", 0.1, 0.9)]),
    ("LayerNorm(4)", "LayerNorm([3, 4], 1, 1, epsilon=1e-5)",
     [("normalized_shape", (4,), (3, 4)), ("normalized dimensions", "last 1", "last 2")]),
    ("InstanceNorm2d(3)", "InstanceNorm2d(3)", [("affine", False, True)]),
    ("LocalResponseNorm(5, 5e-4, 0.75, 2.0)", "LRN(2, 1.0, 1e-4, 0.5)",
     [("beta", 0.75, 0.5), ("k", 2.0, 1.0)]),
    ("LocalResponseNorm(4, 5e-4, 0.5)", "LRN(2, 1.0, 5e-4)",
     [("size", 4, 5), ("alpha", 5e-4, 2.5e-3)]),
    ("MaxPool1d(3, 2, 1)", "MaxPool1d(3, 2, 'pad', 1, ceil_mode=True)",
     [("ceil_mode", False, True)]),
    ("MaxPool2d(3, 2, 1, ceil_mode=True)", "MaxPool2d(3, 2, 'pad', 1, dilation=2)",
     [("dilation", (1, 1), (2, 2)), ("ceil_mode", True, False)]),
    ("MaxPool3d(3, 2, 1)", "MaxPool3d(3, 2, 'pad', 0, ceil_mode=True)",
     [("padding", (1, 1, 1), (0, 0, 0)), ("ceil_mode", False, True)]),
    ("MaxPool3d(3, 2, 1)", "MaxPool3d(3, 2, 'pad', 1, dilation=2, return_indices=True)",
     [("dilation", (1, 1, 1), (2, 2, 2)), ("return_indices", False, True)]),
    ("AvgPool1d(3, 2, 1)", "AvgPool1d(3, 2, 'pad', 0, ceil_mode=True)",
     [("padding", (1,), (0,)), ("ceil_mode", False, True)]),
    ("AvgPool2d(3, 2, 1)", "AvgPool2d(3, 2, 'pad', 1, count_include_pad=False)",
     [("count_include_pad", True, False)]),
    ("AvgPool2d(3, 2, 1)", "AvgPool2d(3, 2, 'same')",
     [("padding", (1, 1), SAME), ("count_include_pad", True, False)]),
    ("AvgPool2d(3, 1, 1)", "AvgPool2d(3, 1, 'same')", [("count_include_pad", True, False)]),
    ("AvgPool3d(3, 2, 1)", "AvgPool3d(3, 2, 'pad', 1, divisor_override=2)",
     [("divisor_override", None, 2)]),
    ("AdaptiveAvgPool2d((1, None))", "AdaptiveAvgPool2d((2, None))",
     [("output_size", (1, None), (2, None))]),
    ("AdaptiveAvgPool3d([1, 1, 1])", "AdaptiveAvgPool3d(2)",
     [("output_size", (1, 1, 1), (2, 2, 2))]),
    ("AdaptiveMaxPool3d(1)", "AdaptiveMaxPool3d(2)", [("output_size", (1, 1, 1), (2, 2, 2))]),
    ("ReflectionPad2d((1, 2, 3, 4))", "ReflectionPad2d((3, 4, 1, 2))",
     [("padding", (1, 2, 3, 4), (3, 4, 1, 2))]),
    ("ReflectionPad2d((1, 2, 3, 4))", "Pad(((0, 0), (0, 0), (1, 2), (3, 4)), 'REFLECT')",
     [("padding", (1, 2, 3, 4), (3, 4, 1, 2))]),
    ("ELU()", "ELU(0.5)", [("alpha", 1.0, 0.5)]),
    ("CELU()", "CELU(0.5)", [("alpha", 1.0, 0.5)]),
    ("Softmax(1)", "Softmax()", [("dim", 1, "-1 (the same on 2-D inputs only)")]),
    ("LogSoftmax(1)", "LogSoftmax(2)", [("dim", 1, 2)]),
    ("Softmax2d()", "Softmax(-1)", [("dim", -3, -1)]),
    ("Hardshrink()", "HShrink(0.3)", [("lambd", 0.5, 0.3)]),
    ("Softshrink()", "mint.Softshrink(0.3)", [("lambd", 0.5, 0.3)]),
    ("RReLU()", "RReLU(0.1)", [("lower", 0.125, 0.1)]),
    ("PReLU()", "PReLU(3)", [("num_parameters", 1, 3)]),
    ("PReLU()", "mint.PReLU(3)", [("num_parameters", 1, 3)]),
    ("Linear(2, 3)", "Dense(2, 3, activation='relu')", [("activation", None, "ReLU")]),
    ("LSTM(4, 5)", "LSTM(3, 5)", [("input_size", 4, 3)]),
    ("RNN(4, 5)", "RNN(4, 5, nonlinearity='relu')", [("nonlinearity", "tanh", "relu")]),
    ("MultiheadAttention(8, 2)", "MultiheadAttention(8, 2, has_bias=False)",
     [("bias", True, False)]),
    ("torch.nn.utils.parametrizations.weight_norm(Linear(2, 3))", "Dense(2, 3, has_bias=False)",
     [("bias", True, False)]),
    ("type('Mine', (Linear,), {'__module__': 'mine'})(2, 3)",
     "type('Port', (Dense,), {'__module__': 'mine'})(2, 3, has_bias=False)",
     [("bias", True, False)]),
    # what a construct of one's own does with a setting is not what the stock one does
    ("ConvTranspose2d(2, 4, 3, 2, 1, 1)",
     "type('Port', (Conv2dTranspose,), {'__module__': 'mine', 'construct': abs})"
     "(2, 4, 3, 2, 'pad', 1, 1, has_bias=True)", []),
    ("ConvTranspose2d(2, 4, 3, 2, 1, 1)",
     "type('Port', (Conv2dTranspose,), {'__module__': 'mine', 'construct': abs})"
     "(2, 4, 3, 2, 'pad', 1, 0, has_bias=True)", [("output_padding", (1, 1), (0, 0))]),
    ("ConvTranspose2d(2, 4, 3, 2, 1, 1)",
     "type('Port', (Conv2dTranspose,), {'__module__': 'mine'})"
     "(2, 4, 3, 2, 'pad', 1, 1, has_bias=True)",
     [("output_padding", (1, 1), "(1, 1), appended as zeros")]),
    ("Embedding(5, 3, padding_idx=4)",
     "type('Port', (Embedding,), {'__module__': 'mine', 'construct': abs})(5, 3, padding_idx=4)",
     []),
    ("Embedding(5, 3, padding_idx=4)",
     "type('Port', (Embedding,), {'__module__': 'mine'})(5, 3, padding_idx=4)",
     [(ROW, "zero", "as of any row")]),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "facts"), [*CASES, *INNER])
def test_settings_are_compared_in_their_true_meaning(
    ours: str, theirs: str, facts: Sequence[Fact]
) -> None:
    import mindspore
    import torch

    original = open_backend("torch").inventory(eval(ours, {"torch": torch, **vars(torch.nn)}))
    port = open_backend("mindspore").inventory(
        eval(theirs, {**vars(mindspore.nn), "mint": mindspore.mint.nn})
    )
    assert statics.differences(original.paths[""], port.paths[""]) == tuple(facts)


def test_an_inventory_that_has_been_written_down_says_the_same() -> None:
    import mindspore
    import torch

    original = open_backend("torch").inventory(torch.nn.Conv2d(2, 4, 3, 2, 1))
    port = open_backend("mindspore").inventory(
        mindspore.nn.Conv2d(2, 4, 3, 2, "pad", (1, 1, 1, 2), has_bias=True)
    )
    written = [json.dumps(inventory.to_json()) for inventory in (original, port)]
    read = [Inventory.from_json(json.loads(text)).paths[""] for text in written]
    assert statics.differences(*read) == (("padding", (1, 1), ((1, 1), (1, 2))),)


def test_what_the_user_wrote_is_not_taken_for_a_layer_of_the_same_name() -> None:
    ours = Module("", "LayerNorm", "convnext", {"eps": 1e-6, "normalized_shape": (4,)})
    theirs = Module("", "LayerNorm2d", "port", {"epsilon": 1e-5})
    assert statics.differences(ours, theirs) == ()


def test_a_layer_of_another_version_is_left_unread() -> None:
    ours = Module("", "Conv2d", "torch.nn.modules.conv", {"kernel_size": (3, 3)})
    theirs = Module("", "Conv2d", "mindspore.nn.layer.conv", {"kernel_size": (1, 1)})
    assert statics.differences(ours, theirs) == ()


@pytest.mark.parametrize("name", ["networks.autoencoder", "networks.lstm_classifier"])
def test_ports_that_mend_a_layer_are_told_nothing_about_it(name: str) -> None:
    pair = all_pairs()[name]
    subject = Subject(pair, next(iter(pair.variants)))
    assert list(structure.alike(structure.settings(subject))) == []
