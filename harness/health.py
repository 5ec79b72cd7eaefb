"""The health of an installation as data: problems, facts, and what a device has no kernels for.

Nothing here is worded: a Problem is a kind and what its sentence names, see
``harness.report.health``. Frameworks are loaded in a worker, so that one that crashes in native
code is a problem like others.
"""

import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from packaging.version import Version

from harness.apimap.executed import load_executed
from harness.apimap.rows import NOT_ON_CPU, load_rows
from harness.backends import installation, runtime
from harness.backends.kernels import missing_kernel
from harness.errors import HarnessError
from harness.facts import REQUIRED_FLAGS, Fact, Value, all_facts
from harness.installed import (
    NEEDED,
    Binaries,
    binaries,
    installed_versions,
    tested_versions,
    unmet,
)
from harness.machine import Machine, read_machine, variables
from harness.profile import Profile, load_profile
from harness.worker import Worker, WorkerFailure

#: Bytes: the main job's measured peak, see the README.
MAIN_JOB = 4_300_000_000
#: Open files that a run with workers and mapped checkpoints may need; Linux's own default.
_FILES = 1024
#: Bytes of stack; Linux's own default. Compiling a graph recurses through the network.
_STACK = 8 << 20
#: Seconds that a framework may take to load and be tried.
_TIMEOUT = 300.0


@dataclass(frozen=True)
class Problem:
    """kind: which sentence tells it. blocking: something will not work; else it is a warning.
    values: what the sentence names."""

    kind: str
    blocking: bool
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Lack:
    """A kernel that a device does not have. way: "forward", "backward" or "graph". pairs: the
    variants of layer and function pairs that do not run for it."""

    kernel: str
    way: str
    pairs: tuple[str, ...]


@dataclass(frozen=True)
class Health:
    """Everything ``doctor`` tells.

    lacks: of the device, as its profile measured. apis: rows of the API map that have no kernel on
    ``map_device``, torch name -> what the map notes.
    """

    device: str
    problems: tuple[Problem, ...]
    facts: tuple[Fact, ...]
    lacks: tuple[Lack, ...]
    apis: Mapping[str, str]
    map_device: str

    @property
    def blocked(self) -> bool:
        """Whether something will not work."""
        return any(problem.blocking for problem in self.problems)


def examine(device: str) -> Health:
    """Look at everything; takes as long as both frameworks take to load."""
    versions, machine = installed_versions(), read_machine()
    built = {name: binaries(name) for name in ("torch", "mindspore", "numpy") if versions[name]}
    problems = [
        *_of_versions(versions),
        *_of_binaries(versions, built, machine),
        *_of_machine(machine),
    ]
    # NumPy 2 breaks MindSpore in a dozen ways, of which none tells more.
    broken = any(problem.kind == "numpy_abi" for problem in problems)
    asked = [n for n in ("torch", "mindspore") if versions[n] and not (broken and n != "torch")]
    found, crashed = _ask(asked, device)
    profile = load_profile(device, mindspore=versions["mindspore"] or "missing")
    problems += [
        *crashed,
        *_of_frameworks(found, versions, built, device),
        *_of_measurements(profile, versions),
    ]
    rows = load_rows().values()
    return Health(
        device,
        tuple(sorted(problems, key=lambda problem: not problem.blocking)),
        tuple(all_facts(versions, built, machine, found, device)),
        tuple(lacking(profile)),
        {row.torch: row.note for row in rows if row.status == NOT_ON_CPU},
        load_executed().device,
    )


