"""Conversions take memory for one tensor, and as long as reading and writing the file takes."""

import json
import subprocess
import sys
from pathlib import Path

import big_pairs
import numpy as np
import pytest

from harness.checkpoint import open_checkpoint, write_checkpoint
from harness.cli import main
from harness.evidence import Evidence
from harness.outline import outline_of
from harness.registry import all_pairs

pytestmark = [
    pytest.mark.usefixtures("frameworks"),
    pytest.mark.skipif(
        not Path("/proc/self/clear_refs").exists(), reason="peaks are read from Linux's /proc"
    ),
]

#: In this order: each source is given, or written by one before it.
CONVERSIONS = [
    ("given.safetensors", "there.safetensors"),
    ("given.safetensors", "there.ckpt"),
    ("given.pth", "there_too.ckpt"),
    ("there.safetensors", "back.safetensors"),
    ("there.ckpt", "back_too.safetensors"),
    ("there.ckpt", "back.pth"),
]


def _state(width: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    state = {}
    for layer in range(big_pairs.LAYERS):
        state[f"{layer}.weight"] = rng.standard_normal((width, width), np.float32)
        state[f"{layer}.bias"] = rng.standard_normal(width, np.float32)
    norm = big_pairs.LAYERS
    return {**state, f"{norm}.weight": np.ones(width, "f4"), f"{norm}.bias": np.zeros(width, "f4")}


def _peaks(width: int, folder: Path, *conversions: tuple[str, str]) -> dict[str, int]:
    """Target -> peak in bytes, from one process that does these conversions."""
    files = [str(folder / name) for conversion in conversions for name in conversion]
    command = [sys.executable, str(Path(__file__).with_name("peak.py")), str(width), *files]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {Path(one["target"]).name: one["peak"] for one in found}


def _write_given(folder: Path, width: int) -> None:
    state = _state(width)
    write_checkpoint(folder / "given.safetensors", state, "torch")
    write_checkpoint(folder / "given.pth", state, "torch")


def _assert_bounded(target: str, source: str, width: int, peak: int) -> None:
    largest = width * width * 4
    file = largest * big_pairs.LAYERS
    print(f"{source} to {target}: {peak / largest:.2f} x the largest tensor, "
          f"{peak / file:.2f} x the file")  # fmt: skip
    if ".pth" in source + target:
        assert 0.5 * file < peak <= 1.3 * file
    else:
        assert 0.9 * largest < peak <= 1.3 * largest


#: Of tensors above 32 MiB: freed memory of smaller ones glibc may keep.
WIDTH = 3000


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A folder with 144 MB of parameters in every format, and the peaks of converting them."""
    folder = tmp_path_factory.mktemp("large")
    _write_given(folder, WIDTH)
    return folder, _peaks(WIDTH, folder, *CONVERSIONS)


@pytest.mark.parametrize(("source", "target"), CONVERSIONS)
def test_a_conversion_takes_memory_for_one_tensor(
    converted: tuple[Path, dict[str, int]], source: str, target: str
) -> None:
    _assert_bounded(target, source, WIDTH, converted[1][target])


@pytest.mark.parametrize("back", ["back.safetensors", "back_too.safetensors", "back.pth"])
def test_large_files_come_back_bit_for_bit(
    converted: tuple[Path, dict[str, int]], back: str
) -> None:
    given, found = (open_checkpoint(converted[0] / name) for name in ("given.pth", back))
    assert set(found.tensors) == set(given.tensors)
    for name, tensor in given.tensors.items():
        assert np.array_equal(found.tensors[name].load(), tensor.load()), name


def test_one_layout_of_the_large_pair_is_transposed(
    converted: tuple[Path, dict[str, int]],
) -> None:
    there = open_checkpoint(converted[0] / "there.ckpt").tensors["2.weight"].load()
    given = open_checkpoint(converted[0] / "given.pth").tensors["2.weight"].load()
    assert np.array_equal(there, given.T)
    assert not np.array_equal(there, given)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "target"), CONVERSIONS[:3])
def test_a_gigabyte_converts_in_the_same_multiple(tmp_path: Path, source: str, target: str) -> None:
    width = 8200
    _write_given(tmp_path, width)
    assert (tmp_path / source).stat().st_size > 1_000_000_000
    peaks = _peaks(width, tmp_path, (source, target))
    _assert_bounded(target, source, width, peaks[target])


def test_a_factory_that_looks_at_values_is_built_in_full_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_checkpoint(tmp_path / "s.pth", _state(8), "torch")
    arguments = [str(tmp_path / "s.pth"), str(tmp_path / "t.ckpt")]
    assert main(["convert", "big_pairs:PAIR", *arguments]) == 0
    assert "built in full" not in capsys.readouterr().out
    assert main(["convert", "big_pairs:BY_VALUE", *arguments]) == 0
    assert "the torch side was built in full" in capsys.readouterr().out


def _assert_outline_is_whole(kinds: tuple[str, ...]) -> None:
    compared = 0
    for pair in all_pairs().values():
        if pair.kind in kinds and pair.has_parameters is not False and not pair.slow:
            variant = next(iter(pair.variants))
            outline, evidence = outline_of(pair, variant), Evidence(pair, variant)
            assert outline.torch == evidence.bare_torch.inventory, pair.name
            assert outline.port == evidence.bare_port.inventory, pair.name
            compared += 1
    assert compared >= 4


def test_building_without_data_gives_the_same_names_and_shapes() -> None:
    _assert_outline_is_whole(("blocks",))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:enable_nested_tensor:UserWarning")
def test_building_without_data_gives_the_same_names_and_shapes_everywhere() -> None:
    _assert_outline_is_whole(("layers", "networks"))
