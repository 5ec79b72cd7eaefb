"""What torch computed is taken from where it is kept: the same bits, and never what is damaged."""

import json
import os
import subprocess
import sys
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import references
from harness.references import COUNTS, NotPlain, Store, fingerprint

ROOT = Path(__file__).parents[2]

Both = namedtuple("Both", "first second")


class Output(OrderedDict):
    """As model libraries return it: a mapping that is rebuilt from keywords."""


@dataclass
class Held:
    x: Any
    y: int = 0


SHARED = np.arange(6.0).reshape(2, 3)
VALUES: dict[str, Any] = {
    "plain": [None, True, 3, 0.1, "text", float("inf"), (1, [2, ()]), {"a": {1: 2}}],
    "arrays": {0: SHARED, "f": np.float32([[1, -0.0, np.nan]]), "none": np.zeros((0, 3), "f4")},
    "dtypes": [np.array(3), np.array([True]), np.arange(4, dtype="i8"), np.ones(2, "f2"),
               np.ones(1, "c16")],
    "strided": [np.arange(12.0).reshape(3, 4).T, np.arange(9)[::2]],
    "containers": [Both(1, SHARED), Output(x=SHARED, y=None), Held(SHARED, 2)],
}  # fmt: skip


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_comes_back_bit_for_bit(tmp_path: Path, value: Any) -> None:
    Store(tmp_path).write("ab12", value)
    found = Store(tmp_path).read("ab12")
    assert repr(found) == repr(value)
    assert fingerprint(found) == fingerprint(value)


def test_arrays_that_are_one_stay_one_and_can_be_written_to(tmp_path: Path) -> None:
    Store(tmp_path).write("ab12", [SHARED, {"x": SHARED}, SHARED.copy()])
    first, second, third = Store(tmp_path).read("ab12")
    assert first is second["x"]
    assert first is not third
    first[0, 0] = 7
    assert SHARED[0, 0] == 0


@pytest.mark.parametrize("value", [object(), {1, 2}, lambda: 1, np.array([None]), 1j, Path("a")])
def test_what_is_no_data_is_neither_kept_nor_told_by_a_hash(tmp_path: Path, value: Any) -> None:
    Store(tmp_path).write("ab12", [value])
    assert Store(tmp_path).read("ab12") is None
    with pytest.raises(NotPlain):
        fingerprint([value])


def test_values_that_differ_have_other_hashes() -> None:
    a = np.float32([1, 2])
    values = [a, a.astype("f8"), a.reshape(1, 2), a.tolist(), (1, 2), [1, 2], [1, 2.0], [1, [2]],
              {"a": a}, {"b": a}, [a, a], [a, a + 0], Both(1, 2), None, "", 0, False]  # fmt: skip
    assert len({fingerprint(value) for value in values}) == len(values) - 1
    assert fingerprint([a, a]) != fingerprint([a, a + 1])


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a byte of an array": lambda data: _flipped(data, -9),
    "a byte of the text": lambda data: _flipped(data, 80),
    "a byte of the checksum": lambda data: _flipped(data, 3),
    "cut off": lambda data: data[:-10],
    "longer": lambda data: data + b"\0",
    "empty": lambda data: b"",
    "no entry": lambda data: b"[]\n[]\n",
}


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_deleted(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    store = Store(tmp_path)
    store.write("ab12", {"x": SHARED})
    path = store.path("ab12")
    path.write_bytes(damage(path.read_bytes()))
    before = COUNTS["damaged"]
    assert store.read("ab12") is None
    assert not path.exists()
    assert COUNTS["damaged"] == before + 1
    store.write("ab12", {"x": SHARED})
    assert (store.read("ab12")["x"] == SHARED).all()


def test_an_entry_under_another_key_is_not_taken(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write("ab12", {"x": SHARED})
    store.path("ab12").rename(store.path("ab13"))
    assert store.read("ab13") is None


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=50_000, room=30_000)
    for number in range(6):
        store.write(f"{number:04}", np.zeros(1000))
        os.utime(store.path(f"{number:04}"), (number, number))
    assert store.read("0000") is not None  # used by now
    store.write("0006", np.zeros(1000))
    assert {path.stem for path in tmp_path.rglob("*.run")} == {"0000", "0005", "0006"}
    store.write("9999", np.zeros(10**5))
    assert store.read("9999") is None  # too large for the folder


def test_a_folder_is_not_measured_for_every_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Store] = []
    entries = Store._entries

    def counted(store: Store) -> Iterator[tuple[float, int, Path]]:
        measured.append(store)
        return entries(store)

    monkeypatch.setattr(Store, "_entries", counted)
    for number in range(20):
        Store(tmp_path).write(f"{number:04}", SHARED)
    assert len(measured) == 1


