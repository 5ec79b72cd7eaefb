"""The two small files of a new pair: pt.py and pair.py."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness.inputs import Input
from harness.porting.described import Described


def pt_source(torch: str, kwargs: Mapping[str, Any]) -> str:
    """pt.py: the user's factory, with its arguments where it is given any."""
    module, _, attribute = torch.partition(":")
    outer, _, name = attribute.rpartition(".")
    line = f"from {module} import {outer.partition('.')[0] or name}"
    lines = [f'"""{torch}, as it is."""', ""]
    if kwargs:
        lines += ["from functools import partial", ""]
    lines += [line, "", f'__all__ = ["{name}"]']
    if kwargs:
        lines[-1] = '__all__ = ["build"]'
        given = ", ".join(f"{key}={value!r}" for key, value in kwargs.items())
        lines += ["", f"build = partial({attribute}, {given})"]
    elif outer:
        lines += ["", f"{name} = {attribute}"]
    return "\n".join(lines) + "\n"


def pair_source(
    torch: str,
    module: str,
    attribute: str,
    inputs: Sequence[Input],
    described: Described,
    kwargs: Mapping[str, Any],
) -> str:
    """pair.py: the Pair of ``module``.pt and ``module``.ms."""
    held = [h for d in described.walk() if d.first is None for h in d.held if h.persistent]
    state = any(not h.trainable and h.name != "num_batches_tracked" for h in held)
    name = re.sub(r"\W", "_", module.rpartition(".")[2])
    flags = [] if held else ["    has_parameters=False,"]
    flags += [] if state else ["    has_state=False,"]
    lines = [
        f'"""{torch} and its port."""',
        "",
        "from harness import Input, Pair",
        "",
        "PAIR = Pair(",
        f'    name="networks.{name}",',
        f'    torch="{module}.pt:{"build" if kwargs else attribute}",',
        f'    mindspore="{module}.ms:{attribute}",',
        f"    inputs=[{', '.join(map(_input, inputs))}],",
        *flags,
        ")",
    ]
    return "\n".join(lines) + "\n"


def _input(spec: Input) -> str:
    if spec.dtype == "float32":
        return f"Input({spec.shape})"
    return (
        f'Input({spec.shape}, "{spec.dtype}", draw="{spec.draw}", low={spec.low}, high={spec.high})'
    )
