"""The scan, as a user runs it: files, folders, installed packages; text, JSON and HTML."""

import json
import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.apimap.rows import load_rows
from harness.apimap.scan import UNRESOLVED, Scan, scan, scan_source, unresolved
from harness.cli import main
from harness.report import scan_html
from harness.report.scan import sentence

NET = '''
"""A network."""
from functools import partial
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, norm=partial(nn.BatchNorm2d, momentum=0.3)):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = norm(8)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(8, 10, bias=False)

    @torch.no_grad()
    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        x = self.pool(x).mean((2, 3)).view(x.size(0), -1)
        return self.fc(x)
'''


def _uses(source: str) -> dict[str, tuple[str, str]]:
    """API -> (status, port) of a source."""
    found = scan_source(source)
    assert not found.error
    return {use.api: (use.status, use.port) for use in found.uses}


def test_every_call_of_a_network_is_listed_with_its_line_and_its_mindspore_call() -> None:
    found = scan_source(NET)
    ports = {use.source: use.port for use in found.uses}
    assert ports["nn.Conv2d(3, 8, 3, padding=1)"] == (
        "nn.Conv2d(3, 8, 3, pad_mode='pad', padding=1, has_bias=True)"
    )
    assert ports["norm(8)"] == "nn.BatchNorm2d(8, momentum=0.7)"
    assert ports["nn.Linear(8, 10, bias=False)"] == "nn.Dense(8, 10, has_bias=False)"
    assert "stride=2" in ports["nn.MaxPool2d(2)"]
    assert ports["nn.Module"] == "nn.Cell"
    assert all(NET.splitlines()[use.line - 1].strip() for use in found.uses)
    assert [use for use in found.uses if use.status == UNRESOLVED] == []


#: torch code -> the MindSpore code that is suggested for it.
PORTS = {
    "nn.Conv2d(3, 8, (3, 5), padding=(1, 2), groups=1)":
        "nn.Conv2d(3, 8, (3, 5), pad_mode='pad', padding=(1, 1, 2, 2), group=1, has_bias=True)",
    "nn.Conv2d(3, 8, 3, padding='same', bias=False)":
        "nn.Conv2d(3, 8, 3, pad_mode='same', has_bias=False)",
    "nn.ReLU(inplace=True)": "nn.ReLU()",
    "nn.BatchNorm2d(num_features=c, momentum=m)": "nn.BatchNorm2d(num_features=c, momentum=1 - m)",
    "nn.LayerNorm(8, eps=1e-06)": "nn.LayerNorm((8,), epsilon=1e-06)",
    "nn.Dropout(0.1)": "nn.Dropout(p=0.1)",
    "torch.cat([a, b], dim=1)": "mint.cat([a, b], dim=1)",
    "torch.flatten(a, 1)": "mint.flatten(a, 1)",
    "a.permute(0, 2, 1)": "a.permute(0, 2, 1)",
    "a.gather(1, b)": "a.gather(1, b)",
    "a.repeat(1, 2)": "ops.tile(a, (1, 2))",
    "a.size(0)": "a.shape[0]",
    "a.add_(b)": "a + b * 1",
    "torch.topk(a, 3)": "(lambda found: (found[0], found[1].astype(mindspore.int64)))"
                        "(ops.topk(a, 3, None, True, True))",
    "nn.Sequential(nn.ReLU(), nn.ReLU())": "nn.SequentialCell(nn.ReLU(), nn.ReLU())",
}  # fmt: skip


@pytest.mark.parametrize(("code", "port"), [(c, p) for c, p in PORTS.items() if p])
def test_arguments_are_translated_at_the_very_call(code: str, port: str) -> None:
    source = f"import torch\nfrom torch import nn\n{code}\n"
    (found,) = [use for use in scan_source(source).uses if use.source == code]
    assert found.port == port


@pytest.mark.parametrize(
    ("code", "port"),
    [
        ("torch.nn.Dropout(0.3, inplace=True)", "nn.Dropout(p=0.3)"),
        ("torch.nn.Dropout(0.3, True)", "nn.Dropout(p=0.3)"),
        ("torch.nn.functional.dropout(x, 0.3, False, True)", "ops.dropout(x, 0.3, False)"),
        ("torch._assert(a > 1, f'{a} is small')", "a > 1 or None"),
        ("torch.empty(2, 3)", "ops.zeros((2, 3))"),
        ("torch.empty(n, 3, dtype=torch.int64)", "ops.zeros((n, 3), dtype=mindspore.int64)"),
        ("torch.empty((2, 3), dtype=t, device=d)", "ops.zeros((2, 3), dtype=t)"),
        ("torch.empty_like(x, dtype=torch.int8)", "ops.zeros_like(x, dtype=mindspore.int8)"),
    ],
)
def test_nothing_is_left_to_see_to_where_an_argument_is_told(code: str, port: str) -> None:
    use = next(use for use in scan_source(f"import torch\ny = {code}").uses if use.source == code)
    assert use.port == port
    assert not any("see to it" in note or "no such argument" in note for note in use.notes)


