"""A checkpoint in several files: shards, and an ``.index.json`` that says which holds what."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from harness.errors import CheckpointError
from harness.formats.safetensors_file import write_safetensors
from harness.formats.stored import Stored, StoredTensor
from harness.trace import atomic_file

INDEX = ".index.json"
#: What a shard holds where nothing else is asked for, as in the Hugging Face libraries.
SHARD_SIZE = 5 * 10**9

_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def is_index(path: Path) -> bool:
    return path.name.lower().endswith(INDEX)


def bytes_of(text: str) -> int:
    """ "500MB" as a number of bytes; MB is 10^6, MiB 2^20. Raises CheckpointError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]I?B)?", text.strip().upper())
    size = int(float(found[1]) * _UNITS[found[2] or ""]) if found else 0
    if not size:
        raise CheckpointError(f"--shard-size {text}: write a size, e.g. 500MB, 5GB or 512MiB.")
    return size


def open_sharded(path: Path, open_shard: Callable[[Path], Stored]) -> Stored:
    """Open every shard that an index names.

    Raises CheckpointError where a shard is missing, and where index and shards do not agree on
    which shard holds a tensor.
    """
    where, total = _index(path)
    shards = sorted(set(where.values()))
    missing = [shard for shard in shards if not (path.parent / shard).is_file()]
    if missing:
        raise CheckpointError(
            f"{path} lacks {len(missing)} of its {len(shards)} shards: {', '.join(missing)}."
        )
    tensors: dict[str, StoredTensor] = {}
    holder: dict[str, str] = {}
    opened = [open_shard(path.parent / shard) for shard in shards]
    for shard, stored in zip(shards, opened):
        for name, tensor in stored.tensors.items():
            if name in holder:
                raise CheckpointError(f"{path}: {holder[name]} and {shard} both hold {name!r}.")
            tensors[name], holder[name] = tensor, shard
    for name, shard in where.items():
        if name not in holder:
            raise CheckpointError(
                f"{path} names {name!r} in {shard}, but no shard holds it; the set is incomplete."
            )
        if holder[name] != shard:
            raise CheckpointError(f"{path} names {name!r} in {shard}; {holder[name]} holds it.")
    for name in tensors:
        if name not in where:
            raise CheckpointError(f"{path} does not name {name!r}, which {holder[name]} holds.")
    notes = list(dict.fromkeys(note for stored in opened for note in stored.notes))
    held = sum(tensor.nbytes for tensor in tensors.values())
    if total is not None and total != held:
        notes.append(f"the index says {total} bytes in all, the shards hold {held}")
    said = {stored.framework for stored in opened}
    # In the shards' order, so that a shard is read from its beginning to its end.
    return Stored(tensors, tuple(notes), said.pop() if len(said) == 1 else "")


def _index(path: Path) -> tuple[dict[str, str], int | None]:
    """Name -> shard, and the total size in bytes if it is given."""
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        where = index["weight_map"]
        total = index.get("metadata", {}).get("total_size")
        plain = all(Path(shard).name == shard for shard in where.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path} is not a readable index of shards: {type(error).__name__}: {error}"
        ) from error
    if not where or not plain:
        raise CheckpointError(
            f"{path}: its weight_map must give each tensor a file name in the index's own folder."
        )
    return where, total


def write_sharded(
    path: Path, tensors: Mapping[str, StoredTensor], framework: str, size: int
) -> list[str]:
    """Write shards of at most ``size`` bytes of tensors each, and their index; returns the names.

    ``out.safetensors`` and ``out.safetensors.index.json`` both give ``out-00001-of-00003...``. A
    tensor that is larger than a shard has one of its own. Every file is complete before the first
    takes its place, the index last.
    """
    stem = re.sub(r"\.safetensors(\.index\.json)?$", "", path.name, flags=re.IGNORECASE)
    groups = _groups(tensors, size)
    shards = [f"{stem}-{n:05d}-of-{len(groups):05d}.safetensors" for n in range(1, len(groups) + 1)]
    where = {name: shard for shard, names in zip(shards, groups) for name in names}
    total = sum(tensor.nbytes for tensor in tensors.values())
    text = json.dumps({"metadata": {"total_size": total}, "weight_map": where}, indent=2)
    with ExitStack() as files:  # closed in reverse: the index, entered first, is replaced last
        index = files.enter_context(atomic_file(path.with_name(f"{stem}.safetensors{INDEX}")))
        index.write_text(text + "\n", encoding="utf-8")
        for shard, names in zip(shards, groups):
            temporary = files.enter_context(atomic_file(path.with_name(shard)))
            write_safetensors(temporary, {name: tensors[name] for name in names}, framework)
    return shards


def _groups(tensors: Mapping[str, StoredTensor], size: int) -> list[list[str]]:
    """Names in order, cut where a group would become larger than ``size`` bytes."""
    groups: list[list[str]] = []
    filled = 0
    for name, tensor in tensors.items():
        if not groups or filled + tensor.nbytes > size:
            groups.append([])
            filled = 0
        groups[-1].append(name)
        filled += tensor.nbytes
    return groups
