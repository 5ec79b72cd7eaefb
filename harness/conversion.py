"""Convert a checkpoint of one framework into the other's, bit exact, tensor by tensor."""

import fnmatch
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from harness.checkpoint import framework_of, open_checkpoint, write_stored
from harness.errors import CheckpointError
from harness.formats.stored import Stored, StoredTensor, of_array
from harness.fusion import Join, Joins
from harness.inventory import Inventory
from harness.outline import Outline, outline_of
from harness.pair import Pair
from harness.parameters import ParameterMap

Tensors = Mapping[str, StoredTensor]


@dataclass(frozen=True)
class Converted:
    """What was written: the map, how many parameters of how many bytes, the shards where there are
    some, and notes on what was left out, added or read on the way."""

    map: ParameterMap
    parameters: int
    nbytes: int
    shards: tuple[str, ...]
    notes: tuple[str, ...]


def convert(
    pair: Pair,
    variant: str,
    source: Path,
    target: Path,
    shard_size: int = 0,
    ignore: Sequence[str] = (),
) -> Converted:
    """Open, map every parameter, write atomically.

    shard_size: bytes of a shard of safetensors, 0 for one file. ignore: patterns (fnmatch) of names
    in the file that are left out. Raises CheckpointError where the rest is none of this network's
    and where a pattern matches nothing, ParameterMapError where the two sides do not map.
    """
    to = framework_of(target)
    whole = open_checkpoint(source)
    stored = _without(source, whole, ignore)
    outline = outline_of(pair, variant)
    direction = framework_of(source) or _by_names(source, stored, outline)
    if direction == to:
        raise CheckpointError(f"{source} and {target} are both {direction}'s; nothing to convert.")
    _refuse_needed(set(whole.tensors) - set(stored.tensors), direction, outline)
    notes = [*stored.notes, *outline.notes]
    change = _to_mindspore if direction == "torch" else _to_torch
    found = change(source, stored.tensors, outline, notes)
    shards = write_stored(
        target, found, "mindspore" if direction == "torch" else "torch", shard_size
    )
    nbytes = sum(tensor.nbytes for tensor in found.values())
    return Converted(outline.map, len(found), nbytes, tuple(shards), tuple(notes))


def _without(file: Path, stored: Stored, patterns: Sequence[str]) -> Stored:
    """A file without the names that patterns match, and a note for each on how many they are."""
    left, notes = dict(stored.tensors), list(stored.notes)
    for pattern in patterns:
        out = [name for name in stored.tensors if fnmatch.fnmatchcase(name, pattern)]
        if not out:
            some = ", ".join(list(stored.tensors)[:3])
            raise CheckpointError(
                f"--ignore {pattern} matches no name in {file}, which holds {some}, ..."
            )
        notes.append(f"{len(out)} ignored, as --ignore {pattern} says ({out[0]}, ...)")
        for name in out:
            left.pop(name, None)
    if not left:
        raise CheckpointError(f"{file}: --ignore leaves no parameters.")
    return replace(stored, tensors=left, notes=tuple(notes))


def _refuse_needed(ignored: Collection[str], direction: str, outline: Outline) -> None:
    """Raise CheckpointError where names of the network itself are ignored."""
    mapping = outline.map
    side, optional = (
        (outline.torch, mapping.torch_only)
        if direction == "torch"
        else (outline.port, mapping.mindspore_only)
    )
    needed = [name for name in side.names if name in ignored and name not in optional]
    if needed:
        raise CheckpointError(
            f"--ignore leaves out {len(needed)} that the network needs: {', '.join(needed[:3])}"
            f"{', ...' if needed[3:] else ''}."
        )


