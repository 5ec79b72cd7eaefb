"""Training recipes: both loops in lockstep, and the commands recipe, train and evaluate."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness import cifar, parametrize_pairs
from harness.backends import open_backend
from harness.checkpoint import read_checkpoint, write_checkpoint
from harness.cli import main
from harness.errors import HarnessError
from harness.recipe import overridden, read_recipe, recipe_of
from harness.registry import find_pair

RECIPE = Path(__file__).parents[1] / "models" / "recipes" / "resnet20_cifar10" / "recipe.toml"


@parametrize_pairs(kind="recipes")
def test_recipe(check: Callable[[], object]) -> None:
    """The two loops are equivalent in what this case checks."""
    check()


def _said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_the_recipe_is_printed_as_the_checklist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipe", "resnet50_cifar10"]) == 0
    said = _said(capsys)
    for words in (
        "random_crop(size=32, padding=4)",
        "resize(size=224)",
        "adam, weight_decay 1e-05",
        "0.001, constant()",
        "32, the last",
        "90, shuffled",
        "cross_entropy()",
    ):
        assert words in said


def test_two_recipes_are_compared_setting_by_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipe", "resnet20", "resnet20"]) == 0
    assert main(["recipe", "resnet20", str(RECIPE), "--set", "optimizer.lr=0.5"]) == 1
    said = _said(capsys).splitlines()
    assert "1 settings differ" in said[-3]
    assert said[-1].split() == ["optimizer.lr", "0.5", "0.02"]


def test_a_random_transform_where_images_are_tested_is_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change = "evaluation=[{'name': 'random_horizontal_flip'}]"
    assert main(["recipe", "resnet20", "--set", change]) == 0
    assert "WARNING random_horizontal_flip is on where images are tested" in _said(capsys)


WRONG = {
    "batch_size=0": "batch_size = 0 is wrong",
    "epochs=two": "epochs = 'two' is wrong",
    "optimizer=adamm": "there is no 'adamm'",
    "optimizer.lr=-1": "optimizer.lr = -1 is wrong",
    "optimizer.momentun=0.9": "sgd has no argument 'momentun'",
    "schedule.per=batch": "schedule.per = 'batch' is wrong",
    "tricks.clip_norm=-1": "tricks.clip_norm = -1 is wrong",
    "tricks.mixup=1": "tricks.mixup is unknown",
    "precision=float8": "precision = 'float8' is wrong",
    "augmentation.0.padd=4": "random_crop has no argument 'padd'",
    "augmentation.9.size=4": "the recipe has no 'augmentation.9.size'",
    "epochs": "write KEY=VALUE",
}


@pytest.mark.parametrize(("change", "words"), WRONG.items(), ids=WRONG)
def test_a_wrong_setting_is_named(change: str, words: str) -> None:
    with pytest.raises(HarnessError, match=words.replace("(", r"\(")):
        overridden(read_recipe(RECIPE), [change])


def test_a_misspelt_key_gets_a_suggestion() -> None:
    with pytest.raises(HarnessError, match="'batchsize' is no setting .* 'batch_size'"):
        recipe_of({"network": "networks.resnet20", "batchsize": 3})


#: A network of 8 layers on few small batches.
SMALL = ["--set", "structure={'blocks': 1}", "--set", "batch_size=8"]
SHORT = [*SMALL, "--limit", "3", "--log-every", "2"]


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize(("framework", "suffix"), [("torch", ".pth"), ("mindspore", ".ckpt")])
def test_a_training_resumes_bit_for_bit(
    framework: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two epochs in one go, and one epoch, an interruption, and the second: the same bits."""
    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
    data = tmp_path / "data"
    digits = [cifar.digits(train).first(24) for train in (True, False)]
    cifar.write_folder(data, *digits)
    train = ["train", "resnet20", "--framework", framework, "--data", str(data), *SHORT, "--out"]
    assert main([*train, str(tmp_path / "whole"), "--set", "epochs=2"]) == 0
    said = _said(capsys)
    assert "Train Epoch: 1 [2/3 (67%)]\tLoss: " in said
    assert said.count("Test set: Average loss: ") == 2
    assert "Finished Training" in said
    assert main([*train, str(tmp_path / "halves"), "--set", "epochs=1"]) == 0
    state = tmp_path / "halves" / f"resnet20_cifar10.{framework}.state.npz"
    resumed = [*train, str(tmp_path / "halves"), "--set", "epochs=2", "--resume", str(state)]
    assert main(resumed) == 0
    assert "Train Epoch: 0" not in _said(capsys).split("Finished Training")[1]
    one, other = (
        read_checkpoint(tmp_path / name / f"resnet20_cifar10{suffix}").arrays
        for name in ("whole", "halves")
    )
    assert one.keys() == other.keys()
    assert not [n for n in one if one[n].tobytes() != other[n].tobytes()]
    assert main([*resumed, "--set", "optimizer.lr=0.5"]) == 2


