"""Ask an installed framework what a name is: whether it exists, and its signature.

A signature comes from Python where Python knows it, else from the first lines of the name's own
documentation, as torch and MindSpore write them for what is built in C++.
"""

import importlib
import inspect
import re
from typing import Any

from harness.apimap.executed import (
    KEYWORD,
    KEYWORDS,
    POSITIONAL,
    VARIADIC,
    Parameter,
    Signature,
    parse_signature,
)

_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: POSITIONAL,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY: KEYWORD,
    inspect.Parameter.VAR_POSITIONAL: VARIADIC,
    inspect.Parameter.VAR_KEYWORD: KEYWORDS,
}
#: Shapes of types in documented signatures, which are no Python.
_ANNOTATED = re.compile(r"(\w+)\s*:\s*[\w.\[\], |]+?(?=\s*[=,)])")


def resolve(name: str) -> Any:
    """The object behind a dotted name; raises LookupError where there is none."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        try:
            for part in parts[length:]:
                found = getattr(found, part)
        except AttributeError as error:
            raise LookupError(f"{name} does not exist: {error}") from None
        return found
    raise LookupError(f"{name} does not exist")


def signatures(name: str) -> tuple[Signature, ...]:
    """Every signature of an API, without ``self``; none where nobody tells."""
    found = resolve(name)
    try:
        given = inspect.signature(found)
    except (TypeError, ValueError):
        return _documented(name, found)
    parameters = list(given.parameters.values())
    kinds = {p.kind for p in parameters}
    if kinds <= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        documented = _documented(name, found)
        if documented or not parameters:
            return documented or ((),)
    if parameters and parameters[0].name == "self":
        parameters = parameters[1:]
    return (tuple(_parameter(p) for p in parameters),)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    default = parameter.default
    missing = default is inspect.Parameter.empty
    return Parameter(parameter.name, _KINDS[parameter.kind], None if missing else _shown(default))


def _shown(default: Any) -> str:
    """A default as source; what has none is named by its type."""
    text = repr(default)
    try:
        parse_signature(f"(x={text})")
    except SyntaxError:
        return type(default).__name__
    return text


def _documented(name: str, found: Any) -> tuple[Signature, ...]:
    local = re.escape(name.rpartition(".")[2])
    line = re.compile(rf"^\s*(?:\.\. (?:py:)?\w+:: ?)?[\w.]*?\b{local}(\(.*\))(?:\s*->.*)?$")
    signatures: list[Signature] = []
    for text in (inspect.getdoc(found) or "").splitlines():
        match = line.match(text)
        if match is None or "return_types" in text:  # the latter shows a result
            continue
        written = _ANNOTATED.sub(r"\1", match[1]).replace("\\*", "*")
        if re.search(r"\*\w+, \*,", written):  # torch: (*size, *, out=None)
            written = written.replace(", *,", ",", 1)
        try:
            parsed = parse_signature(written)
        except SyntaxError:
            continue
        if parsed and parsed[0].name == "self":
            parsed = parsed[1:]
        if parsed not in signatures:
            signatures.append(parsed)
    return tuple(signatures)


def members(name: str) -> list[str]:
    """Public names that a class holds."""
    return [member for member in dir(resolve(name)) if not member.startswith("_")]
