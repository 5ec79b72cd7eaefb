"""Stage: one variant of a pair that is no module, and what its checks share."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from harness.backends import Backend, open_backend
from harness.errors import HarnessError, NothingCompared, PairError
from harness.recipe import Recipe
from harness.variation import Variation
from harness.verdict import Finding, Result, Verdict


class Stage(Variation):
    """A pair variant whose sides are opened when first needed."""

    @property
    def kwargs(self) -> dict[str, Any]:
        """What the factories are called with."""
        return dict(self.pair.variants[self.variant].kwargs)

    @property
    def recipe(self) -> Recipe:
        """What the pair's sides are built from, with the variant's ``structure``. Raises PairError
        where the pair has none."""
        recipe = self.pair.recipe
        if recipe is None:
            raise PairError(
                f"Pair(name={self.pair.name!r}): {self.pair.kind} are built from a recipe; set "
                f"recipe=."
            )
        structure = {**recipe.structure, **self.kwargs.get("structure", {})}
        return replace(recipe, structure=structure)

    def open_both(self) -> None:
        """Set both frameworks up, before anything of them runs."""
        self.torch  # noqa: B018
        self.mindspore  # noqa: B018

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


def concluded(
    check: str,
    findings: Sequence[Finding],
    *,
    results: Sequence[Result] = (),
    compared: int | None = None,
    notes: Sequence[str] = (),
) -> Verdict:
    """The Verdict of a stage's check. compared: what was, of the results where nothing is said.

    Raises NothingCompared where nothing was.
    """
    count = len(results) if compared is None else compared
    if not count and not findings:
        raise NothingCompared(f"{check}: there was nothing to compare.")
    return Verdict(
        "", check, 0,
        results=tuple(results),
        findings=tuple(findings),
        notes=tuple(notes),
        compared=count,
    )  # fmt: skip
