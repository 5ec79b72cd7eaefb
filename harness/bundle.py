"""A failing case as a folder that repeats it elsewhere: data, source, no pickle.

bundle.json     the pair, case, seed, settings, versions and labels
page.txt        the failure page
given.npz       the inputs, and the parameters where they are not drawn from the seed
modules.npz     the guilty modules: what went in, what each side computed
src/            the source files that both factories are made of
standalone.py   the guilty modules alone, with torch, MindSpore and NumPy only
"""

import dataclasses
import functools
import importlib
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from harness import __version__, isolation, tree
from harness.alone import reference_run
from harness.backends.base import Settings, is_array
from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.inputs import draw_inputs
from harness.isolation import TORCH_NAMES
from harness.pair import Case, Factory
from harness.report import failure
from harness.running import run_on
from harness.sources import sources_of
from harness.subject import Given
from harness.trace import Trace
from harness.verdict import Verdict

FORMAT = 1
PACKAGES = ("torch", "mindspore", "numpy")

#: Guilty modules whose arrays are kept.
_MODULES = 3


@dataclass(frozen=True)
class Bundle:
    """A bundle read back: everything that a Case needs to run again."""

    folder: Path
    case: Case
    settings: Settings
    given: Given
    versions: Mapping[str, str]


def write_bundle(folder: Path, evidence: Evidence, verdict: Verdict) -> Path:
    """Write a failing case below ``folder``; returns the bundle's own folder.

    Raises HarnessError where the pair has parts that no file can name (a lambda, a local class).
    """
    case = Case(evidence.pair, evidence.variant, verdict.check, seed=evidence.seed)
    meta = {
        "format": FORMAT,
        "harness": __version__,
        "case": case.id,
        "pair": encode(
            dataclasses.replace(
                case.pair, variants={case.variant: case.pair.variants[case.variant]}
            )
        ),
        "variant": case.variant,
        "check": case.check,
        "seed": case.seed,
        "settings": _settings(evidence.settings),
        "versions": versions(),
        "labels": dict(verdict.labels),
        "guilty": [culprit.path for culprit in verdict.culprits],
    }
    target = folder / _safe(case.id)
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    (target / "bundle.json").write_text(json.dumps(meta, indent=1, ensure_ascii=False))
    (target / "page.txt").write_text(failure.page(verdict) + "\n")
    _given(evidence).save(target / "given.npz")
    if evidence.settings.profile:
        shutil.copyfile(evidence.settings.profile, target / "profile.json")
    for name, file in sources_of(evidence).items():
        copy = target / "src" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    modules = _modules(evidence, verdict)
    if modules.entries:
        modules.save(target / "modules.npz")
        script = Path(__file__).with_name("standalone.txt").read_text()
        (target / "standalone.py").write_text(script)
    return target


def _settings(settings: Settings) -> dict[str, Any]:
    """The settings as JSON; a profile is a file of its own, and a replay has no budget."""
    found = dataclasses.asdict(dataclasses.replace(settings, profile=""))
    del found["budget"]
    return found


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle. Raises HarnessError for anything that is not one.

    Its sources must be importable where factories are not given as strings, see ``sources_first``.
    """
    file = folder / "bundle.json"
    if not file.is_file():
        raise HarnessError(f"{folder} is no bundle: it has no bundle.json.")
    try:
        meta = json.loads(file.read_text())
        if meta["format"] != FORMAT:
            raise HarnessError(f"{folder} has bundle format {meta['format']}; this is {FORMAT}.")
        pair = decode(meta["pair"])
        case = Case(pair, meta["variant"], meta["check"], seed=meta["seed"])
        profile = folder / "profile.json"
        settings = Settings(
            **{**meta["settings"], "profile": str(profile.resolve()) if profile.exists() else ""}
        )
    except (KeyError, TypeError, ValueError) as error:
        raise HarnessError(f"{file} is not a bundle written by the harness: {error}") from error
    arrays = Trace.load(folder / "given.npz").entries
    given = Given(
        _section(arrays, "parameter/") or None,
        _section(arrays, "port_parameter/") or None,
        tuple(_section(arrays, "input/").values()) or _unless_drawn(case, arrays),
    )
    return Bundle(folder, case, settings, given, meta["versions"])


@contextmanager
def sources_first(folder: Path) -> Iterator[None]:
    """While inside, a bundle's sources come first on the import path, also of new workers."""
    source = str((folder / "src").resolve())
    sys.path.insert(0, source)
    try:
        yield
    finally:
        sys.path.remove(source)


def _unless_drawn(case: Case, arrays: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...] | None:
    """The stored inputs, where this machine's NumPy draws others from the same seed."""
    stored = tuple(_section(arrays, "drawn/").values())
    drawn = draw_inputs(case.pair.signature_of(case.variant).leaves, case.entropy)
    same = all(a.tobytes() == b.tobytes() for a, b in zip(stored, drawn, strict=True))
    return None if same else stored


