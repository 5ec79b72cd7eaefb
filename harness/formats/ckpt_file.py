"""MindSpore's ``.ckpt``, without MindSpore: protobuf messages of one entry each, end to end.

    Checkpoint { repeated Value value = 1; }
    Value { string tag = 1; TensorProto tensor = 2; MapTensorProto maptensor = 3; }
    TensorProto { repeated int64 dims = 1; string tensor_type = 2; bytes tensor_content = 3; }

A concatenation of protobuf messages is the message of all their repeated fields, and a tensor
larger than 512 MiB is several entries of one tag in a row (mindspore/train/serialization.py). Where
it was saved with ``crc_check``, "crc_num" and ten bytes follow.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from harness.errors import CheckpointError
from harness.formats.stored import BLOCK, Stored, StoredTensor, blocks, count, in_file

_TYPES = {
    "bool": "Bool", "uint8": "UInt8", "int8": "Int8", "uint16": "UInt16", "int16": "Int16",
    "uint32": "UInt32", "int32": "Int32", "uint64": "UInt64", "int64": "Int64",
    "float16": "Float16", "bfloat16": "BFloat16", "float32": "Float32", "float64": "Float64",
}  # fmt: skip
_DTYPES = {written: dtype for dtype, written in _TYPES.items()}

#: Bytes of one entry's content, at most.
_ENTRY = 512 * 1024 * 1024
_VARINT, _BYTES = 0, 2
_CRC = b"crc_num"


@dataclass
class _Entry:
    """What one Value says; ``piece`` is where its content lies: offset, length."""

    tag: str = ""
    type: str = ""
    dims: list[int] = field(default_factory=list)
    piece: tuple[int, int] | None = None


def open_ckpt(path: Path) -> Stored:
    """Walk the entries, reading all but their contents.

    Raises CheckpointError where the file ends within an entry or a tensor, is no such file, was
    encrypted, or does not have the check sum that it gives.
    """
    entries: dict[str, list[_Entry]] = {}
    last = ""
    with path.open("rb") as file:
        end = _checked_end(path, file)
        try:
            for entry in _entries(file, end):
                if entry.tag in entries and entry.tag != last:
                    raise CheckpointError(f"{path} holds {entry.tag!r} twice.")
                entries.setdefault(entry.tag, []).append(entry)
                last = entry.tag
        except ValueError as error:
            raise CheckpointError(
                f"{path} is not a readable MindSpore checkpoint: {error}; it is truncated, "
                f"encrypted or of another kind."
            ) from error
    return Stored({name: _tensor(path, name, parts) for name, parts in entries.items()})


def _tensor(path: Path, name: str, parts: list[_Entry]) -> StoredTensor:
    dims, written = parts[0].dims, parts[0].type
    pieces = [part.piece for part in parts if part.piece is not None]
    if written not in _DTYPES or len(pieces) != len(parts):
        raise CheckpointError(f"{path}: {name} is a {written or 'map'}, no tensor.")
    # Older versions write a scalar's shape as [0].
    return in_file(path, name, _DTYPES[written], [] if dims == [0] else dims, pieces)


def _checked_end(path: Path, file: BinaryIO) -> int:
    """Where the entries end. Raises CheckpointError if their check sum is given and is another."""
    size = end = file.seek(0, 2)
    file.seek(max(size - 17, 0))
    tail = file.read(17)
    if tail.startswith(_CRC):
        end = size - 17
        found, left = 0, end
        file.seek(0)
        while left:
            block = file.read(min(BLOCK, left))
            found, left = zlib.crc32(block, found), left - len(block)
        if found != int.from_bytes(tail[len(_CRC) :], "big"):
            raise CheckpointError(f"{path} is corrupt: its content has another check sum.")
    file.seek(0)
    return end


def _entries(file: BinaryIO, end: int) -> Iterator[_Entry]:
    """The Values of a file. Raises ValueError for what is not one."""
    for number, begin, stop in _fields(file, end):
        if number != 1:
            raise ValueError(f"field {number} at byte {begin}")
        entry = _Entry()
        for inner, start, inner_stop in _fields(file, stop):
            if inner == 1:
                entry.tag = file.read(inner_stop - start).decode()
            elif inner == 2:
                _read_tensor(file, inner_stop, entry)
        yield entry


def _read_tensor(file: BinaryIO, stop: int, entry: _Entry) -> None:
    for number, begin, end in _fields(file, stop):
        if number == 1:
            entry.dims.append(begin)
        elif number == 2:
            entry.type = file.read(end - begin).decode()
        elif number == 3:
            entry.piece = (begin, end - begin)


def _fields(file: BinaryIO, stop: int) -> Iterator[tuple[int, int, int]]:
    """(number, first byte, byte after the last) of each field up to ``stop``; a varint's first.

    Seeks past a field when asked for the next one.
    """
    while file.tell() < stop:
        key = _read_varint(file)
        number, kind = key >> 3, key & 7
        value = _read_varint(file)
        if kind == _VARINT:
            yield number, value, 0
            continue
        begin = file.tell()
        if kind != _BYTES or begin + value > stop:
            raise ValueError(f"{value} bytes of kind {kind} at byte {begin}, where {stop} ends")
        yield number, begin, begin + value
        file.seek(begin + value)


def _read_varint(file: BinaryIO) -> int:
    value = shift = 0
    while shift < 64:
        byte = file.read(1)
        if not byte:
            raise ValueError("it ends within an entry")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
        shift += 7
    raise ValueError("a number of more than 64 bits")


def write_ckpt(path: Path, tensors: Mapping[str, StoredTensor]) -> None:
    """Write tensors, reading one at a time, as ``mindspore.save_checkpoint`` does.

    Raises CheckpointError for what MindSpore would not load again.
    """
    for name, tensor in tensors.items():
        if tensor.dtype not in _TYPES:
            raise CheckpointError(f"{name} is {tensor.dtype}, which a .ckpt cannot hold.")
        if not count(tensor.shape):
            raise CheckpointError(f"{name} has no elements, which a .ckpt cannot hold.")
    with path.open("wb") as file:
        for name, tensor in tensors.items():
            _write_tensor(file, name, tensor)


# A function of its own: when it returns, the tensor's memory is free for the next one.
def _write_tensor(file: BinaryIO, name: str, tensor: StoredTensor) -> None:
    for number, block in enumerate(blocks(tensor.load(), BLOCK)):
        if number % (_ENTRY // BLOCK) == 0:
            left = tensor.nbytes - number * BLOCK
            file.write(_head(name, tensor, min(left, _ENTRY)))
        file.write(block)


def _head(name: str, tensor: StoredTensor, length: int) -> bytes:
    """All of an entry up to its content, which is ``length`` bytes long."""
    dims = b"".join(_varint(1 << 3 | _VARINT) + _varint(dim) for dim in tensor.shape)
    inner = dims + _delimited(2, _TYPES[tensor.dtype].encode()) + _delimited(3, b"", length)
    outer = _delimited(1, name.encode()) + _delimited(2, inner, length)
    return _delimited(1, outer, length)


def _delimited(number: int, content: bytes, more: int = 0) -> bytes:
    """A length-delimited field whose content goes on for ``more`` bytes after these."""
    return _varint(number << 3 | _BYTES) + _varint(len(content) + more) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
