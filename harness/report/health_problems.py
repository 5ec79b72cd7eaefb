"""What each problem that ``doctor`` finds is called, and what mends it."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.health import Problem
from harness.report.health_words import size
from harness.report.messages import Catalogue

#: Values that are bytes.
_SIZES = ("free", "bytes", "needed_bytes")


@dataclass(frozen=True)
class Said:
    """A problem in a sentence, what mends it, and the command that does, "" where there is none."""

    what: str
    fix: str
    command: str = ""


def said(problem: Problem, say: Catalogue) -> Said:
    """A problem's sentence and its fix. Raises KeyError for a kind that has no words."""
    values = {
        key: size(value) if key in _SIZES and isinstance(value, int) else value
        for key, value in problem.values.items()
    }
    for part in (_of_packages, _of_binaries, _of_machine, _of_frameworks):
        if (found := part(problem.kind, values, say)) is not None:
            return found
    raise KeyError(problem.kind)


def _of_packages(kind: str, v: Mapping[str, object], say: Catalogue) -> Said | None:
    install = say("Install the version that was tested.")
    match kind:
        case "not_installed":
            what = say("{package} is not installed.", **v)
            return Said(what, install, f"pip install -c constraints.txt {v['package']}")
        case "numpy_abi":
            what = say(
                "NumPy {found} breaks MindSpore {mindspore}, which is built for NumPy 1's ABI: "
                "scalar operations raise SystemError.", **v,
            )  # fmt: skip
            return Said(what, say("Install NumPy 1."), "pip install 'numpy<2'")
        case "untested":
            what = say("{package} is {found}; the harness was tested with {tested}.", **v)
            fix = say("Install the tested version, or run the tests on this one.")
            return Said(what, fix, f"pip install {v['package']}=={v['tested']}")
        case "python":
            what = say("MindSpore 2.10 has wheels for Python 3.9 to 3.12; this is {found}.", **v)
            fix = say("Make the environment with Python 3.11 or 3.12.")
            return Said(what, fix, "python3.11 -m venv .venv")
        case "requirement_missing":
            what = say("{package} requires {wants}, which is not installed.", **v)
            return Said(what, say("Install it."), f"pip install '{v['wants']}'")
        case "requirement":
            what = say("{package} requires {wants}; installed is {found}.", **v)
            return Said(
                what, say("Install a version in that range."), f"pip install '{v['wants']}'"
            )
        case "map_untested":
            what = say("The API map was run on {package} {tested}; installed is {found}.", **v)
            fix = say("Run it again, and see what changed.")
            return Said(what, fix, "python -m harness map --update")
        case "no_profile":
            what = say(
                "No device profile of {device} for MindSpore {mindspore}: what its kernels cost is "
                "unknown, and ports may be blamed for it.", **v,
            )  # fmt: skip
            command = f"python -m harness calibrate --ms-device {v['device']} --write-profile FILE"
            return Said(what, say("Measure one, and give it with --profile."), command)
    return None


def _of_binaries(kind: str, v: Mapping[str, object], say: Catalogue) -> Said | None:
    match kind:
        case "python_abi":
            what = say("{package} is compiled for {built}; this Python is {ours}.", **v)
            fix = say("Install it again with this Python's own pip.")
            return Said(what, fix, f"python -m pip install --force-reinstall {v['package']}")
        case "glibc":
            what = say("{package} needs glibc {needs}; this system has {found}.", **v)
            return Said(what, say("Use a newer system or container, or an older wheel."))
        case "glibcxx":
            what = say(
                "{package} needs a libstdc++ with GLIBCXX_{needs}; the one that is loaded ends at "
                "GLIBCXX_{found}.", **v,
            )  # fmt: skip
            fix = say(
                "Put a newer libstdc++ first, e.g. conda-forge's libstdcxx-ng, and see that "
                "LD_LIBRARY_PATH names no older one."
            )
            return Said(what, fix)
        case "openmp":
            what = say("Several OpenMP libraries are loaded: {libraries}.", **v)
            fix = say("Each keeps threads of its own; results do not change, times may.")
            return Said(what, fix)
    return None


def _of_machine(kind: str, v: Mapping[str, object], say: Catalogue) -> Said | None:
    match kind:
        case "no_vectors":
            what = say(
                "This processor has no {flags}: MindSpore's wheel uses AVX, AVX2 and FMA, and ends "
                "in an illegal instruction.", **v,
            )  # fmt: skip
            fix = say("Use another machine; in a virtual one, pass the host's processor through.")
            return Said(what, fix)
        case "memory":
            what = say("{free} of memory are free; the main job takes up to {needed_bytes}.", **v)
            fix = say("End what takes memory, or give checks a budget.")
            return Said(what, fix, "python -m harness check PAIR --budget memory=2GB")
        case "address_space":
            what = say("The address space is limited to {bytes}; both frameworks map more.", **v)
            return Said(what, say("Lift the limit before running."), "ulimit -v unlimited")
        case "files":
            what = say("{limit} files may be open; a run with workers needs up to {needed}.", **v)
            return Said(what, say("Raise the limit before running."), f"ulimit -n {v['needed']}")
        case "stack":
            what = say("The stack is limited to {bytes}; compiling a deep graph overruns it.", **v)
            return Said(what, say("Raise the limit before running."), "ulimit -s 8192")
        case "threads":
            what = say("{name} asks for {threads} threads on {cores} {cores:core|cores}.", **v)
            fix = say("Threads that wait for each other make a run many times slower.")
            return Said(what, fix, f"unset {v['name']}")
        case "onednn_variable":
            what = say("ONEDNN_MAX_CPU_ISA={value} slows torch down, too.", **v)
            fix = say("The harness caps MindSpore's own oneDNN where that helps.")
            return Said(what, fix, "unset ONEDNN_MAX_CPU_ISA")
        case "onednn_slow":
            what = say(
                "MindSpore's oneDNN could not be capped at AVX2: on this processor its AVX-512 "
                "convolutions may be about 100 times slower."
            )
            fix = say("Cap it for both frameworks before starting.")
            return Said(what, fix, "export ONEDNN_MAX_CPU_ISA=AVX2")
    return None


def _of_frameworks(kind: str, v: Mapping[str, object], say: Catalogue) -> Said | None:
    match kind:
        case "no_device":
            what = say("No {device} device was found: MindSpore {mindspore} sees {sees} only.", **v)
            fix = say(
                "Install the {device} driver and firmware and the CANN toolkit that this MindSpore "
                "release names, and source its set_env.sh before running.", device=v["device"],
            )  # fmt: skip
            return Said(what, fix)
        case "broken":
            what = say("{package} does not load: {said}", **v)
            fix = say("Install it again; the other problems on this page may be the reason.")
            return Said(
                what, fix, f"pip install --force-reinstall -c constraints.txt {v['package']}"
            )
        case "trial":
            what = say("MindSpore fails at {trial} on {device}: {said}", **v)
            fix = say("Install MindSpore again in an environment of its own.")
            return Said(what, fix, "pip install --force-reinstall -c constraints.txt mindspore")
        case "torchvision":
            what = say("torchvision does not load: {said}", **v)
            fix = say("Install the torchvision that belongs to torch {torch}.", torch=v["torch"])
            return Said(what, fix, "pip install --force-reinstall -c constraints.txt torchvision")
        case "torchvision_mended":
            what = say("torchvision's compiled operators do not load: {said}", **v)
            fix = say(
                "Networks and transforms work without them, in the harness. Elsewhere, install the "
                "torchvision of torch {torch} from the index that torch came from.",
                torch=v["torch"],
            )
            return Said(what, fix)
    return None
