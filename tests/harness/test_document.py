"""The migration document's own pipeline, network, converter and loops, run through the harness:
each of its traps comes out by name."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from seeded_stages.tiny import recipe as tiny_recipe

from harness import Input, Pair, Variant
from harness.backends import open_backend
from harness.checks import check_pair
from harness.cli import main
from harness.pipelines import Pipeline
from harness.recipe import recipe_of
from harness.registry import find_pair
from harness.verdict import Verdict

pytestmark = pytest.mark.usefixtures("frameworks")

RECIPE = recipe_of({
    "network": "networks.resnet50",
    "batch_size": 32,
    "augmentation": [
        {"name": "random_crop", "size": 32, "padding": 4},
        {"name": "random_horizontal_flip"},
        {"name": "resize", "size": [40, 40]},
        {"name": "to_tensor"},
        {"name": "normalize", "mean": [0.4914, 0.4822, 0.4465], "std": [0.2023, 0.1994, 0.201]},
    ],
    "evaluation": [
        {"name": "resize", "size": [40, 40]},
        {"name": "to_tensor"},
        {"name": "normalize", "mean": [0.4914, 0.4822, 0.4465], "std": [0.2023, 0.1994, 0.201]},
    ],
    "drop_last": False,
    "optimizer": {"name": "adam", "lr": 0.001, "weight_decay": 1e-5},
})  # fmt: skip


def reference(recipe: Any, records: Any, *, train: bool, **_: Any) -> Pipeline:
    """The document's torch side."""
    from document.data_pt import loader, transforms_of

    made = loader(records, train, recipe.batch_size)
    batches = lambda epoch: ((x.numpy(), y.numpy()) for x, y in made)  # noqa: E731
    return Pipeline(transforms_of(train), batches, len(made))


def port(recipe: Any, records: Any, *, train: bool, **_: Any) -> Pipeline:
    """The document's MindSpore side: rank_size=40 when training, one image a batch in tests."""
    from document.data_ms import create_dataset, of_records

    ranks = 40 if train else 1
    made = create_dataset(of_records(records), train, recipe.batch_size, (40, 40), ranks, 0)

    def batches(epoch: int) -> Any:
        return made.create_tuple_iterator(num_epochs=1, output_numpy=True)

    return Pipeline((), batches, made.get_dataset_size())


DATA = Pair(
    name="pipelines.document",
    torch=reference,
    mindspore=port,
    recipe=RECIPE,
    variants={"train": Variant({"train": True}), "evaluation": Variant({"train": False})},
)


def _said(verdicts: list[Verdict]) -> str:
    return "\n".join(f"{f.place}: {f.sentence}" for v in verdicts for f in v.findings)


def test_training_on_a_fortieth_of_the_data_is_named() -> None:
    said = _said(check_pair(DATA, variants=["train"], checks=["order", "batches"]))
    assert "1/40 of the data" in said
    assert "num_shards=40 (rank_size) was left on" in said
    assert "39 steps of 32 an epoch for 1563" in said


def test_the_dropped_remainder_is_named() -> None:
    """1,563 steps an epoch in the reference's log, 1,562 with drop_remainder."""

    def one_rank(recipe: Any, records: Any, *, train: bool, **_: Any) -> Pipeline:
        from document.data_ms import create_dataset, of_records

        made = create_dataset(of_records(records), train, recipe.batch_size, (40, 40))
        batches = lambda epoch: made.create_tuple_iterator(num_epochs=1, output_numpy=True)  # noqa: E731
        return Pipeline((), batches, made.get_dataset_size())

    pair = replace(DATA, mindspore=one_rank)
    said = _said(check_pair(pair, variants=["train"], checks=["batches"]))
    assert "1563" in said and "1562" in said
    assert "drop_remainder is on" in said


def test_the_flip_left_on_in_the_reference_s_test_transform_is_named() -> None:
    verdicts = check_pair(DATA, variants=["evaluation"], checks=["augmentation"])
    said = _said(verdicts)
    assert "torch" in said
    assert "two passes" in said.lower()


