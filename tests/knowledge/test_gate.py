from __future__ import annotations

import csv
import pkgutil
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.knowledge.gate import KINDS, LONGEST, sort_statement
from einthoven.knowledge.handbook import sections
from einthoven.statements import VOCABULARY

CASES = Path(__file__).with_name("gate_cases.tsv")
LINES = [tuple(line.split("\t")) for line in CASES.read_text(encoding="utf-8").splitlines()[1:]]
FINDINGS = [text for text, kind in LINES if kind == "finding"]


@pytest.mark.parametrize(("text", "kind"), LINES)
def test_each_statement_has_its_kind(text: str, kind: str) -> None:
    got = sort_statement(text)
    assert got.kind == kind
    assert got.abstains == (kind != "finding")
    assert bool(got.part) == (kind == "finding")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("LAHB", ("LAFB",)),
        ("axis-left", ("aha:121", "snomed:39732003")),
        ("electrical alternans", ("aha:124",)),
        ("Sinus bradycardia. Otherwise normal ECG", ("SBRAD",)),
        ("Abnormal ECG", ("aha:3",)),
        ("Sinus rhythm, no ST elevation", ("SR",)),
        ("Acute infarction (localization): infero-lateral", ("ILMI", "snomed:57054005")),
        ("Attending physician's sign", ()),
        ("Dextrocardia", ("aha:230",)),
        ("R waves absent in V1-V3", ("aha:128", "snomed:365413008")),
        ("Edit: INJAS, INJAL", ("INJAS", "INJAL")),
        ("INJAS, INJAL, INJIN, ASMI", ("INJAS", "INJAL", "INJIN", "ASMI")),
        ("Borderline criteria for left anterior fascicular block", ("LAFB",)),
        ("extrem überdrehter Rechtstyp", ("aha:120", "snomed:47665007", "aha:122")),
    ],
)
def test_codes(text: str, codes: tuple[str, ...]) -> None:
    assert sort_statement(text).codes == codes


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Right axis deviation, consider arm lead reversal", "right axis deviation"),
        ("Sinus rhythm, no ST elevation", "sinus rhythm"),
        ("SINUS RHYTHM - NORMAL ECG - UNCONFIRMED REPORT", "sinus rhythm - normal ecg"),
        ("Data quality: poor. Atrial flutter", "atrial flutter"),
        ("Tracing shows sinus rhythm, short PR", "tracing shows sinus rhythm, short pr"),
        ("Verified, atrial flutter", "atrial flutter"),
        ("LBBB, electrode V6 is loose", "lbbb"),
        ("Alter Vorderwandinfarkt", "alter vorderwandinfarkt"),
        ("Inferior infarct, age undetermined", "inferior infarct, age undetermined"),
    ],
)
def test_the_part_that_is_described_has_no_notes(text: str, part: str) -> None:
    assert sort_statement(text).part == part


