"""``doctor``: versions, devices and switches, what will not work here and the fix."""

import argparse
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from harness.backends import runtime
from harness.errors import DeviceError

_PACKAGES = ("torch", "mindspore", "numpy", "pytest", "hypothesis", "pytest-benchmark",
             "safetensors", "rich", "pillow", "scikit-learn")  # fmt: skip
_NEEDED = {"torch", "mindspore", "numpy", "safetensors"}


def run(arguments: argparse.Namespace) -> int:
    """Print facts, then problems, each with its fix; 2 where something will not work."""
    versions = {package: _version(package) for package in _PACKAGES}
    print(f"python        {platform.python_version()} ({sys.executable})")
    for package, found in versions.items():
        print(f"{package:<14}{found or 'not installed'}")
    print(f"{'cpu':<14}{os.cpu_count()} cores, AVX-512 "
          f"{'yes' if 'avx512f' in runtime.cpu_flags() else 'no'}")  # fmt: skip
    problems = [
        f"{package} is not installed: pip install -c constraints.txt {package}"
        for package in sorted(_NEEDED)
        if not versions[package]
    ]
    if (versions["numpy"] or "1").split(".")[0] != "1":
        problems.append(
            "NumPy 2 breaks MindSpore 2.10 (it is built for NumPy 1's ABI: scalar operations raise "
            "SystemError): pip install 'numpy<2'"
        )
    if not (3, 9) <= sys.version_info[:2] <= (3, 12):
        problems.append("MindSpore 2.10 has wheels for Python 3.9 to 3.12 only")
    if versions["torch"]:
        import torch

        print(f"{'torch':<14}{torch.get_num_threads()} threads (the harness uses 1)")
    if versions["mindspore"] and not any("NumPy 2" in p for p in problems):
        problems += _mindspore(arguments.ms_device)
    for problem in problems:
        print(f"problem: {problem}")
    print("everything needed is here" if not problems else f"{len(problems)} problems")
    return 2 if problems else 0


def _mindspore(device: str) -> list[str]:
    try:
        for note in runtime.prepare(device):
            print(f"{'switch':<14}{note}")
    except DeviceError as error:
        return [str(error)]
    ms = runtime.import_mindspore()
    print(f"{'device':<14}{device}")
    ascend = "present" if device == "Ascend" or runtime.device_present("Ascend") else "none"
    print(f"{'Ascend NPU':<14}{ascend}")
    try:
        result = ms.ops.relu(ms.Tensor([-1.0, 2.0])).asnumpy().tolist()
    except Exception as error:  # whatever a broken installation raises is the finding
        return [f"MindSpore cannot run ReLU on {device}: {error}"]
    if result != [0.0, 2.0]:
        return [f"MindSpore computes ReLU([-1, 2]) as {result} on {device}"]
    return []


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
