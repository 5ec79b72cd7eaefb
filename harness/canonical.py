"""torch's parameter names where torch is not installed: a port's own, turned back."""

from collections.abc import Mapping

import numpy as np

from harness.errors import ParameterMapError
from harness.inventory import Inventory, parent
from harness.modulemap import rename_path
from harness.parameters import (
    LOCAL_NAMES,
    Entry,
    ParameterMap,
    ParameterRules,
    local_layout,
    reason_for,
    types_of,
)


def canonical_parameters(
    mindspore: Inventory, renames: Mapping[str, str] | None, rules: ParameterRules
) -> tuple[dict[str, tuple[tuple[int, ...], str]], ParameterMap]:
    """torch names -> (shape, dtype) for a MindSpore inventory, where torch is not installed.

    Inverts the type rules and the explicit dictionary; rename rules need both sides.
    Raises ParameterMapError where a pair has rules that only both sides can resolve.
    """
    if rules.renames or rules.fused:
        what = "renames parameters by regular expressions" if rules.renames else "fuses parameters"
        raise ParameterMapError(
            f"This pair {what}; record the torch side first and pass it with --from, so that both "
            f"inventories are known."
        )
    back_paths = {theirs: ours for ours, theirs in (renames or {}).items()}
    types = types_of(mindspore)
    found: dict[str, tuple[tuple[int, ...], str]] = {}
    entries = []
    for name, parameter in mindspore.names.items():
        if reason_for(name, rules.mindspore_only):
            continue
        path, _, local = name.rpartition(".")
        if types.get(parent(path)) == "BatchNorm3d" and path.rpartition(".")[2] == "bn2d":
            path, local = parent(path), f"bn2d.{local}"  # what nn.BatchNorm3d is made of
        cell = types.get(path, "")
        back = {theirs: ours for ours, theirs in LOCAL_NAMES.get(cell, {}).items()}
        layout = local_layout(cell, local, parameter.shape)
        torch_path = rename_path(path, back_paths)
        torch_local = back.get(local, local)
        torch_name = f"{torch_path}.{torch_local}" if torch_path else torch_local
        for ours, theirs in rules.explicit.items():
            if name == theirs or name.endswith("." + theirs):
                torch_name = name[: len(name) - len(theirs)] + ours
        shape = layout.inverse(np.broadcast_to(np.float32(0), parameter.shape)).shape
        found[torch_name] = (tuple(shape), parameter.dtype)
        entries.append(Entry(torch_name, name, layout))
    return found, ParameterMap(tuple(entries))
