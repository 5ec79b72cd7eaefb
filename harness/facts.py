"""Facts of an installation and its machine, in groups, as data."""

import platform
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.backends import runtime
from harness.backends.installation import Findings
from harness.installed import Binaries, tested_versions
from harness.machine import Machine, variables

#: Without AVX importing MindSpore 2.10 ends in SIGILL, with AVX alone a kernel does (measured on
#: emulated processors: Nehalem and SandyBridge; Haswell is the first that runs all).
REQUIRED_FLAGS = ("avx", "avx2", "fma")
_FLAGS = (*REQUIRED_FLAGS, "f16c", "avx512f", "avx512_bf16", "amx_tile")

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Fact:
    """One line of the page.

    name: what it is, or a package's, a library's, a variable's own name. of: the package that it is
    a fact of, "" for none. value: None is "not there" or "no limit". unit: "bytes" or "". tested:
    the version that the harness was tested with.
    """

    group: str
    name: str
    value: Value
    unit: str = ""
    tested: str = ""
    of: str = ""


def all_facts(
    versions: Mapping[str, str],
    built: Mapping[str, Binaries],
    machine: Machine,
    found: Findings,
    device: str,
) -> Iterator[Fact]:
    """Every fact, in the order in which they are shown."""
    yield from _versions(versions)
    yield from _devices(found, device)
    yield from _processor(machine, found)
    yield from _threads(found)
    yield from _binaries(built, machine, found, versions["numpy"])
    yield from _limits(machine)
    for name, value in variables().items():
        yield Fact("variables", name, value)


def _versions(versions: Mapping[str, str]) -> Iterator[Fact]:
    tested = tested_versions()
    yield Fact("versions", "python", f"{platform.python_version()} ({sys.executable})")
    for package, found in versions.items():
        yield Fact("versions", package, found or None, tested=tested.get(package, ""))


def _devices(found: Findings, device: str) -> Iterator[Fact]:
    yield Fact("devices", "device", device)
    for name in ("CPU", "GPU", "Ascend"):
        if "devices" in found:
            yield Fact("devices", name, name in found["devices"], of="mindspore")
    if "torch_cuda" in found:
        yield Fact("devices", "CUDA", found["torch_cuda"], of="torch")
    for note in found.get("switches", ()):
        yield Fact("devices", "switch", note)


def _processor(machine: Machine, found: Findings) -> Iterator[Fact]:
    yield Fact("processor", "system", machine.system)
    yield Fact("processor", "processor", f"{machine.processor} ({machine.architecture})")
    yield Fact("processor", "cores", machine.cores)
    yield Fact("processor", "quota", machine.quota)
    flags = runtime.cpu_flags()
    for flag in _FLAGS if flags else ():
        yield Fact("processor", flag.upper(), flag in flags)
    if "torch_isa" in found:
        yield Fact("processor", "isa", found["torch_isa"], of="torch")


def _threads(found: Findings) -> Iterator[Fact]:
    for package, name in (("torch", "threads"), ("torch", "interop_threads"),
                          ("mindspore", "threads")):  # fmt: skip
        if f"{package}_{name}" in found:
            yield Fact("threads", name, found[f"{package}_{name}"], of=package)
    for pool in found.get("pools", ()):
        yield Fact("threads", f"{pool['library']} ({pool['home']})", pool["threads"])
    if "pools" not in found:
        yield Fact("threads", "threadpoolctl", None)
    for library in found.get("openmp", ()):
        yield Fact("threads", "openmp", library)


def _binaries(
    built: Mapping[str, Binaries], machine: Machine, found: Findings, numpy: str
) -> Iterator[Fact]:
    yield Fact("abi", "python_tag", sysconfig.get_config_var("SOABI"))
    yield Fact("abi", "libc", machine.libc or None)
    if "libstdcxx" in found:
        yield Fact("abi", "libstdcxx", f"GLIBCXX_{found['glibcxx']} ({found['libstdcxx']})")
    yield Fact("abi", "numpy_abi", numpy.partition(".")[0] or None)
    for package, its in built.items():
        yield Fact("abi", "python_tag", its.python or None, of=package)
        yield Fact("abi", "wheel_tags", its.tags or None, of=package)
        if its.glibc or its.glibcxx:
            asked = (("GLIBC", its.glibc), ("GLIBCXX", its.glibcxx))
            wants = ", ".join(f"{name}_{number}" for name, number in asked if number)
            yield Fact("abi", "needs", wants, of=package)
        if package == "mindspore":
            yield Fact("abi", "cxx11_abi", its.cxx11, of="mindspore")
        if package == "torch" and "torch_cxx11_abi" in found:
            yield Fact("abi", "cxx11_abi", found["torch_cxx11_abi"], of="torch")


def _limits(machine: Machine) -> Iterator[Fact]:
    for name in ("free", "memory", "shared", "disk", "stack", "address_space"):
        yield Fact("limits", name, getattr(machine, name), unit="bytes")
    for name in ("files", "processes"):
        yield Fact("limits", name, getattr(machine, name))
