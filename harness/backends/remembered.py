"""A torch backend whose runs are taken from ``harness.references`` where they were made before.

A run is told by all that it depends on: the sources of the model and of torch's side of the
harness, every installed package, the processor and its settings, the parameters, and what the run
is given. What is not told by data alone (a factory that is none of a file, a callable argument) is
run. So is what is asked a second time of one model, under a key of its own: a network that computes
something else each time is to be found out.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from harness.backends.base import Arguments, Backend, Call, Coarse, Cotangents, Fed, Run
from harness.backends.base import Training as Trained
from harness.backends.runtime import cpu_flags
from harness.backends.wrapping import Wrapping
from harness.gate.importing import Sources, sources
from harness.gate.observing import STARTED
from harness.gate.setting import OF_TORCH, environment, packages
from harness.machine import read_machine
from harness.references import COUNTS, NotPlain, Store, fingerprint

_HARNESS = Path(__file__).parents[1]
_CALL = tuple(f.name for f in fields(Call))
_FED = tuple(f.name for f in fields(Fed))
_RUN = tuple(f.name for f in fields(Run))


class Remembered(Wrapping):
    """Another backend, of one model, whose runs are remembered."""

    def __init__(self, inner: Backend, store: Store, model: str) -> None:
        """model: tells the model, see ``identity``."""
        super().__init__(inner)
        self.store, self._model = store, model
        self._parameters = ""
        self._asked: Counter[str] = Counter()

    def write(self, model: Any, arrays: Mapping[str, np.ndarray]) -> None:
        self._parameters = ""
        super().write(model, arrays)

    def train(
        self,
        model: Any,
        factory: Callable[..., Any],
        gradients: Mapping[str, np.ndarray | None],
        scales: Sequence[float],
        keep: Callable[[str, np.ndarray], np.ndarray],
    ) -> Trained:
        self._parameters = ""
        return super().train(model, factory, gradients, scales, keep)

    def precisions(
        self, model: Any, arguments: Arguments, train: bool, amp: str = ""
    ) -> dict[str, str]:
        self._parameters = ""
        return super().precisions(model, arguments, train, amp)

    def run(
        self,
        model: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        *,
        cotangents: Cotangents | None = None,
        coarse: Coarse | None = None,
        **more: Any,
    ) -> Run:
        """As the backend that is remembered."""
        whole: dict[str, Any] = {**more, "cotangents": cotangents, "coarse": coarse}
        try:
            key = self._key(model, args, kwargs, whole)
        except NotPlain:
            COUNTS["not plain"] += 1
            return self._run(model, args, kwargs, whole)
        found = self.store.read(key)
        if found is not None and _fed_alike(found["fed"], cotangents):
            COUNTS["taken"] += 1
            if coarse is not None:
                coarse.ran |= set(found["ran"])
            return _unpacked(found["run"])
        fed: list[list[Any]] = []
        if cotangents is not None:
            whole["cotangents"] = _noting(cotangents, fed)
        run = self._run(model, args, kwargs, whole)
        ran = sorted(coarse.ran) if coarse is not None else []
        self.store.write(key, {"run": _packed(run), "fed": fed, "ran": ran})
        return run

    def _run(self, model: Any, args: Any, kwargs: Any, more: Mapping[str, Any]) -> Run:
        COUNTS["run"] += 1
        return self.inner.run(model, args, kwargs, **more)

    def _key(self, model: Any, args: Any, kwargs: Any, more: Mapping[str, Any]) -> str:
        """Raises NotPlain where data does not tell what is run."""
        if more.get("kept") is not None:
            raise NotPlain("a recording in parts")
        if not self._parameters:
            self._parameters = fingerprint(self.inner.read(model))
        coarse, played, transplant = more["coarse"], more.get("played"), more.get("transplant")
        plain = {
            "args": tuple(args),
            "kwargs": dict(kwargs or {}),
            "backward": more["cotangents"] is not None,
            "coarse": None if coarse is None else [dict(coarse.shares), coarse.seed],
            "played": {path: [_fields(c, _CALL) for c in calls]
                       for path, calls in (played or {}).items()},
            "transplant": None if transplant is None else [
                transplant.path, transplant.index, dict(transplant.output),
                dict(transplant.grad_inputs)],
            **{name: list(more.get(name, ())) for name in ("parameters", "state")},
            "noise": dict(more.get("noise") or {}),
            **{name: more.get(name) for name in ("path", "train", "capture")},
        }  # fmt: skip
        once = fingerprint([self._model, self._parameters, plain])
        self._asked[once] += 1
        return fingerprint([once, self._asked[once]])


def identity(
    backend: Backend, factory: Callable[..., Any], kwargs: Mapping[str, Any], seed: int
) -> str:
    """What tells a model that a factory builds. Raises NotPlain where data does not."""
    module = sys.modules.get(getattr(factory, "__module__", ""))
    name = getattr(factory, "__qualname__", "<")
    if module is None or "<" in name or getattr(module, name.partition(".")[0], None) is None:
        raise NotPlain(f"{factory!r}")
    file = getattr(module, "__file__", None)
    return fingerprint(
        [backend.name, module.__name__, name, dict(kwargs), seed,
         _sources_of(file) if file else "", _surroundings()]
    )  # fmt: skip


@cache
def _sources_of(file: str) -> list[str]:
    """The state of a file and of all it imports, those of installed packages left out: their
    versions stand for them. Raises NotPlain where one was written after this process began: what
    was imported may be what it was before."""
    path = Path(file).resolve()
    if "site-packages" in path.parts or path.is_relative_to(os.path.dirname(os.__file__)):
        return []
    root = path.parent
    while (root / "__init__.py").exists():
        root = root.parent
    return _states(sources(root), path.relative_to(root).as_posix())


def _states(tree: Sources, start: str) -> list[str]:
    found = []
    for name in sorted(tree.closure(start)):
        path = tree.root / name
        if path.stat().st_mtime >= STARTED:
            raise NotPlain(f"{name} was written after the process started")
        found.append(f"{name} {fingerprint(path.read_text('utf-8', errors='surrogateescape'))}")
    return found


@cache
def _surroundings() -> list[Any]:
    """What torch's results depend on beside the model: code, packages, the processor."""
    own = Sources(_HARNESS.parent, only=_HARNESS.name)
    here = read_machine()
    return [
        _states(own, f"{_HARNESS.name}/backends/remembered.py"),
        [sys.version, here.system, here.libc, here.processor, here.cores, sorted(cpu_flags())],
        packages(), environment(OF_TORCH),
        str(torch.__version__), torch.__config__.show(), torch.backends.cpu.get_cpu_capability(),
        torch.get_num_threads(), torch.backends.mkldnn.enabled,
        torch.are_deterministic_algorithms_enabled(), str(torch.get_default_dtype()),
    ]  # fmt: skip


