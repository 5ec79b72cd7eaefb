"""Outline: both sides' names and shapes, and how they map, without memory for the parameters."""

from dataclasses import dataclass

from harness.backends.without_data import without_data
from harness.errors import DeviceError
from harness.fusion import Fusion, derive_fusion
from harness.inventory import Inventory
from harness.modulemap import derive_module_map
from harness.pair import Pair
from harness.parameters import ParameterMap, derive_parameter_map
from harness.subject import Subject


@dataclass(frozen=True)
class Outline:
    """Inventories of both sides as built, what either joins, their map, and notes on a side that
    had to be built in full."""

    torch: Inventory
    port: Inventory
    fusion: Fusion
    map: ParameterMap
    notes: tuple[str, ...] = ()


def outline_of(pair: Pair, variant: str) -> Outline:
    """Build both sides of a variant without data and map their parameters.

    A side whose factory fails without data is built in full, and let go of again. Raises
    HarnessError where a factory fails even so, ParameterMapError where the map has gaps.
    """
    notes: list[str] = []
    subject = Subject(pair, variant)
    torch, port = (_inventory(subject, name, notes) for name in ("torch", "mindspore"))
    fusion = derive_fusion(torch, port, pair.parameters)
    in_parts = fusion.torch.shown(torch), fusion.mindspore.shown(port)
    modules = derive_module_map(*in_parts, pair.modules)
    mapping = derive_parameter_map(*in_parts, pair.parameters, modules)
    return Outline(torch, port, fusion, mapping, tuple(notes))


def _inventory(subject: Subject, name: str, notes: list[str]) -> Inventory:
    try:
        with without_data(name):
            return subject.build(name).inventory
    except DeviceError:
        raise
    except Exception:  # whatever a factory does with values that are not there
        found = subject.build(name).inventory
    notes.append(f"the {name} side was built in full: its factory looks at parameter values")
    return found