PORT = "from mindspore import nn\n\ndef build():\n    return nn.SequentialCell({})\n"
MINE = {
    "mine_helper.py": "from torch.nn import Linear, ReLU\n\ndef layers():\n"
                      "    return Linear(3, 4), ReLU()\n",
    "mine_pt.py": "from torch import nn\n\ndef build():\n    from mine_helper import layers\n"
                  "    return nn.Sequential(*layers())\n",
    "mine_ms.py": PORT.format("nn.Dense(3, 4), nn.ReLU()"),
    "mine.py": "from harness import Input, Pair\nPAIR = Pair(name='blocks.mine', "
               "torch='mine_pt:build', mindspore='mine_ms:build', inputs=[Input((5, 3))])\n",
    "script.py": """
import dataclasses, json, sys
from pathlib import Path
import torch
from harness import references
from harness.backends import remembered
from harness.backends.base import Settings
from harness.checks import check_pair
from mine import PAIR

def checked(folder):
    references.COUNTS.clear()
    found = check_pair(PAIR, settings=Settings(references=folder))
    told = [repr(dataclasses.replace(verdict, seconds=0.0)) for verdict in found]
    return {"told": told, **references.COUNTS}

out = {}
for step in sys.argv[1:]:
    if step == "damage":
        path = next(Path("kept").rglob("*.run"))
        path.write_bytes(path.read_bytes()[:-1])
    if step == "version":
        torch.__version__ = "0.0"
        remembered._surroundings.cache_clear()
    out[step] = checked("" if step == "without" else "kept")
print(json.dumps(out))
""",
}  # fmt: skip


def _steps(folder: Path, *steps: str) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "script.py", *steps], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_an_unchanged_reference_is_not_run_again_and_the_verdicts_are_the_same(
    tmp_path: Path,
) -> None:
    for name, text in MINE.items():
        (tmp_path / name).write_text(text)
    found = _steps(tmp_path, "without", "cold", "warm", "damage", "version")
    told = found["without"]["told"]
    assert len(told) >= 8
    assert all(step["told"] == told for name, step in found.items() if name != "version")
    assert found["without"].get("run", 0) == 0  # nothing is counted without a folder
    runs = found["cold"]["run"]
    assert runs > 20
    assert found["cold"]["kept"] == runs
    assert (found["warm"]["taken"], found["warm"].get("run", 0)) == (runs, 0)
    damaged = found["damage"]
    assert (damaged["damaged"], damaged["run"], damaged["taken"]) == (1, 1, runs - 1)
    assert (found["version"].get("taken", 0), found["version"]["run"]) == (0, runs)

    (tmp_path / "mine_ms.py").write_text(MINE["mine_ms.py"] + "# another\n")
    port = _steps(tmp_path, "port")["port"]
    assert port["told"] == told
    assert (port["taken"], port.get("run", 0)) == (runs, 0)

    (tmp_path / "mine_helper.py").write_text(MINE["mine_helper.py"] + "# another\n")
    helper = _steps(tmp_path, "helper")["helper"]
    assert helper["told"] == told
    assert (helper.get("taken", 0), helper["run"]) == (0, runs)


@pytest.mark.usefixtures("frameworks")
def test_a_reference_that_is_random_is_found_out_all_the_same(tmp_path: Path) -> None:
    """Two runs on the same inputs are two entries."""
    import torch

    from harness.backends import open_backend, remember

    def twice() -> list[str]:
        inner = open_backend("torch")
        backend: Any = remember(inner, tmp_path, torch.nn.RReLU, {}, 0)
        assert backend is not inner
        model = backend.build(torch.nn.RReLU, {}, 0)
        given = -np.ones((4, 4), "f4")
        runs = [backend.run(model, (given,), train=True) for _ in range(2)]
        return [fingerprint(run.output) for run in runs]

    first = twice()
    assert first[0] != first[1]
    before = references.counts()
    assert twice() == first
    assert COUNTS["taken"] == before.get("taken", 0) + 2


@pytest.mark.usefixtures("frameworks")
def test_a_factory_that_no_file_tells_is_not_remembered(tmp_path: Path) -> None:
    import torch

    from harness.backends import open_backend, remember

    inner = open_backend("torch")
    assert remember(inner, tmp_path, lambda: torch.nn.ReLU(), {}, 0) is inner
    assert remember(inner, tmp_path, torch.nn.Linear, {"device": object()}, 0) is inner
