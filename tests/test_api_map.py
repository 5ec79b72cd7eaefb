"""The API map: every row is run, and a wrong one fails."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import registry
from harness.apimap import verify
from harness.apimap.executed import (
    Executed,
    Outcome,
    Ran,
    load_executed,
    parse_signature,
    read_executed,
    written,
)
from harness.apimap.rows import DIFFERS, MISSING, NOT_ON_CPU, SAME, Argument, Row, load_rows
from harness.backends import Settings
from harness.cli import main
from harness.errors import HarnessError
from harness.pair import resolve_factory

ROOT = Path(__file__).parents[1]

#: What section 3 of the reference case compares.
REFERENCE = """
torch.nn.Conv2d torch.nn.BatchNorm2d torch.nn.ReLU torch.nn.MaxPool2d torch.nn.AdaptiveAvgPool2d
torch.nn.Linear torch.flatten torch.nn.init.kaiming_normal_ torch.nn.init.constant_
torch.nn.Sequential torch.nn.Module torch.optim.SGD torch.nn.parallel.DistributedDataParallel
""".split()


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize("name", load_rows())
def test_a_row_does_what_it_says_when_run(name: str) -> None:
    """Names resolve, defaults are told, "same" agrees, "differs" differs, ports agree."""
    from harness.apimap.execute import run_row

    row = load_rows()[name]
    ran = run_row(row, Settings())
    assert list(verify.complaints(row, ran)) == []
    stored = load_executed()
    assert name in stored.rows, "run 'python -m harness map --update'"
    assert _facts(ran) == _facts(stored.rows[name]), "run 'python -m harness map --update'"


def _facts(ran: Ran) -> tuple[object, ...]:
    """What a run says that does not hang on the machine's last digits."""
    outcomes = [(o.torch, o.port, o.agrees, o.naive_found == "agrees") for o in ran.outcomes]
    return ran.status, ran.torch, dict(ran.mindspore), outcomes


def test_the_map_holds_several_hundred_rows_and_the_reference_case() -> None:
    rows = load_rows()
    assert len(rows) >= 400
    assert [name for name in REFERENCE if name not in rows] == []
    assert set(verify.by_status(rows)) == {SAME, DIFFERS, MISSING, NOT_ON_CPU}


def test_every_proof_of_a_row_exists_and_is_about_its_api() -> None:
    pairs = registry.all_pairs()
    for row in load_rows().values():
        if row.pair:
            assert row.pair in pairs, row.torch
            factory = pairs[row.pair].torch
            assert isinstance(factory, str)
            source = (ROOT / factory.partition(":")[0].replace(".", "/")).with_suffix(".py")
            assert re.search(rf"\b{row.local}\b", source.read_text()), (row.torch, row.pair)
        if row.proof:
            file, _, test = row.proof.partition("::")
            assert f"def {test}(" in (ROOT / file).read_text(), row.torch


# -- a wrong row fails ---------------------------------------------------------------------------

LEAKY = Row(
    "torch.nn.LeakyReLU",
    DIFFERS,
    "mindspore.nn.LeakyReLU",
    note="alpha is 0.2 by default",
    args={"negative_slope": Argument("alpha"), "inplace": Argument(drop="memory only")},
    on=("x",),
    examples=("torch.nn.LeakyReLU()", "torch.nn.LeakyReLU(0.3)"),
)
WRONG: dict[str, tuple[Callable[[Row], Row], str]] = {
    "another status": (lambda row: replace(row, status=SAME), "is said to be 'same'"),
    "an argument that is called otherwise": (
        lambda row: replace(row, args={}, examples=("torch.nn.LeakyReLU(negative_slope=0.3)",)),
        "becomes nn.LeakyReLU(): ",
    ),
    "a value that is changed wrongly": (
        lambda row: replace(row, args={**row.args, "negative_slope": Argument("alpha", "1 - {}")}),
        "off by",
    ),
    "a counterpart that computes something else": (
        lambda row: replace(row, to="mindspore.nn.ELU"),
        "becomes nn.ELU",
    ),
    "a name that does not exist": (
        lambda row: replace(row, to="mindspore.nn.LeakyRelu"),
        "does not exist",
    ),
    "another form that does not exist": (
        lambda row: replace(row, also=("mindspore.nn.LeakyRelu",)),
        "does not exist",
    ),
    "no word on the difference": (lambda row: replace(row, note=""), "does not say how"),
    "a rule for an argument that torch does not take": (
        lambda row: replace(row, args={**row.args, "slope": Argument("alpha")}),
        "which torch does not take",
    ),
    "missing, although there is one": (
        lambda row: replace(row, status=MISSING, to="", examples=()),
        "and there is mindspore.nn.LeakyReLU",
    ),
}


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize(
    ("change", "said"), WRONG.values(), ids=[w.replace(" ", "_") for w in WRONG]
)
def test_a_wrong_row_fails(change: Callable[[Row], Row], said: str) -> None:
    from harness.apimap.execute import run_row

    row = change(LEAKY)
    assert any(said in text for text in verify.complaints(row, run_row(row, Settings())))


