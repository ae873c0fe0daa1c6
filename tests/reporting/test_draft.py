from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.measurement import measure
from einthoven.reporting import MeasurementEvidence, NeighbourEvidence, report
from einthoven.reporting.checks import RATE_RULES, contradiction
from einthoven.reporting.parts.words import words
from einthoven.statements import VOCABULARY
from einthoven.testing import flat, simulate

KEYS = {
    "outcome",
    "reasons",
    "statements",
    "report",
    "measurements",
    "neighbours",
    "notices",
    "model",
    "archive",
    "disclaimer",
    "recorded",
}
ECGS = {rate: simulate(heart_rate=rate, rate=100, qt_ms=300, pr_ms=110) for rate in (40, 63, 80, 97, 140)}
CODES = tuple(VOCABULARY)


def check_document(document: dict) -> None:
    """The document of `einthoven report --json`, key for key."""
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert set(document) == KEYS
    assert document["outcome"] in ("draft", "caution", "none")
    assert all(isinstance(reason, str) for reason in document["reasons"])
    for statement in document["statements"]:
        assert set(statement) == {"code", "text", "polarity", "confidence", "evidence", "described_in"}
        assert set(statement["described_in"]) == {"source", "section"}
        assert statement["polarity"] in ("present", "possible")
        for evidence in statement["evidence"]:
            assert set(evidence) in ({"record", "similarity"}, {"measurement", "value", "unit"})
    for neighbour in document["neighbours"]:
        assert set(neighbour) == {"record", "similarity", "statements"}
    assert set(document["model"]) == {"name", "sha256"}
    assert set(document["archive"]) == {"name", "version", "records", "calibrated"}
    assert document["disclaimer"].startswith("Research use only.")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_holds_for_every_draft(answering, data):
    codes = data.draw(st.lists(st.sampled_from(CODES), unique=True, max_size=12))
    confidence = {code: data.draw(st.floats(0, 1), label=code) for code in codes}
    carried = st.lists(st.sampled_from(codes), unique=True) if codes else st.just([])
    archive = answering(
        confidence,
        data.draw(st.lists(carried, max_size=8)),
        patients=data.draw(st.sampled_from([10, 199, 200, 5000])),
        calibrated=data.draw(st.booleans()),
        nearest=data.draw(st.sampled_from([-0.5, 0.1, 0.3, 0.9, 1.0])),
    )
    ecg = ECGS[data.draw(st.sampled_from(list(ECGS)))]
    language = data.draw(st.sampled_from(["en", "de"]))
    draft = report(ecg, archive, language=language)
    check_document(draft.to_dict())
    assert str(draft).endswith(words(language).disclaimer)

    said = [statement.code for statement in draft.statements]
    assert len(said) == len(set(said))
    assert VOCABULARY.contradictions(said) == []
    measured = measure(ecg)
    for statement in draft.statements:
        assert statement.evidence
        assert contradiction(statement.code, measured) is None
        carriers = {n.record for n in draft.neighbours if statement.code in n.codes}
        assert statement.votes == len(carriers) > 0
        for evidence in statement.evidence:
            if isinstance(evidence, NeighbourEvidence):
                assert evidence.record in carriers
            else:
                low, high = RATE_RULES[statement.code].supports
                assert low <= evidence.value <= high
        least = 0.5 if statement.polarity == "present" else 0.2
        assert statement.confidence >= least
        assert statement.polarity == "present" or VOCABULARY[statement.code].critical

    assert (draft.outcome == "none") == (not draft.statements) == (draft.report == "")
    assert (draft.outcome == "draft") == (not draft.reasons)
    if draft.outcome == "draft":
        assert archive.calibration is not None
        assert archive.patients >= 200
        assert draft.neighbours[0].similarity >= archive.calibration.distant
        assert all(statement.polarity == "present" for statement in draft.statements)
    alarms = {c for c, p in confidence.items() if p >= 0.2 and VOCABULARY[c].critical}
    if draft.statements:  # a critical finding is drafted, or the reasons say why it is not
        reasons = " ".join(draft.reasons)
        assert all(code in said or VOCABULARY[code].text(language) in reasons for code in alarms)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("ecg", [ECGS[80], flat(ECGS[80]), simulate(seconds=2, rate=100)])
def test_the_document_of_each_outcome(answering, ecg, language):
    for archive in (answering({"SR": 0.9}), answering({"AFIB": 0.3}), answering({"SR": 0.1})):
        draft = report(ecg, archive, language=language)
        check_document(draft.to_dict())
        assert str(draft).endswith(words(language).disclaimer)


def test_numbers_are_rounded_for_reading():
    assert NeighbourEvidence("a", 0.123456).to_dict() == {"record": "a", "similarity": 0.1235}
    assert MeasurementEvidence("heart_rate", 61.26, "bpm").to_dict()["value"] == 61.3
    assert str(MeasurementEvidence("heart_rate", 61.26, "bpm")) == "heart rate 61 bpm"


def test_people_see_outcome_reasons_evidence_and_neighbours(answering):
    text = str(report(ECGS[80], answering({"SR": 0.9, "AFIB": 0.3}, [("SR", "AFIB")] * 25)))
    assert text.startswith("DRAFT WITH CAUTION\n  because: ")
    assert "25 of 25 neighbours; n0 (0.900), n1 (0.899)" in text
    assert "0.900  n0  50 y, female  SR, AFIB" in text
    assert "0.899  n1  age ?, sex ?  SR, AFIB" in text
    assert re.search(r"heart rate +80 bpm", text) and re.search(r"QTc \(Fridericia\) +\d+ ms", text)


def test_people_see_why_there_is_no_draft(answering):
    text = str(report(flat(ECGS[80]), answering({"SR": 0.9})))
    assert text.startswith("NO DRAFT")
    assert "not measured: No QRS complex" in text
    assert "because: The recording is flat" in text
