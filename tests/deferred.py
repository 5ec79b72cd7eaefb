"""The frameworks for test files at whose top they would be imported to collect other files' tests.

A name is imported when it is first used. Files that annotate with one begin with ``from __future__
import annotations``.
"""

import importlib
from typing import Any


class Deferred:
    """A module that is imported when one of its attributes is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_") or "pytest" in attribute:  # pytest asks every name it sees
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)


torch, ms, nn = Deferred("torch"), Deferred("mindspore"), Deferred("mindspore.nn")
safetensors_torch = Deferred("safetensors.torch")
