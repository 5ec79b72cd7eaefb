"""Read and write checkpoints of both frameworks, bit exact, atomically, without pickle code.

torch: ``.pth``, ``.pt``, ``.th``, ``.bin``, ``.tar``; MindSpore: ``.ckpt``; both: ``.safetensors``,
in one file or in shards with a ``.safetensors.index.json``.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import CheckpointError
from harness.formats.ckpt_file import open_ckpt, write_ckpt
from harness.formats.safetensors_file import open_safetensors, write_safetensors
from harness.formats.sharded import INDEX, SHARD_SIZE, is_index, open_sharded, write_sharded
from harness.formats.stored import CARRIERS, Stored, StoredTensor, of_array, require_dtype
from harness.trace import atomic_file

TORCH_SUFFIXES = (".pth", ".pt", ".th", ".bin", ".tar")
SUFFIXES = (*TORCH_SUFFIXES, ".ckpt", ".safetensors", f".safetensors{INDEX}")

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
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in TORCH_SUFFIXES:
        return "torch"
    if suffix == ".ckpt":
        return "mindspore"
    if suffix == ".safetensors" or path.name.lower().endswith(f".safetensors{INDEX}"):
        return ""
    raise CheckpointError(f"{path}: unknown checkpoint type {suffix!r}; use {', '.join(SUFFIXES)}.")


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a file of either framework into memory. Raises CheckpointError with one sentence.

    A ``.ckpt`` is read by MindSpore itself, so that what is judged is what users load.
    """
    path = Path(path)
    if _present(path) == "mindspore":
        return _read_mindspore(path)
    return _in_memory(path, open_checkpoint(path, mapped=False))


def _in_memory(path: Path, stored: Stored) -> Checkpoint:
    for name, tensor in stored.tensors.items():
        if tensor.dtype == "bfloat16":
            raise CheckpointError(
                f"{path}: {name} is bfloat16, which NumPy cannot hold; save it as float32 first."
            )
    return Checkpoint({n: tensor.load() for n, tensor in stored.tensors.items()}, stored.notes)


def open_checkpoint(path: Path, mapped: bool = True) -> Stored:
    """Open a file of either framework; its tensors are read one by one, when they are asked for.

    mapped: torch files are mapped into memory where their format allows, not read; such a file must
    not change while its tensors are in use. Raises CheckpointError with one sentence.
    """
    path = Path(path)
    framework = _present(path)
    if framework == "torch":
        found = _open_torch(path, mapped)
    elif framework == "mindspore":
        found = open_ckpt(path)
    else:
        found = open_sharded(path, open_safetensors) if is_index(path) else open_safetensors(path)
        notes = list(found.notes)
        found = replace(found, tensors=_strip_module(found.tensors, notes), notes=tuple(notes))
    if not found.tensors:
        raise CheckpointError(f"{path} holds no parameters.")
    return found


def write_checkpoint(path: Path, arrays: Mapping[str, np.ndarray], framework: str) -> None:
    """Write arrays for a framework; the file appears whole or the old one stays.

    framework decides the format for ``.safetensors`` only in that names are the caller's own.
    """
    write_stored(path, {name: of_array(array) for name, array in arrays.items()}, framework)


def write_stored(
    path: Path, tensors: Mapping[str, StoredTensor], framework: str, shard_size: int = 0
) -> tuple[str, ...]:
    """Write tensors for a framework, reading one at a time; only torch's own format needs all.

    shard_size: bytes that a file holds at most; 0 writes one file, or shards of ``SHARD_SIZE``
    where the path is an index. Returns the names of the shards. The files appear whole, or the old
    ones stay. Raises CheckpointError where the format cannot hold a tensor, and where the disk is
    full.
    """
    path = Path(path)
    own = framework_of(path)
    if own and own != framework:
        raise CheckpointError(f"{path}: a {path.suffix} file is {own}'s, not {framework}'s.")
    if own and shard_size:
        raise CheckpointError(f"{path}: only .safetensors are written in shards.")
    try:
        size = shard_size or (SHARD_SIZE if is_index(path) else 0)
        if size and (is_index(path) or sum(t.nbytes for t in tensors.values()) > size):
            return tuple(write_sharded(path, tensors, framework, size))
        with atomic_file(path) as temporary:
            if own == "torch":
                _write_torch(temporary, tensors)
            elif own == "mindspore":
                write_ckpt(temporary, tensors)
            else:
                write_safetensors(temporary, tensors, framework)
    except OSError as error:
        raise CheckpointError(f"{path} could not be written: {error}") from error
    return ()


