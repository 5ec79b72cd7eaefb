"""A configuration that hypothesis finds wrong is shrunk, and shown in a few lines to be pasted."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from harness import registry, strategies
from harness.pair import Pair
from harness.properties import assert_equivalent
from harness.strategies import STRATEGIES, Configuration

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("frameworks")

#: Layer -> the port of another, and an argument of the smallest configuration that shows it.
WRONG = {
    "layers.leaky_relu": ("harness_small_ports:leaky_slope", "negative_slope"),
    "functions.clamp": ("harness_small_ports:Stopped", "min="),
}
PORTS = """
from mindspore import nn, ops

def leaky_slope(negative_slope=0.01):
    return nn.LeakyReLU()

class Stopped(nn.Cell):
    def __init__(self, min, max):
        super().__init__()
        self.min, self.max = min, max

    def construct(self, x):
        return ops.clamp(ops.stop_gradient(x), self.min, self.max)
"""


@pytest.mark.parametrize(("name", "wrong"), WRONG.items(), ids=WRONG)
def test_a_wrong_port_is_found_shrunk_and_shown_without_the_harness(
    name: str, wrong: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, argument = wrong
    (tmp_path / "harness_small_ports.py").write_text(PORTS)
    monkeypatch.syspath_prepend(tmp_path)
    pair = replace(registry.find_pair(name), mindspore=port)

    # Without Phase.explain, which takes four times as long as all the rest.
    phases = (Phase.generate, Phase.shrink)

    @settings(max_examples=20, deadline=None, derandomize=True, database=None, phases=phases)
    @given(configuration=STRATEGIES[name](), seed=st.integers(0, 2**16))
    def holds(configuration: Configuration, seed: int) -> None:
        assert_equivalent(pair, configuration, seed)

    with pytest.raises(AssertionError) as caught:
        holds()
    text = str(caught.value)
    script = text.partition("Alone, without the harness:")[2].strip()
    assert argument in script
    assert "harness." not in re.sub(r"harness_small_ports", "", script)
    assert len(script.splitlines()) <= 32
    (tmp_path / "snippet.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "snippet.py"], cwd=tmp_path, capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT), "GLOG_v": "3", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shapes, difference = done.stdout.strip().splitlines()[-2:]
    assert difference == "shapes differ" or float(difference) > 0, shapes


def test_every_strategy_is_of_a_registered_pair() -> None:
    known: dict[str, Pair] = registry.all_pairs()
    assert set(STRATEGIES) <= set(known)
    assert strategies.strategy_for("layers.conv2d") is not None
