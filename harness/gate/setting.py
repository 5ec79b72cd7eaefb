"""Under what tests are run, as far as it may change what they say."""

import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

#: Options that change verdicts; those that name a file count by what it holds.
_OPTIONS = ("seed", "ms_device", "strict_latent", "in_process", "harness_data", "pair", "runxfail",
            "override_ini", "pythonwarnings", "plugins", "hypothesis_profile",
            "hypothesis_seed")  # fmt: skip
_FILES = ("device_profile",)
#: Environment variables that torch looks at; those that MindSpore and the harness do.
OF_TORCH = ("ATEN_", "CUDA_", "DNNL_", "MKL_", "OMP_", "ONEDNN_", "PYTORCH_", "TORCH_")
_OTHERS = ("ASCEND_", "GLOG_", "HARNESS_", "HYPOTHESIS_", "MINDSPORE_", "MS_", "PYTHONHASHSEED")


def setting_of(config: pytest.Config) -> dict[str, Any]:
    """The setting of a run, as data that JSON can hold."""
    options = {name: config.getoption(name, None) for name in _OPTIONS}
    for name in _FILES:
        given = config.getoption(name, "")
        options[name] = _content(config.invocation_params.dir / given) if given else ""
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "packages": packages(),
        "harness": harness_outside(config.rootpath),
        "options": options,
        "environment": environment((*OF_TORCH, *_OTHERS)),
    }


def environment(prefixes: tuple[str, ...]) -> dict[str, str]:
    """The environment variables whose names begin so."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(prefixes) and name != "HARNESS_OBSERVED"
    }


def packages() -> dict[str, str]:
    """Name -> version of everything that is installed."""
    found: dict[str, str] = {}
    for metadata in (one.metadata for one in distributions()):  # parsed anew whenever asked for
        found.setdefault(str(metadata["Name"]).lower(), str(metadata["Version"]))
    return dict(sorted(found.items()))


def harness_outside(root: Path) -> str:
    """A digest of the harness's own files where they are not of the tree that is tested."""
    own = Path(__file__).resolve().parents[1]
    if own.is_relative_to(root.resolve()):
        return ""
    files = (path for path in own.rglob("*") if path.is_file() and path.suffix != ".pyc")
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path.relative_to(own)}|{_content(path)}|".encode())
    return total.hexdigest()


def differences(then: Mapping[str, Any], now: Mapping[str, Any], what: str = "") -> Iterator[str]:
    """What is another in one setting than in the other: ``numpy 1.26.4 -> 1.26.5``."""
    for name in sorted({*then, *now}):
        before, after = then.get(name), now.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from differences(before, after, name)
        elif before != after:
            yield f"{name} {_shown(before)} -> {_shown(after)}"


def _shown(value: Any) -> str:
    return "none" if value is None or value in ("", []) else str(value)[:40]


def _content(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "absent"
