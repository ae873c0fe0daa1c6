"""JSON schemas: the part of the language that answers here are asked in, checked strictly.

It is our own for three reasons: no dependency of ours validates raw schemas (pydantic makes them), the in-process model
needs one without any package of an endpoint's, and a keyword that is not known must be refused, not skipped, lest a
schema hold less than it says. Keywords are those of JSON Schema 2020-12; `description` and `title` say nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from einthoven.ecg import UsageError
from einthoven.llm.chat import Schema

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_SIZES = ("minItems", "maxItems", "minLength", "maxLength")
_KEYWORDS = frozenset(
    (*_SIZES, "type", "properties", "required", "additionalProperties", "items", "enum", "minimum", "maximum")
).union(("description", "title"))


def sentences_with(numbers: str) -> Schema:
    """The schema of an answer in sentences, each with the numbers, in a list of that name, of what it rests on."""
    fields = {"text": {"type": "string"}, numbers: {"type": "array", "items": {"type": "integer"}}}
    sentence = {"type": "object", "properties": fields, "required": ["text", numbers], "additionalProperties": False}
    sentences = {"sentences": {"type": "array", "items": sentence}}
    return {"type": "object", "properties": sentences, "required": ["sentences"], "additionalProperties": False}


def check_schema(schema: Any, where: str = "schema") -> None:
    """Refuses a schema with anything that `faults` would not check.

    Raises:
        UsageError: an unknown keyword or type; the message names its place.
    """
    if not isinstance(schema, Mapping):
        raise UsageError(f"{where} is no schema.", "Write it as a table with a type.")
    unknown = sorted(set(schema) - _KEYWORDS)
    if unknown:
        raise UsageError(f"{where} holds {unknown[0]!r}, which is not checked here.", f"Known: {sorted(_KEYWORDS)}.")
    if str(schema.get("type")) not in _TYPES:
        raise UsageError(f"{where} has no type of {', '.join(_TYPES)}.", "Give it exactly one.")
    if not isinstance(schema.get("additionalProperties", False), bool):
        raise UsageError(f"{where}.additionalProperties is not true or false.", "Make it false.")
    if not set(schema.get("required", ())) <= set(schema.get("properties", {})):
        raise UsageError(f"{where} requires a property that it does not describe.", "Describe it in properties.")
    for name, inner in schema.get("properties", {}).items():
        check_schema(inner, f"{where}.{name}")
    if "items" in schema:
        check_schema(schema["items"], f"{where}[]")


def faults(value: Any, schema: Schema, where: str = "the answer") -> Iterator[str]:
    """What of a JSON value does not fit a schema, a sentence each; nothing where it fits.

    >>> list(faults({"lead": 3}, {"type": "object", "properties": {"lead": {"type": "string"}}}))
    ['the answer.lead is not of type string']
    """
    kind = schema["type"]
    # True is an int in Python, and no number in JSON.
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{where} is not of type {kind}"
        return
    if "enum" in schema and not any(type(value) is type(one) and value == one for one in schema["enum"]):
        yield f"{where} is none of {json.dumps(schema['enum'], ensure_ascii=False)}"
    if isinstance(value, dict):
        yield from _object_faults(value, schema, where)
    elif isinstance(value, list):
        yield from _size_faults(len(value), schema, "Items", "items", where)
        if "items" in schema:
            for place, one in enumerate(value):
                yield from faults(one, schema["items"], f"{where}[{place}]")
    elif isinstance(value, str):
        yield from _size_faults(len(value), schema, "Length", "characters", where)
    elif isinstance(value, int | float):
        if value < schema.get("minimum", -math.inf):
            yield f"{where} is less than {schema['minimum']}"
        if value > schema.get("maximum", math.inf):
            yield f"{where} is more than {schema['maximum']}"


def _object_faults(value: dict[str, Any], schema: Schema, where: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where} lacks {name!r}"
    if not schema.get("additionalProperties", True):
        for name in value:
            if name not in known:
                yield f"{where} holds {name[:40]!r}, which is not asked for"
    for name, inner in known.items():
        if name in value:
            yield from faults(value[name], inner, f"{where}.{name}")


def _size_faults(size: int, schema: Schema, keyword: str, what: str, where: str) -> Iterator[str]:
    if size < schema.get(f"min{keyword}", 0):
        yield f"{where} has fewer than {schema[f'min{keyword}']} {what}"
    if size > schema.get(f"max{keyword}", math.inf):
        yield f"{where} has more than {schema[f'max{keyword}']} {what}"


def read_json(text: str) -> Any:
    """The one JSON value in a text; a fence of Markdown around it is taken off, nothing else is.

    Raises:
        ValueError: no JSON, more than one value, a key twice, NaN, nested too deep.
    """
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```") and "\n" in bare:
        bare = bare[bare.index("\n") : -3]
    try:
        return json.loads(bare, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
