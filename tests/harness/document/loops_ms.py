"""The document's train_epoch and test_epoch, and the call in which it hands over a function."""

import mindspore as ms
import numpy as np
from mindspore import nn
from seeded_stages.tiny_ms import Tiny

from harness.loop import Loop


def train_net():
    """The document's main function."""


def train_step_of(model, loss_fn, optimizer):
    """What train_epoch defines before its batches."""
    model.set_train()

    def forward_fn(data, label):
        logits = model(data)
        loss = loss_fn(logits, label)
        return loss, logits

    grad_fn = ms.value_and_grad(forward_fn, None, optimizer.parameters, has_aux=True)

    def train_step(data, label):
        (loss, _), grads = grad_fn(data, label)
        optimizer(grads)
        return loss

    return train_step


def test_epoch(model, data_loader, loss_func):
    """As the document has it: a mean over batches of one image each."""
    model.set_train(False)
    test_loss, correct, count = 0, 0, 0
    for data, target in data_loader:
        output = model(data)
        test_loss += float(loss_func(output, target).asnumpy()) * len(target)
        pred = np.argmax(output.asnumpy(), axis=1)
        correct += (pred == target.asnumpy()).sum()
        count += len(target)
    return test_loss / count, correct / count


test_epoch.__test__ = False


def loop(recipe, steps_per_epoch, handed=None):
    """The document's training. handed: what train_epoch gets for the network."""
    del steps_per_epoch
    network = Tiny()
    settings = recipe.optimizer.arguments
    optimizer = nn.Adam(
        network.trainable_params(), settings["lr"], weight_decay=settings["weight_decay"]
    )
    loss_fn = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    steps = {}

    def begin_epoch():
        steps["train"] = train_step_of(handed or network, loss_fn, optimizer)

    return Loop(
        network,
        lambda data, label: steps["train"](data, label),
        loss_fn,
        optimizer,
        begin_epoch,
        evaluate=lambda batches: test_epoch(network, batches, loss_fn),
    )


def loop_as_written(recipe, steps_per_epoch):
    """With the document's own call: ``train_epoch(epoch, train_net, ...)``."""
    return loop(recipe, steps_per_epoch, handed=train_net)
