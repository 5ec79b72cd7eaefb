"""A backend around another, which does all but ``run`` unless a subclass says otherwise."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from harness.backends.base import Arguments, Backend, Training
from harness.inventory import Inventory


class Wrapping(Backend):
    """Another backend as it is, what only one framework's backend has included."""

    def __init__(self, inner: Backend) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def is_model(self, value: Any) -> bool:
        return self.inner.is_model(value)

    def build(self, factory: Callable[..., Any], kwargs: Mapping[str, Any], seed: int) -> Any:
        return self.inner.build(factory, kwargs, seed)

    def seeded(self, seed: int) -> AbstractContextManager[None]:
        return self.inner.seeded(seed)

    def inventory(self, model: Any) -> Inventory:
        return self.inner.inventory(model)

    def read(self, model: Any) -> dict[str, np.ndarray]:
        return self.inner.read(model)

    def extents(self, model: Any) -> dict[str, tuple[int, int]]:
        return self.inner.extents(model)

    def write(self, model: Any, arrays: Mapping[str, np.ndarray]) -> None:
        self.inner.write(model, arrays)

    def train(
        self,
        model: Any,
        factory: Callable[..., Any],
        gradients: Mapping[str, np.ndarray | None],
        scales: Sequence[float],
        keep: Callable[[str, np.ndarray], np.ndarray],
    ) -> Training:
        return self.inner.train(model, factory, gradients, scales, keep)

    def modes(self, model: Any, train: bool) -> dict[str, bool]:
        return self.inner.modes(model, train)

    def precisions(
        self, model: Any, arguments: Arguments, train: bool, amp: str = ""
    ) -> dict[str, str]:
        return self.inner.precisions(model, arguments, train, amp)
