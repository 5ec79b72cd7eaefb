"""Checkpoints in shards: converted, read by the usual tools, and refused where they do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import big_pairs
import numpy as np
import pytest
import safetensors.numpy
from deferred import ms

from harness.checkpoint import open_checkpoint, read_checkpoint, write_stored
from harness.cli import main
from harness.errors import CheckpointError
from harness.formats.sharded import bytes_of
from harness.formats.stored import of_array

pytestmark = pytest.mark.usefixtures("frameworks")

BIG = "big_pairs:PAIR"


def _sharded(folder: Path, name: str = "s", size: int = 20_000) -> Path:
    """torch's parameters of the large pair at width 64, 68 KB, in four or five shards."""
    tensors = {n: of_array(a) for n, a in big_pairs.state(64).items()}
    write_stored(folder / f"{name}.safetensors", tensors, "torch", size)
    return folder / f"{name}.safetensors.index.json"


def test_shards_convert_to_shards_that_the_usual_tools_read(tmp_path: Path) -> None:
    source = _sharded(tmp_path)
    state = read_checkpoint(source).arrays
    there, width = tmp_path / "there.safetensors", ["--set", "width=64"]
    arguments = [BIG, str(source), str(there), "--shard-size", "20KB", *width]
    assert main(["convert", *arguments]) == 0
    index = json.loads((tmp_path / "there.safetensors.index.json").read_text())
    shards = sorted(set(index["weight_map"].values()))
    assert len(shards) == 4
    assert shards[0] == "there-00001-of-00004.safetensors"
    assert index["metadata"]["total_size"] == sum(array.nbytes for array in state.values())
    held = {}
    for shard in shards:
        arrays = safetensors.numpy.load_file(tmp_path / shard)
        own = ms.load_checkpoint(str(tmp_path / shard), format="safetensors")
        assert set(arrays) == set(own) == {n for n, s in index["weight_map"].items() if s == shard}
        assert all(own[n].asnumpy().tobytes() == a.tobytes() for n, a in arrays.items())
        assert sum(array.nbytes for array in arrays.values()) <= 20_000
        held |= arrays
    assert np.array_equal(held["4.gamma"], state["4.weight"])
    assert np.array_equal(held["2.weight"], state["2.weight"].T)
    index_file = str(tmp_path / "there.safetensors.index.json")
    assert main(["convert", BIG, index_file, str(tmp_path / "back.pth"), *width]) == 0
    back = read_checkpoint(tmp_path / "back.pth").arrays
    assert all(back[name].tobytes() == array.tobytes() for name, array in state.items())


def test_a_tensor_larger_than_a_shard_has_its_own(tmp_path: Path) -> None:
    index = json.loads(_sharded(tmp_path, size=10_000).read_text())["weight_map"]
    assert list(index.values()).count(index["1.weight"]) == 1
    assert index["3.bias"] == index["4.weight"] == index["4.bias"]


def test_what_fits_in_a_shard_is_one_file_and_no_index(tmp_path: Path) -> None:
    tensors = {n: of_array(a) for n, a in big_pairs.state(64).items()}
    assert write_stored(tmp_path / "s.safetensors", tensors, "torch", 10**6) == ()
    assert [path.name for path in tmp_path.iterdir()] == ["s.safetensors"]


def test_shards_are_given_to_check_as_weights(tmp_path: Path) -> None:
    source = str(_sharded(tmp_path))
    command = ["check", BIG, "--set", "width=64", "--weights", source, "--checks", "parameters"]
    assert main([*command, "--in-process", "--bundle-dir", ""]) == 0


def test_a_total_size_that_is_wrong_is_told(tmp_path: Path) -> None:
    index = _sharded(tmp_path)
    assert open_checkpoint(index).notes == ()
    _edit(index, lambda content: content["metadata"].update(total_size=7))
    assert any("says 7 bytes in all" in note for note in open_checkpoint(index).notes)


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500 * 10**6), ("5GB", 5 * 10**9), ("1.5 KiB", 1536), ("7", 7), ("512mib", 2**29)],
)
def test_shard_sizes(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "0", "MB", "5 elephants", "-5MB"])
def test_other_shard_sizes_are_refused(text: str) -> None:
    with pytest.raises(CheckpointError, match="500MB"):
        bytes_of(text)


def _shards(index: Path) -> list[Path]:
    return sorted(index.parent.glob("s-*.safetensors"))


def _edit(index: Path, change: Callable[[dict], object]) -> None:
    content = json.loads(index.read_text())
    change(content)
    index.write_text(json.dumps(content))


def _lose_a_shard(index: Path) -> None:
    _shards(index)[1].unlink()


def _name_too_much(index: Path) -> None:
    first = _shards(index)[0].name
    _edit(index, lambda content: content["weight_map"].update({"5.weight": first}))


def _name_too_little(index: Path) -> None:
    _edit(index, lambda content: content["weight_map"].pop("0.bias"))


def _name_another_shard(index: Path) -> None:
    last = _shards(index)[-1].name
    _edit(index, lambda content: content["weight_map"].update({"0.bias": last}))


def _hold_twice(index: Path) -> None:
    first, second = _shards(index)[:2]
    both = {**safetensors.numpy.load_file(second), **safetensors.numpy.load_file(first)}
    safetensors.numpy.save_file(both, second)


def _truncate_a_shard(index: Path) -> None:
    shard = _shards(index)[2]
    shard.write_bytes(shard.read_bytes()[:-1])


def _garble(index: Path) -> None:
    index.write_text('{"weight_map": ')


def _forget_the_map(index: Path) -> None:
    _edit(index, lambda content: content.pop("weight_map"))


def _climb(index: Path) -> None:
    _edit(index, lambda content: content["weight_map"].update({"0.bias": "../s.safetensors"}))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_lose_a_shard, "lacks 1 of its 4 shards: s-00002-of-00004.safetensors"),
        (_name_too_much, "'5.weight' in s-00001-of-00004.safetensors, but no shard holds it"),
        (_name_too_little, "does not name '0.bias', which s-00001-of-00004.safetensors holds"),
        (_name_another_shard, "'0.bias' in s-00004-of-00004.safetensors; s-00001-of-00004"),
        (_hold_twice, "s-00001-of-00004.safetensors and s-00002-of-00004.safetensors both hold"),
        (_truncate_a_shard, "s-00003-of-00004.safetensors is not a readable safetensors file"),
        (_garble, "not a readable index of shards"),
        (_forget_the_map, "not a readable index of shards: KeyError: 'weight_map'"),
        (_climb, "a file name in the index's own folder"),
    ],
)
def test_shards_that_do_not_fit_are_one_sentence_and_no_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable, says: str
) -> None:
    index = _sharded(tmp_path)
    spoil(index)
    before = set(tmp_path.iterdir())
    assert main(["convert", BIG, str(index), str(tmp_path / "t.ckpt"), "--set", "width=64"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert says in said
    assert set(tmp_path.iterdir()) == before
