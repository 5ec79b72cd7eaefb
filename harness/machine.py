"""This machine as plain values: processor, memory, limits. Reads Linux's files; no framework."""

import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

#: Variables that change what the frameworks do; no other is read.
VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ONEDNN_MAX_CPU_ISA", "GLOG_v",
    "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH", "CUDA_VISIBLE_DEVICES",
    "ASCEND_RT_VISIBLE_DEVICES", "ASCEND_HOME_PATH", "MS_DEV_RUNTIME_CONF", "PYTHONHASHSEED",
)  # fmt: skip


@dataclass(frozen=True)
class Machine:
    """What this process may use, in bytes and numbers; None where there is no limit or no answer.

    cores: that this process may run on. quota: processors' worth of time its group may take.
    memory, free: of the machine, or of its group where that is less. shared: free in /dev/shm.
    disk: free in the working directory. files, processes, stack, address_space: ulimits.
    """

    system: str
    processor: str
    architecture: str
    cores: int
    quota: float | None
    memory: int | None
    free: int | None
    shared: int | None
    disk: int | None
    files: int | None
    processes: int | None
    stack: int | None
    address_space: int | None
    libc: str


def read_machine() -> Machine:
    """The machine as it is now."""
    memory = _meminfo()
    limit, used = _group_memory()
    total, free = memory.get("MemTotal"), memory.get("MemAvailable")
    if limit is not None and (total is None or limit < total):
        total = limit
        free = min(limit - used, free) if free is not None else limit - used
    return Machine(
        system=platform.platform(),
        processor=_processor(),
        architecture=platform.machine(),
        cores=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        quota=_quota(),
        memory=total,
        free=free,
        shared=_room("/dev/shm"),
        disk=_room("."),
        libc=" ".join(platform.libc_ver()).strip(),
        **_limits(),
    )


def variables() -> dict[str, str]:
    """Those of ``VARIABLES`` that are set."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}


def _limits() -> dict[str, int | None]:
    names = {
        "files": "NOFILE",
        "processes": "NPROC",
        "stack": "STACK",
        "address_space": "AS",
    }
    try:
        import resource
    except ModuleNotFoundError:  # Windows has none
        return dict.fromkeys(names)
    soft = {
        name: resource.getrlimit(getattr(resource, f"RLIMIT_{limit}"))[0]
        for name, limit in names.items()
        if hasattr(resource, f"RLIMIT_{limit}")
    }
    return {
        name: None if soft.get(name) in (None, resource.RLIM_INFINITY) else soft[name]
        for name in names
    }


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else platform.processor()


def _meminfo() -> dict[str, int]:
    """Name -> bytes, of /proc/meminfo."""
    found = re.findall(r"^(\w+):\s+(\d+) kB$", _text("/proc/meminfo"), re.MULTILINE)
    return {name: int(number) * 1024 for name, number in found}


def _group_memory() -> tuple[int | None, int]:
    """The memory limit of this process's group, and what of it is used; version 2, then 1."""
    for folder, limit, used in (
        (_group("", "/sys/fs/cgroup"), "memory.max", "memory.current"),
        (
            _group("memory", "/sys/fs/cgroup/memory"),
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
        ),
    ):
        found = _text(folder / limit).strip()
        if found.isdigit():
            return int(found), int(_text(folder / used).strip() or 0)
    return None, 0


def _quota() -> float | None:
    quota, period = (_text(_group("", "/sys/fs/cgroup") / "cpu.max").split() + ["", ""])[:2]
    if not quota:
        folder = _group("cpu", "/sys/fs/cgroup/cpu")
        quota = _text(folder / "cpu.cfs_quota_us").strip()
        period = _text(folder / "cpu.cfs_period_us").strip()
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _group(controller: str, mount: str) -> Path:
    """The folder of this process's group, or the mount's root where a container shows that only."""
    for line in _text("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            folder = Path(mount + path)
            return folder if folder.is_dir() else Path(mount)
    return Path(mount)


def _room(folder: str) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError):
        return ""
