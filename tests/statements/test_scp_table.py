"""The table of codes: true to PTB-XL, legal, and in words of our own."""

from __future__ import annotations

import re

import pytest

from einthoven.statements import GROUPS, KINDS, SEVERITIES, VOCABULARY, wordings

# Names of a finding that every textbook uses: there is no second way to say them.
TRIVIAL_NAMES = {
    "atrial fibrillation",
    "atrial flutter",
    "complete left bundle branch block",
    "complete right bundle branch block",
    "digitalis effect",
    "first degree av block",
    "incomplete left bundle branch block",
    "incomplete right bundle branch block",
    "inverted t waves",
    "left anterior fascicular block",
    "left posterior fascicular block",
    "left ventricular hypertrophy",
    "nonspecific st changes",
    "nonspecific st depression",
    "nonspecific st elevation",
    "nonspecific t wave changes",
    "normal ecg",
    "paroxysmal supraventricular tachycardia",
    "right ventricular hypertrophy",
    "septal hypertrophy",
    "sinus arrhythmia",
    "sinus bradycardia",
    "sinus rhythm",
    "sinus tachycardia",
    "supraventricular arrhythmia",
    "supraventricular tachycardia",
}


COPIED_COLUMNS = ("description", "SCP-ECG Statement Description")


def plain(text: str) -> str:
    """Lower case, one spelling of non-specific, hyphens and brackets as spaces."""
    lowered = text.lower().replace("non-", "non")
    return " ".join(re.sub(r"[-(),]", " ", lowered).split())


def test_facts_are_those_of_ptb_xl(scp_facts: dict[str, dict[str, str]]) -> None:
    assert set(VOCABULARY) == set(scp_facts)
    for term in VOCABULARY.values():
        fact = scp_facts[term.code]
        assert term.kinds == tuple(kind for kind in KINDS if fact[kind] == "1.0"), term.code
        assert (term.superclass or "") == fact["diagnostic_class"], term.code
        assert (term.subclass or "") == fact["diagnostic_subclass"], term.code
        assert term.aha == (int(float(fact["AHA code"])) if fact["AHA code"] else None), term.code


def test_no_wording_is_copied_from_ptb_xl(scp_facts: dict[str, dict[str, str]]) -> None:
    theirs = {plain(fact[column]) for fact in scp_facts.values() for column in COPIED_COLUMNS}
    ours = {plain(each) for code in VOCABULARY for each in wordings(code, "en")}
    assert ours & theirs == TRIVIAL_NAMES, ours & theirs ^ TRIVIAL_NAMES
    german = {plain(each) for code in VOCABULARY for each in wordings(code, "de")}
    assert not german & theirs


def test_every_value_is_legal() -> None:
    for term in VOCABULARY.values():
        assert term.severity in SEVERITIES, term.code
        assert term.group in GROUPS, term.code
        assert term.critical_reason, term.code
        assert set(term.parents) <= set(VOCABULARY), term.code
        assert all(kind in KINDS for kind in term.kinds) and term.kinds, term.code
        assert (term.superclass is None) == (term.subclass is None) == ("diagnostic" not in term.kinds)


def test_four_codes_are_diagnostic_and_form() -> None:
    both = {term.code for term in VOCABULARY.values() if term.kinds == ("diagnostic", "form")}
    assert both == {"NDT", "NST_", "DIG", "LNGQT"}
    assert sum(len(term.kinds) for term in VOCABULARY.values()) == 71 + 4


def test_table_is_in_report_order() -> None:
    places = [GROUPS.index(term.group) for term in VOCABULARY.values()]
    assert places == sorted(places)


def test_languages_differ_and_sentences_hold_together() -> None:
    for term in VOCABULARY.values():
        texts = (term.english, term.german, term.english_absent, term.german_absent)
        assert len({text.casefold() for text in texts}) == 4, term.code
        for text in texts:
            assert text == text.strip() and ". " not in text and not text.endswith("."), term.code


@pytest.mark.parametrize("language", ["en", "de"])
def test_report_wordings_are_one_code_each(language: str) -> None:
    texts = [VOCABULARY[code].text(language).casefold() for code in VOCABULARY]  # type: ignore[arg-type]
    texts += [VOCABULARY[code].absent_text(language).casefold() for code in VOCABULARY]  # type: ignore[arg-type]
    assert len(set(texts)) == 142


def test_german_is_written_with_umlauts() -> None:
    words = " ".join(word for code in VOCABULARY for word in wordings(code, "de"))
    assert not re.search(r"veraenderung|supraventrikulaer|verlaenger|ischaemie|praeexzit|schaedig", words, re.I)
    for stem in ("Veränderung", "supraventrikulär", "verlänger", "Ischämie", "Präexzitation", "Schädigung"):
        assert stem in words


@pytest.mark.parametrize(
    ("code", "region_en", "region_de"),
    [
        ("INJAS", "anteroseptal", "anteroseptal"),
        ("INJAL", "anterolateral", "anterolateral"),
        ("INJIN", "inferior", "inferior"),
        ("INJLA", "lateral", "lateral"),
        ("INJIL", "inferolateral", "inferolateral"),
        ("AMI", "anterior", "vorderwand"),
        ("ASMI", "anteroseptal", "anteroseptal"),
        ("ALMI", "anterolateral", "anterolateral"),
        ("LMI", "lateral", "seitenwand"),
        ("IMI", "inferior", "inferior"),
        ("ILMI", "inferolateral", "inferolateral"),
        ("IPMI", "inferoposterior", "inferoposterior"),
        ("IPLMI", "inferoposterolateral", "inferoposterolateral"),
        ("PMI", "posterior", "posterior"),
        ("ISCAN", "anterior", "anterior"),
        ("ISCAS", "anteroseptal", "anteroseptal"),
        ("ISCAL", "anterolateral", "anterolateral"),
        ("ISCLA", "lateral", "lateral"),
        ("ISCIN", "inferior", "inferior"),
        ("ISCIL", "inferolateral", "inferolateral"),
    ],
)
def test_regions_are_named_in_every_wording(code: str, region_en: str, region_de: str) -> None:
    term = VOCABULARY[code]
    for text in (*wordings(code, "en"), term.english_absent):
        assert re.search(rf"\b{region_en}\b", text), text
    for text in (term.german, term.german_absent):
        assert re.search(rf"\b{region_de}(e|er|en)?(infarkt)?\b", text.lower()), text


def test_right_and_left_are_never_swapped() -> None:
    left = {"CLBBB", "ILBBB", "LAFB", "LPFB", "LVH", "VCLVH", "LAO/LAE"}
    right = {"CRBBB", "IRBBB", "RVH", "RAO/RAE"}
    for term in VOCABULARY.values():
        english = f"{term.english} {term.english_absent}"
        german = f"{term.german} {term.german_absent}".lower()
        assert ("left" in english) == ("links" in german) == (term.code in left), term.code
        assert ("right" in english) == ("rechts" in german) == (term.code in right), term.code


def test_infarctions_leave_their_age_open() -> None:
    """PTB-XL's codes do not say acute or old, so neither may the wording."""
    for term in VOCABULARY.values():
        if term.superclass == "MI" and not term.code.startswith("INJ"):
            assert "age undetermined" in term.english and "unbestimmten Alters" in term.german
        words = " ".join((*wordings(term.code, "en"), *wordings(term.code, "de"))).lower()
        assert not re.search(r"\b(acute|old|akut\w*|alt\w*r infarkt|stemi)\b", words), term.code
