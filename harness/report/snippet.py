"""A difference as a few lines of Python in both frameworks, to be pasted into an issue."""

from collections.abc import Iterator
from typing import Any

from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.inputs import Input, Signature
from harness.pair import Factory
from harness.tolerance import NARROW, WIDE
from harness.verdict import Verdict

_LAYOUTS = {
    "same": "{}",
    "unsqueeze2": "np.expand_dims({}, 2)",
    "transpose": "{}.T",
}


def snippet(evidence: Evidence, verdict: Verdict) -> str:
    """A script that builds both sides of a variant, runs both and prints the largest difference.

    Inputs are those of the case, bit for bit. Parameters are as torch initializes them: a
    difference that hangs on the case's own is in its bundle.
    """
    pair, variant = evidence.pair, evidence.pair.variants[evidence.variant]
    train = any(result.mode == "train" for result in verdict.divergences)
    backward = verdict.check == "backward"
    signature = evidence.signature
    inputs = signature.leaves
    names = [f"x{i}" for i in range(len(inputs))]
    given = _call(variant.kwargs)
    lines = [
        f"# {verdict.case}",
        "import mindspore as ms",
        "import numpy as np",
        "import torch",
        "",
        *_imported(pair.torch, "Torch"),
        *_imported(pair.mindspore, "Port"),
        *(f"import {spec.draw.__module__}" for spec in inputs if callable(spec.draw)),
        "",
        *(
            f"{name} = {_drawn(spec, _rng(evidence, i))}"
            for i, (name, spec) in enumerate(zip(names, inputs))
        ),
        *_rescaled(verdict, names),
        f"torch_net, port = Torch({given}).train({train}), Port({given}).set_train({train})",
        *_parameters(evidence),
    ]
    ours = signature.written([f"torch.tensor({name})" for name in names])
    theirs = signature.written([f"ms.Tensor({name})" for name in names])
    if backward:
        lines += _gradients(signature, names)
    else:
        lines += [
            f"want = torch_net({ours})",
            f"found = port({theirs})",
            "want, found = (v[0] if isinstance(v, tuple) else v for v in (want, found))",
            "want, found = want.detach().numpy(), found.asnumpy()",
        ]
    lines += [
        "print(want.shape, found.shape)",
        "print(abs(want - found).max() if want.shape == found.shape else 'shapes differ')",
    ]
    return "\n".join(lines) + "\n"


def _rescaled(verdict: Verdict, names: list[str]) -> Iterator[str]:
    """What a probe does to its inputs, where it is a probe that diverges."""
    for scale, largest in (("wide", WIDE), ("narrow", NARROW)):
        if any(f"@{scale}:" in result.entry for result in verdict.divergences):
            for name in names:
                yield f"{name} *= np.float32({largest:g}) / abs({name}).max()"
            return


def _gradients(signature: Signature, names: list[str]) -> Iterator[str]:
    """Lines that compare the gradient of the first input that has one."""
    specs = signature.leaves
    position = next((i for i, spec in enumerate(specs) if "float" in spec.dtype), None)
    if position is None:
        yield "# no input carries a gradient: see the parameters' in the bundle"
        return
    theirs = ", ".join(f"ms.Tensor({name})" for name in names)
    yield f"given = [{', '.join(f'torch.tensor({name})' for name in names)}]"
    yield f"given[{position}].requires_grad_()"
    yield f"want = torch_net({signature.written([f'given[{i}]' for i in range(len(names))])})"
    yield "want = want[0] if isinstance(want, tuple) else want"
    yield "cotangent = np.random.default_rng(0).standard_normal(want.shape).astype('float32')"
    yield "want.backward(torch.tensor(cotangent))"
    yield f"want = given[{position}].grad.numpy()"
    yield "def total(*x):"
    yield f"    found = port({signature.written([f'x[{i}]' for i in range(len(names))])})"
    yield "    found = found[0] if isinstance(found, tuple) else found"
    yield "    return (found * ms.Tensor(cotangent)).sum()"
    yield f"found = ms.grad(total, {position})({theirs}).asnumpy()"


def _imported(factory: Factory, name: str) -> list[str]:
    if isinstance(factory, str):
        module, _, attribute = factory.partition(":")
        return [f"from {module} import {attribute} as {name}"]
    module = getattr(factory, "__module__", "?")
    attribute = getattr(factory, "__qualname__", repr(factory))
    return [f"from {module} import {attribute} as {name}"]


def _call(kwargs: Any) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in kwargs.items())


def _rng(evidence: Evidence, position: int) -> str:
    """The generator that ``harness.inputs`` draws an input from."""
    return f'np.random.default_rng([{evidence.entropy}, *b"input.{position}"])'


def _drawn(spec: Input, rng: str) -> str:
    if callable(spec.draw):
        values = f"{spec.draw.__module__}.{spec.draw.__qualname__}({rng}, {spec.shape})"
    elif spec.draw == "normal":
        values = f"{rng}.standard_normal({spec.shape})"
        values += f" * {spec.scale:g}" if spec.scale != 1 else ""
        values += f" + {spec.offset:g}" if spec.offset else ""
    elif spec.draw == "uniform":
        values = f"{rng}.uniform({spec.low:g}, {spec.high:g}, {spec.shape})"
    elif spec.draw == "integers":
        values = f"{rng}.integers({int(spec.low)}, {int(spec.high)}, {spec.shape})"
    elif spec.draw == "permutation":
        values = f"{rng}.random({spec.shape}).argsort(-1)"
    else:
        values = f"{rng}.integers(0, 2, {spec.shape})"
    return f"np.asarray({values}).astype({spec.dtype!r})"


def _parameters(evidence: Evidence) -> Iterator[str]:
    """Lines that give the port torch's parameters, name by name."""
    try:
        entries = evidence.map.entries
    except HarnessError:  # they do not map, or a side cannot be built: that is the difference
        return
    if not entries:
        return
    yield "state = {n: p.numpy() for n, p in torch_net.state_dict().items()}"
    yield "cells = dict(port.parameters_and_names())"
    torch, port = evidence.torch.inventory.names, evidence.bare_port.inventory.names
    parts: dict[str, list[str]] = {}
    for entry in entries:
        whole = torch[entry.torch].whole
        own = f"state[{whole!r}]{entry.torch.removeprefix(whole)}"
        laid_out = _LAYOUTS.get(entry.layout.name, "{}").format(own)
        parts.setdefault(port[entry.mindspore].whole, []).append(laid_out)
    for name, arrays in parts.items():
        array = f"{arrays[0]}.copy()"
        if join := evidence.fusion.mindspore.by_name.get(name):
            array = f"np.concatenate([{', '.join(arrays)}], {join.axis})"
        yield f"cells[{name!r}].set_data(ms.Tensor({array}))"
