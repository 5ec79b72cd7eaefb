"""``convert``: a checkpoint of one framework into the other's, bit exact."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from harness.checkpoint import framework_of, read_checkpoint, write_checkpoint
from harness.commands import common
from harness.errors import CheckpointError
from harness.evidence import Evidence
from harness.inventory import Inventory
from harness.report import text


def run(arguments: argparse.Namespace) -> int:
    """Read, map every parameter, write atomically, and say what was done."""
    pair, variant = common.chosen(arguments)
    source, target = Path(arguments.source), Path(arguments.target)
    target_framework = framework_of(target)
    checkpoint = read_checkpoint(source)
    evidence = Evidence(pair, variant)
    mapping = evidence.map
    torch, port = evidence.bare_torch.inventory, evidence.bare_port.inventory
    direction = framework_of(source) or _by_names(source, checkpoint.arrays, torch, port)
    if direction == target_framework:
        raise CheckpointError(f"{source} and {target} are both {direction}'s; nothing to convert.")
    notes = list(checkpoint.notes)
    arrays: dict[str, np.ndarray] = dict(checkpoint.arrays)
    if direction == "torch":
        common.hold_against(source, arrays, torch, notes, optional=mapping.torch_only)
        converted = mapping.to_mindspore(arrays)
        left = [name for name in mapping.torch_only if name in arrays]
        if left:
            notes.append(f"{len(left)} left out ({left[0]}, ...): {mapping.torch_only[left[0]]}")
    else:
        common.hold_against(source, arrays, port, notes, optional=mapping.mindspore_only)
        converted = mapping.to_torch(arrays)
        zeros = [n for n in mapping.torch_only if n.endswith("num_batches_tracked")]
        converted |= {name: np.zeros((), np.int64) for name in zeros}
        if zeros:
            notes.append(f"{len(zeros)} counters ({zeros[0]}, ...) start at 0")
        converted = {name: converted[name] for name in torch.names if name in converted}
    write_checkpoint(target, converted, "mindspore" if direction == "torch" else "torch")
    print(text.mapping_summary(mapping))
    for note in notes:
        print(f"note: {note}")
    size = sum(array.nbytes for array in converted.values())
    print(f"wrote {target}: {len(converted)} parameters, {size / 1e6:.1f} MB, bit for bit")
    return 0


def _by_names(
    file: Path, arrays: Mapping[str, np.ndarray], torch: Inventory, port: Inventory
) -> str:
    """Whose names a safetensors file holds. Raises CheckpointError when neither's."""
    if set(arrays) <= set(torch.names):
        return "torch"
    if set(arrays) <= set(port.names):
        return "mindspore"
    near = max((torch, port), key=lambda side: len(set(arrays) & set(side.names)))
    common.hold_against(file, arrays, near, [])
    raise CheckpointError(f"{file} holds neither torch's nor MindSpore's parameter names.")
