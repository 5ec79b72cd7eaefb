"""A pair's mistakes: the error names the line of the declaration that must change."""

import re
from pathlib import Path

import pytest

from harness import Input, Pair, ParameterRules, Variant, check_pair
from harness.errors import HarnessError

#: What a pair of the stem, which is right, says where a test says nothing else.
RIGHT = {
    "name": "networks.mine",
    "torch": "models.blocks.stem.pt:Stem",
    "mindspore": "models.blocks.stem.ms:Stem",
    "inputs": [Input((2, 3, 16, 16))],
}


def line_of(text: str) -> int:
    """The line of this file that a text stands in, and no other one."""
    lines = Path(__file__).read_text().splitlines()
    (found,) = [number for number, line in enumerate(lines, start=1) if text + "," in line]
    return found


def structure(**changes: object) -> str:
    """What a pair that differs from the right one says of its structure, or is refused with."""
    try:
        pair = Pair(
            **{**RIGHT, **changes},
        )
        verdicts = check_pair(pair, checks=["structure", "forward_eval"])
    except HarnessError as error:
        return str(error)
    return "\n".join(verdicts[0].problems)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"torch": "models.blocks.stem.pt:Stm"}, "has no attribute 'Stm'"),
        ({"torch": "models.blocks.stem.ms:Stem"}, "no torch.nn.Module"),
        ({"mindspore": "models.blocks.stem.pt:Stem"}, "no mindspore.nn.Cell"),
        ({"mindspore": "builtins:dict"}, "returned 'dict'"),
        ({"inputs": [Input((2, 4, 16, 16))]}, "torch's own forward, called with (float32[2, 4, 16"),
        ({"keywords": {"mask": Input((2,), "bool", "boolean")}}, "mask=bool[2]"),
        ({"inputs": [Input((2, 3, 16, 16), draw="norml")]}, "draw='norml'"),
        ({"inputs": [Input((2, 3, 16, 16), draw=lambda rng, shape: [1.0])]}, "of shape (1,)"),
        ({"modules": {"bn1": "bn2"}}, "MindSpore has no cell 'bn2'"),
        ({"modules": {"bn2": "bn1"}}, "torch has no module 'bn2'"),
        ({"variants": {"wide": Variant({"wdth": 2})}}, "called with {'wdth': 2}, raised TypeError"),
        ({"has_state": False}, "set has_state=True"),
        (
            {"parameters": ParameterRules(explicit={"bn1.weight": "bn1.gama"})},
            "sends 'bn1.weight' to 'bn1.gama'",
        ),
    ],
)
def test_a_mistake_is_told(changes: dict, said: str) -> None:
    assert said in structure(**changes)


def test_the_line_of_the_wrong_argument_is_named() -> None:
    wrong = Pair(
        name="networks.mine",
        torch="models.blocks.stem.pt:Stem",
        mindspore="models.blocks.stem.ms:Stm",
        inputs=[Input((2, 3, 16, 16))],
    )
    line = line_of('mindspore="models.blocks.stem.ms:Stm"')
    with pytest.raises(HarnessError, match=re.escape(f"test_mistakes.py:{line}: Pair(name=")):
        check_pair(wrong)


def test_a_refused_declaration_names_its_line() -> None:
    with pytest.raises(HarnessError) as raised:
        Pair(
            name="networks.mine",
            torch="models.blocks.stem.pt:Stem",
            mindspore="models.blocks.stem.ms:Stem",
            inputs=[],
        )
    assert f"test_mistakes.py:{line_of('inputs=[]')}: " in str(raised.value)
    assert "has no inputs" in str(raised.value)


def test_what_a_pair_has_need_not_be_said() -> None:
    bare = Pair(
        name="layers.mine", torch="torch.nn:ReLU", mindspore="mindspore.nn:ReLU",
        inputs=[Input((2, 3))],
    )  # fmt: skip
    found = {verdict.check: verdict for verdict in check_pair(bare)}
    assert all(verdict.passed for verdict in found.values())
    assert found["state"].notes == ("neither side has state",)
    assert found["optimizer_step"].notes == ("neither side has parameters",)
