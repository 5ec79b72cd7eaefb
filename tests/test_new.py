"""The first port that ``new`` writes: what it can translate passes the battery unedited."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from harness.checks import check_pair
from harness.cli import main
from harness.pair import CHECKS

pytestmark = pytest.mark.usefixtures("frameworks")

SOURCE = """
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.init import trunc_normal_


def small_cnn(classes=10):
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6, momentum=0.2), nn.ReLU(inplace=True),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6 * 4 * 4, classes), nn.Dropout(0.3),
    )


class Block(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout, eps=1e-3)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride), nn.BatchNorm2d(cout))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return F.relu(out, inplace=True)


class Residual(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.blocks = nn.ModuleList([Block(4, 4), Block(4, 8, 2), Block(8, 8)])
        self.fc = nn.Linear(8, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        trunc_normal_(self.fc.weight, std=0.02)
        self.fc.bias.data.fill_(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos = nn.Parameter(torch.randn(1, 12) * 0.02)
        self.net = nn.Sequential(nn.Linear(12, 24), nn.LayerNorm(24), nn.GELU(), nn.Linear(24, 5))
        self.scale = nn.Parameter(torch.full((5,), 0.1))

    def forward(self, x):
        return self.net(x + self.pos) * self.scale


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 6, padding_idx=0)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(6, 6), nn.GELU()) for _ in range(2)])
        self.blocks[1][0].weight = self.blocks[0][0].weight
        self.pairs = nn.ModuleList([TiedPair(), TiedPair()])
        self.head = nn.Linear(6, 11, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        for pair in self.pairs:
            x = pair(x)
        return self.head(x)


class TiedPair(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(6, 6)
        self.down = nn.Linear(6, 6)
        self.down.bias = self.up.bias

    def forward(self, x):
        return torch.tanh(self.down(torch.tanh(self.up(x))))


def tied_sequence():
    net = nn.Sequential(nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 5))
    net[2].weight = net[0].weight
    return net


class TiedOnce(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = TiedPair(), TiedPair()
        self.second.down.weight = self.second.up.weight
        self.rnns = nn.ModuleList([nn.LSTM(6, 6), nn.LSTM(6, 6)])
        self.rnns[1].weight_hh_l0 = self.rnns[0].weight_hh_l0

    def forward(self, x):
        x = self.second(self.first(x))
        for rnn in self.rnns:
            x, _ = rnn(x)
        return x


class Flip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.flip(0)


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(6, 6)
        self.b = nn.EmbeddingBag(5, 6)
        self.c = nn.MultiheadAttention(6, 2)

    def forward(self, x):
        x = self.a(x)
        x, _ = self.c(x, x, x, need_weights=False)
        x = Flip.apply(x)
        return torch.einsum("ij,kj->ik", x, x)


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.both = nn.Bilinear(2, 3, 4)

    def forward(self, left, right):
        return self.both(left, right)


not_a_network = print
"""


@pytest.fixture
def user_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A user's empty folder with one torch file in it; what is imported from there is forgotten."""
    (tmp_path / "my_nets.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield importlib.import_module("my_nets")
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


PORTS = {
    "sequential": ["--torch", "my_nets:small_cnn", "--input", "3,3,8,8", "--kwargs", "classes=4"],
    "residual": ["--torch", "my_nets:Residual", "--input", "3,3,8,8", "--kwargs", "classes=4"],
    "mlp": ["--torch", "my_nets:Mixed"],
    "tied": ["--torch", "my_nets:Tied", "--input", "4,7"],
    "tied, no class": ["--torch", "my_nets:tied_sequence", "--input", "4,5"],
}


@pytest.mark.parametrize("arguments", PORTS.values(), ids=PORTS)
def test_the_first_port_passes_the_battery_unedited(
    arguments: list[str], user_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "first_port", *arguments]) == 0
    assert "nothing is left to you" in capsys.readouterr().out
    pair = importlib.import_module("first_port.pair").PAIR
    verdicts = check_pair(pair)
    assert {v.check for v in verdicts} >= set(CHECKS) - {"state"}
    assert [v.case for v in verdicts if not v.passed] == []


def test_instances_of_one_class_become_one_cell_with_torchs_own_arguments(
    user_module: ModuleType,
) -> None:
    main(["new", "first_port", *PORTS["residual"]])
    source = Path("first_port/ms.py").read_text()
    assert source.count("class Block(nn.Cell)") == 1
    assert "def __init__(self, cin, cout, stride, downsample):" in source
    assert "Block(cin=4, cout=4, stride=1, downsample=None)" in source
    assert "out = out + identity" in source
    assert 'weight_init=HeNormal(0, "fan_out", "relu")' in source
    assert "harness" not in source
    assert "torch" not in {line.split()[1] for line in source.splitlines() if "import" in line}


def test_parameters_that_are_one_in_torch_are_one_in_the_port(user_module: ModuleType) -> None:
    main(["new", "first_port", *PORTS["tied"]])
    lines = [line.strip() for line in Path("first_port/ms.py").read_text().splitlines()]
    assert "self.head.weight = self.embed.embedding_table" in lines
    assert "self.blocks[1][0].weight = self.blocks[0][0].weight" in lines
    assert lines.count("self.down.bias = self.up.bias") == 1
    port = importlib.import_module("first_port.ms").Tied()
    assert port.head.weight is port.embed.embedding_table
    assert all(pair.down.bias is pair.up.bias for pair in port.pairs)


def test_ties_that_cannot_be_written_are_listed_with_their_line(
    user_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "once", "--torch", "my_nets:TiedOnce", "--input", "2,3,6"]) == 0
    said = capsys.readouterr().out
    for source, why in (
        ("self.second.down.weight = self.second.up.weight",
         "second.down.weight and second.up.weight are one parameter: tie them"),
        ("self.rnns[1].weight_hh_l0 = self.rnns[0].weight_hh_l0",
         "rnns.1.weight_hh_l0 and rnns.0.weight_hh_l0 are one parameter: tie them"),
    ):  # fmt: skip
        line = 1 + SOURCE.splitlines().index(f"        {source}")
        assert f"my_nets.py:{line}  {source}" in said
        assert why in " ".join(said.split())
    assert "self.down.bias = self.up.bias" in Path("once/ms.py").read_text()


def test_what_cannot_be_translated_is_listed_with_its_line_and_raises_there(
    user_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "odd", "--torch", "my_nets:Odd"]) == 0
    said = capsys.readouterr().out
    line = 1 + SOURCE.splitlines().index("        x = Flip.apply(x)")
    assert f"my_nets.py:{line}  x = Flip.apply(x)" in said
    assert f"my_nets.py:{line + 1}  return torch.einsum" in said
    assert "CPU has no kernel of mindspore.ops.einsum" in said
    assert "MindSpore's attention returns a tuple of one" in said
    assert "torch.nn.EmbeddingBag(5, 6): MindSpore has none." in said
    written = Path("odd/ms.py").read_text().splitlines()
    place = next(n for n, text in enumerate(written, 1) if "Flip.apply" in text)
    assert "raise NotImplementedError" in written[place - 1]
    assert f"in the port: odd/ms.py:{place}" in said


