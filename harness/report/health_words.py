"""The words of ``doctor``: the sentence, groups, and the names and values of facts."""

from harness.facts import Fact
from harness.health import Health, Problem
from harness.report.messages import Catalogue


def size(number: float) -> str:
    """Bytes in the unit that people would use."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    raise AssertionError


def value(fact: Fact, say: Catalogue) -> str:
    """A fact's value as it is shown."""
    if fact.value is None:
        if fact.group in ("versions", "threads"):
            return say("not installed")
        return say("no limit") if fact.group in ("limits", "processor") else say("none")
    if isinstance(fact.value, bool):
        return say("yes") if fact.value else say("no")
    if fact.unit == "bytes" and isinstance(fact.value, int):
        return size(fact.value)
    return f"{fact.value:g}" if isinstance(fact.value, float) else str(fact.value)


def name(fact: Fact, say: Catalogue) -> str:
    """What a fact is called: ``torch: threads``; packages, libraries and variables as they are."""
    called = _names(say).get(fact.name, fact.name)
    return f"{fact.of}: {called}" if fact.of else called


def groups(say: Catalogue) -> dict[str, str]:
    """Group -> its title, in the order in which they are shown."""
    return {
        "versions": say("Versions"),
        "devices": say("Devices and switches"),
        "processor": say("Processor"),
        "threads": say("Threads"),
        "abi": say("Binary interfaces"),
        "limits": say("Memory and limits"),
        "variables": say("Environment variables"),
    }


def ways(say: Catalogue) -> dict[str, str]:
    """What a device may lack a kernel for -> its words."""
    return {
        "forward": say("does not run"),
        "backward": say("no gradient"),
        "graph": say("not in graph mode"),
    }


def grade(problem: Problem, say: Catalogue) -> str:
    """ "problem" where something will not work, else "warning"."""
    return say("problem") if problem.blocking else say("warning")


def summary(health: Health, say: Catalogue) -> str:
    """The sentence that everything else explains."""
    blocking = sum(problem.blocking for problem in health.problems)
    warnings = len(health.problems) - blocking
    if blocking:
        return say(
            "{n} {n:problem|problems} and {m} {m:warning|warnings}; something will not work here.",
            n=blocking, m=warnings,
        )  # fmt: skip
    if warnings:
        return say("Everything needed is here; {m} {m:warning|warnings}.", m=warnings)
    return say("Everything needed is here.")


def lacks(health: Health, say: Catalogue) -> str:
    """How much the device has no kernel for."""
    return say(
        "MindSpore lacks {n} {device} {n:kernel|kernels} that layer and function pairs need, as a "
        "run found: {m} {m:variant|variants} of pairs cannot be checked in full.",
        device=health.device, n=len(health.lacks),
        m=len({pair for lack in health.lacks for pair in lack.pairs}),
    )  # fmt: skip


def apis(health: Health, say: Catalogue) -> str:
    """How many torch APIs have a counterpart that the device cannot run."""
    return say(
        "{n} torch {n:API has|APIs have} a counterpart in MindSpore without a kernel on "
        "{device}, as the API map's run found.",
        n=len(health.apis), device=health.map_device,
    )  # fmt: skip


def _names(say: Catalogue) -> dict[str, str]:
    return {
        "device": say("examined device"),
        "switch": say("switch"),
        "system": say("system"),
        "processor": say("processor"),
        "cores": say("cores of this process"),
        "quota": say("cores' worth of time"),
        "isa": say("vector instructions in use"),
        "threads": say("threads"),
        "interop_threads": say("threads between operations"),
        "openmp": say("OpenMP libraries loaded"),
        "python_tag": say("Python ABI"),
        "libc": say("C library"),
        "libstdcxx": say("C++ library"),
        "numpy_abi": say("NumPy ABI"),
        "wheel_tags": say("wheel built for"),
        "needs": say("asks for"),
        "cxx11_abi": say("C++11 string ABI"),
        "free": say("free memory"),
        "memory": say("memory"),
        "shared": say("free shared memory"),
        "disk": say("free disk"),
        "stack": say("stack"),
        "address_space": say("address space"),
        "files": say("open files"),
        "processes": say("processes"),
    }
