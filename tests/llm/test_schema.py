"""The validator of answers, compared with one that is written the other way round: values made to fit or to miss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.llm.schema import check_schema, faults, read_json

SENTENCES = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "minLength": 1, "maxLength": 20},
                    "passages": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 5}},
                    "sure": {"type": "boolean"},
                    "unit": {"type": "string", "enum": ["ms", "mV"]},
                    "value": {"type": "number"},
                    "note": {"type": "null"},
                },
                "required": ["text", "passages"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
fitting = st.fixed_dictionaries(
    {"text": st.text(min_size=1, max_size=20), "passages": st.lists(st.integers(1, 5), max_size=3)},
    optional={
        "sure": st.booleans(),
        "unit": st.sampled_from(["ms", "mV"]),
        "value": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
        "note": st.none(),
    },
)


@given(st.lists(fitting, min_size=1, max_size=3))
def test_what_fits_has_no_fault(sentences) -> None:
    check_schema(SENTENCES)
    assert not list(faults({"sentences": sentences}, SENTENCES))


WRONG = [
    ("text", "", "fewer"),
    ("text", "a" * 21, "more"),
    ("text", 3, "type string"),
    ("text", None, "type string"),
    ("passages", [0], "less"),
    ("passages", [6], "more"),
    ("passages", [True], "type integer"),
    ("passages", [1.5], "type integer"),
    ("passages", {"0": 1}, "type array"),
    ("sure", 1, "type boolean"),
    ("sure", "true", "type boolean"),
    ("unit", "MS", "none of"),
    ("value", "1", "type number"),
    ("value", True, "type number"),
    ("note", 0, "type null"),
    ("extra", 1, "not asked for"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_each_kind_of_fault_is_found_and_named(name, value, words) -> None:
    sentence = {"text": "P waves", "passages": [1]} | {name: value}
    found = list(faults({"sentences": [{"text": "a", "passages": []}, sentence]}, SENTENCES))
    assert len(found) == 1 and words in found[0] and "sentences[1]" in found[0]


@pytest.mark.parametrize(
    "value", [{}, [], None, {"sentences": []}, {"sentences": [{}] * 4}, {"sentences": [{}], "x": 1}]
)
def test_the_outermost_is_checked_as_well(value) -> None:
    assert list(faults(value, SENTENCES))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "a+"},
        {"type": ["string", "null"]},
        {"$ref": "#/x"},
        {"type": "object", "properties": {"a": {"type": "text"}}},
        {"type": "array", "items": {}},
        {"type": "object", "required": ["a"]},
        {"type": "object", "additionalProperties": {"type": "string"}},
        "string",
    ],
)
def test_a_schema_that_would_hold_less_than_it_says_is_refused(schema) -> None:
    with pytest.raises(UsageError):
        check_schema(schema)


@pytest.mark.parametrize(
    "text", ["", "yes", "{} {}", '{"a": 1, "a": 2}', "NaN", "[" * 100_000, "```json\n{}", "9" * 5000]
)
def test_what_is_not_one_json_value_is_refused(text) -> None:
    with pytest.raises(ValueError):
        read_json(text)
