"""torch.flatten(x, 1) in MindSpore."""

from mindspore import nn

Flatten = nn.Flatten