@pytest.mark.usefixtures("frameworks")
def test_data_that_make_no_batch_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Training would find nothing to do, for ever."""
    few = cifar.digits(train=True).first(20)
    cifar.write_folder(tmp_path / "data", few, few)
    arguments = ["train", "resnet20", "--data", str(tmp_path / "data"), "--out", str(tmp_path)]
    for framework in ("torch", "both"):
        assert main([*arguments, "--framework", framework]) == 2
        said = capsys.readouterr().err
        assert "20 records" in said
        assert "make no batch of 32" in said


@pytest.mark.usefixtures("frameworks")
def test_both_sides_train_in_lockstep_and_get_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command of the README, made short."""
    arguments = ["train", "resnet20", *SMALL, "--limit", "4", "--set", "epochs=1"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    said = _said(capsys)
    assert "torch      Train Epoch: 0 [0/4 (0%)]" in said
    assert "mindspore  Train Epoch: 0 [0/4 (0%)]" in said
    assert "EQUIVALENT: after 4 steps torch is right on" in said
    log = json.loads((tmp_path / "resnet20_cifar10.training.json").read_text())
    assert len(log["losses"]) == 4
    assert {"torch", "mindspore", "twin 1", "twin 2"} == set(log["losses"][0])
    assert abs(log["losses"][0]["torch"] - log["losses"][0]["mindspore"]) < 1e-3
    assert (tmp_path / "resnet20_cifar10.ckpt").exists()


@pytest.mark.usefixtures("frameworks")
def test_evaluate_gives_both_sides_metrics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On records in CIFAR-10's layout and on an .npz of the same images: the same numbers."""
    records = cifar.digits(train=False).first(40)
    cifar.write_folder(tmp_path / "cifar", records, records)
    images = records.images.transpose(0, 2, 3, 1)
    np.savez(tmp_path / "images.npz", x=images, y=records.labels)
    tables = []
    for data in ("cifar", "images.npz"):
        assert main(["evaluate", "resnet20", "--data", str(tmp_path / data), "--in-process"]) == 0
        tables.append([line for line in _said(capsys).splitlines() if line.startswith("  ")])
    assert tables[0] == tables[1]
    (_, _, *losses), (_, *shares), *classes = (line.split() for line in tables[0][1:])
    assert len({f"{float(loss):.4f}" for loss in losses}) == 1
    assert len(set(shares)) == 1
    assert sum(int(row[-1]) for row in classes if row[0] == "class") == len(records)


@pytest.mark.usefixtures("frameworks")
def test_evaluate_lists_every_disagreement_with_both_margins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port whose last bias is another one predicts another class, by far more than rounding."""
    records = cifar.digits(train=False).first(12)
    cifar.write_folder(tmp_path / "cifar", records, records)
    backend = open_backend("torch")
    pair = find_pair("networks.resnet20")
    network = backend.build(pair.factory("torch"), {"blocks": 1}, 0)
    write_checkpoint(tmp_path / "right.pth", backend.read(network), "torch")
    small = ["resnet20", "--set", "blocks=1"]
    files = [str(tmp_path / name) for name in ("right.pth", "port.ckpt")]
    assert main(["convert", *small, *files]) == 0
    held = read_checkpoint(tmp_path / "port.ckpt").arrays
    bias = next(name for name, array in held.items() if array.shape == (10,))
    write_checkpoint(
        tmp_path / "wrong.ckpt", {**held, bias: held[bias] + 100 * np.eye(10, dtype="f4")[3]},
        "mindspore",
    )  # fmt: skip
    evaluate = ["evaluate", *small, "--data", str(tmp_path / "cifar"), "--in-process"]
    evaluate += ["--weights", files[0], "--checkpoint"]
    assert main([*evaluate, files[1]]) == 0
    assert "EQUAL: both predict the same class on all 12 images" in _said(capsys)
    assert main([*evaluate, str(tmp_path / "wrong.ckpt")]) == 1
    said = _said(capsys)
    listed = [line for line in said.splitlines() if line.startswith("  image ")]
    assert 1 <= len(listed) <= 12
    assert all("mindspore 3 by " in line for line in listed)
    assert all("more than float32's noise explains" in line for line in listed)
    assert f"DIFFERENT: the predictions differ on {len(listed)} of 12 images" in said


def test_evaluate_says_what_is_wrong_with_the_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "test_batch.bin"
    broken.write_bytes(bytes(3073 + 10))
    assert main(["evaluate", "resnet20", "--data", str(broken)]) == 2
    assert "record 1 is cut off after 10 bytes" in capsys.readouterr().err
