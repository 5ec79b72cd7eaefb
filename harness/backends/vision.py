"""torchvision, imported even where its C++ operators do not fit the installed torch."""

import importlib
import sys
import types
from types import ModuleType

_META = "torchvision._meta_registrations"


def import_torchvision() -> ModuleType:
    """Import torchvision.

    PyPI's wheel is built for CUDA; beside a CPU torch its import ends at "operator torchvision::nms
    does not exist". On that very error alone the registrations of those operators are left out:
    transforms and models do not need them.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    for name in [n for n in sys.modules if n.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    sys.modules[_META] = types.ModuleType(_META)
    return importlib.import_module("torchvision")
