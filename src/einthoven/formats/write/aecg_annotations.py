"""Statements and measurements as annotations of an aECG, where `einthoven.formats.aecg_annotations` reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from einthoven.ecg import Statement
from einthoven.ecg.measured import MEASURED_UNITS
from einthoven.formats.aecg_annotations import INTERPRETATION, MEASURED, SYSTEMS
from einthoven.formats.text import clean
from einthoven.formats.write.digits import plain

_MDC = "2.16.840.1.113883.6.24"
_OIDS = {"MDC": _MDC, "SNOMED": "2.16.840.1.113883.6.96"}
_UNITS = {"/min": "bpm", "ms": "ms", "°": "deg"}

NAMED: Mapping[str, str] = {name: code for code, name in MEASURED.items()}
"""The MDC code of each measurement that aECG has one for."""


def annotate(series: Element, statements: Sequence[Statement], measured: Mapping[str, float]) -> None:
    """Appends an annotation set to a series, unless there is nothing to say."""
    kept = {name: value for name, value in measured.items() if name in NAMED}
    if not statements and not kept:
        return
    together = SubElement(SubElement(series, "subjectOf"), "annotationSet")
    for name, value in kept.items():
        annotation = SubElement(SubElement(together, "component"), "annotation")
        coded(annotation, "code", NAMED[name], _MDC, "MDC")
        unit = _UNITS[MEASURED_UNITS[name]]
        SubElement(annotation, "value", {"xsi:type": "PQ", "value": plain(value), "unit": unit})
    if statements:
        whole = SubElement(SubElement(together, "component"), "annotation")
        coded(whole, "code", INTERPRETATION, _MDC, "MDC")
        for statement in statements:
            _state(SubElement(SubElement(whole, "component"), "annotation"), statement)


def coded(owner: Element, tag: str, code: str, system: str, name: str, display: str = "") -> None:
    """Appends an element that holds a code of a system (an OID) with this name."""
    words = {"displayName": display} if display else {}
    SubElement(owner, tag, {"code": code, "codeSystem": system, "codeSystemName": name, **words})


def _state(annotation: Element, statement: Statement) -> None:
    coded(annotation, "code", f"{INTERPRETATION}_STATEMENT", _MDC, "MDC")
    text = clean(statement.text)
    if not statement.code:
        SubElement(annotation, "value", {"xsi:type": "ST"}).text = text
        return
    names = {system: name for name, system in SYSTEMS.items()}
    words = {"codeSystemName": clean(names.get(statement.system or "", statement.system or "local"), 64)}
    words |= {"codeSystem": _OIDS[statement.system]} if statement.system in _OIDS else {}
    words |= {"displayName": text} if text else {}
    SubElement(annotation, "value", {"xsi:type": "CE", "code": clean(statement.code, 64), **words})
