"""What a user waits for, both frameworks and the bare baseline side by side.

``pytest --benchmark-only -m ""``; ``python -m harness bench`` judges the ratios. Times are for
reading; only ratios within one run mean anything. Ours and the bare baseline take turns, so that
other work on the machine hits both, and ratios are of CPU seconds, which it changes least.
"""

import ast
import contextlib
import io
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bare
import big_pairs
import numpy as np
import pytest

from harness.benchmarks import KEY, RATIOS, Turns
from harness.compare import judge
from harness.evidence import Evidence
from harness.registry import find_pair
from harness.stages import Stage

pytestmark = [pytest.mark.usefixtures("frameworks"), pytest.mark.slow]

ROOT = Path(__file__).parents[1]
ROUNDS = {"rounds": 5, "warmup_rounds": 1}
SIDES = ["torch", "mindspore"]


def cpu_of_children() -> float:
    """Seconds of CPU that processes took which this one waited for, and those that they did."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_turns(
    benchmark: Any,
    name: str,
    ours: Callable[[], Any],
    baseline: Callable[[], Any],
    rounds: int,
    *,
    warm: bool = True,
    clock: Callable[[], float] = time.process_time,
) -> Any:
    """Measure ours and its baseline by turns, keep the rounds, and hold the ratio to its limit.

    name: of ``harness.benchmarks.RATIOS``. Returns what ours returned last.
    """
    times: dict[str, list[float]] = {"ours": [], "bare": []}

    def timed(side: str, function: Callable[[], Any]) -> Any:
        start = clock()
        found = function()
        times[side].append(clock() - start)
        return found

    def before() -> None:
        timed("bare", baseline)

    if warm:
        baseline(), ours()
    found = benchmark.pedantic(lambda: timed("ours", ours), setup=before, rounds=rounds)
    benchmark.extra_info.update({KEY: name, **times})
    turns = Turns(tuple(times["ours"]), tuple(times["bare"]))
    limit = RATIOS[name].limit
    said = f"{RATIOS[name].what}: {turns.ratio:.2f} times {RATIOS[name].bare}"
    print(f"{said}, limit {limit:g}" if limit else said)
    assert not limit or turns.ratio <= limit, said
    return found


# -- one forward and backward --------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["conv2d", "batchnorm2d", "relu", "dense"])
@pytest.mark.parametrize("side", SIDES)
def test_layer(benchmark, side: str, layer: str) -> None:
    benchmark.group = f"layers.{layer}, forward and backward"
    pair = find_pair(f"layers.{layer}")
    variant = next(iter(pair.variants))
    step = getattr(bare, f"{side}_step")
    run = step(bare.built(pair, variant, side), bare.arrays_of(pair, variant))
    assert len(benchmark.pedantic(run, iterations=20, **ROUNDS))


@pytest.fixture(scope="module", params=["blocks.bottleneck", "networks.resnet50"])
def evidence(request: pytest.FixtureRequest) -> Evidence:
    pair = find_pair(request.param)
    return Evidence(pair, "default" if "default" in pair.variants else next(iter(pair.variants)))


@pytest.mark.parametrize("side", ["torch", "oracle", "port"])
@pytest.mark.parametrize("step", ["forward", "forward_backward"])
def test_run(benchmark, evidence: Evidence, side: str, step: str) -> None:
    benchmark.group = f"{evidence.pair.name} {step}"
    which = getattr(evidence, side)
    cotangents = evidence.cotangents(1) if step == "forward_backward" else None
    run = benchmark.pedantic(
        which.backend.run,
        args=(which.model, evidence.inputs()),
        kwargs={"train": True, "cotangents": cotangents},
        **ROUNDS,
    )
    assert run.output


@pytest.mark.parametrize("side", SIDES)
def test_bare_run(benchmark, evidence: Evidence, side: str) -> None:
    benchmark.group = f"{evidence.pair.name} forward_backward"
    which = evidence.torch if side == "torch" else evidence.port
    run = getattr(bare, f"{side}_step")(which.model, evidence.inputs())
    assert len(benchmark.pedantic(run, **ROUNDS))


@pytest.fixture(scope="module")
def resnet50() -> Evidence:
    return Evidence(find_pair("networks.resnet50"), "default")


@pytest.mark.parametrize("side", SIDES)
def test_tracing(benchmark, resnet50: Evidence, side: str) -> None:
    """Every module's output and gradient copied, and with torch its inputs."""
    benchmark.group = "networks.resnet50 tracing"
    which = resnet50.torch if side == "torch" else resnet50.port

    def traced() -> Any:
        return which.backend.run(
            which.model,
            resnet50.inputs(),
            train=True,
            cotangents=resnet50.cotangents(1),
            parameters=which.names.parameter(resnet50.trainable),
            state=which.names.parameter(resnet50.state),
            capture=True,
        )

    step = getattr(bare, f"{side}_step")(which.model, resnet50.inputs())
    run = by_turns(benchmark, f"tracing-{side}", traced, step, rounds=6)
    assert len(run.calls) > 150
    assert all(call.cotangents for call in run.calls)


