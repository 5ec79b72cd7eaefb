"""Stage: one variant of a pair that is no module, and what its checks share."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from harness.backends import Backend, Settings, open_backend
from harness.errors import HarnessError
from harness.pair import Case, Pair
from harness.progress import Progress, silent
from harness.subject import Given


class Stage:
    """A pair variant whose sides are opened when first needed.

    ``kept`` is where checks keep what others of the same variant can use again.
    """

    def __init__(
        self,
        pair: Pair,
        variant: str,
        *,
        dtype: str = "f32",
        seed: int = 0,
        settings: Settings | None = None,
        given: Given | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.pair, self.variant, self.seed = pair, variant, seed
        self.settings, self.progress = settings or Settings(), progress or silent
        self.entropy = Case(pair, variant, pair.checks[0], dtype, seed).entropy
        self.kept: dict[str, Any] = {}

    @property
    def kwargs(self) -> dict[str, Any]:
        """What the factories are called with."""
        return dict(self.pair.variants[self.variant].kwargs)

    def factory(self, framework: str) -> Callable[..., Any]:
        """The pair's factory of "torch" or "mindspore". Raises PairError."""
        return self.pair.factory(framework)

    def built(self, framework: str, *args: Any, **kwargs: Any) -> Any:
        """What a factory makes. Raises HarnessError that names it where the factory raises."""
        try:
            return self.factory(framework)(*args, **kwargs)
        except HarnessError:
            raise
        except Exception as error:
            raise HarnessError(
                f"{self.pair.name}:{self.variant}: the {framework} factory raised "
                f"{type(error).__name__}: {error}"
            ) from error

    @cached_property
    def torch(self) -> Backend:
        return open_backend("torch", self.settings)

    @cached_property
    def oracle(self) -> Backend:
        return open_backend("torch64", self.settings)

    @cached_property
    def mindspore(self) -> Backend:
        return open_backend("mindspore", self.settings)

    @property
    def known_labels(self) -> dict[str, str]:
        """Who was compared; only the sides that were opened."""
        sides = {"reference": "torch", "candidate": "mindspore"}
        return {
            role: self.__dict__[name].label for role, name in sides.items() if name in self.__dict__
        }

    def structure_is_sound(self) -> bool:
        """A stage has no structure that could block its checks."""
        return True
