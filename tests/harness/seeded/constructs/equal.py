"""Other ways to write the same thing, for the controls."""

import mindspore as ms
from mindspore import nn, ops

from seeded.nets.sizes import HEADS, WIDTH


def _features(net, x):
    return net.layer4(net.layer3(net.layer2(net.layer1(x))))


def _stem(net, x):
    return net.maxpool(net.relu(net.bn1(net.conv1(x))))


def _branch(block, x):
    out = block.relu(block.bn1(block.conv1(x)))
    out = block.relu(block.bn2(block.conv2(out)))
    return block.bn3(block.conv3(out))


def bottleneck_adding_in_another_order(self, x):
    out = _branch(self, x)
    return self.relu((x if self.downsample is None else self.downsample(x)) + out)


def bottleneck_with_ops_add(self, x):
    out = _branch(self, x)
    return self.relu(ops.add(out, x if self.downsample is None else self.downsample(x)))


def bottleneck_with_functional_relu(self, x):
    out = ops.relu(self.bn1(self.conv1(x)))
    out = ops.relu(self.bn2(self.conv2(out)))
    return ops.relu(self.bn3(self.conv3(out)) + x)


def basicblock_with_a_relu_each(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    return self.relu2(self.bn2(self.conv2(out)) + x)


def basicblock_with_identities(self, x):
    out = self.relu(self.identity(self.bn1(self.conv1(x))))
    return self.relu(self.bn2(self.conv2(self.identity(out))) + x)


def resnet_flattening_by_reshape(self, x):
    x = self.avgpool(_features(self, _stem(self, x)))
    return self.fc(x.reshape(x.shape[0], -1))


def resnet_averaging_by_mean(self, x):
    return self.fc(_features(self, _stem(self, x)).mean((2, 3)))


def resnet_with_relu_after_pool(self, x):
    x = self.relu(self.maxpool(self.bn1(self.conv1(x))))
    return self.fc(self.flatten(self.avgpool(_features(self, x))))


def resnet_renamed(self, x):
    x = self.maxpool(self.relu(self.norm(self.conv1(x))))
    x = self.layer4(self.layer3(self.layer2(self.stage1(x))))
    return self.classifier(self.flatten(self.avgpool(x)))


def resnet_looping_over_its_second_stage(self, x):
    x = self.layer1(_stem(self, x))
    for block in self.layer2:
        x = block(x)
    x = self.layer4(self.layer3(x))
    return self.fc(self.flatten(self.avgpool(x)))


def resnet_with_its_second_stage_unrolled(self, x):
    x = self.layer1(_stem(self, x))
    x = self.second_b(self.second_a(x))
    x = self.layer4(self.layer3(x))
    return self.fc(self.flatten(self.avgpool(x)))


def _heads(x):
    n, t, _ = x.shape
    return x.reshape(n, t, HEADS, -1).swapaxes(1, 2)


def attention_scaling_the_query(self, x):
    n, t, _ = x.shape
    q = _heads(self.query(x)) * (WIDTH // HEADS) ** -0.5
    k, v = _heads(self.key(x)), _heads(self.value(x))
    weights = ops.softmax(ops.matmul(q, k.swapaxes(2, 3)), -1)
    return self.out(ops.matmul(weights, v).swapaxes(1, 2).reshape(n, t, WIDTH))


def encoder_with_another_name_for_position(self, x):
    x = self.blocks(x + self.pos_embed)
    return self.head(self.norm(x)[:, 0])


def text_reading_the_hidden_state(self, ids):
    _, (hidden, _) = self.lstm(self.embedding(ids))
    last = self.dropout(hidden[0])
    return self.decoder(self.project(last)), self.confidence(ops.stop_gradient(last))


def decoder_averaging_in_two_steps(self, z):
    x = self.relu(self.bn(self.up1(self.fc(z).view(-1, 8, 3, 2))))
    x = self.last(self.prelu(self.up2(x)))
    x = x - x.mean(3, True).mean(2, True)
    return x / (x.std((2, 3), ddof=1, keepdims=True) + 1e-5)


def layer_norm_by_hand(self, x):
    x = x - x.mean(-1, True)
    variance = (x * x).mean(-1, True)
    return x / ops.sqrt(variance + self.epsilon) * self.gamma + self.beta


class MeanOfPlane(nn.Cell):
    """Global average pooling by a mean."""

    def construct(self, x):
        return x.mean((2, 3), True)


class GELUByErf(nn.Cell):
    """The exact GELU, written out."""

    def construct(self, x):
        return 0.5 * x * (1 + ops.erf(x * 0.5**0.5))


class ConvHead(nn.Cell):
    """A Dense as a 1x1 convolution."""

    def __init__(self, old):
        super().__init__()
        self.conv = nn.Conv2d(
            old.in_channels, old.out_channels, 1, pad_mode="valid", has_bias=True,
            weight_init="zeros",
        )  # fmt: skip
        for ours, theirs in ((self.conv.weight, old.weight), (self.conv.bias, old.bias)):
            ours.set_data(ms.Tensor(theirs.asnumpy().reshape(ours.shape)))

    def construct(self, x):
        return self.conv(x.reshape(*x.shape, 1, 1)).reshape(x.shape[0], -1)


class ByHand(nn.Cell):
    """A SequentialCell, called by hand."""

    def __init__(self, old):
        super().__init__()
        for name, cell in old._cells.items():
            self.insert_child_to_cell(name, cell)

    def construct(self, x):
        for cell in self._cells.values():
            x = cell(x)
        return x


class SoftmaxByHand(nn.Cell):
    """A softmax over the last axis, written out."""

    def construct(self, x):
        x = ops.exp(x - ops.stop_gradient(x.max(-1, keepdims=True)))
        return x / x.sum(-1, keepdims=True)


class SigmoidByHand(nn.Cell):
    """A sigmoid, written out."""

    def construct(self, x):
        return 1 / (1 + ops.exp(-x))


class ReLUByMaximum(nn.Cell):
    """A ReLU as a maximum."""

    def construct(self, x):
        return ops.maximum(x, ops.zeros_like(x))


def head_averaging_in_double_precision(self, x):
    x = x.astype(ms.float64).mean((2, 3)).astype(ms.float32)
    x = x / ops.sqrt((x * x).sum(1, keepdims=True))
    return self.fc(self.dropout(self.norm(x)))


def text_giving_a_list(self, ids):
    out, _ = self.lstm(self.embedding(ids))
    last = self.dropout(out[:, -1])
    return [self.decoder(self.project(last)), self.confidence(ops.stop_gradient(last))]
