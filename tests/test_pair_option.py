"""``pytest --pair`` in a user's folder, which holds a pair and neither tests nor models."""

from pathlib import Path

import pytest
from elsewhere import pytest_in

TORCH = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 4)
        self.norm = nn.LayerNorm(4)
    def forward(self, x, *, scale):
        return self.norm(self.body(x)) * scale
"""
MINDSPORE = """
from mindspore import nn
from mindspore.common.initializer import HeUniform, Uniform

class Net(nn.Cell):
    def __init__(self, epsilon=1e-5):
        super().__init__()
        self.body = nn.Dense(3, 4, HeUniform(5 ** 0.5), Uniform(3 ** -0.5))
        self.norm = nn.LayerNorm((4,), epsilon=epsilon)
    def construct(self, x, scale):
        return self.norm(self.body(x)) * scale
"""
PAIRS = """
from dataclasses import replace
from functools import partial
from harness import Input, Pair, Variant

def wrong():
    import port
    return port.Net(1e-3)

RIGHT = Pair(
    name="networks.mine", torch="source:Net", mindspore="port:Net",
    inputs=[Input((5, 3))], keywords={"scale": 2.0},
)
WRONG = replace(RIGHT, mindspore=wrong)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("source", TORCH), ("port", MINDSPORE), ("pairs", PAIRS)):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def test_the_battery_runs_without_a_test_file(folder: Path) -> None:
    code, said = pytest_in(folder, "--pair", "pairs:RIGHT", "-q")
    assert code == 0, said
    assert "9 passed" in said


def test_a_fault_is_named_and_can_be_run_again(folder: Path) -> None:
    code, said = pytest_in(folder, "--pair", "pairs:WRONG", "-q", "-k", "forward_eval")
    assert code == 1
    assert "norm (LayerNorm)" in said
    assert "eps   torch 1e-05   mindspore 0.001" in said
    assert 'rerun   pytest --pair pairs:WRONG -k "networks.mine:default-forward_eval' in said


def test_pairs_beside_test_files_are_only_registered(folder: Path) -> None:
    (folder / "test_mine.py").write_text("def test_mine(): pass\n")
    code, said = pytest_in(folder, "--pair", "pairs:RIGHT", "test_mine.py", "-q")
    assert (code, "1 passed" in said) == (0, True), said


def test_a_wrong_reference_is_one_error(folder: Path) -> None:
    code, said = pytest_in(folder, "--pair", "pairs:NONE", "-q")
    assert code == 2
    assert "'NONE' is no Pair; 'pairs' holds ['RIGHT', 'WRONG']" in said