@pytest.mark.usefixtures("frameworks")
def test_the_right_row_passes_and_shows_the_difference() -> None:
    from harness.apimap.execute import run_row

    ran = run_row(LEAKY, Settings())
    assert list(verify.complaints(LEAKY, ran)) == []
    assert [o.port for o in ran.outcomes] == ["nn.LeakyReLU(alpha=0.01)", "nn.LeakyReLU(0.3)"]
    assert ran.outcomes[0].naive_found != "agrees"


@pytest.mark.usefixtures("frameworks")
def test_an_example_that_torch_does_not_take_is_the_rows_mistake() -> None:
    from harness.apimap.execute import run_row

    for example in ("torch.nn.LeakyReLU(no_such=1)", "torch.nn.ReLU()"):
        with pytest.raises(HarnessError, match=r"torch\.nn\.LeakyReLU"):
            run_row(replace(LEAKY, examples=(example,)), Settings())


ILL_FORMED = {
    "status = 'samish'\nto = 'm.x'\nexamples = ['torch.x()']": "use",
    "status = 'same'\nto = 'm.x'\nexample = ['torch.x()']": "unknown keys",
    "status = 'same'\nto = 'm.x'": "nothing stands behind it",
    "status = 'same'\nexamples = ['torch.x()']": "say what it goes to",
    "status = 'same'\nto = 'm.x'\nexamples = ['torch.x(']": "is no Python",
    "status = 'missing'\nto = 'm.x'": "goes to",
    "status = 'same'\nto = 'm.x'\nexamples = ['torch.x()']\nargs = { a = { too = 'b' } }":
        "unknown keys",
    "status = ": "TOML",
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), ILL_FORMED.items(), ids=range(len(ILL_FORMED)))
def test_an_ill_formed_row_names_its_file_and_itself(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "rows.toml").write_text(f'["torch.x"]\n{text}\n')
    with pytest.raises(HarnessError, match=said) as caught:
        load_rows(tmp_path)
    assert "rows.toml" in str(caught.value)


# -- what no expression shows --------------------------------------------------------------------


@pytest.mark.usefixtures("frameworks")
def test_gradients_are_asked_for() -> None:
    """What backward leaves in .grad, value_and_grad returns; an optimizer is called with it."""
    import mindspore as ms
    import torch

    x = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    ours, theirs = torch.nn.Linear(3, 2), ms.nn.Dense(3, 2)
    theirs.weight.set_data(ms.Tensor(ours.weight.detach().numpy().copy()))
    theirs.bias.set_data(ms.Tensor(ours.bias.detach().numpy().copy()))
    (ours(torch.tensor(x)) ** 2).sum().backward()

    def forward(value: ms.Tensor) -> ms.Tensor:
        return (theirs(value) ** 2).sum()

    weights = theirs.trainable_params()
    _, gradients = ms.value_and_grad(forward, None, weights)(ms.Tensor(x))
    assert ours.weight.grad is not None
    assert np.allclose(gradients[0].asnumpy(), ours.weight.grad.numpy(), rtol=1e-4)
    assert not hasattr(weights[0], "backward")
    assert getattr(weights[0], "grad", None) is None  # nothing keeps it

    torch.optim.SGD(ours.parameters(), 0.1).step()
    ms.nn.SGD(weights, 0.1)(gradients)
    assert np.allclose(weights[0].asnumpy(), ours.weight.detach().numpy(), rtol=1e-4)

    seen: list[np.ndarray] = []

    def hooked(value: ms.Tensor) -> ms.Tensor:
        doubled = value * 2
        doubled.register_hook(lambda gradient: seen.append(gradient.asnumpy().copy()))
        return (doubled * doubled).sum()

    assert np.allclose(ms.grad(hooked)(ms.Tensor(x)).asnumpy(), 8 * x)
    assert np.allclose(seen[0], 4 * x)