def _noting(cotangents: Cotangents, fed: list[list[Any]]) -> Cotangents:
    """The same gradients; notes which were asked for, and what each was."""

    def ask(leaf: str, shape: tuple[int, ...]) -> np.ndarray | None:
        found = cotangents(leaf, shape)
        fed.append([leaf, list(shape), fingerprint(found)])
        return found

    return ask


def _fed_alike(fed: Sequence[Any], cotangents: Cotangents | None) -> bool:
    """Whether the gradients that a run was fed are those that it would be fed now."""
    if cotangents is None:
        return not fed
    alike = all(fingerprint(cotangents(leaf, tuple(shape))) == was for leaf, shape, was in fed)
    COUNTS["unlike"] += not alike
    return alike


def _packed(run: Run) -> dict[str, Any]:
    data = {name: getattr(run, name) for name in _RUN}
    data["calls"] = [_fields(call, _CALL) for call in run.calls]
    data["fed"] = [_fields(fed, _FED) for fed in run.fed]
    return data


def _unpacked(data: Mapping[str, Any]) -> Run:
    calls = [Call(**dict(zip(_CALL, row))) for row in data["calls"]]
    fed = [Fed(**dict(zip(_FED, row))) for row in data["fed"]]
    return Run(**{**data, "calls": calls, "fed": fed})


def _fields(value: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(value, name) for name in names]
