"""What isolation alone would miss: ranges, randomness, ties, memory, call counts, dropout rates."""

import pytest

from harness.checks import run_check
from harness.evidence import Evidence
from harness.pair import Pair
from harness.verdict import Verdict

pytestmark = pytest.mark.usefixtures("frameworks")


def _verdict(pair: Pair, check: str) -> Verdict:
    return run_check(Evidence(pair, "default"), check)


def _paths(verdict: Verdict) -> list[str]:
    return [culprit.path for culprit in verdict.culprits]


def test_the_right_port_passes_with_dropout_at_work(frameworks: None) -> None:
    import small

    evidence = Evidence(small.RIGHT, "default")
    verdicts = [run_check(evidence, case.check) for case in small.RIGHT.cases()]
    assert [v.case for v in verdicts if not v.passed] == []


def test_a_named_tuple_is_a_tuple_in_its_order() -> None:
    import small

    for port, right in (("TuplePort", True), ("SwappedPort", False)):
        pair = small.wrong(port, torch="small:NamedNet")
        assert _verdict(pair, "forward_eval").passed is right


def test_a_wrong_dropout_rate_is_found_at_the_dropout() -> None:
    import small

    verdict = _verdict(small.wrong("keep_prob"), "forward_train")
    assert _paths(verdict) == ["drop"]


def test_relu6_is_found_while_activations_stay_below_six() -> None:
    import small

    verdict = _verdict(small.wrong("relu6"), "forward_eval")
    assert _paths(verdict) == ["act"]
    assert verdict.culprits[0].results[0].entry == "act@wide:out"
    assert ("type", "ReLU", "ReLU6") in verdict.culprits[0].facts


def test_a_random_port_is_called_random() -> None:
    import small

    verdict = _verdict(small.wrong("RandomPort"), "forward_eval")
    assert _paths(verdict) == [""]
    notes = {r.measurement.note for r in verdict.divergences}
    assert "the port is random here: it draws numbers, torch does not" in notes


def test_parameters_tied_on_one_side_only_are_named() -> None:
    import small

    both = small.wrong("tied", torch="small:tied_torch")
    assert _verdict(both, "structure").passed
    assert _verdict(both, "backward").passed
    for pair in (small.wrong("tied"), small.wrong("Port", torch="small:tied_torch")):
        problems = " ".join(_verdict(pair, "structure").problems)
        assert "first.weight" in problems and "last.weight" in problems


def test_memory_that_both_sides_hold_is_found() -> None:
    import small

    verdict = _verdict(small.wrong("aliasing", torch="small:remembered"), "structure")
    assert any("first.weight lie in the same memory" in p for p in verdict.problems)


def test_how_often_a_module_is_called_is_told() -> None:
    import small

    pair = small.wrong("OncePort", torch="small:TwiceNet")
    verdict = _verdict(pair, "forward_eval")
    assert _paths(verdict) == [""]
    assert "layer is called twice in torch, once in MindSpore" in verdict.notes


@pytest.mark.parametrize(
    ("torch", "mindspore", "wrong"),
    [
        ("scheduled", "ms_sgd_on_time", {}),
        ("scheduled", "ms_sgd_late", {"rate3": "the rate used is 0.1, torch's 0.01"}),
        ("adam", "ms_adam", {"step1": "moves 0.99"}),
        ("sgd", "ms_sgd", {}),
        ("sgd", "ms_sgd_without_last", {"step1": "does not move"}),
    ],
)
def test_a_step_shows_what_the_optimizers_do(
    torch: str, mindspore: str, wrong: dict[str, str]
) -> None:
    import small

    verdict = _verdict(small.trained_with(torch, mindspore), "optimizer_step")
    found = {r.entry.rpartition(":")[2] for r in verdict.divergences}
    assert found == set(wrong)
    for result in verdict.divergences:
        assert wrong[result.entry.rpartition(":")[2]] in result.measurement.note
    if mindspore == "ms_sgd_without_last":
        assert {r.entry.partition(":")[0] for r in verdict.divergences} == {
            "last.weight", "last.bias"
        }  # fmt: skip


def test_weight_decay_that_skips_gamma_and_beta_is_called_so() -> None:
    from dataclasses import replace

    from harness import Optimizers
    from harness.registry import find_pair

    pair = replace(
        find_pair("layers.batchnorm2d"), optimizers=Optimizers("small:sgd", "small:ms_sgd")
    )
    verdict = _verdict(pair, "optimizer_step")
    assert {r.entry for r in verdict.divergences} == {"gamma:step1", "beta:step1"}
    assert all("weight decay on one side" in r.measurement.note for r in verdict.divergences)


def test_a_compiled_function_that_went_stale_is_found() -> None:
    import small

    evidence = Evidence(small.wrong("Compiled"), "default")
    verdict = run_check(evidence, "same_as_pynative")
    assert "after_loading:out" in {r.entry for r in verdict.divergences}
    assert any("ms.jit" in note for note in verdict.notes)


@pytest.mark.parametrize(("port", "path"), [("uncompiled_act", "act"), ("uncompiled_drop", "drop")])
def test_what_does_not_compile_is_blamed_and_no_dropout_beside_it(port: str, path: str) -> None:
    """A graph draws numbers of its own: that its dropout gives other values says nothing."""
    import small

    verdict = _verdict(small.wrong(port), "same_as_pynative")
    assert _paths(verdict) == [path]
    assert {r.unit for r in verdict.divergences} == {"", path}
    assert {r.mode for r in verdict.divergences} == {"eval", "train"}
    assert all("Unsupported statement 'Try'" in r.measurement.note for r in verdict.divergences)
