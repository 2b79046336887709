"""Prints the JSON Schema of REGIONS_FILE, made from the types that the programs read it with: `make schema`."""

import json
import sys
from typing import Any

import msgspec

from fleet.program.region_entries import RegionsFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> str:
    (reference,), definitions = msgspec.json.schema_components([RegionsFile], ref_template="#/$defs/{name}")
    return json.dumps({"$schema": _DIALECT, **reference, "$defs": _without_null(definitions)}, indent=2) + "\n"


def _without_null(part: Any) -> Any:  # noqa: ANN401 — JSON
    """TOML has no null: a key that may be None is one that may be left out."""
    if isinstance(part, list):
        return [_without_null(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _without_null(value) for key, value in part.items() if not (key == "default" and value is None)}
    alternatives = [each for each in kept.pop("anyOf", []) if each != {"type": "null"}]
    for alternative in alternatives:
        kept = {**alternative, **kept}
    return kept


if __name__ == "__main__":
    sys.stdout.write(schema())
