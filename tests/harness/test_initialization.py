"""Initial values: what is fixed must be equal, what is drawn must come from one distribution."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator

from harness import Input, Pair, Variant
from harness.checks import check_pair
from harness.initialization import Fresh, fresh, judge_fresh, pooled
from harness.registry import find_pair
from harness.tolerance import FEWEST_VALUES, INITIAL_FALSE_ALARMS
from harness.verdict import AGREES, DIVERGES, UNINFORMATIVE, Measurement, Verdict

Draw = Callable[[Generator], np.ndarray]
SHAPE = (40, 50)


def uniform(bound: float) -> Draw:
    return lambda rng: rng.uniform(-bound, bound, SHAPE).astype(np.float32)


def normal(sigma: float, mean: float = 0.0) -> Draw:
    return lambda rng: rng.normal(mean, sigma, SHAPE).astype(np.float32)


def same(value: Any) -> Draw:
    return lambda rng: np.broadcast_to(np.float32(value), SHAPE)


def with_zero_row(row: int) -> Draw:
    def draw(rng: Generator) -> np.ndarray:
        values = normal(1.0)(rng)
        values[row] = 0
        return values

    return draw


def truncated(rng: Generator) -> np.ndarray:
    values = rng.standard_normal(200_000)
    return values[np.abs(values) < 2].astype(np.float32)[:150_000]


def seen(draw: Draw, side: int) -> Fresh:
    """Two builds of one side."""
    rngs = [np.random.default_rng([side, build]) for build in range(2)]
    return fresh(draw(rngs[0]), draw(rngs[1]), np.random.default_rng(side))


def judged(torch: Draw, port: Draw) -> Measurement:
    return judge_fresh(seen(torch, 0), seen(port, 1), INITIAL_FALSE_ALARMS)


TABLE = np.sin(np.arange(2000, dtype=np.float32)).reshape(SHAPE)

RIGHT = {
    "one uniform": (uniform(0.1), uniform(0.1)),
    "one normal": (normal(0.02), normal(0.02)),
    "one constant": (same(1), same(1)),
    "one table": (same(TABLE), same(TABLE)),
    "infinities where the other has them": (same(-np.inf), same(-np.inf)),
    "one padding row": (with_zero_row(3), with_zero_row(3)),
}

WRONG = {
    "bound": (uniform(0.1), uniform(0.14), "torch std 0.0582, mindspore std 0.0809"),
    "sigma": (normal(0.0417), normal(0.0586), "p < 1e-12"),
    "mean": (normal(1.0), normal(1.0, mean=0.5), "mean 0.49"),
    "shape": (
        lambda rng: rng.uniform(-np.sqrt(3), np.sqrt(3), 20_000),
        lambda rng: rng.standard_normal(20_000),
        "torch std 1, largest 1.73, mindspore std 0.997, largest 3.97",
    ),
    "truncation": (lambda rng: rng.standard_normal(150_000), truncated, "p < 1e-12"),
    "zeros for a draw": (uniform(0.1), same(0), "mindspore leaves 0 everywhere in every build"),
    "a draw for zeros": (same(0), uniform(0.1), "torch leaves 0 everywhere"),
    "constant": (same(0.5), same(1), "torch 0.5, mindspore 1, everywhere"),
    "table": (same(TABLE), same(TABLE.T.reshape(SHAPE)), "elements differ, by up to"),
    "a seed fixed inside": (
        normal(1.0),
        lambda rng: normal(1.0)(np.random.default_rng(5)),
        "mindspore leaves the same values in every build",
    ),
    "padding row forgotten": (with_zero_row(3), normal(1.0), "always 0: 50 elements in torch, 0"),
    "another padding row": (with_zero_row(3), with_zero_row(0), "not the same ones"),
    "not finite": (normal(1.0), lambda rng: normal(1.0)(rng) / 0, "mindspore draws not finite"),
}


@pytest.mark.parametrize(("torch", "port"), RIGHT.values(), ids=RIGHT)
def test_equal_initial_values_agree(torch: Draw, port: Draw) -> None:
    assert judged(torch, port).status == AGREES


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(("torch", "port", "said"), WRONG.values(), ids=WRONG)
def test_other_initial_values_diverge_in_words(torch: Draw, port: Draw, said: str) -> None:
    found = judged(torch, port)
    assert (found.status, found.metric) == (DIVERGES, "initial")
    assert said in found.note


def test_a_few_values_are_counted_as_uninformative_until_more_builds_are_pooled() -> None:
    sides = []
    for side in range(2):
        rng = np.random.default_rng(side)
        sides.append(fresh(rng.random(10), rng.random(10), rng))
    assert judge_fresh(sides[0], sides[1], INITIAL_FALSE_ALARMS).status == UNINFORMATIVE
    for side in range(2):
        rng = np.random.default_rng([side, 1])
        while sides[side].drawn.size < FEWEST_VALUES:
            sides[side] = pooled(sides[side], rng.random(10), rng)
    assert judge_fresh(sides[0], sides[1], INITIAL_FALSE_ALARMS).status == AGREES


def test_one_value_that_is_drawn_is_no_constant() -> None:
    first, second = np.array([0.3]), np.array([-0.2])
    assert fresh(first, second, np.random.default_rng()).fixed is None


# -- real factories --------------------------------------------------------------------------------


def dense_as_he_normal(**kwargs: Any) -> Any:
    """A Dense whose weight is drawn as for a ReLU network, which torch's Linear does not do."""
    from mindspore import nn
    from mindspore.common.initializer import HeNormal

    return nn.Dense(kwargs["in_features"], kwargs["out_features"], weight_init=HeNormal())


