"""One adapter per framework; nothing else in the harness runs torch or MindSpore models."""

from harness.backends.base import Backend, Call, Fed, Run, Settings

__all__ = ["Backend", "Call", "Fed", "Run", "Settings", "open_backend"]


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
