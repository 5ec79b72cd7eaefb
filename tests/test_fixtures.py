"""The fixtures for tests of a user's own, used as a user would."""

import pytest

from harness.checkpoint import read_checkpoint
from harness.errors import HarnessError

pytestmark = pytest.mark.usefixtures("frameworks")


def test_a_recipe_is_read_with_overrides(recipe) -> None:
    found = recipe("resnet20", "epochs=7", "optimizer.lr=0.5")
    assert (found.epochs, found.optimizer.arguments["lr"]) == (7, 0.5)
    with pytest.raises(HarnessError, match="there are"):
        recipe("resnet18")


def test_a_trained_pair_comes_with_its_evaluations_and_files(trained_pair) -> None:
    short = ["structure={'blocks': 1}", "batch_size=8", "epochs=1"]
    trained = trained_pair("resnet20_cifar10", *short, limit=2)
    assert trained is trained_pair("resnet20_cifar10", *short, limit=2)
    assert len(trained.losses) == 2
    assert set(trained.epochs[-1]) == {"torch", "mindspore", "twin 1", "twin 2"}
    arrays = {side: read_checkpoint(file).arrays for side, file in trained.files.items()}
    assert arrays["torch"].keys() - arrays["mindspore"].keys()  # each under its own names
    assert arrays["torch"]["conv1.weight"].shape == arrays["mindspore"]["conv1.weight"].shape


def test_a_converted_checkpoint_is_what_both_frameworks_load(converted_checkpoint) -> None:
    import mindspore
    import torch

    source, target = converted_checkpoint("blocks.stem")
    ours, theirs = mindspore.load_checkpoint(str(target)), torch.load(source)
    assert (ours["bn1.gamma"].asnumpy() == theirs["bn1.weight"].numpy()).all()
    again, named = converted_checkpoint("blocks.stem", weights=source, suffix=".safetensors")
    assert (again, named.name) == (source, "initial-converted.safetensors")
    with pytest.raises(HarnessError, match="not a checkpoint of this network"):
        converted_checkpoint("blocks.bottleneck", weights=source)
