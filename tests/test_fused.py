"""Ports that join parameters which torch has apart, and ports that have apart what torch joins."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from deferred import ms, torch
from fused.pairs import APART, KERNEL, PAIRS, TOGETHER

from harness import Joined, Pair, ParameterRules, Variant, check_pair, parametrize_pairs
from harness.backends import open_backend
from harness.backends.base import Step, Training
from harness.backends.fused import Fused
from harness.bundle import read_bundle, write_bundle
from harness.checkpoint import read_checkpoint, write_checkpoint
from harness.checks import run_check
from harness.cli import main
from harness.errors import ParameterMapError
from harness.evidence import Evidence
from harness.fusion import Join, Joins, Part
from harness.lockstep import Lockstep
from harness.reduce import reduce
from harness.report.snippet import snippet
from harness.tracing import compare_traces, record_oracle, record_port, record_reference
from harness.trajectory import judge_forced

pytestmark = pytest.mark.usefixtures("frameworks")


@parametrize_pairs(PAIRS)
def test_fused(check):
    """Equivalent networks pass the battery, whichever side joins."""
    check()


def wrong(pair: Pair, what: str) -> Pair:
    return replace(pair, variants={what: Variant({"wrong": what})})


@pytest.mark.parametrize(
    ("pair", "what"), [(TOGETHER, "order"), (TOGETHER, "slice"), (APART, "order")]
)
def test_a_wrong_use_of_parts_is_found_at_the_attention(pair: Pair, what: str) -> None:
    (verdict,) = check_pair(wrong(pair, what), checks=["forward_eval"])
    assert [culprit.path for culprit in verdict.culprits] == ["layers.1.attn"]


def test_a_part_that_moves_at_another_rate_is_found() -> None:
    """What an optimizer does to a joined parameter is judged part by part."""
    pair = replace(
        TOGETHER,
        optimizers=replace(TOGETHER.optimizers, mindspore="fused.ms:slow_biases"),
    )
    (verdict,) = check_pair(pair, checks=["optimizer_step"])
    wrong = {result.entry.rpartition(":")[0] for result in verdict.divergences}
    assert wrong >= {f"layers.{n}.attn.qkv.bias[{8 * i}:{8 * i + 8}]"
                     for n in range(2) for i in range(3)}  # fmt: skip
    assert not any("weight" in name for name in wrong)


def test_a_part_that_nothing_depends_on_is_fed_zero_beside_the_others() -> None:
    """Unless no part has a gradient: then the joined parameter has none."""
    fed = {}

    def train(model, factory, gradients, scales, keep):
        fed.update(gradients)
        after = {"qk": keep("qk", np.arange(6.0)), "v": keep("v", np.arange(2.0))}
        return Training([Step(after, {"qk": 0.1, "v": 0.2})], ())

    parts = (Part("qk[0:2]", "q", 0, 2), Part("qk[2:6]", "k", 2, 6))
    backend = Fused(SimpleNamespace(train=train), Joins({"qk": Join("qk", 0, parts)}))
    gradients = {"qk[0:2]": None, "qk[2:6]": np.ones(4), "v": None}
    (step,) = backend.train(None, None, gradients, (1.0,), lambda name, a: a[-1:]).steps
    assert fed["qk"].tolist() == [0, 0, 1, 1, 1, 1]
    assert fed["v"] is None
    assert {name: a.item() for name, a in step.parameters.items()} == {
        "qk[0:2]": 1, "qk[2:6]": 5, "v": 1,
    }  # fmt: skip
    assert step.rates == {"qk[0:2]": 0.1, "qk[2:6]": 0.1, "v": 0.2}
    backend.train(None, None, {"qk[0:2]": None, "qk[2:6]": None}, (1.0,), lambda name, a: a)
    assert fed["qk"] is None


def test_parts_that_start_differently_are_found() -> None:
    rules = ParameterRules(
        fused={
            "attn.qkv.weight": ("attn.q.weight", "attn.k.weight", "attn.v.weight"),
            "attn.qkv.bias": ("attn.q.bias", "attn.k.bias", "attn.v.bias"),
        }
    )
    pair = replace(TOGETHER, torch="fused.pt:large_values", parameters=rules)
    (verdict,) = check_pair(pair, checks=["initialization"])
    wrong = {result.entry for result in verdict.divergences}
    assert wrong == {f"layers.{n}.attn.qkv.weight[16:24]:init" for n in range(2)}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_checkpoints_hold_what_the_frameworks_load(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, back = tmp_path / "there.ckpt", tmp_path / "back.pth"
    torch.manual_seed(0)
    state = {n: t.numpy() for n, t in pair.factory("torch")().state_dict().items()}
    write_checkpoint(tmp_path / "own.pth", state, "torch")
    name = f"fused.pairs:{pair.name.partition('.')[2].upper()}"
    assert main(["convert", name, str(tmp_path / "own.pth"), str(there)]) == 0
    assert "are parts of parameters that one side joins" in capsys.readouterr().out
    port = pair.factory("mindspore")()
    assert ms.load_param_into_net(port, ms.load_checkpoint(str(there))) == ([], [])
    assert main(["convert", name, str(there), str(back)]) == 0
    returned = read_checkpoint(back).arrays
    assert list(returned) == list(state)
    assert all(returned[n].tobytes() == array.tobytes() for n, array in state.items())
    checks = ["--checks", "parameters,forward_eval", "--in-process"]
    files = ["--weights", str(tmp_path / "own.pth"), "--checkpoint", str(there)]
    assert main(["check", name, *files, *checks]) == 0


def test_a_checkpoint_with_its_parts_in_another_order_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = Evidence(TOGETHER, "default")
    source = evidence.parameters_for(evidence.bare_torch)
    converted = evidence.port_checkpoint(source)
    q, k, v = np.split(converted["layers.1.attn.qkv.weight"], 3)
    converted["layers.1.attn.qkv.weight"] = np.concatenate([k, q, v])
    write_checkpoint(tmp_path / "a.pth", source, "torch")
    write_checkpoint(tmp_path / "b.ckpt", converted, "mindspore")
    files = ["--weights", str(tmp_path / "a.pth"), "--checkpoint", str(tmp_path / "b.ckpt")]
    check = ["check", "fused.pairs:TOGETHER", "--checks", "parameters", "--in-process"]
    assert main([*check, *files]) == 1
    said = capsys.readouterr().out
    assert "layers.1.attn.qkv.weight[0:8]:value" in said
    assert "holds the values of layers.1.attn.qkv.weight[8:16]" in said


@pytest.mark.parametrize("pair", [TOGETHER, APART], ids=lambda pair: pair.name)
def test_a_failure_replays_and_shrinks(pair: Pair, tmp_path: Path) -> None:
    evidence = Evidence(wrong(pair, "order"), "order")
    verdict = run_check(evidence, "forward_eval")
    folder = write_bundle(tmp_path, evidence, verdict)
    bundle = read_bundle(folder)
    again = Evidence(bundle.case.pair, bundle.case.variant, seed=bundle.case.seed,
                     given=bundle.given)  # fmt: skip
    assert [r.entry for r in run_check(again, "forward_eval").divergences] == [
        r.entry for r in verdict.divergences
    ]
    arrays = np.load(folder / "modules.npz")
    for side, names in (
        ("torch", evidence.torch.own.names),
        ("mindspore", evidence.port.own.names),
    ):
        held = {n.removeprefix(f"0/{side}/") for n in arrays if n.startswith(f"0/{side}/")}
        assert held == {n for n in names if n.startswith("layers.1.attn.")}
    assert reduce(evidence).steps[1] == "layers.1.attn alone still fails"


@pytest.mark.parametrize("pair", [TOGETHER, APART], ids=lambda pair: pair.name)
def test_the_lines_for_an_issue_give_the_port_torchs_parameters(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = Evidence(wrong(pair, "order"), "order")
    verdict = run_check(evidence, "forward_eval")
    lines = snippet(evidence, verdict)
    right = lines.replace("wrong='order'", "")
    for source, equal in ((lines, False), (right, True)):
        exec(compile(source, "snippet", "exec"), {})
        difference = float(capsys.readouterr().out.split()[-1])
        assert (difference < 1e-4) is equal


@pytest.mark.parametrize("pair", [TOGETHER, APART], ids=lambda pair: pair.name)
def test_a_training_goes_in_lockstep(pair: Pair) -> None:
    """Gradients, rates and moves of a joined parameter are compared part by part."""
    from fused import ms, pt

    ours, theirs = (partial(side.loop, pair.factory(name))
                    for name, side in (("torch", pt), ("mindspore", ms)))  # fmt: skip
    run = Lockstep(
        pair, (open_backend("torch"), ours), (open_backend("torch64"), ours),
        (open_backend("mindspore"), theirs), entropy=0, twins=1,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    batches = [(rng.standard_normal((3, 5, 8)).astype("f4"), rng.standard_normal(3).astype("f4"))
               for _ in range(2)]  # fmt: skip
    run.begin_epoch()
    names = {name: run.port_name(name) for name in run.trainable}
    found = judge_forced(run.forced(iter(batches)), names)
    assert not any(result.diverges for result in found.results)
    for kind in ("gradient", "rate", "move"):
        assert {f"{name}:{kind}1" for name in names.values()} <= {r.entry for r in found.results}
    assert "[0:8]" in " ".join(names if pair is APART else names.values())


@pytest.mark.parametrize("pair", [TOGETHER, APART], ids=lambda pair: pair.name)
@pytest.mark.parametrize("what", ["", "order"])
def test_traces_of_fused_pairs_are_compared(pair: Pair, what: str) -> None:
    """Each side is recorded as on a machine of its own, torch first and under its own names."""
    evidence = Evidence(wrong(pair, what) if what else pair, what or "default")
    reference = record_reference(evidence)
    assert "built_port" not in evidence.__dict__
    own = {key for key in reference.entries if key.startswith("parameter/")}
    assert own == {f"parameter/{name}" for name in evidence.built_torch.inventory.names}
    oracle = record_oracle(Evidence(evidence.pair, evidence.variant), reference)
    port = record_port(Evidence(evidence.pair, evidence.variant), reference)
    results = compare_traces(port, reference, oracle, pair)
    part = "q.weight" if pair is APART else "qkv.weight[0:8]"
    assert f"layers.0.attn.{part}:grad" in {result.entry for result in results}
    wrong_units = {r.unit for r in results if r.diverges and r.scope != "whole"}
    assert wrong_units == ({"layers.1.attn"} if what else set())


def test_a_fused_port_alone_says_what_it_needs() -> None:
    with pytest.raises(ParameterMapError, match="fuses parameters; record the torch side first"):
        record_port(Evidence(TOGETHER, "default"), None)


def _q_k_v(kind: str, joined: str = "attn.qkv") -> dict:
    return {f"{joined}.{kind}": tuple(f"attn.{part}.{kind}" for part in "qkv")}


@pytest.mark.parametrize(
    ("fused", "said"),
    [
        (
            {"attn.qkv.weight": ("attn.q.weight", "attn.key.weight", "attn.v.weight")},
            "torch has no 'layers.0.attn.key.weight'",
        ),
        (
            {"attn.qkv.weight": ("att.q.weight", "att.k.weight", "att.v.weight")},
            "torch has no 'layers.0.att.q.weight', 'layers.0.att.k.weight'",
        ),
        (
            {"attn.qkv.weight": ("attn.q.weight", "attn.k.weight")},
            "has shape (24, 8), which 'layers.0.attn.q.weight', 'layers.0.attn.k.weight' of "
            "torch, (8, 8), (8, 8), do not add up to along axis 0",
        ),
        (
            {"attn.qkv.weight": Joined(("attn.q.weight", "attn.k.weight", "attn.v.weight"), 2)},
            "do not add up to along axis 2",
        ),
        (
            {"attn.qkv.weight": ("attn.q.weight", "attn.q.weight", "attn.v.weight")},
            "torch's 'layers.0.attn.q.weight' is in two places",
        ),
        ({"attn.qkv.weight": "attn.q.weight"}, "give a tuple of names"),
        (_q_k_v("weight", "attn.qvk"), "match nothing: 'attn.qvk.weight'"),
    ],
)
def test_a_mistake_is_one_sentence(fused: dict, said: str) -> None:
    rules = ParameterRules(fused={**_q_k_v("bias"), **fused})
    (verdict,) = check_pair(replace(TOGETHER, parameters=rules), checks=["structure"])
    assert said in "\n".join(verdict.problems)


def test_a_parameter_in_two_rules_is_refused() -> None:
    explicit = {"layers.1.attn.k.bias": "layers.1.attn.qkv.bias"}
    rules = replace(TOGETHER.parameters, explicit=explicit)
    (verdict,) = check_pair(replace(TOGETHER, parameters=rules), checks=["structure"])
    assert "torch's 'layers.1.attn.k.bias' is in two rules" in "\n".join(verdict.problems)


def test_a_rule_that_matches_nothing_is_told() -> None:
    fused = {**KERNEL.parameters.fused, **_q_k_v("weight")}
    evidence = Evidence(replace(KERNEL, parameters=replace(KERNEL.parameters, fused=fused)),
                        "default")  # fmt: skip
    assert evidence.map.unused_rules == ("attn.qkv.weight",)