def test_what_a_person_must_see_to_is_said_at_the_call() -> None:
    source = "from torch import nn\nnn.Conv2d(3, 8, 3, padding=1, padding_mode='reflect')\n"
    (use,) = scan_source(source).uses
    assert not use.complete
    assert any("padding_mode='reflect'" in note for note in use.notes)
    (use,) = scan_source("from torch import nn\nnn.Conv2d(*sizes)\n").uses
    assert not use.complete
    assert any("*" in note for note in use.notes)


BROKEN = {
    "syntax.py": b"def f(:\n",
    "python2.py": b"print 'hello'\n",
    "binary.py": b"\x00\x01\x02",
    "latin.py": "x = 'é'\n".encode("latin-1"),
    "deep.py": b"x = " + b"(" * 400 + b")" * 400,
}


def test_broken_files_get_a_line_each_and_do_not_stop_the_scan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in BROKEN.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "declared.py").write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    (tmp_path / "empty.py").write_bytes(b"")
    assert main(["scan", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    for name in BROKEN:
        assert re.search(rf"^{name}: \S", printed, re.M), name
    assert not re.search(r"^(declared|empty|net)\.py: ", printed, re.M)
    assert "torch.nn.Conv2d" in printed


def test_a_file_that_is_no_python_gets_a_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weights.pth").write_bytes(b"PK\x03\x04\x00")
    assert main(["scan", str(tmp_path / "weights.pth")]) == 0
    assert re.search(r"weights\.pth: .*not Python", capsys.readouterr().out)


@pytest.mark.parametrize("target", ["no/such/path", "no_such_module_at_all", "json.nothing_here"])
def test_a_target_that_does_not_exist_is_a_wrong_command(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", target]) == 2
    assert target in capsys.readouterr().err


def test_scanning_runs_nothing_of_what_it_reads(tmp_path: Path) -> None:
    package = tmp_path / "explosive"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    (package / "net.py").write_text(NET)
    sys.path.insert(0, str(tmp_path))
    try:
        found = scan("explosive.net")
    finally:
        sys.path.remove(str(tmp_path))
    assert found.calls.total() > 5
    assert not {"explosive", "explosive.net"} & set(sys.modules)


def test_json_holds_every_use_and_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.py").write_text(NET)
    assert main(["scan", str(tmp_path / "net.py"), "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == 1
    uses = data["files"][0]["uses"]
    assert sum(data["summary"][s]["uses"] for s in ("same", "differs", "missing", "not on CPU",
                                                    "unresolved")) == len(uses)  # fmt: skip
    assert {"line", "api", "status", "port", "notes"} <= set(uses[0])
    assert data["versions"]["mindspore"]


def test_many_files_are_read_by_several_processes_to_the_same_end(tmp_path: Path) -> None:
    for number in range(130):
        (tmp_path / f"net{number:03}.py").write_text(NET)
    several, one = scan(str(tmp_path), processes=2), scan(str(tmp_path), processes=1)
    assert several.files == one.files
    assert len(several.files) == 130


def test_the_page_escapes_what_it_shows_and_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import torch\ntorch.cat('<script>alert(1)</script>')\n")
    page = scan_html.page(scan(str(tmp_path)))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert not re.search(r"""(?:src|href)\s*=\s*"(?!#)|@import|url\(|https?://""", page)


# -- other people's code -------------------------------------------------------------------------

#: Share of torch calls that must be resolved, in percent.
FLOOR = 95.0


@pytest.mark.parametrize("package", ["torchvision.models", "timm.models"])
def test_most_torch_calls_of_real_model_libraries_are_resolved(
    package: str, record_property: Callable[[str, object], None]
) -> None:
    if find_spec(package.partition(".")[0]) is None:
        pytest.skip(f"{package} is not installed: it comes with the extra [vision]")
    found = scan(package)
    print(f"\n{sentence(found)} (floor {FLOOR:g}%)")
    record_property("resolved", found.resolved)
    assert found.errors == ()
    assert found.calls.total() > 1000
    assert found.resolved * 100 >= FLOOR, _worst(found)


def test_torchvisions_resnet_is_listed_call_by_call() -> None:
    found = scan("torchvision.models.resnet")
    (file,) = found.files
    source = Path(scan_path("torchvision.models.resnet")).read_text().splitlines()
    apis = {use.api for use in file.uses}
    expected = "nn.Conv2d nn.BatchNorm2d nn.MaxPool2d flatten nn.init.kaiming_normal_ nn.Linear"
    assert apis >= {f"torch.{name}" for name in expected.split()}
    for use in file.uses:
        name = use.api.rpartition(".")[2]
        line = source[use.line - 1]
        assert name in line or use.guess or "norm_layer" in line, (use.line, use.api)
    assert unresolved(found) == []
    assert all(use.api in load_rows() for use in file.uses)


def scan_path(name: str) -> str:
    """Where an installed module lies."""
    from harness.apimap.scan import _installed

    return str(_installed(name))


def _worst(found: Scan) -> str:
    lines = [f"{path}:{use.line} {use.api} {use.why}" for path, use in unresolved(found)]
    return "\n".join(lines[:40])
