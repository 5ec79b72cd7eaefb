"""Constructs with one wiring mistake each, for the seeded bugs."""

import mindspore as ms
from mindspore import ops


def bottleneck_without_second_relu(self, x):
    identity = x if self.downsample is None else self.downsample(x)
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.bn2(self.conv2(out))
    out = self.bn3(self.conv3(out))
    return self.relu(out + identity)


def bottleneck_without_last_relu(self, x):
    identity = x if self.downsample is None else self.downsample(x)
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.relu(self.bn2(self.conv2(out)))
    out = self.bn3(self.conv3(out))
    return out + identity


def bottleneck_without_shortcut(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.relu(self.bn2(self.conv2(out)))
    out = self.bn3(self.conv3(out))
    return self.relu(out)


def basicblock_with_scaled_shortcut(self, x):
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.bn2(self.conv2(out))
    return self.relu(out + 1.001 * x)


def bottleneck_stopping_shortcut(self, x):
    identity = ops.stop_gradient(x)
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.relu(self.bn2(self.conv2(out)))
    out = self.bn3(self.conv3(out))
    return self.relu(out + identity)


def bottleneck_stopping_downsample(self, x):
    identity = ops.stop_gradient(self.downsample(x))
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.relu(self.bn2(self.conv2(out)))
    out = self.bn3(self.conv3(out))
    return self.relu(out + identity)


def resnet_with_softmax(self, x):
    x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
    x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
    return ops.softmax(self.fc(self.flatten(self.avgpool(x))))


def resnet_relu_before_bn(self, x):
    x = self.maxpool(self.bn1(self.relu(self.conv1(x))))
    x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
    return self.fc(self.flatten(self.avgpool(x)))


def stage_skipping_last(self, x):
    for cell in self.cell_list[:-1]:
        x = cell(x)
    return x


def stage_calling_last_twice(self, x):
    for cell in self.cell_list:
        x = cell(x)
    return self.cell_list[-1](x)


def resnet_dropping_in_eval(self, x):
    x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
    x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
    return self.fc(ops.dropout(self.flatten(self.avgpool(x)), 0.5))


def bottleneck_adding_in_half_precision(self, x):
    identity = x if self.downsample is None else self.downsample(x)
    out = self.relu(self.bn1(self.conv1(x)))
    out = self.relu(self.bn2(self.conv2(out)))
    out = self.bn3(self.conv3(out)).astype(ms.float16) + identity.astype(ms.float16)
    return self.relu(out.astype(ms.float32))
