"""ParameterMap: total and invertible, or an error that lists both sides."""

import numpy as np
import pytest

from harness.errors import PairError, ParameterMapError
from harness.inputs import draw_parameters
from harness.inventory import Inventory, Module, Parameter
from harness.modulemap import derive_module_map
from harness.parameters import TRANSPOSE, ParameterRules, derive_parameter_map


def _inventory(framework: str, types: dict[str, str], shapes: dict[str, tuple]) -> Inventory:
    modules = tuple(Module(path, kind, framework) for path, kind in {"": "Net", **types}.items())
    parameters = tuple(Parameter(n, s, "float32", True) for n, s in shapes.items())
    return Inventory(framework, modules, parameters)


TORCH = _inventory(
    "torch",
    {"conv": "Conv2d", "bn": "BatchNorm2d", "fc": "Linear", "c1": "Conv1d"},
    {
        "conv.weight": (4, 3, 3, 3),
        "bn.weight": (4,),
        "bn.bias": (4,),
        "bn.running_mean": (4,),
        "bn.running_var": (4,),
        "bn.num_batches_tracked": (),
        "fc.weight": (5, 4),
        "fc.bias": (5,),
        "c1.weight": (6, 4, 3),
    },
)
PORT_SHAPES = {
    "conv.weight": (4, 3, 3, 3),
    "bn.moving_mean": (4,),
    "bn.moving_variance": (4,),
    "bn.gamma": (4,),
    "bn.beta": (4,),
    "fc.weight": (5, 4),
    "fc.bias": (5,),
    "c1.weight": (6, 4, 1, 3),
}
PORT_TYPES = {"conv": "Conv2d", "bn": "BatchNorm2d", "fc": "Dense", "c1": "Conv1d"}


def _port(**changes: tuple | None) -> Inventory:
    shapes = {**PORT_SHAPES, **{k.replace("__", "."): v for k, v in changes.items()}}
    return _inventory("mindspore", PORT_TYPES, {k: v for k, v in shapes.items() if v is not None})


def test_names_and_layouts_follow_from_the_types() -> None:
    found = derive_parameter_map(TORCH, _port())
    names = {entry.torch: entry.mindspore for entry in found.entries}
    assert names["bn.weight"] == "bn.gamma"
    assert names["bn.running_var"] == "bn.moving_variance"
    assert list(found.torch_only) == ["bn.num_batches_tracked"]
    assert found.by_torch["c1.weight"].layout.name == "unsqueeze2"


def test_the_map_is_inverted_exactly() -> None:
    found = derive_parameter_map(TORCH, _port())
    shapes = {p.name: (p.shape, p.dtype) for p in TORCH.parameters}
    arrays = draw_parameters(shapes, entropy=1)
    back = found.to_torch(found.to_mindspore(arrays))
    for name, array in back.items():
        assert array.shape == arrays[name].shape
        assert array.tobytes() == arrays[name].tobytes()


def test_a_leftover_lists_both_sides_and_what_has_its_shape() -> None:
    port = _port(fc__bias=None, extra__bias=(5,))
    with pytest.raises(ParameterMapError) as caught:
        derive_parameter_map(TORCH, port)
    said = str(caught.value)
    assert "torch parameters without a counterpart: 1" in said
    assert "MindSpore parameters without a counterpart: 1" in said
    assert "'fc.bias' has the shape of 'extra.bias'" in said


def test_a_shape_conflict_names_both_shapes() -> None:
    with pytest.raises(ParameterMapError, match=r"\(4, 3, 3, 3\).*\(4, 1, 3, 3\)"):
        derive_parameter_map(TORCH, _port(conv__weight=(4, 1, 3, 3)))


def test_two_sources_for_one_target_are_refused() -> None:
    rules = ParameterRules(explicit={"fc.bias": "bn.beta"})
    with pytest.raises(ParameterMapError, match=r"'bn.bias' and 'fc.bias' are both sent to"):
        derive_parameter_map(TORCH, _port(), rules)


def test_explicit_entries_match_whole_names_and_ends_at_a_dot() -> None:
    port = _port(fc__bias=None, offset=(5,))
    found = derive_parameter_map(TORCH, port, ParameterRules(explicit={"fc.bias": "offset"}))
    assert found.by_torch["fc.bias"].mindspore == "offset"
    with pytest.raises(ParameterMapError):
        # "c.bias" is no end of "fc.bias" at a dot.
        derive_parameter_map(TORCH, port, ParameterRules(explicit={"c.bias": "offset"}))


def test_rules_that_match_nothing_are_told() -> None:
    found = derive_parameter_map(TORCH, _port(), ParameterRules(explicit={"nose.weight": "x"}))
    assert found.unused_rules == ("nose.weight",)


def test_renames_and_layouts() -> None:
    port = _port(fc__weight=None, head__kernel=(4, 5))
    rules = ParameterRules(
        renames=[(r"^fc\.weight$", "head.kernel")], layouts={"head.*": TRANSPOSE}
    )
    found = derive_parameter_map(TORCH, port, rules)
    assert found.by_torch["fc.weight"].layout is TRANSPOSE
    array = np.arange(20, dtype=np.float32).reshape(5, 4)
    laid_out = found.by_torch["fc.weight"].layout.forward(array)
    assert np.array_equal(found.by_torch["fc.weight"].layout.inverse(laid_out), array)


def test_one_sided_parameters_need_a_reason() -> None:
    port = _port(counter=(1,))
    with pytest.raises(ParameterMapError, match="counter"):
        derive_parameter_map(TORCH, port)
    rules = ParameterRules(mindspore_only={"counter": "counts steps"})
    assert derive_parameter_map(TORCH, port, rules).mindspore_only == {"counter": "counts steps"}


def test_module_renames_carry_their_subtree_and_must_exist() -> None:
    torch = _inventory("torch", {"a": "Sequential", "a.0": "Linear"}, {"a.0.weight": (2, 2)})
    port = _inventory("mindspore", {"b": "SequentialCell", "b.0": "Dense"}, {"b.0.weight": (2, 2)})
    modules = derive_module_map(torch, port, {"a": "b"})
    assert modules.twins == {"": "", "a": "b", "a.0": "b.0"}
    assert derive_parameter_map(torch, port, None, modules).entries[0].mindspore == "b.0.weight"
    with pytest.raises(PairError, match="torch has no module 'z'"):
        derive_module_map(torch, port, {"z": "b"})
