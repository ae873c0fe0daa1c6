"""What the file states against what is drafted."""

from __future__ import annotations

import subprocess
import sys

import pytest

from einthoven.ecg import Statement
from einthoven.formats import read
from einthoven.reporting.compared import LONGEST_QUOTE, MOST_QUOTED, device_doubt
from einthoven.statements import VOCABULARY
from einthoven.statements.table import rows

NORMAL = {"NORM", "SR"}


def doubt(*texts: str, drafted: set[str] = NORMAL) -> str | None:
    return device_doubt([Statement(text) for text in texts], drafted)


@pytest.mark.parametrize(
    ("text", "drafted", "differs"),
    [
        ("Ventricular-paced rhythm", NORMAL, True),
        ("Ventricular-paced rhythm", {"SR", "CLBBB"}, True),  # it says what the shapes are
        ("Ventricular-paced rhythm", {"PACE"}, False),
        ("Left ventricular hypertrophy", NORMAL, True),
        ("Left ventricular hypertrophy", {"SR", "ISC_"}, False),  # lacking, but neither normal nor an alarm
        ("Possible left ventricular hypertrophy", NORMAL, False),
        ("Possible acute infarct", NORMAL, True),  # an alarm is told even if it is only weighed
        ("Acute infarct", {"SR", "AMI"}, True),
        ("Atrial fibrillation", {"SR"}, True),
        ("Atrial fibrillation", {"AFIB"}, False),
        ("Sinus rhythm", {"AFIB"}, True),
        ("Sinus rhythm", {"SBRAD"}, False),
        ("Inferior infarct", {"ILMI"}, False),
        ("Inferior infarct", NORMAL, True),
        ("First degree AV block", NORMAL, True),  # it leaves no normal ECG, but an otherwise normal one
        ("Ventricular premature complexes", NORMAL, True),
        ("Ventricular premature complexes", {"NORM", "SR", "PVC"}, False),
        ("Ventricular premature complexes", {"SR", "LVH"}, False),
        ("Third-degree (complete) AV block", {"SR", "LVH"}, True),
        ("Nonsustained VT", {"SR", "LVH"}, True),
        ("Accelerated idioventricular rhythm", NORMAL, True),
        ("Junctional rhythm", NORMAL, True),
        ("Trifascicular block", NORMAL, True),
        ("Sinus tachycardia", NORMAL, False),  # the rate is measured
        ("No acute infarct", NORMAL, False),
        ("Normal ECG", NORMAL, False),
        ("Abnormal ECG", NORMAL, True),
        ("Abnormal ECG", {"SR", "LVH"}, False),
        ("Borderline ECG", NORMAL, True),
        ("Otherwise normal ECG", NORMAL, True),
        ("Otherwise normal ECG", {"NORM", "SBRAD"}, False),
        ("Something that nobody knows", NORMAL, False),
        ("Probable left ventricular hypertrophy", NORMAL, True),
        ("- ABNORMAL RHYTHM ECG -", NORMAL, True),
        ("EKG pathologisch", NORMAL, True),
        ("Probably normal ECG", NORMAL, False),
        ("Ventricular tachycardia", {"SVTAC"}, True),  # without a code, so no draft has it
        ("No ventricular tachycardia", NORMAL, False),
        ("Kammerflimmern", {"AFIB"}, True),
        ("STEMI", {"STE_", "AMI"}, True),  # these do not say that it is acute
        ("Arm lead reversal", NORMAL, True),
        ("High degree AV block", {"3AVB"}, False),  # either is meant
        ("High degree AV block", {"1AVB"}, True),
        ("Inferior injury", {"SR", "STE_"}, False),
        ("Injury pattern", {"SR", "INJIN"}, False),
        ("Injury pattern", {"SR", "IMI"}, True),
        ("ST elevation", {"SR", "INJAS"}, False),
        ("ST elevation in V2, probably due to early repolarization", NORMAL, False),
        ("ST depression", {"SR", "ISC_"}, False),
        ("ST depression", {"SR"}, True),
        ("T wave inversion", {"NORM", "ISC_"}, False),
        ("Borderline prolonged QT", NORMAL, False),
        ("Borderline left ventricular hypertrophy", NORMAL, False),
        ("Previously atrial fibrillation, now sinus rhythm", NORMAL, False),
        ("Atrial fibrillation/flutter", {"AFLT"}, False),
    ],
)
def test_one_sentence(text: str, drafted: set[str], differs: bool) -> None:
    assert bool(doubt(text, drafted=drafted)) == differs
    if differs:
        assert f"'{text}'" in str(doubt(text, drafted=drafted))


def test_a_verdict_of_the_file_stands_for_what_it_holds_to_be_normal() -> None:
    assert doubt("Incomplete right bundle branch block", "Normal ECG") is None
    assert doubt("Incomplete right bundle branch block", "Normal sinus rhythm")


def test_what_follows_a_comparison_is_not_of_this_ecg() -> None:
    assert doubt("Normal ECG", "When compared with ECG of yesterday,", "Atrial fibrillation has replaced ...") is None
    assert doubt("Abnormal ECG", "When compared with ECG of yesterday,", "Acute infarct") == doubt("Abnormal ECG")


def test_codes_of_data_sets_are_not_compared() -> None:
    assert (
        device_doubt([Statement(code="AFIB", system="SCP"), Statement(code="164889003", system="SNOMED")], NORMAL)
        is None
    )


@pytest.mark.parametrize(
    ("file", "quoted"),
    [
        ("philips/3191723_ZZDEMOPTONLY_1-04_orig.xml", ("PROBABLE LEFT VENTRICULAR", "ANTERIOR ST EL", "ABNORMAL ECG")),
        ("philips/ad4d3d80-d165_1-04_orig.xml", ()),
        ("muse/muse_ecg1.xml", ("Ventricular-paced rhythm",)),
        ("muse/muse_ecg2.xml", ()),
    ],
)
def test_real_devices_against_a_normal_draft(shared_fixtures, file: str, quoted: tuple[str, ...]) -> None:
    drafted = {"SBRAD", "NORM"} if "ad4d3d80" in file else NORMAL
    said = device_doubt(read(shared_fixtures / file).statements, drafted)
    assert (said or "").count(" '") == len(quoted) and all(f"'{words}" in str(said) for words in quoted)


def test_the_tables_name_codes_and_mentions_with_reasons() -> None:
    alarms = {row["said"] for row in rows("alarms")}
    for row in rows("counterparts"):
        assert row["why"] and all(one in VOCABULARY for one in row["drafted"].split()), row
        assert all(one in VOCABULARY or one in alarms for one in row["said"].split()), row
    said = [one for row in rows("counterparts") for one in row["said"].split()]
    assert len(set(said)) == len(said)


def test_a_file_without_words_needs_no_parser() -> None:
    code = (
        "import sys; from einthoven.ecg import Statement; from einthoven.reporting.compared import device_doubt; "
        "device_doubt([Statement(code='AFIB', system='SCP')], {'SR'}); "
        "assert 'einthoven.statements.parse' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_quotes_are_few_and_short() -> None:
    said = str(doubt(*(f"Acute infarct {number}" for number in range(9)), "Acute infarct 0"))
    assert said.count("'Acute") == MOST_QUOTED and "and 4 more. The draft does not." in said
    long = str(doubt("Acute infarct " + "x" * 900))
    assert len(long) < LONGEST_QUOTE + 80 and "…'" in long
