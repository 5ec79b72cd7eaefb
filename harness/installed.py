"""What is installed, without importing it: versions, requirements, what compiled modules need."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

#: Without these nothing runs.
NEEDED = ("mindspore", "numpy", "safetensors", "torch")
_ASKED = re.compile(rb"\0(GLIBC|GLIBCXX)_([0-9]+(?:\.[0-9]+)+)(?=\0)")
#: The library of MindSpore that all its compiled modules load.
_CORE = Path("lib", "libmindspore_core.so")


@dataclass(frozen=True)
class Unmet:
    """A requirement of a package that is not met. found: the version that is there, "" if none."""

    package: str
    wants: str
    found: str


@dataclass(frozen=True)
class Binaries:
    """What a package's compiled modules were built for.

    python: the interpreter, "cpython-311-x86_64-linux-gnu". tags: of the wheel. glibc, glibcxx: the
    newest symbol versions that they ask for. cxx11: whether they use C++11's strings. "" and None
    where there are no such modules.
    """

    python: str = ""
    tags: str = ""
    glibc: str = ""
    glibcxx: str = ""
    cxx11: bool | None = None


def tested_versions() -> dict[str, str]:
    """Package -> the exact version that the harness was tested with, of constraints.txt."""
    here = Path(__file__).parent
    # The wheel has it inside the package, a clone beside it.
    files = [f / "constraints.txt" for f in (here, here.parent)]
    lines = next((f.read_text(encoding="utf-8").splitlines() for f in files if f.is_file()), [])
    pairs = [line.partition("#")[0].split("==") for line in lines]
    return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}


def installed_versions() -> dict[str, str]:
    """Package -> its installed version, "" where it is not installed."""
    return {name: installed(name) for name in (*NEEDED, *tested_versions())}


def installed(package: str) -> str:
    """A package's installed version, "" without one."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def unmet(package: str) -> Iterator[Unmet]:
    """What an installed package requires and does not find, its extras apart."""
    for line in requires(package) or () if installed(package) else ():
        wants = Requirement(line)
        if wants.marker and not wants.marker.evaluate({"extra": ""}):
            continue
        found = installed(wants.name)
        if not found or not _satisfies(wants, found):
            yield Unmet(package, f"{wants.name}{wants.specifier}", found)


def binaries(package: str) -> Binaries:
    """What the compiled modules at the top of a package were built for; it is not imported."""
    spec = PathFinder.find_spec(package)
    homes = [Path(home) for home in (spec.submodule_search_locations or ())] if spec else []
    folders = [folder for home in homes for folder in (home, home / "core", home / "_core")]
    modules = sorted(file for folder in folders for file in folder.glob("*.so"))
    asked: dict[str, str] = {}
    cxx11 = False
    for file in (*modules, *(home / _CORE for home in homes if (home / _CORE).is_file())):
        data = file.read_bytes()
        cxx11 |= b"7__cxx11" in data
        for name, number in _ASKED.findall(data):
            known = asked.get(name.decode(), "0")
            asked[name.decode()] = max(known, number.decode(), key=Version)
    pythons = [found[1] for m in modules if (found := re.search(r"\.(cpython-.+)\.so$", m.name))]
    return Binaries(
        python=pythons[0] if pythons else "",
        tags=_tags(package),
        glibc=asked.get("GLIBC", ""),
        glibcxx=asked.get("GLIBCXX", ""),
        cxx11=cxx11 if modules else None,
    )


def _satisfies(wants: Requirement, found: str) -> bool:
    try:
        return wants.specifier.contains(Version(found), prereleases=True)
    except InvalidVersion:
        return True


def _tags(package: str) -> str:
    """The tags of the wheel that a package was installed from."""
    try:
        wheel = distribution(package).read_text("WHEEL") or ""
    except PackageNotFoundError:
        return ""
    return ", ".join(re.findall(r"^Tag: (\S+)", wheel, re.MULTILINE))
