"""The annotations of a DICOM ECG (PS3.3 C.10.10): what is stated of the whole ECG, and measured in it.

Call these inside `guarded`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from einthoven.ecg import Notice, Statement
from einthoven.ecg.measured import MEASURED_UNITS, MEASURED_WORDS
from einthoven.formats.aecg_annotations import MEASURED as MDC_IDS
from einthoven.formats.dicom_values import first_of, text_of
from einthoven.formats.documents.measured import LOINC, in_own_unit, measured_of
from einthoven.formats.documents.numbers import number
from einthoven.formats.limits import MOST_STATEMENTS
from einthoven.formats.text import NAME_LENGTH, clean

IMPRESSION = "8601-7"
"""LOINC's code of what somebody or something says of an ECG as a whole."""

SCHEMES = {"SCT": "SNOMED", "SCPECG": "SCP"}
"""Vocabularies that DICOM calls by another name; those of its own house begin with 99."""

MDC_CODES: Mapping[str, str] = {
    "2:16016": "heart_rate",
    "2:16020": "atrial_rate",
    "2:16168": "rr",
    "2:16184": "p",
    "2:15872": "pr",
    "2:16156": "qrs",
    "2:16160": "qt",
    "2:15876": "qtc",
    "2:15880": "qtc_bazett",
    "2:15892": "qtc_fridericia",
    "2:16128": "p_axis",
    "2:16132": "qrs_axis",
    "2:16136": "t_axis",
}
"""What is measured in all leads together, by its code (PS3.16 CID 3227 to 3229, TID 3713)."""

# Those of the standard before 2010 are the paragraphs and bytes of SCP-ECG 1.3. Its 5.13.5 is of one lead, and yet
# files state the ECG's own values by it, of all channels.
_SCP_CODES = {
    **{"5.10.2.5-1": "heart_rate", "5.10.2.5-3": "atrial_rate", "5.10.2.5-5": "qtc", "5.10.2.1-3": "rr"},
    **{"5.13.5-5": "p", "5.13.5-7": "pr", "5.13.5-9": "qrs", "5.13.5-11": "qt"},
    **{"5.10.3-11": "p_axis", "5.10.3-13": "qrs_axis", "5.10.3-15": "t_axis"},
}
_NAMES = {**MDC_CODES, "2:16770": "heart_rate", "2:16000": "rr", **_SCP_CODES, **LOINC, **MDC_IDS}
_VOCABULARIES = {"MDC", "SCPECG", "LN"}
_PUBLISHED = _VOCABULARIES | {"SCT", "SRT", "DCM"}
_OF_ANY_LEAD = ("5.13.5-", "MDC_ECG_TIME_")
# The standard gives one code to Bazett's and Framingham's formula, and one to Fridericia's and Hodges': words tell.
_FORMULAS = {"bazett": "bazett", "framingham": "framingham", "fridericia": "fridericia", "fredericia": "fridericia"}
_FORMULAS["hodges"] = "hodges"
_NAMED = 6


@dataclass(frozen=True)
class Annotations:
    """What the annotations say, with `measured` by the names of `MEASURED_UNITS`, and what of them is not read."""

    statements: tuple[Statement, ...]
    measured: Mapping[str, float]
    notices: tuple[Notice, ...]


def annotations_of(dataset: Any) -> Annotations:
    """Texts, codes of an impression, and measurements of the whole ECG; the others are counted in a notice."""
    statements: list[Statement] = []
    found: list[tuple[str, float]] = []
    unread: Counter[str] = Counter()
    misnamed: list[str] = []
    for item in dataset.get("WaveformAnnotationSequence") or ():
        statement = _statement(item)
        if statement.text or statement.code:
            if len(statements) < MOST_STATEMENTS:
                statements.append(statement)
            else:
                unread[f"statements beyond the first {MOST_STATEMENTS}"] += 1
            continue
        name = first_of(item, "ConceptNameCodeSequence")
        if name is None:
            continue  # it says nothing
        measurement, odd = _measurement(item, name)
        if measurement is None or dict(found).get(measurement[0], measurement[1]) != measurement[1]:
            unread[_published(name)] += 1
        else:
            found.append(measurement)
            misnamed += [odd] if odd else []
    return Annotations(tuple(statements), measured_of(found), tuple(_notices(unread, misnamed)))


def _statement(item: Any) -> Statement:
    text = clean(text_of(item, "UnformattedTextValue"))
    value = None if text else first_of(item, "ConceptCodeSequence")
    if value is None:
        return Statement(text=text)
    name = first_of(item, "ConceptNameCodeSequence")
    if name is None or _value(name) != IMPRESSION:
        return Statement()
    code, meaning = _value(value), _meaning(value)
    scheme = _scheme(value)
    return Statement(
        "" if meaning == code else meaning, code or None, SCHEMES.get(scheme, scheme.removeprefix("99")) or None
    )


def _measurement(item: Any, concept: Any) -> tuple[tuple[str, float] | None, str]:
    """A measurement of the whole ECG by our name and in our unit; and its name where the file's unit is none of its."""
    code = _value(concept)
    name = _NAMES.get(code.upper().removesuffix("_GL")) if _scheme(concept) in _VOCABULARIES else None
    if name is None or "NumericValue" not in item:
        return None, ""
    value = number(text_of(item, "NumericValue") or "0")
    units = first_of(item, "MeasurementUnitsCodeSequence")
    if value is None or units is None:
        return None, ""
    if code.startswith(_OF_ANY_LEAD) and not code.endswith("_GL") and _of_one_channel(item):
        return None, ""
    if name.startswith("qtc"):
        words = _meaning(concept).lower()
        name = next((f"qtc_{formula}" for word, formula in _FORMULAS.items() if word in words), name)
    unit = _value(units)
    own = in_own_unit(name, value, unit)
    if own is not None:
        return (name, own), ""
    if MEASURED_UNITS[name] == "°" and unit == "ms":  # a known slip of writers: no angle has milliseconds
        return (name, value), name
    return None, ""


def _of_one_channel(item: Any) -> bool:
    """Whether it refers to one channel; 0 are all the channels of a group."""
    referred = item.get("ReferencedWaveformChannels")
    return isinstance(referred, Iterable) and len(pairs := list(referred)) == 2 and pairs[1] != 0


def _notices(unread: Counter[str], misnamed: list[str]) -> Iterable[Notice]:
    if misnamed:
        words = ", ".join(MEASURED_WORDS[name] for name in dict.fromkeys(misnamed))
        yield Notice("measured-unit", f"The file states {words} in ms; they were read as degrees.")
    if unread:
        parts = [f"{what} ({count})" if count > 1 else what for what, count in unread.most_common(_NAMED)]
        more = ["others"] if len(unread) > _NAMED else []
        many = unread.total()
        verb = "annotation of the file is" if many == 1 else "annotations of the file are"
        yield Notice("annotations-unread", f"{many} {verb} not read: {', '.join([*parts, *more])}.")


def _published(code: Any) -> str:
    """What a notice calls it: a maker's own words can be anything, a name as well, and notices go into archives."""
    return (_meaning(code) if _scheme(code) in _PUBLISHED else "") or "in a maker's own words"


def _value(code: Any) -> str:
    return clean(text_of(code, "CodeValue") or text_of(code, "LongCodeValue"), NAME_LENGTH)


def _meaning(code: Any) -> str:
    return clean(text_of(code, "CodeMeaning"))


def _scheme(code: Any) -> str:
    return clean(text_of(code, "CodingSchemeDesignator"), NAME_LENGTH)
