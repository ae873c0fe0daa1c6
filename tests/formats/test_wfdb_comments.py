"""Comments of headers in the styles of public data sets."""

from __future__ import annotations

import pytest

from einthoven.formats import read
from einthoven.formats.wfdb_comments import device_in, read_comments


@pytest.mark.parametrize(
    ("lines", "age", "sex"),
    [
        (("Age: 85", "Sex: Male"), 85.0, "male"),
        (("age: 81", "sex: female"), 81.0, "female"),
        (("<age>: 51", "<sex>: F"), 51.0, "female"),
        (("<age>: 67  <sex>: M  <diagnoses>: (none) <medications>: x",), 67.0, "male"),
        (("Age: NaN", "Sex: Unknown"), None, None),
        (("Age: n/a",), None, None),
        ((), None, None),
    ],
)
def test_age_and_sex(lines: tuple[str, ...], age: float | None, sex: str | None) -> None:
    patient, statements, notices = read_comments(lines)
    assert (patient.age, patient.sex, statements, notices) == (age, sex, (), ())


@pytest.mark.parametrize("age", ["300", "-4", "old", "1e2", "٤٢"])
def test_ages_that_are_none_are_told(age: str) -> None:
    patient, _, notices = read_comments((f"Age: {age}",))
    assert patient.age is None and notices[0].kind == "unread-age"


def test_codes_and_words_of_dx() -> None:
    _, statements, _ = read_comments(("Dx: 164889003, 59118001,RBBB,Unknown", "Rx: Unknown"))
    assert [(s.system, s.code, s.text) for s in statements] == [
        ("SNOMED", "164889003", ""),
        ("SNOMED", "59118001", ""),
        (None, None, "RBBB"),
    ]


def test_a_list_of_diagnoses_ends_at_the_next_tag() -> None:
    lines = ("<age>: 46", "<diagnoses>:", "Rhythm: Sinus rhythm.", "Scar: septal. ", "<notes>:", "nothing")
    _, statements, _ = read_comments(lines)
    assert [s.text for s in statements] == ["Rhythm: Sinus rhythm.", "Scar: septal."]


def test_history_is_no_statement() -> None:
    lines = (
        "Diagnose:",
        "Reason for admission: Infarction",
        "Smoker: yes",
        "Former infarction (localization): no",
    )
    _, statements, _ = read_comments(tuple(line for line in lines if line != "Diagnose:"))
    assert [s.text for s in statements] == ["Reason for admission: Infarction"]


def test_statements_are_clean_and_bounded() -> None:
    _, statements, notices = read_comments(("<diagnoses>:", "\x1b[2Jbad\x07 \u202eword" + "x" * 5000, *["more"] * 300))
    assert statements[0].text.startswith("bad word") and len(statements[0].text) == 1000
    assert len(statements) == 200 and notices[0].kind == "many-statements"


def test_real_comments(shared) -> None:
    ludb = read(shared / "data/ludb/data/1.hea")
    assert ludb.patient.age and ludb.patient.sex and len(ludb.statements) >= 1
    ptb = read(shared / "fixtures/wfdb-ptb/s0010_re.hea")
    assert (ptb.patient.age, ptb.patient.sex) == (81.0, "female") and 1 <= len(ptb.statements) <= 3


def test_codes_of_other_vocabularies_id_and_device() -> None:
    lines = (
        "Patient ID: P 1",
        "Device: unknown",
        "device: MAC55",
        "Dx (SCP): NORM (80.5%)",
        "Dx (MDC): MDC_ECG_RHY Sinus: rhythm",
        "Dx (): LOCAL (100%) 7 of 10",
        "Dx (two words): X",
        "Dx (SCP):",
    )
    patient, statements, notices = read_comments(lines)
    assert (patient.id, device_in(lines), device_in(lines[:2]), notices) == ("P 1", "MAC55", None, ())
    assert [(s.system, s.code, s.likelihood, s.text) for s in statements] == [
        ("SCP", "NORM", 80.5, ""),
        ("MDC", "MDC_ECG_RHY", None, "Sinus: rhythm"),
        (None, "LOCAL", 100.0, "7 of 10"),
    ]