@pytest.mark.parametrize(
    "text",
    [
        *("no ST elevation", "kein Hinweis auf Ischämie", "No electrical alternans", "ischemia has been excluded"),
        *("LBBB: absent", "AF - no", "AF, none", "AFib=0", "VES keine", "WPW negative", "AF? No.", "PVCs - none seen"),
        *("free of atrial fibrillation", "negative for LBBB", "loss of LBBB", "Brugada pattern: negative"),
        *("LVH voltage criteria not met", "Verdacht auf Lungenembolie nicht bestätigt"),
        *("weder LSB noch RSB", "weder Infarkt noch Hypertrophie", "missing P waves", "absent septal Q waves"),
        *("AF burden 0%", "0 PVCs", "AF burden: 0.0 %", "Vorhofflimmern 0%", "no failure to capture"),
        *("T waves: normal", "normal T waves", "P-Welle: unauffällig", "ST-Strecke: unauffällig"),
    ],
)
def test_a_denied_finding_is_one_that_is_not_described(text: str) -> None:
    got = sort_statement(text)
    assert (got.kind, got.abstains, got.part) == ("finding", True, "")
    assert "denies" in got.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Borderline ECG", "It is an overall verdict, which names no finding."),
        ("Grenzbefund", "It is an overall verdict, which names no finding."),
        ("Heart rate: 72 bpm", "It gives a measurement, and says nothing of it."),
        ("QRS duration 96 ms", "It gives a measurement, and says nothing of it."),
        ("QTcB 431", "It gives a measurement, and says nothing of it."),
        ("P axis 45", "It gives a measurement, and says nothing of it."),
        ("Frequenz 72/min", "It gives a measurement, and says nothing of it."),
        ("PQ-Zeit 160 ms", "It gives a measurement, and says nothing of it."),
    ],
)
def test_a_finding_of_which_nothing_can_be_said_is_not_described(text: str, reason: str) -> None:
    got = sort_statement(text)
    assert (got.kind, got.reason, got.part) == ("finding", reason, "")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("LBBB, no RVH", ("CLBBB",)),
        ("AF - no ST changes", ("AFIB",)),
        ("Cave! AF", ("AFIB",)),
        ("T waves not normal", ("snomed:164934002",)),
        ("EKG: normal", ("NORM",)),
        ("Befund: unauffällig", ("NORM",)),
        ("normal ECG except for LBBB", ("CLBBB",)),
        ("EKG unauffällig bis auf Linksschenkelblock", ("CLBBB",)),
        ("no ischemia, but LBBB", ("CLBBB",)),
        ("Kein AV-Block, aber Linksschenkelblock", ("CLBBB",)),
        ("axis: normal", ()),
    ],
)
def test_what_stands_beside_a_denial_or_an_exception_is_described(text: str, codes: tuple[str, ...]) -> None:
    got = sort_statement(text)
    assert not got.abstains and got.codes == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("pacemaker not capturing", ("aha:185", "aha:186")),
        ("Schrittmacher: kein Capture", ("aha:185", "aha:186")),
        ("paced rhythm with undersensing", ("aha:187", "aha:188")),
        ("pacemaker capturing normally", ("PACE",)),
        ("AF burden 12%", ("AFIB",)),
        ("10 PVCs", ("PVC",)),
        ("WPW with pseudo-infarct pattern", ("WPW",)),
        ("LBBB mimicking infarct, LAFB", ("CLBBB", "LAFB")),
        ("inferior infarct, repeat ECG if clinically indicated", ("IMI",)),
        ("ST depression as if the inner layer were injured", ("STD_",)),
        ("non-STEMI", ("snomed:57054005",)),
        ("kein Infarkt, Sinusrhythmus", ("SR",)),
    ],
)
def test_what_is_meant_is_described_and_nothing_that_it_only_resembles(text: str, codes: tuple[str, ...]) -> None:
    assert sort_statement(text).codes == codes


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("sinus rhythm, left bundel branch blok", ("bundel", "branch", "blok")),
        ("LBBB, frobnicated complexes of 2 mm", ("frobnicated",)),
        ("AF with rvr, electrode V6 is loose", ("rvr",)),
        ("Sinus rhythm. Left axis deviation", ()),
        ("Linksschenkelblock, EKG vom Vortag liegt nicht vor", ()),
    ],
)
def test_words_beside_a_finding_that_are_not_known_are_told(text: str, unread: tuple[str, ...]) -> None:
    assert sort_statement(text).unread == unread


def test_every_code_of_the_table_has_a_section_of_the_handbook() -> None:
    described = {code for section in sections() for code in section.codes}
    lines = pkgutil.get_data("einthoven.knowledge", "tables/gate.csv").decode("utf-8").splitlines()
    named = {code for row in csv.DictReader(lines) for code in row["codes"].split()}
    assert len(named) > 100
    assert named - described == set()


