"""How the families of functions declare their pairs, in one line a function where it can be."""

from collections.abc import Iterator
from typing import Any

from harness import Input, Pair, Variant


def case(*inputs: Input | tuple[int, ...], **settings: Any) -> Variant:
    """A variant: tensors, a bare shape being a normal draw, and settings in torch's terms."""
    return Variant(settings, [i if isinstance(i, Input) else Input(i) for i in inputs])


def integers(*shape: int, low: int = 0, high: int = 10) -> Input:
    """An int64 tensor drawn from [low, high)."""
    return Input(shape, "int64", "integers", low=low, high=high)


def booleans(*shape: int) -> Input:
    return Input(shape, "bool", "boolean")


def permutation(*shape: int) -> Input:
    """int64, each row along the last axis a permutation."""
    return Input(shape, "int64", "permutation")


def positive(*shape: int, low: float = 0.1, high: float = 4.0) -> Input:
    return Input(shape, draw="uniform", low=low, high=high)


class Family:
    """The functions of one folder: ``pt.py`` and ``ms.py``, further forms in ``ms_mint.py``,
    ``ms_ops.py``.

    folder: under ``models.functions``. common: what all its pairs are declared with.
    """

    def __init__(self, folder: str, **common: Any) -> None:
        self.folder = f"models.functions.{folder}"
        self.common = {"has_parameters": False, "has_state": False, **common}

    def pair(self, name: str, *, function: str = "", form: str = "", **declared: Any) -> Pair:
        """The pair ``functions.<name>``, or ``functions.<name>.<form>`` of a further form.

        function: what both files call it, where that is not the name. What is given as a Variant
        is one, by its keyword; anything else is an argument of Pair.
        """
        variants = {k: v for k, v in declared.items() if isinstance(v, Variant)}
        others = {k: v for k, v in declared.items() if not isinstance(v, Variant)}
        return Pair(
            f"functions.{name}.{form}" if form else f"functions.{name}",
            f"{self.folder}.pt:{function or name}",
            f"{self.folder}.{f'ms_{form}' if form else 'ms'}:{function or name}",
            variants=variants,
            **{**self.common, **others},
        )

    def forms(self, pairs: list[Pair], form: str, names: str, **declared: Any) -> Iterator[Pair]:
        """A further form of the functions named, each on one variant of its pair.

        names: "name" for the pair's first variant, "name:variant" for another.
        """
        known = {pair.name.partition(".")[2]: pair for pair in pairs}
        for name, _, variant in (wanted.partition(":") for wanted in names.split()):
            pair = known[name]
            variant = variant or next(iter(pair.variants))
            yield self.pair(
                name,
                form=form,
                exact=pair.exact,
                differentiable=pair.differentiable,
                **declared,
                **{variant: pair.variants[variant]},
            )