def test_isolation(benchmark, resnet50: Evidence) -> None:
    """Every module alone, on all three sides, beside one run of each."""
    benchmark.group = "networks.resnet50 isolation"
    steps = [bare.torch_step(resnet50.torch.model, resnet50.inputs()),
             bare.torch_step(resnet50.oracle.model, resnet50.inputs()),
             bare.mindspore_step(resnet50.port.model, resnet50.inputs())]  # fmt: skip

    def isolate() -> list:
        resnet50._isolated.clear()
        return resnet50.isolated("train")

    found = by_turns(benchmark, "isolation", isolate, lambda: [step() for step in steps], rounds=3)
    assert len(found) > 900


# -- comparing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "axis", "wrong"),
    [
        ("comparison", None, False),
        ("comparison-channels", 1, False),
        ("comparison-wrong", None, True),
    ],
)
def test_comparison(benchmark, name: str, axis: int | None, wrong: bool) -> None:
    benchmark.group = "comparison of 8 M float32"
    oracle = np.random.default_rng(0).standard_normal((8, 64, 128, 128))
    reference = oracle.astype(np.float32)
    candidate = np.nextafter(reference, np.float32(np.inf))
    if wrong:
        candidate *= np.float32(1.01)
    else:
        candidate[3, 21, 60, 70] += 1
    found = by_turns(
        benchmark,
        name,
        lambda: judge(candidate, reference, oracle, channel_axis=axis),
        lambda: np.abs(candidate - reference).max(),
        rounds=15,
    )
    assert found.share > 0.9 if wrong else found.worst == (3, 21, 60, 70)
    assert found.mean > 0


# -- checkpoints ---------------------------------------------------------------------------------


def _read(file: Path) -> dict[str, np.ndarray]:
    """A file's arrays, read whole by its own framework."""
    import mindspore as ms
    import torch
    from safetensors.numpy import load_file

    if file.suffix == ".pth":
        return {n: v.numpy() for n, v in torch.load(file, weights_only=True).items()}
    if file.suffix == ".ckpt":
        return {n: v.asnumpy() for n, v in ms.load_checkpoint(str(file)).items()}
    return load_file(file)