def _present(path: Path) -> str:
    """``framework_of`` a file. Raises CheckpointError where it is not there, or empty."""
    framework = framework_of(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file.")
    if path.stat().st_size == 0:
        raise CheckpointError(f"{path} is empty.")
    return framework


def _open_torch(path: Path, mapped: bool) -> Stored:
    import torch

    places: set[str] = set()

    def locate(storage: Any, location: str) -> Any:
        places.add(location)
        return storage

    zipped = zipfile.is_zipfile(path)
    if not zipped and _starts_like_zip(path):
        raise CheckpointError(f"{path} is truncated or corrupt: it begins as a torch file.")
    mapped = mapped and zipped and _uncompressed(path)
    try:
        loaded = torch.load(str(path), map_location=locate, weights_only=True, mmap=mapped)
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
    tensors = {name: _torch_tensor(path, name, value)
               for name, value in _strip_module(state, notes).items()}  # fmt: skip
    return Stored(tensors, tuple(notes), "torch")


def _torch_tensor(path: Path, name: str, value: Any) -> StoredTensor:
    import torch

    dtype = str(value.dtype).removeprefix("torch.")
    require_dtype(path, name, dtype)
    if value.layout is not torch.strided:
        raise CheckpointError(f"{path}: {name} is sparse; save it as a plain tensor first.")

    def load() -> np.ndarray:
        plain = value.detach().contiguous()
        return (plain.view(torch.uint16) if dtype == "bfloat16" else plain).numpy()

    return StoredTensor(dtype, tuple(value.shape), load)


def _starts_like_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _uncompressed(path: Path) -> bool:
    """Whether a zip's members lie in it as they are, as torch writes them."""
    with zipfile.ZipFile(path) as archive:
        return all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())


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


def _write_torch(path: Path, tensors: Mapping[str, StoredTensor]) -> None:
    import torch

    def as_torch(tensor: StoredTensor) -> torch.Tensor:
        # torch wants arrays that could be written to.
        plain = torch.from_numpy(np.require(tensor.load(), CARRIERS[tensor.dtype], ["C", "W"]))
        return plain.view(torch.bfloat16) if tensor.dtype == "bfloat16" else plain

    state = {name: as_torch(tensor) for name, tensor in tensors.items()}
    try:
        torch.save(state, path)
    except RuntimeError as error:  # what its writer makes of a full disk
        raise OSError(str(error).splitlines()[0]) from error


def _read_mindspore(path: Path) -> Checkpoint:
    from harness.backends import runtime

    ms = runtime.import_mindspore()
    try:
        loaded = ms.load_checkpoint(str(path))
    except Exception as error:  # its parser raises many types, RuntimeError for corruption
        if "available memory" in str(error):  # it takes the page cache for memory in use
            return _in_memory(path, open_checkpoint(path))
        raise CheckpointError(
            f"{path} is not a readable MindSpore checkpoint: {str(error).strip().splitlines()[0]}"
        ) from error
    arrays = {}
    for name, parameter in loaded.items():
        if not isinstance(parameter, ms.Tensor):
            raise CheckpointError(f"{path}: {name} is a {type(parameter).__name__}, no tensor.")
        arrays[name] = parameter.asnumpy().copy()
    if not arrays:
        raise CheckpointError(f"{path} holds no parameters.")
    return Checkpoint(arrays)
