"""Checkpoint files are what the frameworks' own readers and writers take and make."""

from __future__ import annotations

import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import big_pairs
import numpy as np
import pytest
import safetensors
from deferred import ms, safetensors_torch, torch

from harness.checkpoint import open_checkpoint, read_checkpoint, write_checkpoint, write_stored
from harness.cli import main
from harness.errors import CheckpointError
from harness.formats import ckpt_file
from harness.formats.stored import StoredTensor, of_array

pytestmark = pytest.mark.usefixtures("frameworks")

BIG = "big_pairs:PAIR"
DTYPES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64",
    "float16", "bfloat16", "float32", "float64",
]  # fmt: skip


def _of_every_dtype() -> dict[str, torch.Tensor]:
    bits = torch.from_numpy(np.random.default_rng(0).integers(0, 2, (3, 5, 8), np.uint8))
    state = {dtype: bits.to(getattr(torch, dtype)) for dtype in DTYPES}
    state["float32"].view(torch.int32)[0, 0, 0] = 0x7FA01234  # NaN with a payload
    state["bfloat16"].view(torch.int16)[0, 0, 0] = 0x7FA1
    return {**state, "scalar": torch.tensor(3), "half.scalar": torch.tensor(0.1).half()}


def _assert_same(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> None:
    assert set(ours) == set(theirs)
    for name, value in theirs.items():
        assert ours[name].dtype == value.dtype, name
        assert ours[name].shape == value.shape, name
        assert (
            ours[name].numpy(force=True).tobytes() == value.numpy().tobytes()
            if (value.dtype is not torch.bfloat16)
            else torch.equal(ours[name].view(torch.int16), value.view(torch.int16))
        ), name


@pytest.mark.parametrize("middle", ["m.ckpt", "m.safetensors", "m.safetensors.index.json"])
def test_every_dtype_comes_back_bit_for_bit(tmp_path: Path, middle: str) -> None:
    state = _of_every_dtype()
    torch.save(state, tmp_path / "s.pth")
    write_stored(tmp_path / middle, open_checkpoint(tmp_path / "s.pth").tensors, "mindspore")
    write_stored(tmp_path / "t.pth", open_checkpoint(tmp_path / middle).tensors, "torch")
    _assert_same(torch.load(tmp_path / "t.pth"), state)


def test_safetensors_are_read_and_written_as_the_library_does(tmp_path: Path) -> None:
    state = _of_every_dtype()
    safetensors_torch.save_file(state, tmp_path / "s.safetensors")
    write_stored(
        tmp_path / "t.safetensors", open_checkpoint(tmp_path / "s.safetensors").tensors, "torch"
    )
    _assert_same(safetensors_torch.load_file(tmp_path / "t.safetensors"), state)


def test_mindspores_own_safetensors_are_known_as_such(tmp_path: Path) -> None:
    file = tmp_path / "s.safetensors"
    ms.save_checkpoint([{"name": "a", "data": ms.Tensor(np.arange(9))}], str(file),
                       format="safetensors")  # fmt: skip
    found = open_checkpoint(file)
    assert found.framework == "mindspore"
    assert found.tensors["a"].load().tolist() == list(range(9))


@pytest.fixture
def small_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tensors of more than 1,024 bytes are cut into several entries, in MindSpore and here."""
    monkeypatch.setattr("mindspore.train.serialization.SLICE_SIZE", 1)
    monkeypatch.setattr(ckpt_file, "_ENTRY", 1024)
    monkeypatch.setattr(ckpt_file, "BLOCK", 256)


@pytest.mark.parametrize("crc_check", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_a_ckpt_has_mindspores_own_bytes(
    tmp_path: Path, request: pytest.FixtureRequest, cut: bool, crc_check: bool
) -> None:
    if cut:
        request.getfixturevalue("small_entries")
    arrays = {n: v.numpy() for n, v in _of_every_dtype().items() if n != "bfloat16"}
    arrays["long"] = np.arange(1500, dtype=np.float32).reshape(3, 500)
    data = [{"name": n, "data": ms.Tensor(a)} for n, a in arrays.items()]
    ms.save_checkpoint(data, str(tmp_path / "theirs.ckpt"), crc_check=crc_check)
    theirs = (tmp_path / "theirs.ckpt").read_bytes()
    found = open_checkpoint(tmp_path / "theirs.ckpt").tensors
    for name, array in arrays.items():
        assert found[name].load().tobytes() == array.tobytes(), name
    write_checkpoint(tmp_path / "ours.ckpt", arrays, "mindspore")
    ours = (tmp_path / "ours.ckpt").read_bytes()
    assert ours == (theirs[:-17] if crc_check else theirs)
    assert ours.count(b"long") == (6 if cut else 1)


def test_a_flipped_bit_is_told_where_the_file_has_a_check_sum(tmp_path: Path) -> None:
    file = tmp_path / "s.ckpt"
    ms.save_checkpoint([{"name": "a", "data": ms.Tensor(np.zeros(999, "f4"))}], str(file),
                       crc_check=True)  # fmt: skip
    content = bytearray(file.read_bytes())
    content[500] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="check sum"):
        open_checkpoint(file)


def test_a_ckpt_that_ends_early_is_refused_wherever_that_is(tmp_path: Path) -> None:
    file = tmp_path / "s.ckpt"
    write_checkpoint(file, {"a.weight": np.ones((5, 5), "f4")}, "mindspore")
    whole = file.read_bytes()
    for end in range(1, len(whole)):
        file.write_bytes(whole[:end])
        with pytest.raises(CheckpointError, match="truncated"):
            open_checkpoint(file)


@pytest.mark.parametrize(
    ("array", "why"),
    [(np.ones(3, "complex64"), "complex64"), (np.ones((0, 3), "f4"), "no elements")],
)
def test_what_mindspore_would_not_load_again_is_not_written(
    tmp_path: Path, array: np.ndarray, why: str
) -> None:
    with pytest.raises(CheckpointError, match=why):
        write_checkpoint(tmp_path / "t.ckpt", {"a": array}, "mindspore")
    assert list(tmp_path.iterdir()) == []


def test_a_ckpt_is_read_where_mindspore_finds_too_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MindSpore compares the file with the pages that are free, and the page cache is not."""
    file = tmp_path / "s.ckpt"
    write_checkpoint(file, {"a": np.arange(9)}, "mindspore")
    monkeypatch.setattr("mindspore.train.serialization._get_available_memory", lambda: 1)
    with pytest.raises(ValueError, match="available memory"):
        ms.load_checkpoint(str(file))
    assert read_checkpoint(file).arrays["a"].tolist() == list(range(9))


def test_bfloat16_converts_and_mindspore_loads_it(tmp_path: Path) -> None:
    state = {n: torch.from_numpy(a).bfloat16() for n, a in big_pairs.state(8).items()}
    torch.save(state, tmp_path / "s.pth")
    assert main(["convert", BIG, str(tmp_path / "s.pth"), str(tmp_path / "m.ckpt")]) == 0
    loaded = ms.load_checkpoint(str(tmp_path / "m.ckpt"))
    assert loaded["0.weight"].dtype == ms.bfloat16
    assert np.array_equal(loaded["0.weight"].float().asnumpy(), state["0.weight"].float().numpy())
    assert main(["convert", BIG, str(tmp_path / "m.ckpt"), str(tmp_path / "t.pth")]) == 0
    _assert_same(torch.load(tmp_path / "t.pth"), state)


def _plain(state: dict[str, torch.Tensor], path: Path) -> None:
    torch.save(state, path)


def _legacy(state: dict[str, torch.Tensor], path: Path) -> None:
    torch.save(state, path, _use_new_zipfile_serialization=False)


def _compressed(state: dict[str, torch.Tensor], path: Path) -> None:
    torch.save(state, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("save", [_plain, _legacy, _compressed])
def test_torch_files_that_cannot_be_mapped_are_read(tmp_path: Path, save: Callable) -> None:
    # torch itself does not load wide unsigned integers from its old format.
    state = {n: v for n, v in _of_every_dtype().items() if n not in ("uint16", "uint32", "uint64")}
    save(state, tmp_path / "s.pth")
    write_stored(tmp_path / "t.pth", open_checkpoint(tmp_path / "s.pth").tensors, "torch")
    _assert_same(torch.load(tmp_path / "t.pth"), state)


def test_where_both_sides_have_the_same_names_the_file_says_whose_it_is(tmp_path: Path) -> None:
    """A Linear's parameters are called weight and bias on both sides."""
    names = [str(tmp_path / f"{n}.safetensors") for n in range(3)]
    write_checkpoint(Path(names[0]), {"weight": np.ones((10, 32), "f4"), "bias": np.ones(10, "f4")},
                     "torch")  # fmt: skip
    written = []
    for source, target in zip(names, names[1:]):
        assert main(["convert", "layers.dense", source, target]) == 0
        with safetensors.safe_open(target, framework="np") as file:
            written.append(file.metadata()["format"])
    assert written == ["ms", "pt"]


# -- nothing half-written ------------------------------------------------------------------------

TARGETS = ["t.ckpt", "t.safetensors", "t.safetensors.index.json", "t.pth"]


def _framework(target: str) -> str:
    return "torch" if target.endswith(".pth") else "mindspore"


@pytest.mark.parametrize("target", TARGETS)
def test_a_source_that_fails_on_the_way_leaves_nothing(tmp_path: Path, target: str) -> None:
    def fail() -> np.ndarray:
        raise CheckpointError("it became shorter")

    good = of_array(np.ones(1000, "f4"))
    tensors = {"a": good, "b": StoredTensor("float32", (1000,), fail)}
    with pytest.raises(CheckpointError, match="shorter"):
        write_stored(tmp_path / target, tensors, _framework(target))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path, target: str) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limit[1]))
    try:
        with pytest.raises(CheckpointError, match="could not be written"):
            write_checkpoint(tmp_path / target, {"a": np.ones(100_000, "f4")}, _framework(target))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["t.ckpt", "t.pth"])
def test_only_safetensors_are_written_in_shards(tmp_path: Path, target: str) -> None:
    with pytest.raises(CheckpointError, match="only .safetensors are written in shards"):
        write_stored(tmp_path / target, {"a": of_array(np.ones(3))}, _framework(target), 100)
