"""What has no code and must not be lost: what is dangerous, verdicts on the whole ECG, comparisons."""

from __future__ import annotations

import pytest

from einthoven.statements import VOCABULARY
from einthoven.statements.parse import parse_report
from einthoven.statements.table import rows

URGENT = {
    "ventricular-tachycardia": (
        *("Ventricular tachycardia", "Ventrikuläre Tachykardie", "Kammertachykardie"),
        *("VT", "NSVT", "Polymorphic VT"),
    ),
    "wide-qrs-tachycardia": ("Wide QRS tachycardia", "Wide complex tachycardia", "Breitkomplextachykardie"),
    "ventricular-fibrillation": ("Ventricular fibrillation", "Kammerflimmern", "VFib"),
    "ventricular-flutter": ("Kammerflattern",),
    "torsades": ("Torsades de pointes", "Torsade"),
    "asystole": ("Asystole", "Asystolie"),
    "idioventricular": ("Idioventricular rhythm", "Idioventrikulärer Rhythmus"),
    "brugada": ("Brugada pattern",),
    "acute-infarct": (
        *("Acute infarct", "ACUTE MI / STEMI", "STEMI", "NSTEMI", "Inferior STEMI", "ST elevation infarct"),
        *("Acute anteroseptal infarct", "Inferior infarct, recent", "Evolving anterior myocardial infarction"),
        *("Akuter Infarkt", "Frischer Hinterwandinfarkt", "Subakuter Vorderwandinfarkt", "inferior infarkt, färsk"),
    ),
    "acute-ischaemia": ("Acute ischemia", "Recent inferior ischaemia", "akute Ischämie"),
    "injury": ("Injury pattern",),
    "lead-reversal": ("Arm lead reversal", "Limb leads reversed", "Armelektroden vertauscht"),
}
TEXTS = [(mention, text) for mention, texts in URGENT.items() for text in texts]


def mentions(text: str) -> tuple[str, ...]:
    return parse_report(text).mentions


@pytest.mark.parametrize(("mention", "text"), TEXTS)
def test_what_is_dangerous_is_said_unless_it_is_denied(mention: str, text: str) -> None:
    assert mention in mentions(text)
    for sure in ("Possible {}", "Sinus rhythm, {}", "No change, {}", "Cannot rule out {}", "{} cannot be excluded"):
        assert mention in mentions(sure.format(text)), sure
    for denied in (
        "No {}",
        "{} not present",
        "{} is no longer present",
        "{} ruled out",
        "No evidence of {}",
        "Kein {}",
    ):
        assert mention not in mentions(denied.format(text)), denied


def test_every_alarm_is_a_code_or_a_mention_with_a_reason() -> None:
    said = [row["said"] for row in rows("alarms")]
    assert len(set(said)) == len(said) and {one for one in said if one not in VOCABULARY} == set(URGENT)
    assert all(row["why"] for row in rows("alarms"))


@pytest.mark.parametrize(
    "text",
    [
        *("Inferior infarct, possibly acute", "Inferior infarct , possibly acute", "Inferior infarct, probably recent"),
        "Q waves consistent with inferior infarction, age undetermined, probably recent",
        "Old anterior infarct, acute inferior infarct",
    ],
)
def test_an_infarct_may_be_called_acute_after_it(text: str) -> None:
    assert mentions(text) == ("acute-infarct",)


@pytest.mark.parametrize(
    "text",
    [
        *("Old inferior infarct, no acute infarct", "Inferior infarct, age undetermined", "alter Hinterwandinfarkt"),
        *("Supraventricular tachycardia", "Supra-ventricular tachycardia", "Supraventrikuläre Ersatzsystole(n)"),
        *("Previously ventricular tachycardia, now sinus rhythm", "Infarct should be ruled out"),
    ],
)
def test_what_is_not_urgent(text: str) -> None:
    assert not set(mentions(text)) & set(URGENT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Normal sinus rhythm, normal ECG", set()),
        ("- OTHERWISE NORMAL ECG -", {"verdict-otherwise-normal"}),
        ("Sonst normales EKG", {"verdict-otherwise-normal"}),
        ("Borderline ECG", {"verdict-borderline"}),
        ("Grenzwertiges EKG", {"verdict-borderline"}),
        ("- ABNORMAL RHYTHM ECG -", {"verdict-abnormal-rhythm"}),
        ("When compared with ECG of 10-MAY-2021 14:14,", {"comparison"}),
        ("Im Vergleich zum Vor-EKG", {"comparison"}),
        ("NO PREVIOUS TRACING AVAILABLE FOR COMPARISON", set()),
        ("ST elevation, probably due to early repolarization", {"normal-variant"}),
    ],
)
def test_what_is_said_of_the_whole_ecg(text: str, said: set[str]) -> None:
    assert set(mentions(text)) == said