def lacking(profile: Profile) -> list[Lack]:
    """A profile's missing kernels, each with all that does not run for it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, ways in profile.missing.items():
        for way, why in ways.items():
            kernel = missing_kernel(why) or why.rpartition(" kernel of ")[2]
            found.setdefault((kernel, way), []).append(name)
    return [Lack(kernel, way, tuple(names)) for (kernel, way), names in sorted(found.items())]


def _ask(frameworks: Iterable[str], device: str) -> tuple[installation.Findings, list[Problem]]:
    """What the frameworks say of themselves, each asked apart; what does not load is a problem."""
    calls: dict[str, tuple[Callable[..., installation.Findings], tuple[str, ...]]] = {
        "torch": (installation.torch_findings, ()),
        "mindspore": (installation.mindspore_findings, (device,)),
    }
    found: installation.Findings = {}
    problems = []
    worker = Worker()
    try:
        for name in frameworks:
            function, given = calls[name]
            try:
                found |= worker.call(name, _TIMEOUT, function, *given)
            except (WorkerFailure, HarnessError) as error:
                said = str(error).strip().splitlines()
                values = {"package": name, "said": f"{said[0]} {said[-1] if said[1:] else ''}"}
                problems.append(Problem("broken", True, values))
        # In a process that crashed nothing can be asked; the facts are then absent.
        with suppress(WorkerFailure):
            found |= worker.call("libraries", _TIMEOUT, installation.loaded_findings)
    finally:
        worker.close()
    return found, problems


def _of_versions(versions: Mapping[str, str]) -> Iterator[Problem]:
    tested = tested_versions()
    for package in NEEDED:
        found = versions[package]
        if not found:
            yield Problem("not_installed", True, {"package": package})
        elif package == "numpy" and versions["mindspore"] and Version(found).major >= 2:
            yield Problem("numpy_abi", True, {"found": found, "mindspore": versions["mindspore"]})
        elif package in tested and found.partition("+")[0] != tested[package]:
            values = {"package": package, "found": found, "tested": tested[package]}
            yield Problem("untested", False, values)
    if not versions["mindspore"] and not (3, 9) <= sys.version_info[:2] <= (3, 12):
        yield Problem("python", True, {"found": f"{sys.version_info[0]}.{sys.version_info[1]}"})
    for package in ("equivalence-harness", *NEEDED):
        for lack in unmet(package):
            if lack.wants.startswith("numpy") and Version(versions["numpy"] or "1").major >= 2:
                continue  # said above
            values = {"package": package, "wants": lack.wants, "found": lack.found}
            kind = "requirement" if lack.found else "requirement_missing"
            yield Problem(kind, not lack.found, values)


def _of_binaries(
    versions: Mapping[str, str], built: Mapping[str, Binaries], machine: Machine
) -> Iterator[Problem]:
    """Compiled modules that are another Python's, or need a newer C library than there is."""
    ours = str(sysconfig.get_config_var("SOABI") or "")
    libc, _, has = machine.libc.partition(" ")
    for package, its in built.items():
        if its.python and ours and its.python != ours:
            values = {"package": package, "built": its.python, "ours": ours}
            yield Problem("python_abi", True, values)
        if its.glibc and libc == "glibc" and Version(has) < Version(its.glibc):
            yield Problem("glibc", True, {"package": package, "needs": its.glibc, "found": has})


def _of_machine(machine: Machine) -> Iterator[Problem]:
    flags = runtime.cpu_flags()
    absent = [flag.upper() for flag in REQUIRED_FLAGS if flag not in flags]
    if flags and machine.architecture == "x86_64" and absent:
        yield Problem("no_vectors", True, {"flags": ", ".join(absent)})
    if machine.free is not None and machine.free < MAIN_JOB:
        yield Problem("memory", False, {"free": machine.free, "needed_bytes": MAIN_JOB})
    if machine.address_space is not None:
        yield Problem("address_space", False, {"bytes": machine.address_space})
    if machine.files is not None and machine.files < _FILES:
        yield Problem("files", False, {"limit": machine.files, "needed": _FILES})
    if machine.stack is not None and machine.stack < _STACK:
        yield Problem("stack", False, {"bytes": machine.stack})
    given = variables()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        if given.get(name, "").isdigit() and int(given[name]) > machine.cores:
            values = {"name": name, "threads": int(given[name]), "cores": machine.cores}
            yield Problem("threads", False, values)
    if "ONEDNN_MAX_CPU_ISA" in given:
        yield Problem("onednn_variable", False, {"value": given["ONEDNN_MAX_CPU_ISA"]})


def _of_frameworks(
    found: installation.Findings,
    versions: Mapping[str, str],
    built: Mapping[str, Binaries],
    device: str,
) -> Iterator[Problem]:
    has = found.get("glibcxx", "")
    for package, its in built.items():
        if has and its.glibcxx and Version(has) < Version(its.glibcxx):
            values = {"package": package, "needs": its.glibcxx, "found": has}
            yield Problem("glibcxx", True, values)
    if not found.get("present", True):
        sees = ", ".join(found["devices"])
        values = {"device": device, "mindspore": versions["mindspore"], "sees": sees}
        yield Problem("no_device", True, values)
    if "avx512f" in runtime.cpu_flags() and not found.get("onednn_capped", True):
        yield Problem("onednn_slow", False)
    for trial, said in found.get("failed", {}).items():
        yield Problem("trial", True, {"trial": trial, "device": device, "said": said})
    if "torchvision_error" in found:
        kind = "torchvision_mended" if found["torchvision_mended"] else "torchvision"
        values = {"said": found["torchvision_error"], "torch": versions["torch"].partition("+")[0]}
        yield Problem(kind, False, values)
    if len(found.get("openmp", ())) > 1:
        yield Problem("openmp", False, {"libraries": ", ".join(found["openmp"])})


def _of_measurements(profile: Profile, versions: Mapping[str, str]) -> Iterator[Problem]:
    """What was measured on other versions or devices than these."""
    measured = load_executed()
    if versions["mindspore"] and not (profile.operations or profile.missing):
        values = {"device": profile.device, "mindspore": versions["mindspore"]}
        yield Problem("no_profile", False, values)
    for package, was in (("torch", measured.torch), ("mindspore", measured.mindspore)):
        has = versions[package].partition("+")[0]
        if has and has != was:
            yield Problem("map_untested", False, {"package": package, "found": has, "tested": was})
