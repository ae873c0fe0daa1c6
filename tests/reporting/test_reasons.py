"""German reasons: every sentence that a draft may give has a line, and nothing of it is lost."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

from einthoven.ecg import Patient
from einthoven.quality import exchanges, misplaced
from einthoven.quality.assess import assess
from einthoven.reporting import nearest, report
from einthoven.reporting import reasons as module
from einthoven.reporting.page import draft_page
from einthoven.reporting.reasons import in_language
from einthoven.testing import simulate, swap_arms

HOUSE = Path(module.__file__).parents[1]
TABLE = HOUSE / "reporting" / "tables" / "reasons.csv"
ROOMS = (
    *(
        HOUSE / "reporting" / f"{name}.py"
        for name in ("report", "broad", "checks", "limits", "compared", "look", "nearest", "unaccounted")
    ),
    *(HOUSE / "measurement" / f"{name}.py" for name in ("alarms", "axes", "heart_rate", "p_wave", "t_wave")),
    *sorted((HOUSE / "quality").glob("*.py")),
)
LOOKS = "A ventricular tachycardia can look so, and no statement known here says it"
WIDTHS = [
    f"a QRS {one}{p}" for one in ("of 140 ms", "that cannot be measured") for p in ("", " and no P wave told before it")
]
ENDS = ("", ": those of similar ECGs would mislead")
COMPOSED = {
    "Fast and broad: 7 bpm with 77.": (),  # is never told without what follows from it
    "7 7": (),  # nor is that of `measure`, which is in English
    "A ventricular tachycardia can look so; so can a fast rhythm with bundle branch block or pre-excitation.": (),
    "7 A ventricular tachycardia can look so, and no statement known here says it7.": (
        *(f"Fast and broad: 180 bpm with {width}. {LOOKS}{end}." for width in WIDTHS for end in ENDS),
    ),
    "The measured ST elevation in 7 is beyond the limits, and no statement accounts for it.": (
        "The measured ST elevation in V4 (0.19 mV) and V5 (0.20 mV) is beyond the limits, "
        "and no statement accounts for it.",
    ),
    "The measured ST depression in 7 is beyond the limits, and no statement accounts for it.": (
        "The measured ST depression in V4 (0.09 mV) and V5 (0.10 mV) is beyond the limits, "
        "and no statement accounts for it.",
    ),
    "7 finding: 7.": ("Critical finding: x.", "Possible critical finding: x."),
    "The archive holds no ECG of another patient7.": (
        "The archive holds no ECG of another patient.",
        "The archive holds no ECG of another patient of those asked for (age>=60).",
    ),
    "Not ruled out, a critical finding: 7 (7; below 7 keeps 7).": (
        "Not ruled out, a critical finding: x (3.1%; below 2.2% keeps critical findings that go unnoticed to 2%).",
    ),
    "The archive was calibrated with too few patients to keep 7.": (
        "The archive was calibrated with too few patients to keep critical findings that go unnoticed to 2%.",
    ),
}
"""Sentences with parts that are words, and what they then say."""


def sentences(path: Path):
    """All sentences of a module that are no docstring and no error, with 7 for each of their places."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            silent |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            silent |= {id(inner) for inner in node.values}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.replace("{}", "7")
        else:
            continue
        if " " in text and text.endswith(".") and re.match(r"[A-Z'7]", text):
            yield from COMPOSED.get(text, (text,))


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.name)
def test_every_sentence_of_these_modules_has_a_line(path):
    lacking = [text for text in sentences(path) if in_language(text, "de") == text]
    assert not lacking


def test_the_sentences_are_found():
    assert len([text for path in ROOMS for text in sentences(path)]) > 50


def test_lines_have_the_same_places_and_translate_back_to_their_own_german():
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert re.findall(r"\{\w*\}", row["english"]) == re.findall(r"\{\w*\}", row["german"]), row["english"]
        said = row["english"].replace("{n}", "7").replace("{}", "x").replace("{why}", "y")
        german = row["german"].replace("{n}", "7").replace("{}", "x").replace("{why}", "y")
        assert in_language(said, "de") == german and in_language(german, "de") == german
        assert in_language(said, "en") == said
    assert len({row["english"] for row in rows}) == len(rows)


def test_numbers_names_and_parts_are_kept():
    said = (
        "The nearest ECG is unusually far (similarity 0.8123; 95% of the ECGs asked in calibration had one above 0.9)."
    )
    assert "0,8123; 95 % der EKGs" in in_language(said, "de")
    holding = (
        "The archive holds 1,042 ECGs of 1 patient (3 ECGs without a patient); 200 patients are needed for a plain"
    )
    assert in_language(f"{holding} draft.", "de").startswith(
        "Das Archiv enthält 1.042 EKGs von 1 Patienten (3 EKGs ohne Patienten); für"
    )
    quote = "The file's own statements say: 'ACUTE MI. {n} 5% (x)'; 'b' and 2 more. The draft does not."
    assert in_language(quote, "de") == "Die Datei selbst sagt: 'ACUTE MI. {n} 5% (x)'; 'b' und 2 weitere Aussagen. " + (
        "Der Entwurf sagt es nicht."
    )
    left = "'Vorhofflimmern' (61%, a critical finding) was left out: it contradicts 'Sinusrhythmus'."
    assert in_language(left, "de") == (
        "„Vorhofflimmern“ (61 %, ein kritischer Befund) wurde weggelassen: es widerspricht „Sinusrhythmus“."
    )
    fast = next(text for key, texts in COMPOSED.items() if key.startswith("7 A") for text in texts[-1:])
    assert in_language(fast, "de") == (
        "Schnell und breit: 180/min mit einem QRS, das nicht zu messen ist, und ohne erkannte P-Welle davor. So kann "
        "eine ventrikuläre Tachykardie aussehen, und keine der hier bekannten Aussagen nennt sie: Die Aussagen "
        "ähnlicher EKGs würden irreführen."
    )
    assert in_language("Nobody knows this sentence.", "de") == "Nobody knows this sentence."


def test_what_a_draft_says_in_german_is_german(answering, make_ecg):
    archive = answering({"SR": 0.9, "AFIB": 0.3}, patients=20)
    ecg = swap_arms(simulate(heart_rate=72, rate=100))
    english, german = (report(ecg, archive, language=one) for one in ("en", "de"))
    assert german.outcome == english.outcome == "caution" and len(german.reasons) == len(english.reasons) > 2
    assert not set(german.reasons) & set(english.reasons)
    assert any("ein kritischer Befund) wurde weggelassen: es widerspricht" in one for one in german.reasons), (
        german.reasons
    )
    page = draft_page(ecg, english, "de")
    assert '<ul class="reasons" lang="de">' in page and "Patienten nötig" in page


def test_findings_of_exchanged_electrodes_and_of_st_have_lines():
    texts = [one.text for one in exchanges.EXCHANGES] + [*exchanges.LEG_EXCHANGES.values(), misplaced.UNCLEAR]
    texts += [finding.text for finding in assess(simulate(seconds=2, rate=100)).findings] + [nearest.CAUTION]
    from einthoven.reporting.limits import st_deviation

    measured = type("M", (), {"leads": {n: type("L", (), {"st_j": 0.3, "st_j60": 0.3})() for n in ("II", "aVF")}})()
    texts.append(st_deviation(measured, Patient()))
    assert len(texts) > 20
    for text in texts:
        assert in_language(text, "de") != text
