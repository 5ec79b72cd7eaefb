"""Walk the nested values that models take and return.

A tree is any nesting of tuples, lists, mappings, named tuples and dataclasses. What counts as a
leaf is the caller's decision (a NumPy array, a framework tensor); everything else (None, numbers,
strings) is carried along untouched. A named tuple's leaves are called by position, as a plain
tuple's: a port may return either.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

IsLeaf = Callable[[Any], bool]


def leaves(value: Any, is_leaf: IsLeaf, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, leaf) in order; the path joins keys with dots, "" for a bare leaf."""
    if is_leaf(value):
        yield path, value
        return
    for key, child in _children(value):
        yield from leaves(child, is_leaf, f"{path}.{key}" if path else str(key))


def transform(value: Any, is_leaf: IsLeaf, change: Callable[[Any], Any]) -> Any:
    """Return the same tree with every leaf replaced by ``change(leaf)``."""
    if is_leaf(value):
        return change(value)

    def walk(child: Any) -> Any:
        return transform(child, is_leaf, change)

    if isinstance(value, Mapping):
        items = {key: walk(child) for key, child in value.items()}
        if type(value) is dict:
            return items
        # Output classes of model libraries are mappings that are rebuilt from keywords.
        return type(value)(**items)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(walk(child) for child in value))
    if isinstance(value, (tuple, list)):
        return type(value)(walk(child) for child in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: walk(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **changed)
    return value


def _children(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, (tuple, list)):
        yield from enumerate(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield field.name, getattr(value, field.name)
