from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.statements import VOCABULARY, Finding, Language, conflicts, write_report

GOLDEN = [
    (["SR", "NORM"], "Sinus rhythm. Normal ECG.", "Sinusrhythmus. Normales EKG."),
    (
        ["NORM", "SBRAD", "1AVB", "SR", "LPR"],
        "Sinus bradycardia. First-degree AV block. Otherwise normal ECG.",
        "Sinusbradykardie. AV-Block I°. Sonst normales EKG.",
    ),
    (
        ["IMI", "ABQRS", "AFIB", "CLBBB", "PVC", "ISCAL", "ISC_"],
        "Atrial fibrillation. Premature ventricular complexes. Complete left bundle branch block. "
        "Inferior myocardial infarction, age undetermined. "
        "Anterolateral ST-T changes suggesting ischemia.",
        "Vorhofflimmern. Ventrikuläre Extrasystolen. Kompletter Linksschenkelblock. "
        "Inferiorer Myokardinfarkt unbestimmten Alters. "
        "Anterolaterale ST-T-Veränderungen im Sinne einer Ischämie.",
    ),
    (
        [("SR", "present"), ("INJAS", "possible"), ("LVH", "absent"), ("LNGQT", "possible")],
        "Sinus rhythm. Possible anteroseptal ST-T changes suggesting subendocardial injury. "
        "Possible prolonged QT interval. No definite left ventricular hypertrophy.",
        "Sinusrhythmus. Anteroseptale ST-T-Veränderungen im Sinne eines Innenschichtschadens möglich. "
        "Verlängerte QT-Zeit möglich. Keine sichere linksventrikuläre Hypertrophie.",
    ),
    (
        [("AFIB", "possible"), ("AFLT", "possible"), ("3AVB", "absent"), ("NORM", "absent")],
        "Possible atrial fibrillation. Possible atrial flutter. No third-degree AV block. Not a normal ECG.",
        "Vorhofflimmern möglich. Vorhofflattern möglich. Kein AV-Block III°. Kein normales EKG.",
    ),
    (
        [("SR", "present"), ("NORM", "possible")],
        "Sinus rhythm. Possibly normal ECG.",
        "Sinusrhythmus. Möglicherweise normales EKG.",
    ),
    (
        [("IMI", "absent"), ("ILMI", "absent"), ("IMI", "absent")],
        "No ECG evidence of inferior myocardial infarction.",
        "Kein Anhalt für inferioren Myokardinfarkt.",
    ),
    (
        [("SR", "present"), ("SBRAD", "possible"), ("IMI", "possible"), ("IMI", "present")],
        "Sinus rhythm. Possible sinus bradycardia. Inferior myocardial infarction, age undetermined.",
        "Sinusrhythmus. Sinusbradykardie möglich. Inferiorer Myokardinfarkt unbestimmten Alters.",
    ),
    (
        [],
        "No statements were drafted. This does not mean that the ECG is normal.",
        "Es wurde keine Aussage entworfen. Das bedeutet nicht, dass das EKG normal ist.",
    ),
]


def findings(items: list[str] | list[tuple[str, str]]) -> list[Finding]:
    return [Finding(each) if isinstance(each, str) else Finding(*each) for each in items]  # type: ignore[arg-type]


@pytest.mark.parametrize(("items", "english", "german"), GOLDEN)
def test_golden(items: list[str], english: str, german: str) -> None:
    assert write_report(findings(items), "en") == english
    assert write_report(findings(items), "de") == german
    assert write_report(findings(items)[::-1], "en") == english


@pytest.mark.parametrize(
    "items",
    [
        [("SR", "present"), ("AFIB", "present")],
        [("SBRAD", "present"), ("AFIB", "possible")],
        [("NORM", "present"), ("AFIB", "possible")],
        [("NORM", "possible"), ("IMI", "present")],
        [("IMI", "absent"), ("IMI", "possible")],
        [("ISC_", "absent"), ("ISCAL", "possible")],
    ],
)
def test_contradictions_are_refused(items: list[tuple[str, str]]) -> None:
    with pytest.raises(UsageError):
        write_report(findings(items))


def test_the_refusal_names_both() -> None:
    with pytest.raises(UsageError, match=r"SR \(present\) and AFIB \(present\)"):
        write_report([Finding("AFIB"), Finding("SR")])


def test_a_denied_special_beside_the_general_is_no_conflict() -> None:
    assert conflicts([Finding("IMI"), Finding("ILMI", "absent")]) == []


def test_language_is_checked_even_with_nothing_to_say() -> None:
    with pytest.raises(UsageError):
        write_report([], "fr")  # type: ignore[arg-type]


@st.composite
def compatible(draw: st.DrawFn) -> list[str]:
    """Codes that do not contradict one another, in any order, some twice."""
    kept: list[str] = []
    for code in draw(st.lists(st.sampled_from(list(VOCABULARY)), max_size=25)):
        if not VOCABULARY.contradictions([*kept, code]):
            kept.append(code)
    return kept


@settings(max_examples=200, deadline=None)
@given(compatible(), st.sampled_from(["en", "de"]))
def test_each_finding_but_the_implied_is_named_once(codes: list[str], language: Language) -> None:
    report = write_report(map(Finding, codes), language)
    said = [each.casefold() for each in report.removesuffix(".").split(". ")]
    implied = {general for code in codes for general in VOCABULARY.ancestors(code)}
    expected = [code for code in VOCABULARY if code in codes and code not in implied and code != "NORM"]
    if codes:
        assert len(said) == len(expected) + ("NORM" in codes)
        assert said[: len(expected)] == [VOCABULARY[code].text(language).casefold() for code in expected]
    if "NORM" in codes:
        assert said[-1].endswith({"en": "normal ecg", "de": "normales ekg"}[language])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(VOCABULARY)), st.sampled_from(["present", "possible", "absent"])),
        max_size=8,
    )
)
def test_a_report_is_written_exactly_when_nothing_conflicts(items: list[tuple[str, str]]) -> None:
    given_findings = findings(items)
    if conflicts(given_findings):
        with pytest.raises(UsageError):
            write_report(given_findings)
        return
    report = write_report(given_findings)
    sentences = report.removesuffix(".").split(". ")
    assert len(sentences) == len(set(sentences))
    assert all(each[0].isupper() for each in sentences)
    for code, polarity in items:  # what is denied is never asserted
        if polarity == "absent" and code != "NORM":
            asserted = {VOCABULARY[code].english, f"possible {VOCABULARY[code].english}"}
            assert asserted.isdisjoint(each.lower() for each in sentences)