def test_a_port_can_lie_in_a_package(
    user_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["new", "ports.mlp", "--torch", "my_nets:Mixed", "--out", "mine", "--package", "mine"]
    assert main(command) == 0
    assert "check mine.ports.mlp.pair:PAIR" in capsys.readouterr().out
    pair = importlib.import_module("mine.ports.mlp.pair").PAIR
    assert pair.mindspore == "mine.ports.mlp.ms:Mixed"
    assert pair.factory("mindspore")().net[0].out_channels == 24


WRONG = {
    "no such class": (["x", "--torch", "my_nets:Nothing"], "has no attribute 'Nothing'"),
    "no such module": (["x", "--torch", "their_nets:Net"], "cannot import 'their_nets'"),
    "arguments": (["x", "--torch", "my_nets:Residual"], "'classes'; its arguments are (classes)"),
    "kwargs": (["x", "--torch", "my_nets:Residual", "--kwargs", "4"], "write NAME=VALUE"),
    "no module": (["x", "--torch", "my_nets:not_a_network"], "no torch.nn.Module"),
    "inputs": (["x", "--torch", "my_nets:Two", "--input", "4,2"], "left, right: give 2 --input"),
    "no input": (["x", "--torch", "my_nets:Two"], "Nothing tells the input's shape"),
    "shape": (["x", "--torch", "my_nets:Mixed", "--input", "8,13"], "forward raises on --input"),
    "name": (["a-b", "--torch", "my_nets:Mixed"], "'a-b' is no Python name"),
    "hidden": (["my_nets", "--torch", "my_nets:Mixed"], "would hide the module my_nets.py"),
    "taken": (["numpy", "--torch", "my_nets:Mixed"], "is the name of a module already"),
}


@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_and_nothing_is_written(
    arguments: list[str],
    sentence: str,
    user_module: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["new", *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir() if p.name != "__pycache__"] == ["my_nets.py"]


def test_existing_files_are_kept_unless_forced(
    user_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["new", "mlp", "--torch", "my_nets:Mixed"]
    assert main(command) == 0
    Path("mlp/ms.py").write_text("edited = True\n")
    assert main(command) == 2
    assert "give --force" in capsys.readouterr().err
    assert Path("mlp/ms.py").read_text() == "edited = True\n"
    assert main([*command, "--force"]) == 0
    assert "class Mixed" in Path("mlp/ms.py").read_text()