def hold_against(
    file: Path,
    held: Mapping[str, np.ndarray] | Tensors,
    inventory: Inventory,
    notes: list[str],
    optional: Collection[str] = (),
) -> None:
    """Hold a file's names and shapes against a network's, or raise CheckpointError listing all.

    optional: names that the file may lack. Adds to ``notes`` what was excused.
    """
    want = inventory.names
    absent = [n for n in want if n not in held]
    missing = [n for n in absent if n not in optional]
    unexpected = [n for n in held if n not in want]
    shapes = [
        f"{n}: {held[n].shape} in the file, {want[n].shape} in the network"
        for n in want
        if n in held and held[n].shape != want[n].shape
    ]
    if missing or unexpected or shapes:
        lines = [f"{file} is not a checkpoint of this network."]
        for title, found in (
            ("missing in the file", missing),
            ("unexpected in the file", unexpected),
            ("shapes differ (see --set, e.g. --set num_classes=1000)", shapes),
        ):
            if found:
                lines.append(f"  {title}: {len(found)}")
                lines += [f"      {name}" for name in found]
        raise CheckpointError("\n".join(lines))
    if len(absent) > len(missing):
        notes.append(f"{len(absent)} are not in the file ({absent[0]}, ...)")


def _to_mindspore(
    source: Path, tensors: Tensors, outline: Outline, notes: list[str]
) -> dict[str, StoredTensor]:
    mapping = outline.map
    hold_against(source, tensors, outline.torch, notes, optional=mapping.torch_only)
    left = [name for name in mapping.torch_only if name in tensors]
    if left:
        notes.append(f"{len(left)} left out ({left[0]}, ...): {mapping.torch_only[left[0]]}")
    parts = _split(tensors, outline.fusion.torch)
    found = {e.mindspore: parts[e.torch].laid_out(e.layout.forward) for e in mapping.entries}
    return _joined(found, outline.fusion.mindspore)


def _to_torch(
    source: Path, tensors: Tensors, outline: Outline, notes: list[str]
) -> dict[str, StoredTensor]:
    mapping = outline.map
    hold_against(source, tensors, outline.port, notes, optional=mapping.mindspore_only)
    parts = _split(tensors, outline.fusion.mindspore)
    found = {e.torch: parts[e.mindspore].laid_out(e.layout.inverse) for e in mapping.entries}
    found = _joined(found, outline.fusion.torch)
    zeros = [n for n in mapping.torch_only if n.endswith("num_batches_tracked")]
    found |= {name: of_array(np.zeros((), np.int64)) for name in zeros}
    if zeros:
        notes.append(f"{len(zeros)} counters ({zeros[0]}, ...) start at 0")
    return {name: found[name] for name in outline.torch.names if name in found}


def _split(tensors: Tensors, joins: Joins) -> dict[str, StoredTensor]:
    """Joined tensors replaced by their parts, each cut out when it is read."""
    found: dict[str, StoredTensor] = {}
    for name, tensor in tensors.items():
        join = joins.by_name.get(name)
        names = [part.name for part in join.parts] if join else [name]
        for part in names:
            found[part] = tensor.laid_out(partial(_part, join, part)) if join else tensor
    return found


def _part(join: Join, name: str, array: np.ndarray) -> np.ndarray:
    return join.split(array)[name]


def _joined(tensors: Tensors, joins: Joins) -> dict[str, StoredTensor]:
    """Parts replaced by what they make together, joined when it is read."""
    found: dict[str, StoredTensor] = {}
    for first, whole in joins.wholes(tensors).items():
        tensor = tensors[first]
        if whole != first:
            join = joins.by_name[whole]
            parts = {part.name: tensors[part.name] for part in join.parts}
            shape = list(tensor.shape)
            shape[join.axis] = sum(part.shape[join.axis] for part in parts.values())
            tensor = StoredTensor(tensor.dtype, tuple(shape), partial(_whole, join, parts))
        found[whole] = tensor
    return found


def _whole(join: Join, parts: Tensors) -> np.ndarray:
    return join.join({name: tensor.load() for name, tensor in parts.items()})


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
    hold_against(file, stored.tensors, near, [])
    raise CheckpointError(f"{file} holds neither torch's nor MindSpore's parameter names.")
