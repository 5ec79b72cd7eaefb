"""The one place that sets process-wide state of MindSpore: device, mode, speed and safety switches.

Every switch reports what it did, so that ``doctor`` can print it. Sources: measured on MindSpore
2.10.0; see each function.
"""

import ctypes
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.errors import DeviceError

#: dnnl_cpu_isa_avx2 of oneDNN's dnnl_types.h.
_AVX2 = 0x7


@cache
def quieten() -> None:
    """Turn MindSpore's chatter (device probes, log lines) down; call before importing it."""
    os.environ.setdefault("GLOG_v", "3")
    logging.getLogger("mindspore").setLevel(logging.ERROR)


def import_mindspore() -> ModuleType:
    """Import MindSpore quietly."""
    quieten()
    import mindspore

    return mindspore


def prepare(device: str) -> list[str]:
    """Choose the device and set the switches; returns one sentence for each switch.

    Raises DeviceError, in one sentence, where the device is not there.
    """
    mindspore = import_mindspore()
    require_device(device)
    mindspore.set_device(device)
    mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
    # Asynchronous errors surface in a later, unrelated operation, and each synchronised CPU
    # operation costs milliseconds.
    mindspore.runtime.launch_blocking()
    notes = ["MindSpore launches operations synchronously (errors land where they belong)"]
    if device == "CPU":
        notes.append(cap_onednn())
    return notes


def require_device(device: str) -> None:
    """Raise DeviceError unless MindSpore can reach the device."""
    mindspore = import_mindspore()
    if not device_present(device):
        raise DeviceError(
            f"No {device} device was found: MindSpore {mindspore.__version__} sees CPU only; "
            f"install the {device} driver and firmware, the CANN toolkit that this MindSpore "
            f"release names, and source its set_env.sh before running."
        )


def device_present(device: str) -> bool:
    """Whether MindSpore can reach a device of this kind."""
    mindspore = import_mindspore()
    if device == "CPU":
        return True
    try:
        with _quiet_stderr():
            return bool(mindspore.hal.is_available(device))
    except (ValueError, RuntimeError):
        return False


@cache
def cap_onednn() -> str:
    """Cap MindSpore's oneDNN at AVX2 where the CPU has AVX-512.

    On such hosts its convolutions fall into a reference kernel that is about 100 times slower.
    Only MindSpore's own copy of oneDNN is touched; torch has its own.
    """
    if "avx512f" not in cpu_flags():
        return "oneDNN left as it is: this CPU has no AVX-512"
    mindspore = import_mindspore()
    library = Path(str(mindspore.__file__)).parent / "lib" / "libdnnl.so.3"
    if not library.exists():
        return f"oneDNN left as it is: this MindSpore has no {library.name}"
    status = ctypes.CDLL(str(library)).dnnl_set_max_cpu_isa(_AVX2)
    if status != 0:
        return f"oneDNN refused the AVX2 cap (status {status}); convolutions may be slow"
    return "oneDNN capped at AVX2 (its AVX-512 convolutions fall into a slow reference kernel)"


@contextmanager
def graph_mode() -> Iterator[None]:
    """Compile cells as graphs meanwhile; then PyNative mode again."""
    mindspore = import_mindspore()
    mindspore.set_context(mode=mindspore.GRAPH_MODE)
    try:
        yield
    finally:
        mindspore.set_context(mode=mindspore.PYNATIVE_MODE)


def forget_graphs() -> None:
    """Let go of what was compiled, where MindSpore is loaded; what is called again compiles again.

    MindSpore keeps every graph, and through a cache of signatures every function compiled for its
    gradient with the cell in it: 22 MB for each layer of a transformer, of which 7 remain.
    """
    if "mindspore" not in sys.modules:
        return
    mindspore = import_mindspore()
    signatures = sys.modules.get("mindspore.graph.api")
    with suppress(AttributeError):  # of MindSpore 2.10
        signatures._get_func_args_info_cached.cache_clear()  # type: ignore[union-attr]
    mindspore.ms_memory_recycle()


def cpu_flags() -> frozenset[str]:
    """The CPU's feature flags as Linux lists them; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return frozenset()
    lines = (line for line in text.splitlines() if line.startswith("flags"))
    return frozenset(next(lines, "").partition(":")[2].split())


def global_state() -> dict[str, Any]:
    """What no test may leave changed, of the frameworks that are loaded."""
    state: dict[str, Any] = {"working directory": os.getcwd()}
    if "torch" in sys.modules:
        import torch

        state["torch threads"] = torch.get_num_threads()
        state["torch default dtype"] = str(torch.get_default_dtype())
        state["torch gradients"] = torch.is_grad_enabled()
        state["torch deterministic"] = torch.are_deterministic_algorithms_enabled()
    if "mindspore" in sys.modules:
        import mindspore

        state["MindSpore mode"] = mindspore.get_context("mode")
        state["MindSpore device"] = mindspore.get_context("device_target")
    return state


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Silence native code that writes to file descriptor 2 while it probes for a device."""
    sys.stderr.flush()
    saved = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)
