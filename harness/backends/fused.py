"""A backend whose joined parameters are seen in parts, see ``harness.fusion``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.backends.base import Backend, Run, Step, Training
from harness.backends.wrapping import Wrapping
from harness.fusion import Joins
from harness.inventory import Inventory


class Fused(Wrapping):
    """Another backend, all of whose names and arrays of parameters are those of the parts.

    What is written may be in parts or joined. Memory (``extents``) is the framework's own.
    """

    def __init__(self, inner: Backend, joins: Joins) -> None:
        super().__init__(inner)
        self.joins = joins

    @property
    def mirrored(self) -> bool:
        """As MindSpore's backend has it."""
        return self.inner.mirrored  # type: ignore[attr-defined]

    @mirrored.setter
    def mirrored(self, value: bool) -> None:
        self.inner.mirrored = value  # type: ignore[attr-defined]

    def inventory(self, model: Any) -> Inventory:
        return self.joins.shown(self.inner.inventory(model))

    def read(self, model: Any) -> dict[str, np.ndarray]:
        return self.joins.split(self.inner.read(model))

    def write(self, model: Any, arrays: Mapping[str, np.ndarray]) -> None:
        self.inner.write(model, self.joins.join(arrays))

    def load(self, model: Any, arrays: Mapping[str, np.ndarray]) -> None:
        """As MindSpore's backend does."""
        self.inner.load(model, self.joins.join(arrays))  # type: ignore[attr-defined]

    def train(
        self,
        model: Any,
        factory: Callable[..., Any],
        gradients: Mapping[str, np.ndarray | None],
        scales: Sequence[float],
        keep: Callable[[str, np.ndarray], np.ndarray],
    ) -> Training:
        #: Joined parameter -> what is kept of its parts, step by step.
        kept: dict[str, list[dict[str, np.ndarray]]] = {name: [] for name in self.joins.by_name}

        def keep_parts(name: str, array: np.ndarray) -> np.ndarray:
            if name not in kept:
                return keep(name, array)
            parts = self.joins.by_name[name].split(array)
            kept[name].append({part: keep(part, piece) for part, piece in parts.items()})
            return np.empty(0)

        found = self.inner.train(model, factory, self._gradients(gradients), scales, keep_parts)
        steps = []
        for number, step in enumerate(found.steps):
            parameters: dict[str, np.ndarray] = {}
            for name, array in step.parameters.items():
                parameters |= kept[name][number] if name in kept else {name: array}
            steps.append(Step(parameters, self.joins.each(step.rates)))
        return Training(steps, found.slots)

    def _gradients(
        self, gradients: Mapping[str, np.ndarray | None]
    ) -> dict[str, np.ndarray | None]:
        """Gradients joined; of a part that nothing depends on zero, unless no part has any."""
        found = dict(gradients)
        for name, join in self.joins.by_name.items():
            parts = {p.name: found.pop(p.name) for p in join.parts if p.name in found}
            given = {part: array for part, array in parts.items() if array is not None}
            if not given:
                found |= dict.fromkeys([name] if parts else [])
                continue
            some = next(iter(given.values()))
            for part in join.parts:
                shape = list(some.shape)
                shape[join.axis] = part.stop - part.start
                given.setdefault(part.name, np.zeros(shape, some.dtype))
            found[name] = join.join(given)
        return found

    def run(
        self,
        model: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Run:
        return self._in_parts(self.inner.run, model, args, kwargs, **more)

    def run_graph(
        self,
        model: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Run:
        """As MindSpore's backend does."""
        run_graph = self.inner.run_graph  # type: ignore[attr-defined]
        return self._in_parts(run_graph, model, args, kwargs, **more)

    def _in_parts(
        self,
        run: Callable[..., Run],
        *given: Any,
        parameters: Sequence[str] = (),
        state: Sequence[str] = (),
        **more: Any,
    ) -> Run:
        """A run that is asked for joined parameters, and tells of the parts that were wanted."""
        asked = [list(self.joins.wholes(names).values()) for names in (parameters, state)]
        found = run(*given, parameters=asked[0], state=asked[1], **more)
        found.grads, found.state = (
            {name: array for name, array in self.joins.split(arrays).items() if name in wanted}
            for arrays, wanted in ((found.grads, set(parameters)), (found.state, set(state)))
        )
        whole_of, unused = self.joins.whole_of, set(found.unused)
        found.unused = [name for name in parameters if whole_of.get(name, name) in unused]
        return found