@pytest.mark.usefixtures("frameworks")
def test_a_cell_with_its_own_gradient_takes_the_place_of_a_function() -> None:
    import mindspore as ms

    class Straight(ms.nn.Cell):
        def construct(self, x: ms.Tensor) -> ms.Tensor:
            return ms.ops.round(x)

        def bprop(self, x: ms.Tensor, out: ms.Tensor, dout: ms.Tensor) -> tuple[ms.Tensor]:
            return (dout * 3,)

    x = ms.Tensor(np.array([0.2, 1.7], np.float32))
    assert np.array_equal(ms.grad(lambda v: Straight()(v).sum())(x).asnumpy(), [3, 3])


@pytest.mark.usefixtures("frameworks")
def test_a_loader_becomes_a_pipeline_that_does_not_shuffle_unless_told() -> None:
    import mindspore as ms
    import torch

    class Numbers:
        def __len__(self) -> int:
            return 10

        def __getitem__(self, index: int) -> np.ndarray:
            return np.full((2,), index, np.float32)

    def batches(**options: object) -> list[np.ndarray]:
        pipeline = ms.dataset.GeneratorDataset(Numbers(), ["data"], **options).batch(4, False)
        return [row[0] for row in pipeline.create_tuple_iterator(output_numpy=True)]

    want = [batch.numpy() for batch in torch.utils.data.DataLoader(Numbers(), 4)]
    found = batches(shuffle=False)
    assert [a.shape for a in found] == [a.shape for a in want]
    assert all(np.array_equal(a, b) for a, b in zip(found, want))
    ms.set_seed(1)
    assert not np.array_equal(np.concatenate(batches()), np.concatenate(want))


@pytest.mark.usefixtures("frameworks")
def test_a_loss_is_scaled_and_gradients_unscaled() -> None:
    import mindspore as ms

    scaler = ms.amp.DynamicLossScaler(1024.0, 2, 1)
    gradient = ms.Tensor(np.array([1.5, -2.0], np.float32))
    assert float(scaler.scale(ms.Tensor(0.5, ms.float32))) == 512.0
    unscaled = scaler.unscale((gradient * 1024.0,))
    assert np.array_equal(unscaled[0].asnumpy(), gradient.asnumpy())
    scaler.adjust(ms.Tensor(True))
    assert float(scaler.scale_value.asnumpy()) == 2048.0
    scaler.adjust(ms.Tensor(False))
    assert float(scaler.scale_value.asnumpy()) == 1024.0


def test_settings_of_the_process(tmp_path: Path) -> None:
    """Devices, threads, determinism, random state and the profiler: each by the name in the map."""
    script = tmp_path / "settings.py"
    script.write_text(SETTINGS)
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


SETTINGS = """
import mindspore as ms
ms.set_device("CPU")
assert ms.hal.device_count("CPU") >= 1
ms.set_context(runtime_num_threads=2)
ms.set_deterministic(True)
ms.set_seed(3)
state = ms.get_rng_state()
first = ms.ops.rand(4).asnumpy()
ms.set_rng_state(state)
with ms.profiler.profile():
    ms.ops.relu(ms.Tensor([1.0]))
"""


def test_gradients_are_summed_over_devices_unless_told(tmp_path: Path) -> None:
    """Two processes on this machine: ranks, AllReduce, AllGather, Broadcast, gradients_mean."""
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    programs = Path(sys.executable).parent
    logs_to = f"--log_dir={tmp_path / 'log'}"
    command = [programs / "msrun", "--worker_num=2", "--local_worker_num=2", "--join=True",
               f"--master_port={_free_port()}", logs_to, script]  # fmt: skip
    path = os.pathsep.join([str(programs), os.environ["PATH"]])  # msrun starts "python"
    done = subprocess.run(
        [str(part) for part in command], cwd=tmp_path, capture_output=True, text=True, timeout=240,
        env={**os.environ, "PATH": path},
    )  # fmt: skip
    logs = "".join(p.read_text(errors="replace") for p in (tmp_path / "log").glob("worker_*.log"))
    assert done.returncode == 0, logs[-3000:] + done.stderr[-1000:]
    assert logs.count("as the map says") == 2, logs[-3000:]


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


