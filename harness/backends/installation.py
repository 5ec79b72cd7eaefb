"""What the installed frameworks say of themselves and of this machine, as plain values.

Each function loads a framework, so a broken installation can end the process: run them in a worker.
"""

import importlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.backends import runtime, vision

#: Plain values by name; a list where there are several.
Findings = dict[str, Any]

_OPENMP = re.compile(r"lib(?:gomp|iomp5|omp)[^/]*\.so[^/]*$")
_SYMBOLS = re.compile(rb"GLIBCXX_([0-9]+(?:\.[0-9]+)+)\0")


def torch_findings() -> Findings:
    """torch's threads, ABI and vector instructions, and whether torchvision loads as it is."""
    import torch

    found: Findings = {
        "torch_threads": torch.get_num_threads(),
        "torch_interop_threads": torch.get_num_interop_threads(),
        "torch_cxx11_abi": bool(torch.compiled_with_cxx11_abi()),
        "torch_isa": torch.backends.cpu.get_cpu_capability(),
        "torch_cuda": torch.cuda.is_available(),
    }
    try:
        importlib.import_module("torchvision")
    except ModuleNotFoundError:
        pass
    except Exception as error:  # a wheel for another torch raises one of a dozen types
        found["torchvision_error"] = _line(error)
        found["torchvision_mended"] = _fails(vision.import_torchvision) == ""
    return found


def mindspore_findings(device: str) -> Findings:
    """MindSpore's devices, switches and threads, and what of four small trials fails on a device.

    "present" is False, and nothing else is tried, where the device is not there.
    """
    ms = runtime.import_mindspore()
    found: Findings = {
        "present": runtime.device_present(device),
        "devices": [name for name in ("CPU", "GPU", "Ascend") if runtime.device_present(name)],
    }
    if found["present"]:
        found["switches"] = runtime.prepare(device)
        if device == "CPU":
            found["onednn_capped"] = any("capped at AVX2" in note for note in found["switches"])
        found["mindspore_threads"] = ms.get_context("runtime_num_threads")
        found["failed"] = {
            name: said for name, trial in _trials(ms).items() if (said := _fails(trial))
        }
    return found


def loaded_findings() -> Findings:
    """The BLAS and OpenMP libraries that are loaded, with their threads, and the libstdc++."""
    paths = _mapped()
    found: Findings = {"openmp": sorted({Path(p).name for p in paths if _OPENMP.search(p)})}
    runtimes = [path for path in paths if "/libstdc++.so" in path]
    if runtimes:
        found["libstdcxx"] = runtimes[0]
        found["glibcxx"] = _newest(Path(runtimes[0]).read_bytes())
    try:
        import threadpoolctl
    except ModuleNotFoundError:
        return found
    pools = [
        {
            "library": f"{pool['prefix']} {pool.get('version') or ''}".strip(),
            "home": Path(pool["filepath"]).parent.name,
            "threads": pool["num_threads"],
        }
        for pool in threadpoolctl.threadpool_info()
    ]
    return found | {"pools": sorted(pools, key=lambda pool: (pool["library"], pool["home"]))}


def _trials(ms: Any) -> dict[str, Callable[[], object]]:
    """What every network needs: arithmetic, NumPy scalars, a convolution, a gradient."""
    import numpy as np

    image = ms.Tensor(np.ones((1, 2, 5, 5), np.float32))

    def expect(what: object, want: object) -> None:
        if what != want:
            raise ArithmeticError(f"it gives {what} in place of {want}")

    def convolution() -> None:
        net = ms.nn.Conv2d(2, 1, 3, pad_mode="valid", weight_init="ones")
        expect(net(image).asnumpy().ravel().tolist(), [18.0] * 9)

    return {
        "ReLU": lambda: expect(ms.ops.relu(ms.Tensor([-1.0, 2.0])).asnumpy().tolist(), [0.0, 2.0]),
        "Tensor + numpy.float32": lambda: expect(
            (ms.Tensor([1.0]) + np.float32(2)).asnumpy().tolist(), [3.0]
        ),
        "Conv2d": convolution,
        "gradient": lambda: expect(
            ms.grad(lambda x: (x * x).sum())(ms.Tensor([3.0])).asnumpy().tolist(), [6.0]
        ),
    }


def _fails(trial: Callable[[], object]) -> str:
    """How a trial fails, in a line; "" where it does not."""
    try:
        trial()
    except Exception as error:  # whatever a broken installation raises is the finding
        return _line(error)
    return ""


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _mapped() -> list[str]:
    """The files that are mapped into this process, as Linux lists them; none elsewhere."""
    if not os.path.exists("/proc/self/maps"):
        return []
    lines = Path("/proc/self/maps").read_text().splitlines()
    return sorted({line.split(maxsplit=5)[5] for line in lines if len(line.split()) > 5})


def _newest(library: bytes) -> str:
    """The newest GLIBCXX version that a libstdc++ provides."""
    versions = [found.decode() for found in _SYMBOLS.findall(library)]
    return max(versions, key=lambda v: [int(part) for part in v.split(".")], default="")
