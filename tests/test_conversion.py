"""Checkpoints convert bit for bit both ways, and what cannot be converted is refused whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from deferred import ms, torch

from harness.checkpoint import read_checkpoint, write_checkpoint
from harness.cli import main
from harness.registry import find_pair

pytestmark = pytest.mark.usefixtures("frameworks")

BLOCK = "blocks.bottleneck"
VARIANT = ["--variant", "stride2"]


def _state() -> dict[str, torch.Tensor]:
    """A Bottleneck's state with the values that conversions lose: denormals, -0.0, NaN payloads."""
    pair = find_pair(BLOCK)
    torch.manual_seed(0)
    state = pair.factory("torch")(**pair.variants["stride2"].kwargs).state_dict()
    weight = state["conv1.weight"].numpy().reshape(-1)
    weight[:4] = [1.091892e-40, -3.576954e-41, -0.0, np.inf]
    weight.view(np.uint32)[4] = 0x7FA01234
    return state


def _bits(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array).tobytes()


def _assert_same(ours: dict, theirs: dict) -> None:
    assert set(ours) == set(theirs)
    for name, array in theirs.items():
        assert _bits(ours[name]) == _bits(array), name


@pytest.mark.parametrize("middle", ["m.ckpt", "m.safetensors"])
@pytest.mark.parametrize("source", ["s.pth", "s.safetensors"])
def test_conversion_round_trips_bit_exact(tmp_path: Path, source: str, middle: str) -> None:
    state = {name: value.numpy() for name, value in _state().items()}
    write_checkpoint(tmp_path / source, state, "torch")
    there = [BLOCK, str(tmp_path / source), str(tmp_path / middle), *VARIANT]
    assert main(["convert", *there]) == 0
    back = [BLOCK, str(tmp_path / middle), str(tmp_path / "back.pth"), *VARIANT]
    assert main(["convert", *back]) == 0
    _assert_same(dict(read_checkpoint(tmp_path / "back.pth").arrays), state)


def test_mindspore_itself_loads_the_converted_checkpoint(tmp_path: Path) -> None:
    torch.save(_state(), tmp_path / "s.pth")
    assert (
        main(["convert", BLOCK, str(tmp_path / "s.pth"), str(tmp_path / "m.ckpt"), *VARIANT]) == 0
    )
    pair = find_pair(BLOCK)
    net = pair.factory("mindspore")(**pair.variants["stride2"].kwargs)
    left_network, left_file = ms.load_param_into_net(
        net, ms.load_checkpoint(str(tmp_path / "m.ckpt"))
    )
    assert (left_network, left_file) == ([], [])
    assert _bits(net.conv1.weight.asnumpy()) == _bits(_state()["conv1.weight"].numpy())


def test_nesting_and_prefix_are_unwrapped_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nested = {"state_dict": {f"module.{k}": v for k, v in _state().items()}, "best_prec1": 91.0}
    torch.save(nested, tmp_path / "s.pth")
    assert (
        main(["convert", BLOCK, str(tmp_path / "s.pth"), str(tmp_path / "m.ckpt"), *VARIANT]) == 0
    )
    said = capsys.readouterr().out
    assert "under 'state_dict'" in said
    assert "'module.'" in said
    assert "num_batches_tracked" in said


def test_the_documents_wrong_dictionary_is_refused_with_both_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"bn1.bias": "bn1.beta", "downsample.0.weight": "downsample.1.weight"}
    (tmp_path / "map.json").write_text(json.dumps(wrong))
    torch.save(_state(), tmp_path / "s.pth")
    target = tmp_path / "m.ckpt"
    arguments = [BLOCK, str(tmp_path / "s.pth"), str(target), *VARIANT]
    assert main(["convert", *arguments, "--map", str(tmp_path / "map.json")]) == 2
    said = capsys.readouterr().err
    assert "'downsample.0.weight'" in said
    assert "'downsample.1.weight'" in said
    assert not target.exists()


