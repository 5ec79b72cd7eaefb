"""ModuleMap: which module of one tree is which of the other, by path.

Paths are equal unless the pair renames a subtree. Modules without a twin are listed; they run as
part of their nearest mapped ancestor and are judged there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import PairError
from harness.inventory import Inventory


@dataclass(frozen=True)
class ModuleMap:
    """torch path -> MindSpore path for twins, and the paths that exist on one side only."""

    twins: Mapping[str, str]
    torch_only: tuple[str, ...]
    mindspore_only: tuple[str, ...]

    @property
    def to_torch(self) -> dict[str, str]:
        return {theirs: ours for ours, theirs in self.twins.items()}


def rename_path(path: str, renames: Mapping[str, str]) -> str:
    """Apply the longest rename whose key is the path or one of its ancestors."""
    for old in sorted(renames, key=len, reverse=True):
        if path == old:
            return renames[old]
        if path.startswith(old + "."):
            return renames[old] + path[len(old) :]
    return path


def _only_holds(mindspore: str, torch: str) -> bool:
    """A CellList cannot be called: it is no twin of a Sequential, its members are of theirs."""
    return mindspore in ("CellList", "CellDict") and torch not in ("ModuleList", "ModuleDict")


def derive_module_map(
    torch: Inventory, mindspore: Inventory, renames: Mapping[str, str] | None = None
) -> ModuleMap:
    """Match the two trees by path. Raises PairError for a rename that names no module."""
    renames = renames or {}
    torch_paths, mindspore_paths = torch.paths, mindspore.paths
    for ours, theirs in renames.items():
        if ours not in torch_paths:
            raise PairError(f"modules={{{ours!r}: {theirs!r}}}: torch has no module {ours!r}.")
        if theirs not in mindspore_paths:
            raise PairError(f"modules={{{ours!r}: {theirs!r}}}: MindSpore has no cell {theirs!r}.")
    twins: dict[str, str] = {}
    for path in torch_paths:
        target = rename_path(path, renames)
        if target not in mindspore_paths or _only_holds(
            mindspore_paths[target].type, torch_paths[path].type
        ):
            continue
        if target in twins.values():
            other = next(ours for ours, theirs in twins.items() if theirs == target)
            raise PairError(f"modules: {other!r} and {path!r} both map to the cell {target!r}.")
        twins[path] = target
    taken = set(twins.values())
    return ModuleMap(
        twins=twins,
        torch_only=tuple(path for path in torch_paths if path not in twins),
        mindspore_only=tuple(path for path in mindspore_paths if path not in taken),
    )