WORKER = """
import numpy as np
import mindspore as ms
from mindspore import nn, ops
from mindspore.communication import get_group_size, get_rank, init

ms.set_device("CPU")
init()
assert get_group_size() == 2 and get_rank() in (0, 1)
assert ms.get_auto_parallel_context("gradients_mean") is False
ms.set_auto_parallel_context(parallel_mode="data_parallel", gradients_mean=True)
own = ms.Tensor(np.array([get_rank() + 1.0], np.float32))
assert ops.AllReduce()(own).asnumpy().tolist() == [3.0]
assert ops.AllGather()(own).asnumpy().tolist() == [1.0, 2.0]
assert ops.Broadcast(1)((own,))[0].asnumpy().tolist() == [2.0]
weight = ms.Parameter(np.ones(1, np.float32), name="w")
for mean, true in ((False, 3.0), (True, 1.5)):
    reducer = nn.DistributedGradReducer([weight], mean, 2)
    assert reducer((own,))[0].asnumpy().tolist() == [true]
for name in ("barrier", "destroy_process_group"):
    assert callable(getattr(ms.mint.distributed, name))
print("as the map says")
"""


# -- what is stored ------------------------------------------------------------------------------


def test_what_was_run_survives_the_file_and_an_upgrade_prints_what_changed(tmp_path: Path) -> None:
    signature = parse_signature("(input, dim=None, *, out=None)")
    assert written(signature) == "(input, dim=None, *, out=None)"
    outcome = Outcome("torch.x(1)", "ops.x(1)", True, "", "ops.x(1)", "agrees")
    ran = Ran(SAME, (signature,), {"mindspore.ops.x": signature}, (outcome,), {"mint.x": "agrees"})
    before = Executed("2.13.0", "2.10.0", "CPU", {"torch.Tensor": ["view"]}, {"torch.x": ran})
    assert read_executed(before.save(tmp_path)) == before
    worse = replace(
        ran,
        status=DIFFERS,
        mindspore={"mindspore.ops.x": parse_signature("(input, axis=None)")},
        outcomes=(replace(outcome, agrees=False, found="off by 1e-01 of its scale"),),
        forms={"mint.x": "no kernel of X"},
    )
    after = replace(before, mindspore="2.11.0", rows={"torch.x": worse, "torch.y": ran})
    assert list(verify.changes(before, after)) == [
        "torch.x: was same, is differs",
        "torch.x: the signature of mindspore.ops.x changed",
        "torch.x: mint.x: agrees -> no kernel of X",
        "torch.x: ops.x(1): agrees -> off by 1e-01 of its scale",
        "torch.y: new",
    ]
    (tmp_path / before.file_name).write_text("{}")
    with pytest.raises(HarnessError, match="no executed API map"):
        read_executed(tmp_path / before.file_name)


def test_the_map_is_shown_by_name_by_status_and_as_a_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["map", "torch.nn.Conv2d"]) == 0
    said = capsys.readouterr().out
    assert "pad_mode" in said
    assert "-> nn.Conv2d(4, 6, 3, pad_mode='pad', padding=1, has_bias=True)" in said
    assert main(["map", "--status", "missing"]) == 0
    assert "differs  " not in capsys.readouterr().out.partition("family")[0]
    assert main(["map"]) == 0
    assert "torch.nn.functional" in capsys.readouterr().out
    assert main(["map", "no.such.api"]) == 2
    assert main(["map", "--status", "wrong"]) == 2


def test_the_layers_are_listed_with_variants_and_what_does_not_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["layers"]) == 0
    said = capsys.readouterr().out
    for pair in registry.all_pairs().values():
        if pair.kind in ("layers", "functions"):
            assert pair.name in said.replace("\n", "")
            assert callable(resolve_factory(pair.torch, pair.name))
    assert re.search(r"\d+ pairs, \d+ variants; \d+ run on CPU", said)
