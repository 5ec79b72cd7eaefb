"""Subject: one pair variant, built on all three sides with the same parameters and inputs."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from harness import declared, isolation
from harness.backends import Backend, Run, Settings, open_backend, remember
from harness.backends.base import Coarse, Cotangents, Kept
from harness.backends.fused import Fused
from harness.errors import HarnessError, PairError, ParameterMapError
from harness.fusion import Fusion, Joins, derive_fusion
from harness.inputs import (
    Signature,
    draw_cotangent,
    draw_inputs,
    draw_parameters,
    generator,
    kept_as_built,
)
from harness.inventory import Inventory, Module
from harness.isolation import TORCH_NAMES, Names, Unit
from harness.modulemap import ModuleMap, derive_module_map
from harness.pair import OF_PARAMETERS, Pair
from harness.parameters import ParameterMap, derive_parameter_map
from harness.parts import Keeper, Parts
from harness.profile import Profile, load_profile
from harness.progress import Progress
from harness.tolerance import FACTOR, PROFILE_MARGIN
from harness.trace import digest
from harness.variation import Variation


@dataclass(frozen=True)
class Given:
    """What the user supplies in place of seeded draws.

    parameters: torch name -> array. port_parameters: MindSpore name -> array, a checkpoint the user
    converted; otherwise the port gets the converted torch parameters. inputs: an array for each
    Input of the pair's signature, in order.
    """

    @cached_property
    def key(self) -> str:
        """A hash of everything given: two Givens with one key are the same."""
        parts = (self.parameters or {}, self.port_parameters or {},
                 dict(enumerate(self.inputs or ())))  # fmt: skip
        return "|".join(digest({str(k): a for k, a in part.items()}) for part in parts)

    parameters: Mapping[str, np.ndarray] | None = None
    port_parameters: Mapping[str, np.ndarray] | None = None
    inputs: tuple[np.ndarray, ...] | None = None


@dataclass
class Side:
    """One backend with its model and inventory."""

    backend: Backend
    model: object
    names: Names = TORCH_NAMES

    @cached_property
    def inventory(self) -> Inventory:
        return self.backend.inventory(self.model)

    @cached_property
    def own(self) -> Inventory:
        """The inventory under the framework's own names, which checkpoints have."""
        if isinstance(self.backend, Fused):
            return self.backend.inner.inventory(self.model)
        return self.inventory

    def in_parts(self, joins: Joins) -> "Side":
        """The same model, with what it joins shown in parts."""
        return Side(Fused(self.backend, joins), self.model) if joins.by_name else self


@dataclass
class Recording:
    """One run of the whole network in torch float32, every call recorded: at once, or in parts,
    where ``run.calls`` have no values."""

    arguments: tuple[tuple[Any, ...], dict[str, Any]]
    entropy: int
    run: Run
    units: Sequence[Unit] | Parts = ()


