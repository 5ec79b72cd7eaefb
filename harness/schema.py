"""The JSON Schema of a results file, from the dataclasses that are written.

``python -m harness.schema > docs/results.schema.json`` writes it.
"""

import dataclasses
import json
from typing import Any, Literal, get_type_hints

import msgspec

from harness.records import Record
from harness.results import FORMAT, OUTCOMES, Outcome, Results
from harness.verdict import Verdict

#: JSON has no inf and no nan: ``records.plain`` writes these texts in their place.
_NUMBER = {"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}]}


def schema() -> dict[str, Any]:
    """The schema of format 2; an object with a field that it does not know is none."""
    outcome = _changed(Outcome, outcome=Literal[OUTCOMES], verdict=Record | None)
    kept = list[outcome]  # type: ignore[valid-type]
    file = _changed(Results, format=Literal[FORMAT], tests=kept, uncollected=kept)
    found = msgspec.json.schema(file)
    for name, described in found["$defs"].items():
        described["additionalProperties"] = False
        said = described.get("description") or Verdict.__doc__ or ""  # a Record is a Verdict
        described["description"] = " ".join(said.split())
        # Times and benchmarks are always numbers; what a verdict holds need not be.
        if name not in ("Outcome", "Results", "Benchmark"):
            found["$defs"][name] = _open(described)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"What pytest --results keeps of a run, format {FORMAT}",
        **found,
    }


def _changed(kind: type, **types: Any) -> Any:
    """A dataclass as it is written: with other types of some fields, or with further fields."""
    hints = get_type_hints(kind) | types
    own = [
        (f.name, hints.pop(f.name), dataclasses.field(default=f.default,
                                                      default_factory=f.default_factory))
        for f in dataclasses.fields(kind)
    ]  # fmt: skip
    further = [(name, hint) for name, hint in hints.items()]
    return dataclasses.make_dataclass(
        kind.__name__, [*further, *own], namespace={"__doc__": kind.__doc__}, frozen=True
    )


def _open(described: Any) -> Any:
    """The same where every number may be one of the texts."""
    if described == {"type": "number"}:
        return _NUMBER
    if isinstance(described, dict):
        return {
            key: value if key == "default" else _open(value) for key, value in described.items()
        }
    return [_open(item) for item in described] if isinstance(described, list) else described


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1))
