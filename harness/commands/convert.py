"""``convert``: a checkpoint of one framework into the other's, bit exact, tensor by tensor."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from harness.checkpoint import framework_of, open_checkpoint, write_stored
from harness.commands import common
from harness.errors import CheckpointError
from harness.formats.sharded import bytes_of
from harness.formats.stored import Stored, StoredTensor, of_array
from harness.outline import Outline, outline_of
from harness.report import text


def run(arguments: argparse.Namespace) -> int:
    """Open, map every parameter, write atomically, and say what was done."""
    pair, variant = common.chosen(arguments)
    source, target = Path(arguments.source), Path(arguments.target)
    shard_size = bytes_of(arguments.shard_size) if arguments.shard_size else 0
    target_framework = framework_of(target)
    stored = open_checkpoint(source)
    outline = outline_of(pair, variant)
    direction = framework_of(source) or _by_names(source, stored, outline)
    if direction == target_framework:
        raise CheckpointError(f"{source} and {target} are both {direction}'s; nothing to convert.")
    notes = [*stored.notes, *outline.notes]
    convert = _to_mindspore if direction == "torch" else _to_torch
    converted = convert(source, stored.tensors, outline, notes)
    shards = write_stored(
        target, converted, "mindspore" if direction == "torch" else "torch", shard_size
    )
    print(text.mapping_summary(outline.map))
    for note in notes:
        print(f"note: {note}")
    size = sum(tensor.nbytes for tensor in converted.values())
    where = f"{len(shards)} shards {shards[0]} to {shards[-1]}" if shards else target
    print(f"wrote {where}: {len(converted)} parameters, {size / 1e6:.1f} MB, bit for bit")
    return 0


def _to_mindspore(
    source: Path, tensors: Mapping[str, StoredTensor], outline: Outline, notes: list[str]
) -> dict[str, StoredTensor]:
    mapping = outline.map
    common.hold_against(source, tensors, outline.torch, notes, optional=mapping.torch_only)
    left = [name for name in mapping.torch_only if name in tensors]
    if left:
        notes.append(f"{len(left)} left out ({left[0]}, ...): {mapping.torch_only[left[0]]}")
    return {e.mindspore: tensors[e.torch].laid_out(e.layout.forward) for e in mapping.entries}


def _to_torch(
    source: Path, tensors: Mapping[str, StoredTensor], outline: Outline, notes: list[str]
) -> dict[str, StoredTensor]:
    mapping = outline.map
    common.hold_against(source, tensors, outline.port, notes, optional=mapping.mindspore_only)
    found = {e.torch: tensors[e.mindspore].laid_out(e.layout.inverse) for e in mapping.entries}
    zeros = [n for n in mapping.torch_only if n.endswith("num_batches_tracked")]
    found |= {name: of_array(np.zeros((), np.int64)) for name in zeros}
    if zeros:
        notes.append(f"{len(zeros)} counters ({zeros[0]}, ...) start at 0")
    return {name: found[name] for name in outline.torch.names if name in found}


def _by_names(file: Path, stored: Stored, outline: Outline) -> str:
    """Whose names a safetensors file holds; where they are both's, who the file says wrote it.

    Raises CheckpointError when neither's.
    """
    names = set(stored.tensors)
    sides = {"torch": outline.torch, "mindspore": outline.port}
    fit = [framework for framework, side in sides.items() if names <= set(side.names)]
    if fit:
        return stored.framework if stored.framework in fit else fit[0]
    near = max(sides.values(), key=lambda side: len(names & set(side.names)))
    common.hold_against(file, stored.tensors, near, [])
    raise CheckpointError(f"{file} holds neither torch's nor MindSpore's parameter names.")
