"""Sentences of devices: what they say for certain, what they deny, and what they only weigh."""

from __future__ import annotations

import pytest

from einthoven.statements import VOCABULARY
from einthoven.statements.stated import compares, stated, verdict
from einthoven.statements.table import rows


def codes(text: str) -> list[tuple[str, ...]]:
    return [one.codes for one in stated(text)]


def test_the_table_names_known_codes_once_a_phrase_with_a_reason() -> None:
    phrases = [row["phrase"] for row in rows("device")]
    assert len(set(phrases)) == len(phrases)
    for row in rows("device"):
        assert all(code in VOCABULARY for code in row["codes"].split()) and row["why"], row
        assert row["always"] in {"", "yes"}
        found = stated(row["phrase"])
        if row["codes"] or row["always"]:  # none is hidden by another, nor denied by its own words
            assert [(one.codes, one.always) for one in found] == [
                (tuple(row["codes"].split()), row["always"] == "yes")
            ], row
        else:
            assert not found, row


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ventricular-paced rhythm", [("PACE",)]),
        ("AV dual-paced rhythm", [("PACE",)]),
        ("Wandering atrial pacemaker", []),
        ("Incomplete right bundle branch block", [("IRBBB",)]),
        ("RIGHT BUNDLE BRANCH BLOCK", [("CRBBB",)]),
        ("Sinus bradycardia with 1st degree A-V block", [("SBRAD",), ("1AVB",)]),
        ("Minimal voltage criteria for LVH, may be normal variant", [("VCLVH",)]),
        ("PROBABLE LEFT VENTRICULAR HYPERTROPHY ((RaVL+SV3)xQRSd >280)", [("LVH",)]),
        ("ST >0.20 mV in V1-V4 (& LVH)", []),
        ("Inferior myocardial infarction, age undetermined", [("IMI",)]),
        ("Inferior infarct , possibly acute", [()]),
        ("** ** ACUTE MI / STEMI ** **", [(), ()]),
        ("No ST elevation in V1, ST elevation in V2", [("STE_", "INJAS", "INJAL", "INJLA", "INJIN", "INJIL")]),
        ("ST elevation, probably due to early repolarization", []),
        ("No atrial fibrillation", []),
        ("Atrial fibrillation is no longer present", []),
        ("Acute infarct ruled out", []),
        ("Kein Vorhofflimmern", []),
        ("Vorhofflimmern, kompletter Linksschenkelblock", [("AFIB",), ("CLBBB",)]),
        ("AV-Block I°", [("1AVB",)]),
        ("Borderline prolonged QT", []),
        ("Statement Text(22)", []),
        ("", []),
    ],
)
def test_phrases(text: str, said: list[tuple[str, ...]]) -> None:
    assert codes(text) == said


@pytest.mark.parametrize(
    "text",
    [
        *("Cannot rule out anterior infarct", "Possible anterior infarct", "Anterior infarct cannot be excluded"),
        "Consider anterior infarct",
    ],
)
def test_what_is_only_weighed(text: str) -> None:
    (one,) = stated(text)
    assert one.weighed and one.codes == ("AMI",)


def test_every_denial_takes_a_phrase_away() -> None:
    for row in rows("device"):
        if row["codes"] or row["always"]:
            assert stated(f"no {row['phrase']}") == () and stated(f"{row['phrase']} not present") == ()
            assert [one.codes for one in stated(f"No change, {row['phrase']}")] == [tuple(row["codes"].split())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Normal sinus rhythm, normal ECG", "normal"),
        ("- OTHERWISE NORMAL ECG -", "otherwise-normal"),
        ("Borderline ECG", "borderline"),
        ("- ABNORMAL RHYTHM ECG -", "abnormal"),
        ("Pathologisches EKG", "abnormal"),
        ("Normal sinus rhythm", None),
        ("Abnormal R-wave progression", None),
    ],
)
def test_verdicts(text: str, found: str | None) -> None:
    assert verdict(text) == found


def test_comparisons() -> None:
    assert compares("When compared with ECG of 10-MAY-2021 14:14,") and not compares("NO PREVIOUS TRACING AVAILABLE")


def test_no_text_takes_long() -> None:
    assert stated("no st elevation " * 250) == () and stated("(" * 4000) == ()
