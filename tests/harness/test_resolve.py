"""Which torch API a piece of source uses, by its syntax alone."""

import ast
import textwrap

import pytest

from harness.apimap.executed import load_executed
from harness.apimap.names import Names
from harness.apimap.resolve import BASE, CALL, DECORATOR, REFERENCE, Found, resolve
from harness.apimap.rows import load_rows


def _found(source: str) -> list[Found]:
    executed = load_executed()
    members = {owner: frozenset(names) for owner, names in executed.members.items()}
    return resolve(ast.parse(textwrap.dedent(source)), Names(members, load_rows()))


def _calls(source: str) -> list[str]:
    return [f.api for f in _found(source) if f.how == CALL and not f.why]


IMPORTS = {
    "import torch.nn as n\nn.ReLU()": "torch.nn.ReLU",
    "import torch.nn\ntorch.nn.ReLU()": "torch.nn.ReLU",
    "import torch as t\nt.nn.ReLU()": "torch.nn.ReLU",
    "from torch import nn\nnn.ReLU()": "torch.nn.ReLU",
    "from torch.nn import ReLU as Act\nAct()": "torch.nn.ReLU",
    "import torch.nn.functional as F\nF.relu(1)": "torch.nn.functional.relu",
    "from torch.nn import functional as F\nF.relu(1)": "torch.nn.functional.relu",
    "from torch.nn.functional import relu\nrelu(1)": "torch.nn.functional.relu",
    "from torch.nn.modules.conv import Conv2d\nConv2d(1, 1, 1)": "torch.nn.Conv2d",
    "import torch\ntorch.nn.modules.Conv2d(1, 1, 1)": "torch.nn.Conv2d",
    "from torch.nn.parameter import Parameter\nParameter(1)": "torch.nn.Parameter",
    "from torch.optim.adam import Adam\nAdam([])": "torch.optim.Adam",
    "from torch.utils.data.dataloader import DataLoader\nDataLoader(1)":
        "torch.utils.data.DataLoader",
    "import torch\nact = torch.nn.ReLU\nact()": "torch.nn.ReLU",
    "import torch\nact: object = torch.nn.ReLU\nact()": "torch.nn.ReLU",
    "import torch\nif (act := torch.nn.ReLU):\n    act()": "torch.nn.ReLU",
    "def f():\n    from torch import nn\n    nn.ReLU()": "torch.nn.ReLU",
    "try:\n    from torch import nn\nexcept ImportError:\n    nn = None\nnn.ReLU()":
        "torch.nn.ReLU",
    "import torch\ngetattr(torch.nn, 'ReLU')()": "torch.nn.ReLU",
    "from functools import partial\nfrom torch import nn\nact = partial(nn.LeakyReLU, 0.1)\nact()":
        "torch.nn.LeakyReLU",
    "from torch import nn\ndef f(act=nn.ReLU):\n    return act()": "torch.nn.ReLU",
    "from torch import nn\ndef f(act=None):\n    act = act or nn.ReLU\n    return act()":
        "torch.nn.ReLU",
    "from torch import nn\ndef f(act=None):\n    if act is None:\n        act = nn.ReLU\n    act()":
        "torch.nn.ReLU",
    "from torch import nn\nf = lambda: nn.ReLU()": "torch.nn.ReLU",
    "from torch import nn\nx = [nn.ReLU() for _ in range(3)]": "torch.nn.ReLU",
    "from torch import nn\nx = f'{nn.ReLU()}'": "torch.nn.ReLU",
    "from torch import nn\nasync def f():\n    await nn.ReLU()": "torch.nn.ReLU",
}  # fmt: skip


@pytest.mark.parametrize(("source", "api"), IMPORTS.items(), ids=range(len(IMPORTS)))
def test_an_api_is_found_through_every_way_of_importing_and_naming_it(
    source: str, api: str
) -> None:
    assert api in _calls(source)