def _truncated(path: Path) -> None:
    torch.save(_state(), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _garbage(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 this is no checkpoint")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _a_list(path: Path) -> None:
    torch.save([1, 2, 3], path)


def _code(path: Path) -> None:
    torch.save(torch.nn.ReLU(), path)


def _other_network(path: Path) -> None:
    torch.save(torch.nn.Linear(3, 4).state_dict(), path)


def _one_missing(path: Path) -> None:
    state = _state()
    del state["bn2.running_var"]
    torch.save(state, path)


def _one_reshaped(path: Path) -> None:
    state = _state()
    state["bn2.weight"] = torch.ones(3)
    torch.save(state, path)


@pytest.mark.parametrize(
    "spoil",
    [_truncated, _garbage, _empty, _a_list, _code, _other_network, _one_missing, _one_reshaped],
)
def test_a_bad_source_is_one_error_exit_2_and_no_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil
) -> None:
    source, target = tmp_path / "s.pth", tmp_path / "m.ckpt"
    spoil(source)
    assert main(["convert", BLOCK, str(source), str(target), *VARIANT]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "Traceback" not in said
    assert not target.exists()


@pytest.mark.parametrize("name", ["s.ckpt", "s.safetensors"])
def test_truncated_files_of_the_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    pair = find_pair(BLOCK)
    net = pair.factory("mindspore")(**pair.variants["stride2"].kwargs)
    arrays = {n: p.asnumpy().copy() for n, p in net.parameters_and_names()}
    source, target = tmp_path / name, tmp_path / "t.pth"
    write_checkpoint(source, arrays, "mindspore")
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 3])
    assert main(["convert", BLOCK, str(source), str(target), *VARIANT]) == 2
    assert not target.exists()


def test_an_interrupted_save_leaves_the_old_file(tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "t.pth"
    write_checkpoint(target, {"a": np.ones(3, np.float32)}, "torch")

    def fail(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("torch.save", fail)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(target, {"a": np.zeros(3, np.float32)}, "torch")
    assert [p.name for p in tmp_path.iterdir()] == ["t.pth"]
    assert read_checkpoint(target).arrays["a"].tolist() == [1, 1, 1]


@pytest.fixture
def with_more(tmp_path: Path) -> Path:
    """A Bottleneck's checkpoint that holds two further submodules."""
    more = {f"{name}.weight": torch.ones(2) for name in ("teacher.conv1", "teacher.fc", "ema")}
    torch.save(_state() | more, tmp_path / "s.pth")
    return tmp_path / "s.pth"


def test_ignored_names_are_left_out_and_counted(
    with_more: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["convert", BLOCK, str(with_more), str(tmp_path / "m.ckpt"), *VARIANT]
    assert main(command) == 2
    assert "unexpected in the file: 3" in capsys.readouterr().err
    assert main([*command, "--ignore", "teacher.*", "--ignore", "ema.weight"]) == 0
    said = capsys.readouterr().out
    assert "note: 2 ignored, as --ignore teacher.* says (teacher.conv1.weight, ...)" in said
    assert "note: 1 ignored, as --ignore ema.weight says (ema.weight, ...)" in said
    back = ["convert", BLOCK, str(tmp_path / "m.ckpt"), str(tmp_path / "back.pth"), *VARIANT]
    assert main(back) == 0
    _assert_same(
        dict(read_checkpoint(tmp_path / "back.pth").arrays),
        {name: value.numpy() for name, value in _state().items()},
    )


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        (["teacher.*", "ema.*", "Teacher.*"], "--ignore Teacher.* matches no name in"),
        (["teacher.*"], "unexpected in the file: 1\n      ema.weight"),
        (["teacher.*", "ema.*", "conv1.*"], "leaves out 1 that the network needs: conv1.weight."),
        (["*"], "--ignore leaves no parameters"),
    ],
)
def test_ignoring_too_little_too_much_or_nothing_is_refused(
    with_more: Path,
    tmp_path: Path,
    patterns: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "m.ckpt"
    given = [word for pattern in patterns for word in ("--ignore", pattern)]
    assert main(["convert", BLOCK, str(with_more), str(target), *VARIANT, *given]) == 2
    assert said in capsys.readouterr().err
    assert not target.exists()
