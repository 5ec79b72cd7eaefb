"""Pairs and ids: every mistake in a declaration is told, every id pastes into -k."""

import re
from dataclasses import replace

import pytest

from harness import Input, Pair, Variant
from harness.errors import PairError
from harness.inputs import draw_inputs, draw_parameters
from harness.pair import Case
from harness.registry import all_pairs, find_pair, pairs_at
from harness.subject import Subject

GOOD = Pair(
    name="layers.relu6",
    torch="torch.nn:ReLU6",
    mindspore="mindspore.nn:ReLU6",
    inputs=[Input((2, 3))],
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "relu 6"}, "a name is kind.name"),
        ({"inputs": []}, "has no inputs"),
        ({"variants": {}}, "variants is empty"),
        ({"variants": {"p=1": Variant()}}, "does not paste into -k"),
        ({"checks": ("forwards",)}, "unknown checks"),
    ],
)
def test_a_wrong_declaration_says_what_to_change(changes: dict, said: str) -> None:
    with pytest.raises(PairError, match=said):
        replace(GOOD, **changes)


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        ("torch.nn", "module:attribute"),
        ("torch.nn:NoSuchLayer", "has no attribute"),
        ("no_such_module:Net", "cannot import"),
        ("torch:__version__", "not callable"),
        (3, "not callable"),
    ],
)
def test_a_wrong_factory_is_quoted(factory: object, said: str) -> None:
    with pytest.raises(PairError, match=said):
        replace(GOOD, torch=factory).factory("torch")


def test_a_third_partys_class_is_imported_where_torchvisions_operators_are_missing() -> None:
    made = replace(GOOD, torch="timm.models.resnet:resnet18").factory("torch")
    assert made.__name__ == "resnet18"


def test_every_registered_id_is_unique_and_made_of_safe_characters() -> None:
    ids = [case.id for pair in all_pairs().values() for case in pair.cases()]
    assert len(ids) == len(set(ids)) > 500
    assert all(re.fullmatch(r"[A-Za-z0-9_.:+-]+", case_id) for case_id in ids)


def test_an_id_names_pair_variant_check_mode_and_dtype() -> None:
    case = Case(GOOD, "default", "same_as_pynative")
    assert case.id == "layers.relu6:default-same_as_pynative-graph-f32"


@pytest.mark.parametrize(
    "name", ["networks.resnet50", "resnet50", "models.networks.resnet.pair:RESNET50"]
)
def test_a_pair_is_found_by_full_name_short_name_and_reference(name: str) -> None:
    assert find_pair(name).name == "networks.resnet50"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("resnet5", "Did you mean"),
        ("models.layers.activation.pair:NOPE", "holds"),
        ("no.such.module:PAIR", "cannot import"),
    ],
)
def test_a_pair_that_is_not_there_is_told(name: str, said: str) -> None:
    with pytest.raises(PairError, match=said):
        find_pair(name)


def test_a_module_reference_gives_all_its_pairs() -> None:
    assert len(pairs_at("models.networks.resnet_cifar.pair")) == 4


def test_draws_depend_on_seed_and_name_not_on_order() -> None:
    shapes = {"a.weight": ((3, 4), "float32"), "b.weight": ((3, 4), "float32")}
    ab = draw_parameters(shapes, entropy=1)
    ba = draw_parameters(dict(reversed(shapes.items())), entropy=1)
    assert all((ab[name] == ba[name]).all() for name in shapes)
    assert (ab["a.weight"] != ab["b.weight"]).any()
    other = draw_parameters(shapes, entropy=2)
    assert (ab["a.weight"] != other["a.weight"]).any()


def test_graphs_that_take_long_are_compiled_once_by_default() -> None:
    pair = replace(GOOD, variants={"a": Variant(), "b": Variant()}, slow_graphs=True)
    assert [case.variant for case in pair.cases() if case.slow] == ["b"]
    assert [case.mode for case in pair.cases() if case.slow] == ["graph"]


@pytest.mark.usefixtures("frameworks")
def test_an_index_stays_as_the_factory_made_it() -> None:
    subject = Subject(find_pair("networks.swin_t"), "default")
    built = subject.bare_torch.backend.read(subject.bare_torch.model)
    drawn = subject.parameters_for(subject.bare_torch)
    index = "features.1.0.attn.relative_position_index"
    assert drawn[index].any() and (drawn[index] == built[index]).all()
    assert (drawn["head.weight"] != built["head.weight"]).any()


def test_seeds_differ_between_variants_and_seeds() -> None:
    cases = [Case(GOOD, "default", "backward", seed=seed) for seed in (0, 1)]
    assert cases[0].entropy != cases[1].entropy
    first, second = (draw_inputs(GOOD.inputs, case.entropy)[0] for case in cases)
    assert (first != second).any()
