"""Constructs of single layers with one mistake each: what a user writes around a stock cell."""

import mindspore as ms
from mindspore import nn, ops


def conv_with_detached_weight(self, x):
    weight = ops.stop_gradient(self.weight)
    return ops.conv2d(x, weight, stride=self.stride, pad_mode="pad", padding=self.padding)


def dense_in_half_precision(self, x):
    weight = self.weight.astype(ms.float16)
    return ops.dense(x.astype(ms.float16), weight).astype(ms.float32) + self.bias


def layer_norm_in_half_precision(self, x):
    return nn.LayerNorm.construct(self, x.astype(ms.float16).astype(ms.float32))


def batch_norm_with_detached_statistics(self, x):
    out = nn.BatchNorm2d.construct(self, x)
    if not self.training:
        return out
    mean = ops.stop_gradient(x.mean((0, 2, 3), True))
    variance = ops.stop_gradient(x.var((0, 2, 3), keepdims=True))
    scale, shift = self.gamma.reshape(1, -1, 1, 1), self.beta.reshape(1, -1, 1, 1)
    again = (x - mean) / ops.sqrt(variance + self.eps) * scale + shift
    return again + ops.stop_gradient(out - again)


def batch_norm_moving_its_mean_in_eval(self, x):
    out = nn.BatchNorm2d.construct(self, x)
    if not self.training:
        moved = 0.9 * self.moving_mean + 0.1 * x.mean((0, 2, 3))
        ops.assign(self.moving_mean, ops.stop_gradient(moved))
    return out


class StraightThroughReLU(nn.Cell):
    """A ReLU whose gradient passes everywhere."""

    def construct(self, x):
        return ops.relu(x)

    def bprop(self, x, out, grad):
        return (grad,)


class ReLUClippingGradients(nn.Cell):
    """A ReLU that clips the gradient it passes on."""

    def construct(self, x):
        return ops.relu(x)

    def bprop(self, x, out, grad):
        return (ops.clip_by_value(ops.where(x > 0, grad, ops.zeros_like(grad)), -0.5, 0.5),)


class AlwaysDropping(nn.Cell):
    """A dropout that asks for no mode."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def construct(self, x):
        return ops.dropout(x, self.p)


class QuickGELU(nn.Cell):
    """The sigmoid approximation of GELU."""

    def construct(self, x):
        return x * ops.sigmoid(1.702 * x)
