"""Constructs of the small networks of ``seeded.nets`` with one mistake each."""

import mindspore as ms
from mindspore import ops

from seeded.nets.sizes import DEEP, GROUPS, HEADS, PLANE, WIDTH

# -- vision ----------------------------------------------------------------------------------------


def _enlarged(pyramid, x, **how):
    return ops.interpolate(pyramid.down(x), size=x.shape[2:], **how)


def pyramid_aligning_corners(self, x):
    coarse = _enlarged(self, x, mode="bilinear", align_corners=True)
    return self.mix(ops.cat((x, coarse), 1))


def pyramid_with_nearest(self, x):
    return self.mix(ops.cat((x, _enlarged(self, x, mode="nearest")), 1))


def pyramid_with_halves_swapped(self, x):
    coarse = _enlarged(self, x, mode="bilinear", align_corners=False)
    return self.mix(ops.cat((coarse, x), 1))


def shuffle_with_groups_and_channels_confused(self, x):
    x = self.conv(x)
    n, c, h, w = x.shape
    x = x.reshape(n, c // GROUPS, GROUPS, h, w)
    return x.swapaxes(1, 2).reshape(n, c, h, w)


def gate_adding(self, x):
    return x + self.sigmoid(self.fc2(self.act(self.fc1(self.pool(x)))))


def gate_detached(self, x):
    gate = self.sigmoid(self.fc2(self.act(self.fc1(self.pool(x)))))
    return x * ops.stop_gradient(gate)


def vision_without_gate(self, x):
    x = self.pool(self.act(self.stem(x)))
    x = self.smooth(self.gelu(self.norm(x)))
    return self.head(self.shuffle(self.conv(self.pad(self.pyramid(x)))))


def _classified(head, x, axis=1):
    x = x / ops.sqrt((x * x).sum(axis, keepdims=True))
    return head.fc(head.dropout(head.norm(x)))


def head_with_length_over_the_batch(self, x):
    return _classified(self, x.mean((2, 3)), axis=0)


def head_with_largest(self, x):
    return _classified(self, x.max((2, 3)))


def head_averaging_in_half_precision(self, x):
    return _classified(self, x.astype(ms.float16).mean((2, 3)).astype(ms.float32))


def head_normalising_after_dropout(self, x):
    x = x.mean((2, 3))
    x = x / ops.sqrt((x * x).sum(1, keepdims=True))
    return self.fc(self.norm(self.dropout(x)))


# -- attention -------------------------------------------------------------------------------------


def _heads(x):
    n, t, _ = x.shape
    return x.reshape(n, t, HEADS, -1).swapaxes(1, 2)


def _merged(x):
    n, _, t, _ = x.shape
    return x.swapaxes(1, 2).reshape(n, t, WIDTH)


_SCALE = (WIDTH // HEADS) ** -0.5


def attention_without_scale(self, x):
    q, k, v = _heads(self.query(x)), _heads(self.key(x)), _heads(self.value(x))
    return self.out(_merged(self.softmax(q @ k.swapaxes(2, 3)) @ v))


def attention_with_rounded_scale(self, x):
    q, k, v = _heads(self.query(x)), _heads(self.key(x)), _heads(self.value(x))
    return self.out(_merged(self.softmax(q @ k.swapaxes(2, 3) * 0.3535) @ v))


def attention_with_query_and_key_swapped(self, x):
    q, k, v = _heads(self.query(x)), _heads(self.key(x)), _heads(self.value(x))
    return self.out(_merged(self.softmax(k @ q.swapaxes(2, 3) * _SCALE) @ v))


def attention_using_key_as_value(self, x):
    q, k, v = _heads(self.query(x)), _heads(self.key(x)), _heads(self.key(x))
    return self.out(_merged(self.softmax(q @ k.swapaxes(2, 3) * _SCALE) @ v))


def attention_with_causal_mask(self, x):
    q, k, v = _heads(self.query(x)), _heads(self.key(x)), _heads(self.value(x))
    scores = q @ k.swapaxes(2, 3) * _SCALE
    future = ops.triu(ops.ones_like(scores), 1)
    return self.out(_merged(self.softmax(scores - 1e9 * future) @ v))


def attention_splitting_heads_by_reshape(self, x):
    n, t, _ = x.shape
    q, k, v = (f(x).reshape(n, HEADS, t, -1) for f in (self.query, self.key, self.value))
    weights = self.softmax(q @ k.swapaxes(2, 3) * _SCALE)
    return self.out((weights @ v).reshape(n, t, WIDTH))


def attention_detaching_weights(self, x):
    q, k, v = _heads(self.query(x)), _heads(self.key(x)), _heads(self.value(x))
    weights = self.softmax(q @ k.swapaxes(2, 3) * _SCALE)
    return self.out(_merged(ops.stop_gradient(weights) @ v))


def attention_in_half_precision(self, x):
    q, k, v = _heads(self.query(x)), _heads(self.key(x)), _heads(self.value(x))
    scores = (q * _SCALE).astype(ms.float16) @ k.swapaxes(2, 3).astype(ms.float16)
    return self.out(_merged(self.softmax(scores.astype(ms.float32)) @ v))


def block_with_post_norm(self, x):
    x = self.norm1(x + self.dropout(self.attention(x)))
    return self.norm2(x + self.dropout(self.fc2(self.gelu(self.fc1(x)))))


def block_adding_to_the_normalised(self, x):
    x = self.norm1(x)
    x = x + self.dropout(self.attention(x))
    return x + self.dropout(self.fc2(self.gelu(self.fc1(self.norm2(x)))))


def block_with_one_dropout(self, x):
    x = x + self.attention(self.norm1(x))
    return x + self.dropout(self.fc2(self.gelu(self.fc1(self.norm2(x)))))


def block_without_second_dropout(self, x):
    x = x + self.dropout(self.attention(self.norm1(x)))
    return x + self.fc2(self.gelu(self.fc1(self.norm2(x))))


def encoder_without_position(self, x):
    return self.head(self.norm(self.blocks(x))[:, 0])


def encoder_averaging_tokens(self, x):
    return self.head(self.norm(self.blocks(x + self.position)).mean(1))


# -- text ------------------------------------------------------------------------------------------


def _spoken(net, last):
    return net.decoder(net.project(last)), net.confidence(ops.stop_gradient(last))


def text_reading_the_first_step(self, ids):
    out, _ = self.lstm(self.embedding(ids))
    return _spoken(self, self.dropout(out[:, 0]))


def text_reading_the_cell_state(self, ids):
    _, (_, cell) = self.lstm(self.embedding(ids))
    return _spoken(self, self.dropout(cell[0]))


def text_in_reverse(self, ids):
    out, _ = self.lstm(self.embedding(ops.flip(ids, (1,))))
    return _spoken(self, self.dropout(out[:, -1]))


def text_with_outputs_swapped(self, ids):
    out, _ = self.lstm(self.embedding(ids))
    words, confidence = _spoken(self, self.dropout(out[:, -1]))
    return confidence, words


def text_without_detach(self, ids):
    out, _ = self.lstm(self.embedding(ids))
    last = self.dropout(out[:, -1])
    return self.decoder(self.project(last)), self.confidence(last)


def text_with_frozen_words(self, ids):
    out, _ = self.lstm(ops.stop_gradient(self.embedding(ids)))
    return _spoken(self, self.dropout(out[:, -1]))


def text_with_half_precision_ids(self, ids):
    ids = ids.astype(ms.float16).astype(ms.int32)
    out, _ = self.lstm(self.embedding(ids))
    return _spoken(self, self.dropout(out[:, -1]))


def text_with_bytes_for_ids(self, ids):
    out, _ = self.lstm(self.embedding(ids.astype(ms.uint8).astype(ms.int32)))
    return _spoken(self, self.dropout(out[:, -1]))


# -- decoder ---------------------------------------------------------------------------------------


def _image(net, x):
    x = net.relu(net.bn(net.up1(x)))
    return net.last(net.prelu(net.up2(x)))


def _planes(net, z):
    return net.fc(z).reshape(-1, DEEP, *PLANE)


def decoder_with_channels_last(self, z):
    x = _image(self, self.fc(z).reshape(-1, *PLANE, DEEP).transpose(0, 3, 1, 2))
    return (x - x.mean((2, 3), True)) / (x.std((2, 3), ddof=1, keepdims=True) + 1e-5)


def decoder_with_biased_std(self, z):
    x = _image(self, _planes(self, z))
    return (x - x.mean((2, 3), True)) / (x.std((2, 3), keepdims=True) + 1e-5)


def decoder_with_eps_under_the_root(self, z):
    x = _image(self, _planes(self, z))
    variance = x.var((2, 3), ddof=1, keepdims=True)
    return (x - x.mean((2, 3), True)) / ops.sqrt(variance + 1e-5)


def decoder_detaching_statistics(self, z):
    x = _image(self, _planes(self, z))
    mean, std = x.mean((2, 3), True), x.std((2, 3), ddof=1, keepdims=True)
    return (x - ops.stop_gradient(mean)) / ops.stop_gradient(std + 1e-5)


def decoder_standardising_over_channels(self, z):
    x = _image(self, _planes(self, z))
    return (x - x.mean((1, 2, 3), True)) / (x.std((1, 2, 3), ddof=1, keepdims=True) + 1e-5)


def decoder_for_one_batch_size(self, z):
    x = _image(self, self.fc(z).reshape(4, DEEP, *PLANE))
    return (x - x.mean((2, 3), True)) / (x.std((2, 3), ddof=1, keepdims=True) + 1e-5)


# -- functional ------------------------------------------------------------------------------------


def perceptron_dropping_less(self, x):
    return self.fc2(ops.dropout(ops.relu(self.fc1(x)), 0.1, self.training))


def perceptron_without_dropout(self, x):
    return self.fc2(ops.relu(self.fc1(x)))


def perceptron_dropping_in_eval(self, x):
    return self.fc2(ops.dropout(ops.relu(self.fc1(x)), 0.5))
