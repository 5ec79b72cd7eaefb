"""One adapter per framework; nothing else in the harness runs torch or MindSpore models."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.backends.base import Backend, Call, Fed, Run, Settings

__all__ = ["Backend", "Call", "Fed", "Run", "Settings", "open_backend", "remember"]


def open_backend(name: str, settings: Settings | None = None) -> Backend:
    """The backend called "torch", "torch64" (the oracle) or "mindspore"; imports its framework.

    Raises DeviceError where the device that the settings ask for is not there.
    """
    settings = settings or Settings()
    if name == "torch":
        from harness.backends.torch_backend import TorchBackend

        return TorchBackend("float32", settings)
    if name == "torch64":
        from harness.backends.torch_backend import TorchBackend

        return TorchBackend("float64", settings)
    if name == "mindspore":
        from harness.backends.mindspore_backend import MindSporeBackend

        return MindSporeBackend(settings)
    raise ValueError(f"no backend {name!r}; there are torch, torch64, mindspore")


def remember(
    backend: Backend,
    folder: Path,
    factory: Callable[..., Any],
    kwargs: Mapping[str, Any],
    seed: int,
) -> Backend:
    """A torch backend, of the model that a factory builds, whose runs are kept in a folder; the
    backend itself where data does not tell the model."""
    from harness.backends.remembered import Remembered, identity
    from harness.references import NotPlain, Store

    try:
        return Remembered(backend, Store(folder), identity(backend, factory, kwargs, seed))
    except NotPlain:
        return backend
