"""Constructs of the ResNet family with one wiring mistake each."""

import mindspore as ms
from mindspore import ops


def _features(net, x):
    return net.layer4(net.layer3(net.layer2(net.layer1(x))))


def _stem(net, x):
    return net.maxpool(net.relu(net.bn1(net.conv1(x))))


def _branch(block, x):
    """Everything of a bottleneck that is added to its shortcut."""
    out = block.relu(block.bn1(block.conv1(x)))
    out = block.relu(block.bn2(block.conv2(out)))
    return block.bn3(block.conv3(out))


def _shortcut(block, x):
    return x if block.downsample is None else block.downsample(x)


# -- bottlenecks -----------------------------------------------------------------------------------


def bottleneck_without_second_relu(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.bn2(self.conv2(out))
    out = self.bn3(self.conv3(out))
    return self.relu(out + _shortcut(self, x))


def bottleneck_without_shortcut(self, x):
    return self.relu(_branch(self, x))


def bottleneck_without_downsample(self, x):
    return self.relu(_branch(self, x) + x)


def bottleneck_without_last_bn(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.relu(self.bn2(self.conv2(out)))
    return self.relu(self.conv3(out) + _shortcut(self, x))


def bottleneck_with_extra_relu(self, x):
    return self.relu(self.relu(_branch(self, x)) + _shortcut(self, x))


def bottleneck_with_relu_on_shortcut(self, x):
    return self.relu(_branch(self, x) + self.relu(self.downsample(x)))


def bottleneck_adding_before_bn(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.relu(self.bn2(self.conv2(out)))
    return self.relu(self.bn3(self.conv3(out) + _shortcut(self, x)))


def bottleneck_stopping_shortcut(self, x):
    return self.relu(_branch(self, x) + ops.stop_gradient(x))


def bottleneck_stopping_downsample(self, x):
    return self.relu(_branch(self, x) + ops.stop_gradient(self.downsample(x)))


def bottleneck_adding_shortcut_in_training_only(self, x):
    out = _branch(self, x)
    return self.relu(out + x if self.training else out)


def bottleneck_adding_in_half_precision(self, x):
    out = _branch(self, x).astype(ms.float16) + _shortcut(self, x).astype(ms.float16)
    return self.relu(out.astype(ms.float32))


# -- basic blocks ----------------------------------------------------------------------------------


def basicblock_without_last_relu(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    return self.bn2(self.conv2(out)) + _shortcut(self, x)


def basicblock_with_scaled_shortcut(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.bn2(self.conv2(out))
    return self.relu(out + 1.001 * x)


def basicblock_with_late_shortcut(self, x):
    x = self.relu(self.bn1(self.conv1(x)))
    return self.relu(self.bn2(self.conv2(x)) + x)


def basicblock_using_first_bn_twice(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    return self.relu(self.bn1(self.conv2(out)) + x)


def basicblock_with_bns_swapped(self, x):
    out = self.relu(self.bn2(self.conv1(x)))
    return self.relu(self.bn1(self.conv2(out)) + x)


def basicblock_adding_in_place(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.bn2(self.conv2(out))
    out.add_(x)  # which PyNative on the CPU ignores
    return self.relu(out)


def basicblock_with_siblings_weight(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = ops.conv2d(out, self.conv1.weight, pad_mode="pad", padding=1)
    return self.relu(self.bn2(out) + x)


def basicblock_normalising_twice(self, x):
    self.bn1(self.conv1(x))  # left from debugging: in training it updates the statistics again
    out = self.relu(self.bn1(self.conv1(x)))
    return self.relu(self.bn2(self.conv2(out)) + x)


# -- stages ----------------------------------------------------------------------------------------


def stage_skipping_last(self, x):
    for cell in self.cell_list[:-1]:
        x = cell(x)
    return x


def stage_calling_last_twice(self, x):
    for cell in self.cell_list:
        x = cell(x)
    return self.cell_list[-1](x)


def stage_with_blocks_swapped(self, x):
    first, second, third, *rest = self.cell_list
    for cell in (first, third, second, *rest):
        x = cell(x)
    return x


# -- whole networks --------------------------------------------------------------------------------


def resnet_with_softmax(self, x):
    x = _features(self, _stem(self, x))
    return ops.softmax(self.fc(self.flatten(self.avgpool(x))))


def resnet_relu_before_bn(self, x):
    x = self.maxpool(self.bn1(self.relu(self.conv1(x))))
    return self.fc(self.flatten(self.avgpool(_features(self, x))))


def resnet_summing_the_plane(self, x):
    return self.fc(_features(self, _stem(self, x)).sum((2, 3)))


def resnet_on_transposed_images(self, x):
    x = _features(self, _stem(self, x.swapaxes(2, 3)))
    return self.fc(self.flatten(self.avgpool(x)))


def resnet_rescaling_its_input(self, x):
    x = _features(self, _stem(self, x / 255.0))
    return self.fc(self.flatten(self.avgpool(x)))


def resnet_on_bgr(self, x):
    x = _features(self, _stem(self, ops.flip(x, (1,))))
    return self.fc(self.flatten(self.avgpool(x)))


def resnet_dropping_in_eval(self, x):
    x = self.flatten(self.avgpool(_features(self, _stem(self, x))))
    return self.fc(ops.dropout(x, 0.5))


def resnet_with_detached_features(self, x):
    x = self.flatten(self.avgpool(_features(self, _stem(self, x))))
    return self.fc(ops.stop_gradient(x))


def resnet_with_frozen_stem(self, x):
    x = self.layer2(ops.stop_gradient(self.layer1(_stem(self, x))))
    x = self.layer4(self.layer3(x))
    return self.fc(self.flatten(self.avgpool(x)))


def resnet_on_half_precision_images(self, x):
    x = _features(self, _stem(self, x.astype(ms.float16).astype(ms.float32)))
    return self.fc(self.flatten(self.avgpool(x)))


def resnet_with_half_precision_logits(self, x):
    x = self.flatten(self.avgpool(_features(self, _stem(self, x))))
    return self.fc(x).astype(ms.float16).astype(ms.float32)


def resnet_with_double_logits(self, x):
    x = self.flatten(self.avgpool(_features(self, _stem(self, x))))
    return self.fc(x).astype(ms.float64)


def resnet_with_integer_pixels(self, x):
    x = (x * 255).astype(ms.int32).astype(ms.float32) / 255
    x = _features(self, _stem(self, x))
    return self.fc(self.flatten(self.avgpool(x)))