LOOP = Pair(
    name="recipes.document",
    torch="document.loops_pt:loop",
    mindspore="document.loops_ms:loop",
    recipe=tiny_recipe(
        optimizer={"name": "adam", "lr": 0.001, "weight_decay": 1e-5}, schedule="constant"
    ),
)


def test_the_reference_s_average_loss_is_another_quantity() -> None:
    (verdict,) = check_pair(LOOP, checks=["evaluation"])
    assert any("torch's average loss" in f.sentence and "nll_loss of raw logits" in f.sentence
               for f in verdict.findings), verdict.findings  # fmt: skip
    assert not [f for f in verdict.findings if f.place == "evaluation.accuracy"]


def test_the_function_handed_over_for_the_network_is_named() -> None:
    pair = replace(LOOP, mindspore="document.loops_ms:loop_as_written")
    (verdict,) = check_pair(pair, checks=["teacher_forced"])
    (finding,) = verdict.findings
    assert finding.place == "loop"
    assert "mindspore: the loop raised AttributeError: 'function' object has no attribute "\
        "'set_train'" in finding.sentence  # fmt: skip


def test_mindspore_s_adam_is_not_the_reference_s() -> None:
    """Its weight decay leaves gamma and beta out, and its eps is another."""
    (verdict,) = check_pair(LOOP, checks=["optimizer"])
    assert not verdict.passed
    assert all(f.place.startswith("optimizer") for f in verdict.findings)


NETWORK = replace(
    find_pair("networks.resnet50"),
    name="networks.document",
    mindspore="document.network_ms:DocumentResNet",
    inputs=[Input((2, 3, 32, 32))],
    variants={
        "default": Variant({"block": "bottleneck", "layers": [1, 1, 1, 1], "num_classes": 10}),
        "zero": Variant({
            "block": "bottleneck", "layers": [1, 1, 1, 1], "num_classes": 10,
            "zero_init_residual": True,
        }),
    },
)  # fmt: skip


def test_the_zero_bias_is_named() -> None:
    (verdict,) = check_pair(NETWORK, variants=["default"], checks=["initialization"])
    wrong = [result.entry for result in verdict.divergences]
    assert wrong == ["fc.bias:init"]
    assert "0 everywhere" in verdict.divergences[0].measurement.note


def test_the_initializer_that_is_a_text_is_named() -> None:
    (verdict,) = check_pair(NETWORK, variants=["zero"], checks=["structure"])
    assert not verdict.passed
    assert "the mindspore factory, called with" in verdict.problems[0]
    assert "set_data" in verdict.problems[0] or "zeros" in verdict.problems[0]


def test_the_incomplete_checkpoint_is_refused_with_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The converter prints "not match", goes on and saves; check lists what is missing."""
    from document import converter

    pair = find_pair("blocks.bottleneck")
    kwargs = dict(pair.variants["stride2"].kwargs)
    sides = {}
    for name in ("torch", "mindspore"):
        backend = open_backend(name)
        sides[name] = backend.read(backend.build(pair.factory(name), kwargs, 0))
    sides["torch"]["downsample.9.weight"] = sides["torch"].pop("downsample.0.weight")
    converter.param_convert(sides["mindspore"], sides["torch"], str(tmp_path / "block.ckpt"))
    assert "downsample.0.weight not match in pt_params" in capsys.readouterr().out
    arguments = ["--variant", "stride2", "--checkpoint", str(tmp_path / "block.ckpt")]
    assert main(["check", "bottleneck", *arguments, "--in-process"]) == 2
    said = capsys.readouterr().err
    assert "missing in the file: 1" in said
    assert "downsample.0.weight" in said


def test_the_document_s_input_cannot_be_drawn_again_and_the_harness_s_can() -> None:
    """Two runs of its unit test compare different numbers; two of a case the same."""
    drawn = [np.random.uniform(-1, 1, (4, 3, 8, 8)).astype(np.float32) for _ in range(2)]
    assert not np.array_equal(*drawn)
    pair = find_pair("layers.relu")
    first, second = (check_pair(pair, checks=["forward_eval"])[0] for _ in range(2))
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)