@pytest.mark.parametrize("word", ["Nicht ", "no ", "AF, ", "V1 und ", "possible infarct ", "lead not "])
def test_time_grows_with_the_length_alone(word: str) -> None:
    def cost(times: int) -> float:
        spent = []
        for _ in range(5):
            started = time.process_time()
            sort_statement(word * times)
            spent.append(time.process_time() - started)
        return min(spent)  # what else the machine does can only add to it

    cost(2)
    most = LONGEST // len(word)
    assert cost(most) < 12 * cost(most // 4)


def test_a_word_with_any_letters_before_it_takes_no_other_with_it() -> None:
    assert sort_statement("P-dextrocardiale").codes == ("RAO/RAE",)
    assert "ISCAL" in sort_statement("Anterolateral T abnormality consistent with ischaemia").codes


@pytest.mark.parametrize("text", ["", " \n", "?!", "x" * 10_000, "sinus rhythm " * 800, "a(" * 5_000])
def test_what_is_no_statement_is_told_at_once(text: str) -> None:
    sort_statement("sinus rhythm")  # tables are read once
    started = time.perf_counter()
    got = sort_statement(text)
    assert time.perf_counter() - started < 0.05
    assert got.kind == "unknown" and got.reason and len(got.text) <= LONGEST


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from([text for text, _ in LINES]))
def test_any_text_is_sorted_and_no_control_character_survives(noise: str, text: str) -> None:
    for said in (noise, noise + text, text + "\x1b[31m\x00" + noise):
        got = sort_statement(said)
        assert got.kind in KINDS
        assert got.normalised.isprintable() and got.part.isprintable() and got.text.isprintable()
        assert got.abstains == (not got.part)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FINDINGS),
    st.sampled_from([", unconfirmed", " - UNCONFIRMED REPORT", "; unbestätigter Bericht", ". Confirmed by Dr. X"]),
)
def test_a_finding_that_is_not_confirmed_is_still_one(text: str, note: str) -> None:
    assert sort_statement(text + note).codes == sort_statement(text).codes
    assert not sort_statement(text + note).abstains


def test_every_term_of_the_vocabulary_is_a_finding_with_its_code() -> None:
    for code in VOCABULARY:
        got = sort_statement(VOCABULARY[code].english)
        assert got.kind == "finding", code


def test_real_reports_are_findings_but_for_few(real_ptbxl: Path) -> None:
    with (real_ptbxl / "ptbxl_database.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["strat_fold"] == "9"][:400]
    said = [part for row in rows for part in re.split(r"\.\s+|;|\n", row["report"]) if len(part.strip(" .")) > 12]
    got = [sort_statement(part) for part in said]
    assert sum(one.kind == "finding" for one in got) > 0.9 * len(got)
    assert sum(one.reason.startswith(("It names no", "Most of")) for one in got) < 0.02 * len(got)


@pytest.mark.parametrize(
    "text",
    [
        *("Indikation: V.a. Vorhofflimmern", "Referred for suspected atrial fibrillation", "Sohn mit Brugada-Syndrom"),
        *("Clinical info: chest pain, known RBBB", "Artefakte imitieren Vorhofflattern", "digoxin taken daily"),
    ],
)
def test_what_is_asked_told_of_others_or_only_imitated_is_not_described(text: str) -> None:
    assert sort_statement(text).abstains


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("S1Q3T3", ("aha:201",)),
        ("SIQIII-Typ", ("aha:201",)),
        ("SISIISIII-Typ", ("aha:123", "snomed:251200008")),
        ("Knotung in III", ("snomed:164942001",)),
    ],
)
def test_types_by_their_s_and_q_waves_are_not_fragmented_complexes(text: str, codes: tuple[str, ...]) -> None:
    assert sort_statement(text).codes == codes


@pytest.mark.parametrize(
    "text",
    [
        *("Ausschluss Infarkt", "Zum Ausschluss eines Vorderwandinfarkts", "Infarktausschluss", "ICD for VT"),
        *("digoxin for AF", "anticoagulated for AF", "pacemaker implanted for AV block", "scheduled for AF ablation"),
        *("AF detected by smartwatch", "AF cannot be diagnosed", "electrode off, asystole", "asystole, leads off"),
        *("asystole due to disconnected leads", "VT due to artifact", "VT wegen Bewegungsartefakt"),
        *("no P waves seen due to artifact", "age not entered, LBBB criteria may not apply"),
    ],
)
def test_a_reason_for_the_recording_and_what_its_faults_imitate_are_not_described(text: str) -> None:
    got = sort_statement(text)
    assert got.abstains and not got.codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Ausschluss Infarkt, LSB", ("CLBBB",)),
        ("unable to assess for ischemia due to LBBB", ("CLBBB",)),
        ("ST depression due to digoxin", ("STD_", "DIG")),
        ("atrial fibrillation cannot be excluded due to artifact", ("AFIB",)),
        ("Infarkt nicht ausgeschlossen", ("snomed:164865005",)),
    ],
)
def test_what_stands_beside_what_cannot_be_told_is_described(text: str, codes: tuple[str, ...]) -> None:
    assert sort_statement(text).codes == codes
