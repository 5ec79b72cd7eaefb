"""What a user waits for, both frameworks and the bare baseline side by side.

``pytest --benchmark-only``. Times are for reading; only ratios within one run mean anything.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from harness.compare import judge
from harness.evidence import Evidence
from harness.registry import find_pair
from harness.stages import Stage

pytestmark = [pytest.mark.usefixtures("frameworks"), pytest.mark.slow]

ROUNDS = {"rounds": 5, "warmup_rounds": 1}


@pytest.fixture(scope="module", params=["blocks.bottleneck", "networks.resnet18"])
def evidence(request: pytest.FixtureRequest) -> Evidence:
    pair = find_pair(request.param)
    return Evidence(pair, next(iter(pair.variants)))


@pytest.mark.parametrize("side", ["torch", "oracle", "port"])
@pytest.mark.parametrize("step", ["forward", "forward_backward"])
def test_bare_run(benchmark, evidence: Evidence, side: str, step: str) -> None:
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


def test_recording(benchmark, evidence: Evidence) -> None:
    benchmark.group = f"{evidence.pair.name} forward_backward"
    recording = benchmark.pedantic(evidence.record, args=("train", True), **ROUNDS)
    assert recording.units


def test_isolation(benchmark, evidence: Evidence) -> None:
    benchmark.group = f"{evidence.pair.name} isolation"

    def isolate() -> list:
        evidence._isolated.clear()
        return evidence.isolated("train")

    assert benchmark.pedantic(isolate, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("what", ["abs_max", "judge"])
def test_comparison(benchmark, what: str) -> None:
    benchmark.group = "comparison of 8M float32"
    oracle = np.random.default_rng(0).standard_normal((8, 64, 128, 128))
    candidate = oracle.astype(np.float32)
    reference = np.nextafter(candidate, np.float32(np.inf))
    if what == "abs_max":
        benchmark.pedantic(lambda: np.abs(candidate - reference).max(), **ROUNDS)
    else:
        benchmark.pedantic(lambda: judge(candidate, reference, oracle), **ROUNDS)


@pytest.mark.parametrize("what", ["bare", "convert"])
def test_conversion(benchmark, tmp_path: Path, what: str) -> None:
    import mindspore as ms
    import torch

    from harness.cli import main

    benchmark.group = "conversion of ResNet-18 to .ckpt"
    evidence = Evidence(find_pair("resnet18"), "default")
    source, target = tmp_path / "s.pth", tmp_path / "t.ckpt"
    torch.save(evidence.bare_torch.model.state_dict(), source)

    def bare() -> None:
        state = torch.load(source, weights_only=True)
        data = [{"name": k, "data": ms.Tensor(v.numpy())} for k, v in state.items()]
        target.unlink(missing_ok=True)
        ms.save_checkpoint(data, str(target))

    def convert() -> None:
        assert main(["convert", "resnet18", str(source), str(target)]) == 0

    benchmark.pedantic(bare if what == "bare" else convert, rounds=3, warmup_rounds=1)
    assert target.stat().st_size > 40_000_000


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

    if file.suffix == ".pth":
        torch.save({n: torch.from_numpy(a) for n, a in arrays.items()}, file)
    elif file.suffix == ".ckpt":
        ms.save_checkpoint([{"name": n, "data": ms.Tensor(a)} for n, a in arrays.items()],
                           str(file))  # fmt: skip
    else:
        save_file(arrays, file)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("s.safetensors", "t.safetensors"),
        ("s.safetensors", "t.ckpt"),
        ("s.pth", "t.ckpt"),
        ("s.ckpt", "t.safetensors"),
        ("s.ckpt", "t.pth"),
    ],
)
def test_converting_takes_as_long_as_reading_and_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, target: str
) -> None:
    """256 MB, the whole command against the frameworks' own functions, by turns; the best of 7."""
    # It takes the page cache, which these files fill, for memory in use.
    monkeypatch.setattr("mindspore.train.serialization._get_available_memory", lambda: None)
    import big_pairs
    from peak import convert

    width = 4000
    state = big_pairs.state(width)
    if source == "s.ckpt":  # the names are MindSpore's
        state["4.gamma"], state["4.beta"] = state.pop("4.weight"), state.pop("4.bias")
    _write(tmp_path / source, state)
    best = {"bare": np.inf, "convert": np.inf}
    for _ in range(7):
        for what in best:
            (tmp_path / target).unlink(missing_ok=True)
            start = time.perf_counter()
            if what == "bare":
                _write(tmp_path / target, _read(tmp_path / source))
            else:
                convert(width, str(tmp_path / source), str(tmp_path / target))
            best[what] = min(best[what], time.perf_counter() - start)
    ratio = best["convert"] / best["bare"]
    print(f"{source} to {target}: {best['convert']:.2f} s, {ratio:.2f} x the bare read and write")
    assert ratio <= 1.2


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_isolating_resnet50_costs_at_most_four_bare_runs(mode: str) -> None:
    """Measured in a process of its own, against one bare run of each side in that process."""
    command = [sys.executable, str(Path(__file__).with_name("cost.py")), "networks.resnet50", mode]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout[done.stdout.index("{") :])
    print(f"{mode}: {found['seconds_ratio']:.2f} x the time, {found['peak_ratio']:.2f} x the peak")
    assert found["entries"] > 900
    assert found["seconds_ratio"] <= 4
    assert found["peak_ratio"] <= 1.5


SIDES = ["torch", "mindspore"]


@pytest.fixture(scope="module")
def stage() -> Stage:
    pair = find_pair("recipes.resnet20_cifar10")
    return Stage(pair, "default")


@pytest.mark.parametrize("side", SIDES)
def test_an_epoch_of_the_data_pipeline(benchmark, stage: Stage, side: str) -> None:
    """Samples a second are 1,472 over the time."""
    from harness.stages.rehearsal import pipeline_of

    benchmark.group = "data pipeline, one epoch of 1,472 samples"
    made = pipeline_of(stage, side, train=True)
    seen = benchmark.pedantic(lambda: sum(len(labels) for _, labels in made.batches(0)), **ROUNDS)
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
