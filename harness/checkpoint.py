"""Read and write checkpoints of both frameworks, bit exact, atomically, without pickle code.

torch: ``.pth``, ``.pt``, ``.th``, ``.bin``, ``.tar``; MindSpore: ``.ckpt``; both: ``.safetensors``.
"""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import CheckpointError
from harness.trace import atomic_file

TORCH_SUFFIXES = (".pth", ".pt", ".th", ".bin", ".tar")
SUFFIXES = (*TORCH_SUFFIXES, ".ckpt", ".safetensors")

#: Keys under which training scripts nest the parameters.
NESTS = ("state_dict", "model_state_dict", "model", "net")


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds: name -> array, and sentences about what was unwrapped on the way."""

    arrays: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()


def framework_of(path: Path) -> str:
    """ "torch" or "mindspore" by suffix, "" for ``.safetensors``, which both use.

    Raises CheckpointError for any other suffix.
    """
    suffix = Path(path).suffix.lower()
    if suffix in TORCH_SUFFIXES:
        return "torch"
    if suffix == ".ckpt":
        return "mindspore"
    if suffix == ".safetensors":
        return ""
    raise CheckpointError(f"{path}: unknown checkpoint type {suffix!r}; use {', '.join(SUFFIXES)}.")


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a file of either framework. Raises CheckpointError with one sentence."""
    path = Path(path)
    framework = framework_of(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file.")
    if path.stat().st_size == 0:
        raise CheckpointError(f"{path} is empty.")
    readers = {"torch": _read_torch, "mindspore": _read_mindspore, "": _read_safetensors}
    found = readers[framework](path)
    if not found.arrays:
        raise CheckpointError(f"{path} holds no parameters.")
    return found


def write_checkpoint(path: Path, arrays: Mapping[str, np.ndarray], framework: str) -> None:
    """Write arrays for a framework; the file appears whole or the old one stays.

    framework decides the format for ``.safetensors`` only in that names are the caller's own.
    """
    path = Path(path)
    own = framework_of(path)
    if own and own != framework:
        raise CheckpointError(f"{path}: a {path.suffix} file is {own}'s, not {framework}'s.")
    with atomic_file(path) as temporary:
        if own == "torch":
            _write_torch(temporary, arrays)
        elif own == "mindspore":
            _write_mindspore(temporary, arrays)
        else:
            _write_safetensors(temporary, arrays)


def _read_torch(path: Path) -> Checkpoint:
    import torch

    places: set[str] = set()

    def locate(storage: Any, location: str) -> Any:
        places.add(location)
        return storage

    if zipfile.is_zipfile(path) is False and _starts_like_zip(path):
        raise CheckpointError(f"{path} is truncated or corrupt: it begins as a torch file.")
    try:
        loaded = torch.load(path, map_location=locate, weights_only=True)
    except Exception as error:  # unpickling raises a dozen types
        raise CheckpointError(
            f"{path} is not a torch checkpoint of plain tensors (weights_only): "
            f"{str(error).strip().splitlines()[0]}"
        ) from error
    if not isinstance(loaded, Mapping):
        raise CheckpointError(f"{path} holds a {type(loaded).__name__}, not a state_dict.")
    notes: list[str] = []
    state = _unnest(loaded, torch.is_tensor, notes, path)
    if places - {"cpu"}:
        notes.append(f"tensors were saved on {', '.join(sorted(places - {'cpu'}))}; read to CPU")
    arrays = {}
    for name, value in _strip_module(state, notes).items():
        if value.dtype is torch.bfloat16:
            raise CheckpointError(
                f"{path}: {name} is bfloat16, which NumPy cannot hold; save it as float32 first."
            )
        arrays[name] = value.detach().contiguous().numpy()
    return Checkpoint(arrays, tuple(notes))


def _starts_like_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _unnest(loaded: Mapping[str, Any], is_tensor: Any, notes: list[str], path: Path) -> dict:
    if any(is_tensor(value) for value in loaded.values()):
        other = [key for key, value in loaded.items() if not is_tensor(value)]
        if other:
            notes.append(f"left out, not tensors: {', '.join(map(str, other))}")
        return {key: value for key, value in loaded.items() if is_tensor(value)}
    for nest in NESTS:
        if isinstance(loaded.get(nest), Mapping):
            beside = [key for key in loaded if key != nest]
            notes.append(
                f"parameters are under {nest!r}; left out: {', '.join(beside) or 'nothing'}"
            )
            return _unnest(loaded[nest], is_tensor, notes, path)
    raise CheckpointError(f"{path} has no tensors; its keys are {list(loaded)[:8]}.")


def _strip_module(state: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    prefix = "module."
    if not all(name.startswith(prefix) for name in state):
        return dict(state)
    notes.append(f"stripped the prefix {prefix!r} that DataParallel adds")
    return {name.removeprefix(prefix): value for name, value in state.items()}


def _write_torch(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    import torch

    torch.save({n: torch.from_numpy(np.array(a, order="C")) for n, a in arrays.items()}, path)


def _read_mindspore(path: Path) -> Checkpoint:
    from harness.backends import runtime

    ms = runtime.import_mindspore()
    try:
        loaded = ms.load_checkpoint(str(path))
    except Exception as error:  # its parser raises many types, RuntimeError for corruption
        raise CheckpointError(
            f"{path} is not a readable MindSpore checkpoint: {str(error).strip().splitlines()[0]}"
        ) from error
    arrays = {}
    for name, parameter in loaded.items():
        if not isinstance(parameter, ms.Tensor):
            raise CheckpointError(f"{path}: {name} is a {type(parameter).__name__}, no tensor.")
        arrays[name] = parameter.asnumpy().copy()
    return Checkpoint(arrays)


def _write_mindspore(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    from harness.backends import runtime

    ms = runtime.import_mindspore()
    data = [{"name": n, "data": ms.Tensor(np.array(a, order="C"))} for n, a in arrays.items()]
    os.unlink(path)  # save_checkpoint wants to create the file itself
    ms.save_checkpoint(data, str(path))


def _read_safetensors(path: Path) -> Checkpoint:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
    except (SafetensorError, OSError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not a readable safetensors file: {error}") from error
    notes: list[str] = []
    return Checkpoint(_strip_module(arrays, notes), tuple(notes))


def _write_safetensors(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    from safetensors.numpy import save_file

    save_file({n: np.array(a, order="C") for n, a in arrays.items()}, path)