def versions() -> dict[str, str]:
    """Installed versions of what decides a result."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def _safe(case: str) -> str:
    return case.replace(":", "-").replace("+", "_")


def _factory(given: Factory) -> Any:
    return {"reference": given} if isinstance(given, str) else encode(given)


def _section(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)}


def _given(evidence: Evidence) -> Trace:
    """Inputs always; parameters where the user gave them, for drawn ones follow from the seed."""
    prefix = "drawn" if evidence.given.inputs is None else "input"
    entries = {f"{prefix}/{i}": array for i, array in enumerate(evidence.inputs())}
    for prefix, arrays in (
        ("parameter", evidence.given.parameters),
        ("port_parameter", evidence.given.port_parameters),
    ):
        entries |= {f"{prefix}/{name}": array for name, array in (arrays or {}).items()}
    return Trace({"what": "given"}, entries)


def _modules(evidence: Evidence, verdict: Verdict) -> Trace:
    """The first guilty modules: inputs, own parameters, what each side computed from them."""
    wanted = [c.results[0] for c in verdict.culprits][:_MODULES]
    if not wanted or verdict.check == "same_as_pynative":
        return Trace({})
    meta: dict[str, Any] = {
        "what": "modules",
        "pair": evidence.pair.name,
        "kwargs": encode(dict(evidence.pair.variants[evidence.variant].kwargs)),
        "factories": {
            "torch": _factory(evidence.pair.torch),
            "mindspore": _factory(evidence.pair.mindspore),
        },
        "modules": [],
    }
    trace = Trace(meta)
    for number, result in enumerate(wanted):
        mode = result.mode
        recording = evidence.record(mode, backward=True)
        for unit in recording.units:
            reference_run(evidence, unit, mode, backward=True)
            if unit.name == result.unit:
                break
        path = unit.call.path
        meta["modules"].append(
            {"torch": path, "mindspore": evidence.modules.twins[path], "train": mode == "train"}
        )
        for position, (_, array) in enumerate(
            tree.leaves((unit.call.args, unit.call.kwargs), is_array)
        ):
            trace.entries[f"{number}/in/{position}"] = array
        for name, side, joins in (
            ("torch", evidence.torch, evidence.fusion.torch),
            ("mindspore", evidence.port, evidence.fusion.mindspore),
        ):
            held = joins.join(side.backend.read(side.model))
            for entry in evidence.map.entries:
                if entry.torch.startswith(f"{path}." if path else ""):
                    whole = side.inventory.names[getattr(entry, name)].whole
                    trace.entries[f"{number}/{name}/{whole}"] = held[whole]
        for side in (evidence.torch, evidence.oracle, evidence.port):
            try:
                run = run_on(side, unit, mode, backward=True)
            except Exception:  # the page says what it raises
                continue
            for name, array in isolation.entries(run, unit, TORCH_NAMES, None):
                trace.entries[f"{number}/{side.backend.name}:{name}"] = array
    return trace


# -- the pair as JSON ------------------------------------------------------------------------


def encode(value: Any) -> Any:
    """A value made of plain data, dataclasses, importable functions and partials, as JSON.

    Raises HarnessError for anything that a file cannot name.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [encode(item) for item in value]}
    if isinstance(value, Mapping):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, functools.partial):
        return {
            "partial": encode(value.func),
            "args": [encode(item) for item in value.args],
            "kwargs": encode(value.keywords),
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init
        }
        return {"dataclass": _reference(type(value)), "fields": fields}
    return {"reference": _reference(value)}


def decode(data: Any) -> Any:
    """The exact inverse of ``encode``."""
    if not isinstance(data, dict):
        return data
    if "dataclass" in data:
        fields = {name: decode(item) for name, item in data["fields"].items()}
        return _resolve(data["dataclass"])(**fields)
    if "partial" in data:
        args = [decode(item) for item in data["args"]]
        return functools.partial(decode(data["partial"]), *args, **decode(data["kwargs"]))
    if "reference" in data:
        return _resolve(data["reference"])
    if "dict" in data:
        return {decode(key): decode(item) for key, item in data["dict"]}
    ((kind, items),) = data.items()
    return (tuple if kind == "tuple" else list)(decode(item) for item in items)


def _reference(value: Any) -> str:
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    reference = f"{module}:{name}"
    try:
        if module and name and module != "__main__" and _resolve(reference) is value:
            return reference
    except HarnessError:
        pass
    raise HarnessError(
        f"{value!r} cannot be written into a bundle: give factories and arguments as importable "
        f"functions or 'module:attribute'."
    )


def _resolve(reference: str) -> Any:
    module, _, name = reference.partition(":")
    try:
        found = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise HarnessError(f"The bundle needs {reference}, which is not here: {error}") from error
    return found


def differing_versions(bundle: Bundle) -> Iterator[str]:
    """What is installed in another version than when the bundle was written."""
    for package, now in versions().items():
        was = bundle.versions.get(package, "missing")
        if was != now:
            yield f"{package} was {was}, here it is {now}"


__all__ = ["Bundle", "decode", "differing_versions", "encode", "read_bundle", "write_bundle"]