MODULE = """
import torch
from torch import nn, Tensor

class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.blocks = nn.ModuleList([])

class Net(Base):
    def forward(self, x):
        {body}
"""
METHODS = {
    "x.view(1)": "torch.Tensor.view",
    "self.conv(x).flatten(1)": "torch.Tensor.flatten",
    "y = self.conv(x)\n        return y.mean(1)": "torch.Tensor.mean",
    "(x + 1).sum()": "torch.Tensor.sum",
    "x[0].max()": "torch.Tensor.max",
    "torch.cat([x, x]).permute(0, 1)": "torch.Tensor.permute",
    "a, b = x.chunk(2)\n        return a.split(1)": "torch.Tensor.split",
    "(x > 0).float()": "torch.Tensor.float",
    "for block in self.blocks:\n            x = block(x)\n        return x.split(1)":
        "torch.Tensor.split",
    "self.register_buffer('n', x)": "torch.nn.Module.register_buffer",
    "self.conv.weight.data.fill_(1)": "torch.Tensor.fill_",
    "self.conv.train()": "torch.nn.Module.train",
    "self.unknown.permute(1, 0)": "torch.Tensor.permute",
    "[p.numel() for p in self.parameters()]": "torch.nn.Module.parameters",
    "(x if x.any() else -x).split(2)": "torch.Tensor.split",
}  # fmt: skip


@pytest.mark.parametrize(("body", "api"), METHODS.items(), ids=range(len(METHODS)))
def test_methods_of_tensors_and_modules_are_resolved_by_what_the_value_is(
    body: str, api: str
) -> None:
    assert api in _calls(MODULE.format(body=body))


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntext = 'a b'\ntext.split(' ')",
        "import numpy as np\nnp.zeros(3).reshape(1).mean()",
        "import torch\ndef f(names: list[str]):\n    return names.index('a')",
        "from mylib import torch\ntorch.relu(1)",
        "from .layers import nn\nnn.Conv2d(1, 1, 1)",
        "import torchvision\ntorchvision.models.resnet18()",
        "x = {}\nx.values()",
        "import torch\ndef f(x: list[int]):\n    return x[0].bit_length()",
    ],
)
def test_what_is_not_torchs_is_not_reported(source: str) -> None:
    assert _found(source) == []


def test_a_class_reports_its_base_and_a_decorator_what_it_is() -> None:
    source = """
    import torch
    from torch import nn
    class Net(nn.Module):
        @torch.no_grad()
        def f(self): ...
        @torch.jit.export
        def g(self): ...
    """
    kinds = {(f.api, f.how) for f in _found(source)}
    assert kinds == {
        ("torch.nn.Module", BASE),
        ("torch.no_grad", DECORATOR),
        ("torch.jit.export", DECORATOR),
    }


def test_a_name_that_is_handed_on_is_a_reference_and_an_annotation_is_none() -> None:
    source = """
    import torch
    def f(x: torch.Tensor, kind: torch.dtype = torch.float32) -> torch.Tensor: ...
    """
    assert [(f.api, f.how) for f in _found(source)] == [("torch.float32", REFERENCE)]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import torch\nname = input()\ngetattr(torch, name)(1)", "only known when it runs"),
        ("from torch.nn import *\nConv2d(1, 1, 1)", "import *"),
        ("import torch\ndef f(x):\n    return x.split(2)", "the type of x is not known"),
    ],
)
def test_what_cannot_be_resolved_is_reported_with_its_reason(source: str, why: str) -> None:
    assert any(why in found.why for found in _found(source))


def test_keywords_of_a_partial_are_kept_for_the_call() -> None:
    source = """
    from functools import partial
    from torch import nn
    norm = partial(nn.LayerNorm, eps=1e-6)
    norm(8)
    """
    (call,) = [f for f in _found(source) if f.how == CALL]
    assert (call.api, [k.arg for k in call.partial]) == ("torch.nn.LayerNorm", ["eps"])


def test_a_method_that_the_class_itself_defines_is_its_own() -> None:
    source = """
    from torch import nn
    class Net(nn.Module):
        def apply(self, x): ...
        def forward(self, x):
            return self.apply(x)
    """
    assert _calls(source) == []


def test_an_optimizer_is_told_from_a_scheduler_by_what_it_is_called() -> None:
    source = "def f(optimizer, scheduler):\n    optimizer.step()\n    scheduler.step()"
    assert _calls(source) == [
        "torch.optim.Optimizer.step",
        "torch.optim.lr_scheduler.LRScheduler.step",
    ]