class Subject(Variation):
    """A pair variant in torch float32, torch float64 and MindSpore, built when first needed."""

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
        super().__init__(
            pair, variant, dtype=dtype, seed=seed, settings=settings, progress=progress
        )
        self.given = given or Given()

    # -- the three sides -------------------------------------------------------------------------

    def open(self, name: str, build: int = 0) -> Side:
        """Build one side with its own initial parameters; each ``build`` has a seed of its own."""
        joins = self.fusion.mindspore if name == "mindspore" else self.fusion.torch
        return self.build(name, build).in_parts(joins)

    def build(self, name: str, build: int = 0) -> Side:
        """One side as its factory makes it, its parameters joined where it joins them."""
        backend = open_backend(name, self.settings)
        framework = "mindspore" if name == "mindspore" else "torch"
        factory = self.pair.factory(framework)
        kwargs = self.pair.variants[self.variant].kwargs
        self.progress(f"building {name}", 0, 0)
        try:
            model = backend.build(factory, kwargs, self.entropy + build)
        except Exception as error:
            raise HarnessError(
                f"{self.pair.name}:{self.variant}: the {framework} factory, called with "
                f"{dict(kwargs)}, raised {type(error).__name__}: {error}"
                f"{self._at('variants' if kwargs else framework)}"
            ) from error
        if not backend.is_model(model):
            raise self.pair.mistake(
                framework, f"the {framework} factory returned {type(model).__name__!r}, which is "
                           f"no {backend.model_type}."
            )  # fmt: skip
        return Side(self._remembered(backend, factory, build), model)

    def _remembered(self, backend: Backend, factory: Callable[..., Any], build: int) -> Backend:
        """The backend with its runs taken from where the settings say torch's are kept."""
        folder = self.settings.references
        # A budget of memory prices torch's runs as they are.
        if not folder or not backend.name.startswith("torch") or self.keeper is not None:
            return backend
        kwargs = self.pair.variants[self.variant].kwargs
        return remember(backend, Path(folder), factory, kwargs, self.entropy + build)

    def _at(self, field: str) -> str:
        """Where the pair says something, to end a sentence with."""
        where = declared.place(self.pair.site, field)
        return f" ({where})" if where else ""

    @cached_property
    def built_torch(self) -> Side:
        """The reference as its factory built it, its parameters joined where it joins them."""
        return self.build("torch")

    @cached_property
    def built_port(self) -> Side:
        """The port as its factory built it, its parameters joined where it joins them."""
        return self.build("mindspore")

    @cached_property
    def fusion(self) -> Fusion:
        """What either side joins."""
        rules = self.pair.parameters
        if not rules.fused:
            return Fusion()
        with self._declared():
            return derive_fusion(self.built_torch.inventory, self.built_port.inventory, rules)

    @contextmanager
    def _declared(self) -> Iterator[None]:
        """Says of a mistake in the parameters' rules where they stand."""
        try:
            yield
        except ParameterMapError as error:
            where = declared.place(self.pair.site, "parameters")
            raise ParameterMapError(f"{error}\n  Declared at {where}.") from error

    @cached_property
    def bare_torch(self) -> Side:
        """The reference with its own initial parameters."""
        return self.built_torch.in_parts(self.fusion.torch)

    @cached_property
    def torch(self) -> Side:
        side = self.bare_torch
        side.backend.write(side.model, self.parameters_for(side))
        return side

    @cached_property
    def oracle(self) -> Side:
        side = self.open("torch64")
        side.backend.write(side.model, self.parameters_for(side))
        return side

    @cached_property
    def bare_port(self) -> Side:
        """The port as built, before parameters are loaded: all that structure needs."""
        return self.built_port.in_parts(self.fusion.mindspore)

    @cached_property
    def port(self) -> Side:
        side = self.bare_port
        side.names = Names(self.modules.twins, self.map)
        arrays = self.given.port_parameters
        if arrays is None:
            arrays = self.map.to_mindspore(self.parameters_for(self.torch))
        side.backend.write(side.model, arrays)
        return side

    @property
    def known_labels(self) -> dict[str, str]:
        """Who was compared; only the sides that could be built."""
        sides = {"reference": "torch", "candidate": "bare_port"}
        return {
            role: self.__dict__[name].backend.label
            for role, name in sides.items()
            if name in self.__dict__
        }

    def structure_is_sound(self) -> bool:
        """Whether both sides were built and their parameters map one to one."""
        try:
            return bool(self.map.entries) or not self.pair.has_parameters
        except HarnessError:
            return False

    def parameters_for(self, side: Side) -> dict[str, np.ndarray]:
        """The torch-named parameters of this case: the user's, or drawn; what is an index or a mask
        stays as the factory made it."""
        if self.given.parameters is not None:
            return self.fusion.torch.split(self.given.parameters)
        own = side.own.parameters
        drawn = self.draw(
            {
                p.name: (p.shape, "float32" if "float" in p.dtype else p.dtype)
                for p in own
                if not p.shares
            }
        )
        kept = kept_as_built(drawn)
        if kept:
            held = side.backend.read(side.model)
            drawn.update({name: held[name] for name in kept})
        return self.fusion.torch.split({p.name: drawn[p.shares or p.name] for p in own})

    def draw(self, shapes: Mapping[str, tuple[tuple[int, ...], str]]) -> dict[str, np.ndarray]:
        """Seeded parameters for torch names -> (shape, dtype)."""
        return draw_parameters(shapes, self.entropy, self.pair.variants[self.variant].draw)

    @cached_property
    def profile(self) -> Profile:
        """What the port's device is known to cost."""
        return load_profile(self.settings.ms_device, self.settings.profile)

    def is_operation(self, path: str) -> bool:
        """Whether the module at a path is all of a layer or function pair: one operation a side."""
        return path == "" and self.pair.kind in ("layers", "functions")

    @cached_property
    def kernel_noise(self) -> dict[str, float]:
        """torch path -> share of its scale by which the device's kernel is known to be off."""
        found = {}
        for path in self.modules.twins:
            share = self.profile.noise(*self.twins(path), self.is_operation(path))
            if share:
                found[path] = share
        return found

    def coarse(self, seed: int = 0) -> Coarse:
        """The device's coarse elementwise kernels, for a rerun of torch that is a reference too:
        the judgement allows FACTOR times what it is off by."""
        kernels = self.profile.kernels
        return Coarse({n: share * PROFILE_MARGIN / FACTOR for n, share in kernels.items()}, seed)

    @cached_property
    def differentiable(self) -> bool:
        """Whether gradients are compared: the pair has some, and the device can run them."""
        lacks = self.profile.lacks(self.pair, self.variant)
        return self.pair.differentiable and "backward" not in lacks

    # -- structure -------------------------------------------------------------------------------

    @cached_property
    def modules(self) -> ModuleMap:
        try:
            return derive_module_map(
                self.torch.inventory, self.bare_port.inventory, self.pair.modules
            )
        except PairError as error:
            raise self.pair.mistake("modules", str(error)) from error

    def twins(self, path: str) -> tuple[Module, Module]:
        """The module at torch's path, and its twin."""
        return self.torch.inventory.paths[path], self.bare_port.inventory.paths[
            self.modules.twins[path]
        ]

    @cached_property
    def map(self) -> ParameterMap:
        with self._declared():
            return derive_parameter_map(
                self.torch.inventory, self.bare_port.inventory, self.pair.parameters, self.modules
            )

    def nothing_for(self, check: str) -> str:
        """Why a check of the battery has nothing to compare, as neither side has any; "" where it
        has. A pair that declares what it has is taken at its word."""
        torch, port = self.torch.inventory.parameters, self.bare_port.inventory.parameters
        if check in OF_PARAMETERS and self.pair.has_parameters is None and not torch + port:
            return "neither side has parameters"
        state = any(not p.trainable for p in torch + port)
        if check == "state" and self.pair.has_state is None and not state:
            return "neither side has state"
        return ""

    # -- recording and isolation -----------------------------------------------------------------

    @property
    def signature(self) -> Signature:
        """What ``forward`` is called with."""
        return self.pair.signature_of(self.variant)

    def inputs(self, draw: int = 0) -> tuple[np.ndarray, ...]:
        """The arrays of one draw, in the signature's order; given ones are nudged one ulp in later
        draws. Raises HarnessError where other than one array for each Input was given."""
        wanted = self.signature.leaves
        if self.given.inputs is None:
            try:
                return draw_inputs(wanted, self.entropy + draw)
            except PairError as error:
                raise self.pair.mistake("inputs", str(error)) from error
        if len(self.given.inputs) != len(wanted):
            raise HarnessError(
                f"{self.pair.name}:{self.variant} takes {len(wanted)} arrays, "
                f"{len(self.given.inputs)} were given."
            )
        if draw == 0:
            return self.given.inputs
        rng = generator(self.entropy + draw, "nudge")
        return tuple(isolation.nudge(array, rng) for array in self.given.inputs)

    def arguments(self, draw: int = 0) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """(args, kwargs) that ``forward`` is called with, for one draw."""
        return self.signature.filled(self.inputs(draw))

    @property
    def state(self) -> list[str]:
        """Mapped buffers, by torch name."""
        mapped = {entry.torch for entry in self.map.entries}
        return [
            p.name for p in self.torch.inventory.parameters
            if not p.trainable and p.name in mapped
        ]  # fmt: skip

    @property
    def trainable(self) -> list[str]:
        """Mapped trainable parameters, by torch name."""
        mapped = {entry.torch for entry in self.map.entries}
        return [p.name for p in self.torch.inventory.parameters if p.trainable and p.name in mapped]

    def record(self, mode: str, backward: bool, draw: int = 0) -> Recording:
        """Run the whole network in torch float32 and plan its units.

        Within a memory budget the units are recorded while they are iterated over, in parts. Raises
        BudgetError where the network alone exceeds it.
        """
        record = partial(self._record, mode, backward, draw)
        if self.keeper is None:
            return record(None)
        with self.keeper.bare("torch's forward and backward") as seen:
            found = record(Kept())
        self.keeper.torch = max(self.keeper.torch, seen.growth)
        types = self.torch.inventory.names
        weights = {
            name: math.prod(types[name].shape) * np.dtype(types[name].dtype).itemsize
            for name in self.trainable
        }
        again = partial(_units, record)
        return replace(found, units=Parts(self.keeper, list(found.units), weights, again))

    @cached_property
    def keeper(self) -> Keeper | None:
        """What keeps to the memory budget; None where there is none."""
        limit = self.settings.budget.memory
        return None if limit is None else Keeper(limit)

    def _record(self, mode: str, backward: bool, draw: int, kept: Kept | None) -> Recording:
        self.progress(f"recording torch, {mode}", 0, 0)
        arguments, entropy = self.arguments(draw), self.entropy + draw
        backward = backward and self.differentiable
        try:
            run = self.torch.backend.run(
                self.torch.model,
                *arguments,
                train=mode == "train",
                cotangents=self.cotangents(entropy) if backward else None,
                parameters=self.trainable,
                state=self.state,
                capture=True,
                kept=kept,
            )  # type: ignore[call-arg]  # torch alone records in parts
        except HarnessError:
            raise
        except Exception as error:
            raise self.pair.mistake(
                "inputs", f"torch's own forward, called with {self.signature}, raised "
                          f"{type(error).__name__}: {error}"
            ) from error  # fmt: skip
        units = isolation.plan(run.calls, self.torch.inventory, self.modules, self.map)
        return Recording(arguments, entropy, run, units)

    @staticmethod
    def cotangents(entropy: int) -> Cotangents:
        """Seeded gradients for the network's outputs."""
        return lambda leaf, shape: draw_cotangent(shape, entropy, leaf)

    def port_checkpoint(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What the port's checkpoint holds, for the arrays of torch's."""
        return self.fusion.mindspore.join(self.map.to_mindspore(self.fusion.torch.split(arrays)))

    def torch_checkpoint(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The exact inverse of ``port_checkpoint``."""
        return self.fusion.torch.join(self.map.to_torch(self.fusion.mindspore.split(arrays)))

    def laid_out(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """torch-named arrays under the port's names and in its layouts; unmapped ones left out."""
        return {
            entry.mindspore: entry.layout.forward(arrays[entry.torch])
            for entry in self.map.entries
            if entry.torch in arrays
        }


def _units(record: Callable[[Kept | None], Recording], kept: Kept) -> list[Unit]:
    return list(record(kept).units)
