"""The frameworks' own profilers around a piece of a training."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def profiled(framework: str, folder: Path) -> Iterator[None]:
    """Write what the framework's profiler sees into a folder: torch as a Chrome trace."""
    folder.mkdir(parents=True, exist_ok=True)
    if framework == "torch":
        import torch

        with torch.profiler.profile() as profile:
            yield
        profile.export_chrome_trace(str(folder / "trace.json"))
        return
    from mindspore.profiler import ProfilerActivity, tensorboard_trace_handler
    from mindspore.profiler import profile as start

    with start(
        activities=[ProfilerActivity.CPU],
        on_trace_ready=tensorboard_trace_handler(dir_name=str(folder)),
    ):
        yield