def dense_with_zero_bias(**kwargs: Any) -> Any:
    from mindspore import nn

    return nn.Dense(kwargs["in_features"], kwargs["out_features"], bias_init="zeros")


def embedding(num_embeddings: int, embedding_dim: int, padding_idx: int | None = None) -> Any:
    """MindSpore's own default: N(0, 0.01) where torch draws N(0, 1)."""
    from mindspore import nn

    return nn.Embedding(num_embeddings, embedding_dim, padding_idx=padding_idx)


def embedding_like_torch(num_embeddings: int, embedding_dim: int, padding_idx: int = 0) -> Any:
    from mindspore import nn
    from mindspore.common.initializer import Normal

    return nn.Embedding(num_embeddings, embedding_dim, False, Normal(1.0), padding_idx=padding_idx)


def resnet_by_fan_in(**kwargs: Any) -> Any:
    """A ResNet whose convolutions take the fan-in, where torch's takes the fan-out."""
    from mindspore import nn
    from mindspore.common.initializer import HeNormal, initializer

    from models.networks.resnet.ms import ResNet

    net = ResNet(**kwargs)
    for _, cell in net.cells_and_names():
        if isinstance(cell, nn.Conv2d):
            cell.weight.set_data(initializer(HeNormal(), cell.weight.shape, cell.weight.dtype))
    return net


def resnet_without_zero_init(zero_init_residual: bool, **kwargs: Any) -> Any:
    from models.networks.resnet.ms import ResNet

    return ResNet(**kwargs)


_EMBEDDING = Pair(
    name="layers.embedding",
    torch="torch.nn:Embedding",
    mindspore=embedding_like_torch,
    inputs=[Input((2, 3), dtype="int32", draw="integers", high=9)],
    variants={"default": Variant({"num_embeddings": 30, "embedding_dim": 40, "padding_idx": 2})},
)
_DENSE = find_pair("layers.dense")
_SMALL = {"block": "basicblock", "layers": [1, 1, 1, 1], "num_classes": 7, "width": 32}
_RESNET = Pair(
    name="networks.small",
    torch="models.networks.resnet.pt:ResNet",
    mindspore="models.networks.resnet.ms:ResNet",
    inputs=[Input((2, 3, 32, 32))],
    variants={
        "default": Variant(_SMALL),
        "zero": Variant({**_SMALL, "zero_init_residual": True}),
    },
)
#: (pair, variant, the entries that must be named, and no others)
PLANTED = {
    "he_normal": (replace(_DENSE, mindspore=dense_as_he_normal), "default", {"weight"}),
    "zero_bias": (replace(_DENSE, mindspore=dense_with_zero_bias), "default", {"bias"}),
    "embedding": (replace(_EMBEDDING, mindspore=embedding), "default", {"embedding_table"}),
    "fan_in": (
        replace(_RESNET, mindspore=resnet_by_fan_in),
        "default",
        # A 3x3 convolution that keeps its channels has the same fan-in and fan-out.
        {"conv1.weight"}
        | {f"layer{n}.0.{name}.weight" for n in (2, 3, 4) for name in ("conv1", "downsample.0")},
    ),
    "no_zero_init": (
        replace(_RESNET, mindspore=resnet_without_zero_init),
        "zero",
        {f"layer{n}.0.bn2.gamma" for n in (1, 2, 3, 4)},
    ),
}


def _verdict(pair: Pair, variant: str, seed: int = 0) -> Verdict:
    (verdict,) = check_pair(pair, variants=[variant], checks=["initialization"], seed=seed)
    return verdict


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize(("pair", "variant", "at"), PLANTED.values(), ids=PLANTED)
def test_a_planted_initialisation_is_found_where_it_was_planted(
    pair: Pair, variant: str, at: set[str]
) -> None:
    verdict = _verdict(pair, variant)
    assert {r.entry.removesuffix(":init") for r in verdict.divergences} == at


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize("pair", [_EMBEDDING, _DENSE, _RESNET], ids=lambda pair: pair.name)
def test_right_factories_raise_no_alarm(pair: Pair) -> None:
    for seed in range(2):
        for variant in pair.variants:
            verdict = _verdict(pair, variant, seed)
            assert verdict.passed
            assert verdict.counts.get(AGREES, 0) > len(verdict.results) // 2


@pytest.mark.usefixtures("frameworks")
def test_the_page_says_what_is_drawn_and_names_the_parameter() -> None:
    from harness.report import failure

    verdict = _verdict(*PLANTED["he_normal"][:2])
    page = failure.page(verdict)
    assert "start from different initial values" in page
    assert "weight:init: torch std 0.1" in page
    assert "p < 1e-12)" in page


def test_a_pair_without_parameters_has_no_such_case() -> None:
    assert "initialization" not in {case.check for case in find_pair("layers.relu").cases()}