def _write(file: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays by the framework's own function."""
    import mindspore as ms
    import torch
    from safetensors.numpy import save_file

    file.unlink(missing_ok=True)
    if file.suffix == ".pth":
        torch.save({n: torch.from_numpy(a) for n, a in arrays.items()}, file)
    elif file.suffix == ".ckpt":
        ms.save_checkpoint([{"name": n, "data": ms.Tensor(a)} for n, a in arrays.items()],
                           str(file))  # fmt: skip
    else:
        save_file(arrays, file)


def _converted(pair: str, source: Path, target: Path, *more: str) -> None:
    from harness.cli import main

    target.unlink(missing_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["convert", pair, str(source), str(target), *more]) == 0


def test_conversion_of_resnet50(benchmark, resnet50: Evidence, tmp_path: Path) -> None:
    import torch

    benchmark.group = "conversion of ResNet-50"
    source, target = tmp_path / "s.pth", tmp_path / "t.ckpt"
    torch.save(resnet50.torch.model.state_dict(), source)
    by_turns(
        benchmark,
        "conversion-resnet50",
        lambda: _converted("resnet50", source, target),
        lambda: _write(target, _read(source)),
        rounds=7,
    )
    assert target.stat().st_size > 90_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 GB of parameters in both formats."""
    folder = tmp_path_factory.mktemp("1gb")
    state = big_pairs.state(WIDTH)
    _write(folder / "s.pth", state)
    state["4.gamma"], state["4.beta"] = state.pop("4.weight"), state.pop("4.bias")
    _write(folder / "s.ckpt", state)
    return folder


WIDTH = 8000


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [("conversion-1gb", "s.pth", "t.ckpt"), ("conversion-1gb-back", "s.ckpt", "t.safetensors")],
)
def test_conversion_of_1_gb(
    benchmark, monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, source: str, target: str
) -> None:
    # It takes the page cache, which these files fill, for memory in use.
    monkeypatch.setattr("mindspore.train.serialization._get_available_memory", lambda: None)
    benchmark.group = "conversion of 1 GB"
    by_turns(
        benchmark,
        name,
        lambda: _converted("big_pairs:PAIR", folder / source, folder / target,
                           "--set", f"width={WIDTH}"),
        lambda: _write(folder / target, _read(folder / source)),
        rounds=4,
    )  # fmt: skip
    assert (folder / target).stat().st_size > 1_000_000_000
    (folder / target).unlink()


def test_reading_a_checkpoint(benchmark, resnet50: Evidence, tmp_path: Path) -> None:
    import torch

    from harness.checkpoint import read_checkpoint

    benchmark.group = "reading ResNet-50's .pth"
    file = tmp_path / "s.pth"
    torch.save(resnet50.torch.model.state_dict(), file)
    found = by_turns(
        benchmark, "reading", lambda: read_checkpoint(file), lambda: _read(file), rounds=7
    )
    assert len(found.arrays) == 320


# -- starting ------------------------------------------------------------------------------------


def _python(*arguments: str) -> str:
    """Run Python in the clone; returns its output."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _import_both() -> str:
    return _python("-c", "import torch, mindspore")


@pytest.mark.parametrize(
    ("name", "arguments", "rounds", "said"),
    [
        ("import", ["-c", "import harness"], 4, ""),
        ("help", ["-m", "harness", "--help"], 4, "usage: python -m harness"),
        ("collection", ["-m", "pytest", "--collect-only", "-q", "-m", ""], 3, "tests collected"),
    ],
)
def test_start(benchmark, name: str, arguments: list[str], rounds: int, said: str) -> None:
    benchmark.group = "starting"
    output = by_turns(
        benchmark, name, lambda: _python(*arguments), _import_both, rounds, clock=cpu_of_children
    )
    assert said in output


def test_bottleneck(benchmark) -> None:
    """All that -k bottleneck names, beside the bare runs of the same pairs and variants."""
    benchmark.group = "pytest -k bottleneck"
    command = ["-m", "pytest", "-q", "-k", "bottleneck", "--bundle-dir="]
    output = by_turns(
        benchmark,
        "bottleneck",
        lambda: _python(*command),
        lambda: _python(str(ROOT / "tests" / "bare.py")),
        rounds=2,
        warm=False,
        clock=cpu_of_children,
    )
    assert " passed" in output


def test_scan(benchmark) -> None:
    from importlib.util import find_spec

    from harness.apimap.scan import scan

    benchmark.group = "scan of torchvision.models"
    models = Path(find_spec("torchvision").submodule_search_locations[0], "models")
    texts = [path.read_text(encoding="utf-8") for path in models.rglob("*.py")]
    found = by_turns(
        benchmark,
        "scan",
        lambda: scan("torchvision.models", processes=1),
        lambda: [ast.parse(text) for text in texts],
        rounds=3,
    )
    assert len(found.files) == len(texts)


# -- training ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage(find_pair("recipes.resnet20_cifar10"), "default")


@pytest.mark.parametrize("side", SIDES)
def test_an_epoch_of_the_data_pipeline(benchmark, stage: Stage, side: str) -> None:
    """Samples a second are 1,472 over the time."""
    from harness.stages.rehearsal import pipeline_of

    benchmark.group = "data pipeline, one epoch of 1,472 samples"
    made = pipeline_of(stage, side, train=True)
    seen = benchmark.pedantic(
        lambda: sum(len(labels) for _, labels in made.batches(0)), rounds=3, warmup_rounds=1
    )
    assert seen == 1472


@pytest.mark.parametrize("side", SIDES)
def test_a_step_of_the_loop(benchmark, stage: Stage, side: str) -> None:
    """ResNet-20, a batch of 32: forward, backward and the optimizer."""
    from harness.stages.rehearsal import batches_of
    from harness.training import runner_of

    benchmark.group = "training step, ResNet-20, batch 32"
    runner = runner_of(stage, side, 46)
    runner.loop.begin_epoch()
    batch = next(batches_of(stage, train=True))
    loss = benchmark.pedantic(runner.train, args=batch, **ROUNDS)
    assert np.isfinite(loss)


@pytest.mark.parametrize("mode", ["pynative", "graph"])
def test_a_bare_step_of_mindspore(benchmark, stage: Stage, mode: str) -> None:
    import mindspore as ms

    from harness.stages.rehearsal import batches_of

    benchmark.group = "training step, ResNet-20, batch 32"
    images, labels = next(batches_of(stage, train=True))
    network = bare.built(find_pair("networks.resnet20"), "default", "mindspore")
    loss = ms.nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    optimizer = ms.nn.Momentum(network.trainable_params(), 0.1, 0.9)
    step = ms.nn.TrainOneStepCell(ms.nn.WithLossCell(network, loss), optimizer)
    step.set_train(True)
    batch = ms.Tensor(images), ms.Tensor(labels.astype(np.int32))
    with bare.as_graphs() if mode == "graph" else contextlib.nullcontext():
        found = benchmark.pedantic(lambda: float(step(*batch).asnumpy()), **ROUNDS)
    assert np.isfinite(found)
