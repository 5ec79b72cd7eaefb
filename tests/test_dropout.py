"""What dropout layers draw in train mode, judged by a bound that holds for every sample size.

The battery gives both sides one pattern, so that values can be compared; here each draws its own.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

#: How often a right layer may fail a test of its rate.
FALSE_ALARMS = 1e-9

SHAPES = {
    "Dropout": (200, 200),
    "Dropout1d": (200, 200, 3),
    "Dropout2d": (200, 200, 2, 3),
    "Dropout3d": (200, 200, 2, 1, 3),
    "AlphaDropout": (200, 200),
    "FeatureAlphaDropout": (200, 200, 2, 3),
}
RATES = (0.1, 0.5)
FRAMEWORKS = ("torch", "mindspore")

pytestmark = pytest.mark.usefixtures("frameworks")


def _divergence(share: float, rate: float) -> float:
    """Kullback and Leibler's, of two coins."""
    terms = ((share, rate), (1 - share, 1 - rate))
    return sum(p * math.log(p / q) for p, q in terms if p > 0)


def _plausible(dropped: int, trials: int, rate: float) -> bool:
    """Whether a binomial count is one that a rate may give.

    Chernoff: a share that diverges by d from the rate has a probability below exp(-trials * d) on
    either side, for any number of trials.
    """
    return trials * _divergence(dropped / trials, rate) <= math.log(2 / FALSE_ALARMS)


def _drawn(framework: str, layer: Callable[..., Any], x: np.ndarray, train: bool) -> np.ndarray:
    if framework == "torch":
        import torch

        torch.manual_seed(1)
        return layer.train(train)(torch.from_numpy(x.copy())).numpy()
    import mindspore

    mindspore.set_seed(1)
    return layer.set_train(train)(mindspore.Tensor(x)).asnumpy()


def _layer(framework: str, name: str, rate: float) -> Any:
    from models.layers.dropout import ms, pt

    return getattr(pt if framework == "torch" else ms, name)(p=rate)


def _input(name: str) -> np.ndarray:
    """Values of both signs, none near zero: what is zero in the output has been dropped."""
    rng = np.random.default_rng(0)
    shape = SHAPES[name]
    return (rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape)).astype("float32")


def _alpha(rate: float) -> tuple[float, float, float]:
    """Scale, shift and what takes the place of the dropped, where mean and spread are kept."""
    saturated = -1.6732632423543772 * 1.0507009873554805
    scale = (1 - rate + saturated**2 * (1 - rate) * rate) ** -0.5
    return scale, -scale * saturated * rate, saturated


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", SHAPES)
def test_dropout_drops_at_its_rate_and_scales_what_it_keeps(
    name: str, rate: float, framework: str
) -> None:
    x = _input(name)
    y = _drawn(framework, _layer(framework, name, rate), x, train=True)
    scale, shift, put = _alpha(rate) if "Alpha" in name else (1 / (1 - rate), 0.0, 0.0)
    dropped = np.isclose(y, scale * put + shift, rtol=0, atol=1e-5)
    assert np.allclose(y[~dropped], scale * x[~dropped] + shift, rtol=1e-5, atol=1e-5)
    if x.ndim > 2:  # whole channels: each is one trial
        channels = dropped.reshape(*x.shape[:2], -1)
        assert (channels.all(2) | ~channels.any(2)).all()
        dropped = channels.all(2)
    assert _plausible(int(dropped.sum()), dropped.size, rate)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", SHAPES)
def test_dropout_does_nothing_in_eval_mode(name: str, framework: str) -> None:
    x = _input(name)
    assert np.array_equal(_drawn(framework, _layer(framework, name, 0.5), x, train=False), x)


def test_the_first_positional_argument_of_mindspores_dropout_is_what_it_keeps() -> None:
    from mindspore import nn

    x = _input("Dropout")
    dropped = int((_drawn("mindspore", nn.Dropout(0.1), x, train=True) == 0).sum())
    assert not _plausible(dropped, x.size, 0.1)
    assert _plausible(dropped, x.size, 0.9)
    right = int((_drawn("mindspore", nn.Dropout(p=0.1), x, train=True) == 0).sum())
    assert _plausible(right, x.size, 0.1)


@pytest.mark.parametrize("rate", RATES)
def test_the_bound_tells_rates_apart_that_differ_by_two_hundredths(rate: float) -> None:
    trials = math.prod(SHAPES["Dropout"])
    assert _plausible(round(rate * trials), trials, rate)
    assert not _plausible(round((rate + 0.02) * trials), trials, rate)
    assert not _plausible(round((rate - 0.02) * trials), trials, rate)
