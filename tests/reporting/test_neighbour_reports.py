"""What the kept reports of similar ECGs say is quoted as evidence: a rhythm without a code stands nowhere else."""

from __future__ import annotations

import pytest

import einthoven
from einthoven.answering import answer
from einthoven.collection import Row
from einthoven.reporting import report
from einthoven.reporting.neighbour_reports import neighbour_reports
from einthoven.reporting.page import draft_page
from einthoven.retrieval import Archive
from einthoven.testing import simulate

TACHYCARDIA = "Ventricular tachycardia at 180 bpm. Mrs Miller seen by Dr. Jones. Compared with yesterday unchanged."
EVIL = "<b>Broad</b> complex rhythm\x1b[31m."


@pytest.fixture(scope="module")
def ecg():
    return simulate(heart_rate=72, rate=100)


def hospital(folder, model, make_ecg, texts) -> Archive:
    """An archive of a hospital's own ECGs with its texts and not one code."""
    made = Archive.create(folder, model, name="ours")
    bare = [make_ecg(place).described(statements=()) for place in range(len(texts))]
    rows = (
        Row.from_ecg(ecg, f"h{n}", "ours", text=text) for n, (ecg, text) in enumerate(zip(bare, texts, strict=True))
    )
    made.add(rows, keep_reports=True)
    return made


def test_reports_stand_beside_neighbours_and_name_nobody(ecg, make_ecg, stand_in, tmp_path):
    archive = hospital(tmp_path / "ours", stand_in(), make_ecg, [TACHYCARDIA, EVIL, None, "Compared with before.", "x"])
    draft = report(ecg, archive)
    told = {one.record: one for one in draft.neighbour_reports}
    assert draft.outcome == "none" and set(told) == {"h0", "h1", "h4"}
    said, page, document = str(draft), draft_page(ecg, draft, "de"), draft.to_dict()
    for text in (said, page):
        assert "Ventricular tachycardia at 180 bpm" in text and "Miller" not in text and "Jones" not in text
        assert "<b>Broad" not in page and "\x1b" not in text
    assert 'its report: "Ventricular tachycardia at 180 bpm." (' in said and "Sein Befund:" in page
    assert {one["record"] for one in document["neighbours"] if "report" in one} == set(told)


def test_answers_quote_them(ecg, make_ecg, stand_in, tmp_path):
    archive = hospital(tmp_path / "ours", stand_in(), make_ecg, [TACHYCARDIA] * 5)
    for question in ("Is there ventricular tachycardia?", "Is there atrial fibrillation?"):
        found = answer(ecg, question, archive)
        told = [ground for ground in found.grounds if "another patient's" in ground.text]
        assert len(told) == 3 and str(found).count("Ventricular tachycardia at 180 bpm") == 3
    assert not any("another patient's" in one.text for one in answer(ecg, "What is the heart rate?", archive).grounds)


def test_an_archive_without_texts_quotes_nothing(ecg, archive):
    found = report(ecg, archive)
    assert found.neighbours and found.neighbour_reports == () and neighbour_reports(archive, (), 5) == ()
    assert not any("report" in one for one in found.to_dict()["neighbours"])


def test_the_papers_method_quotes_the_one_report_once(ecg, make_ecg, stand_in, tmp_path):
    archive = hospital(tmp_path / "ours", stand_in(), make_ecg, [TACHYCARDIA] * 3)
    assert str(einthoven.report(ecg, archive, method="nearest")).count("at 180 bpm") == 1
