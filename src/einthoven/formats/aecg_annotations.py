"""The annotations of an aECG: what the device states of the whole ECG, and measured in it."""

from __future__ import annotations

from collections.abc import Iterator

from einthoven.ecg import Statement
from einthoven.formats.documents.measured import in_own_unit
from einthoven.formats.documents.numbers import number
from einthoven.formats.documents.xml_tree import Element

MEASURED = {
    "MDC_ECG_HEART_RATE": "heart_rate",
    "MDC_ECG_TIME_PD_RR": "rr",
    "MDC_ECG_TIME_PD_P": "p",
    "MDC_ECG_TIME_PD_PR": "pr",
    "MDC_ECG_TIME_PD_QRS": "qrs",
    "MDC_ECG_TIME_PD_QT": "qt",
    "MDC_ECG_TIME_PD_QTC": "qtc",
    "MDC_ECG_TIME_PD_QTCB": "qtc_bazett",
    "MDC_ECG_TIME_PD_QTCF": "qtc_fridericia",
    "MDC_ECG_ANGLE_P_FRONT": "p_axis",
    "MDC_ECG_ANGLE_QRS_FRONT": "qrs_axis",
    "MDC_ECG_ANGLE_T_FRONT": "t_axis",
}
_ANNOTATIONS = ("subjectOf", "annotationSet", "component", "annotation")
_RHYTHM = "MDC_ECG_RHY"
INTERPRETATION = "MDC_ECG_INTERPRETATION"
SYSTEMS = {"MDC": "MDC", "SNOMED CT": "SNOMED", "SCP-ECG": "SCP"}
"""The vocabulary of a statement's code, by the name of its code system in upper case."""


def statements_in(root: Element) -> Iterator[Statement]:
    """Rhythm and interpretation: MDC codes where there are, and texts."""
    for owner in _series(root):
        for annotation in owner.every(*_ANNOTATIONS):
            yield from _statements(annotation)


def measured_in(root: Element) -> Iterator[tuple[str, float | None]]:
    """Measurements of the whole ECG: first those of the representative beat; those of single beats are left out."""
    owners = list(_series(root))
    for owner in sorted(owners, key=lambda owner: owner.name != "derivedSeries"):
        for annotation in owner.every(*_ANNOTATIONS):
            for one in (annotation, *annotation.every("component", "annotation")):
                if annotation.attribute("code", "code") != "MDC_ECG_BEAT":
                    yield from _measurement(one)


def _series(root: Element) -> Iterator[Element]:
    for whole in root.every("component", "series"):
        yield whole
        yield from whole.every("derivation", "derivedSeries")


def _statements(annotation: Element) -> Iterator[Statement]:
    code = annotation.attribute("code", "code").upper()
    value = annotation.find("value") or Element("", {})
    if code.startswith((_RHYTHM, INTERPRETATION)):
        system = SYSTEMS.get(value.attribute("codeSystemName").upper())
        coded = value.attribute("code") if system else ""
        text = value.text.strip() or value.attribute("displayName") or ("" if coded else value.attribute("code"))
        yield Statement(text, coded or None, system if coded else None)
    if code.startswith(INTERPRETATION):
        for inner in annotation.every("component", "annotation"):
            yield from _statements(inner)


def _measurement(annotation: Element) -> Iterator[tuple[str, float | None]]:
    name = MEASURED.get(annotation.attribute("code", "code").upper().removesuffix("_GL"))
    value, unit = number(annotation.attribute("value", "value")), annotation.attribute("unit", "value")
    if name and value is not None:
        yield name, in_own_unit(name, value, unit)
