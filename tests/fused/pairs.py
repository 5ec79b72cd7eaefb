"""The pairs."""

from harness import Input, Joined, Pair, ParameterRules
from harness.pair import CHECKS

#: Compiling takes longest, and two of the pairs show it.
_UNCOMPILED = tuple(check for check in CHECKS if check != "same_as_pynative")

_APART = {kind: tuple(f"attn.{part}.{kind}" for part in "qkv") for kind in ("weight", "bias")}

#: The port joins.
TOGETHER = Pair(
    name="networks.together",
    torch="fused.pt:apart",
    mindspore="fused.ms:together",
    inputs=[Input((3, 5, 8))],
    parameters=ParameterRules(
        fused={"attn.qkv.weight": _APART["weight"], "attn.qkv.bias": _APART["bias"]}
    ),
    has_state=False,
)
#: The port joins along another axis, in another layout.
KERNEL = Pair(
    name="networks.kernel",
    torch="fused.pt:apart",
    mindspore="fused.ms:kernel",
    inputs=[Input((3, 5, 8))],
    parameters=ParameterRules(
        fused={"attn.qkv": Joined(_APART["weight"], axis=1), "attn.bias": _APART["bias"]},
        layouts={"*.qkv": "transpose"},
    ),
    has_state=False,
    checks=_UNCOMPILED,
)
#: torch joins.
APART = Pair(
    name="networks.apart",
    torch="fused.pt:together",
    mindspore="fused.ms:apart",
    inputs=[Input((3, 5, 8))],
    parameters=ParameterRules(
        fused={
            "attn.in_proj_weight": _APART["weight"],
            "attn.in_proj_bias": _APART["bias"],
        }
    ),
    has_state=False,
)
#: torch stacks gates.
GATED = Pair(
    name="networks.gated",
    torch="fused.pt:Gated",
    mindspore="fused.ms:Gated",
    inputs=[Input((3, 4, 5))],
    parameters=ParameterRules(
        fused={
            "weight_ih": tuple(f"x{gate}.weight" for gate in "ifgo"),
            "weight_hh": tuple(f"h{gate}.weight" for gate in "ifgo"),
            "bias": tuple(f"x{gate}.bias" for gate in "ifgo"),
        }
    ),
    has_state=False,
    checks=_UNCOMPILED,
)
PAIRS = (TOGETHER, KERNEL, APART, GATED)
