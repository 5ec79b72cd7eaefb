"""The document's reference loop, and its evaluation: nll_loss on raw logits."""

import torch
import torch.nn.functional as F

from harness.backends.torch_training import loop as by_recipe


def loop(recipe, steps_per_epoch):
    """The reference's training; its evaluation sums nll_loss over the images."""
    made = by_recipe(recipe, steps_per_epoch)
    model = made.network

    def test(batches):
        model.eval()
        test_loss, correct, count = 0.0, 0, 0
        with torch.no_grad():
            for data, target in batches:
                output = model(data)
                test_loss += F.nll_loss(output, target, reduction="sum").item()
                pred = output.argmax(dim=1, keepdim=True)
                correct += pred.eq(target.view_as(pred)).sum().item()
                count += len(target)
        model.train()
        return test_loss / count, correct / count

    made.evaluate = test
    return made
