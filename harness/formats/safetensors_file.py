"""``.safetensors``: a JSON header that says where each tensor lies, then the tensors."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from harness.errors import CheckpointError
from harness.formats.stored import CARRIERS, Stored, StoredTensor, blocks, in_file

_DTYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16",
    "U32": "uint32", "I32": "int32", "U64": "uint64", "I64": "int64",
    "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64", "C64": "complex64",
}  # fmt: skip
_CODES = {dtype: code for code, dtype in _DTYPES.items()}

#: What the frameworks' own writers put under "format" in the header's metadata.
_FORMATS = {"torch": "pt", "mindspore": "ms"}
_FRAMEWORKS = {written: framework for framework, written in _FORMATS.items()}


def open_safetensors(path: Path) -> Stored:
    """Read the header. Raises CheckpointError for anything that is not a whole file."""
    header, data = _header(path)
    metadata = header.pop("__metadata__", {})
    tensors = {}
    # In the order they lie in the file.
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        dtype = _DTYPES.get(entry["dtype"], entry["dtype"])
        tensors[name] = in_file(path, name, dtype, entry["shape"], [(data + begin, end - begin)])
    return Stored(tensors, framework=_FRAMEWORKS.get(metadata.get("format", ""), ""))


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The header, and where the data begins."""
    from safetensors import SafetensorError, safe_open

    try:
        # The library checks the header, and that the tensors fill the file without gaps.
        with safe_open(path, framework="np"), path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return json.loads(file.read(length)), 8 + length
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not a readable safetensors file: {error}") from error


def write_safetensors(path: Path, tensors: Mapping[str, StoredTensor], framework: str) -> None:
    """Write tensors, reading one at a time; wider dtypes come first, so that all are aligned."""
    order = sorted(tensors, key=lambda name: -CARRIERS[tensors[name].dtype].itemsize)
    header: dict[str, Any] = {"__metadata__": {"format": _FORMATS[framework]}}
    end = 0
    for name in order:
        tensor = tensors[name]
        begin, end = end, end + tensor.nbytes
        header[name] = {
            "dtype": _CODES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in order:
            _write_tensor(file, tensors[name])


# A function of its own: when it returns, the tensor's memory is free for the next one.
def _write_tensor(file: BinaryIO, tensor: StoredTensor) -> None:
    for block in blocks(tensor.load()):
        file.write(block)
