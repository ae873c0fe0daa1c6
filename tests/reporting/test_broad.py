"""What may be a ventricular tachycardia is told, and never drafted as something else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.answering.view import see
from einthoven.ecg import ECG
from einthoven.formats import read
from einthoven.measurement import Measurements, measure
from einthoven.quality import Finding, Quality
from einthoven.reporting import report
from einthoven.reporting.broad import SAY_BROAD, broad_tachycardia
from einthoven.reporting.compare import compare
from einthoven.reporting.look import look
from einthoven.statements import VOCABULARY
from einthoven.testing import simulate

MISTAKEN = {"CLBBB": 0.9, "STACH": 0.8}


def said(rate: float | None, qrs: float | None, pr: float | None = None, stated: frozenset[str] = frozenset()) -> str:
    of = Measurements(rate, None, None, np.zeros(0, np.intp), {}, qrs=qrs, pr=pr)
    found = broad_tachycardia(of, Quality(), stated)
    return "" if found is None else "withheld" if found.withheld else "caution"


@pytest.mark.parametrize(
    ("rate", "qrs", "pr", "stated", "what"),
    [
        (99, 160, None, (), ""),
        (104, 140, 160, (), "caution"),
        (104, 118, 160, (), ""),
        (104, 100, 160, ("CLBBB",), "caution"),
        (130, 140, 150, (), "caution"),
        (130, 140, None, (), "withheld"),
        (130, 112, None, (), "withheld"),  # the QRS is measured with an error of 10 ms
        (130, 95, None, (), ""),
        (130, 95, None, ("CRBBB",), "withheld"),  # a draft that says broad is taken at its word
        (130, 95, 150, ("STACH",), ""),
        (155, 130, 150, (), "withheld"),  # at that rate what seems a P wave may be the end of the T wave
        (130, None, None, (), "withheld"),
        (None, None, None, (), ""),
    ],
)
def test_what_is_said(rate, qrs, pr, stated, what) -> None:
    assert said(rate, qrs, pr, frozenset(stated)) == what


def test_codes_that_say_broad_are_of_the_vocabulary() -> None:
    assert all(code in VOCABULARY for code in SAY_BROAD)


def test_waves_without_qrs_are_withheld_and_noise_is_not_named_so() -> None:
    nothing = Measurements(None, None, None, np.zeros(0, np.intp), {})
    waves, noise = Finding("no-beats", (), "Only waves."), Finding("no-beats", (), "Noise.", "refuse")
    found = broad_tachycardia(nothing, Quality((waves,)))
    assert found is not None and found.withheld and found.text == "Only waves."
    assert broad_tachycardia(nothing, Quality((noise,))) is None


@pytest.mark.parametrize("rate", [125, 150, 180, 220])
def test_nothing_is_drafted_of_a_ventricular_tachycardia(answering, rate: int) -> None:
    draft = report(simulate(rate, rhythm="ventricular", qrs_ms=160, qt_ms=340), answering(MISTAKEN))
    assert draft.outcome == "none" and draft.statements == () and draft.report == draft.overall == ""
    assert "ventricular tachycardia" in draft.reasons[0].lower()
    assert draft.neighbours


def test_nor_is_the_nearest_report_taken_over(archive) -> None:
    draft = report(simulate(170, rate=100, rhythm="ventricular", qrs_ms=160, qt_ms=300), archive, method="nearest")
    assert draft.outcome == "none" and draft.quoted is None and draft.report == ""
    assert draft.reasons[0].startswith("Fast and broad: 171 bpm")


def test_a_fast_block_with_p_waves_is_drafted_with_caution(answering) -> None:
    draft = report(simulate(104, qrs_ms=140, qt_ms=340), answering(MISTAKEN))
    assert draft.measurements.pr is not None and draft.measurements.qrs >= 120
    assert draft.outcome == "caution" and {one.code for one in draft.statements} == set(MISTAKEN)
    assert draft.reasons[0].startswith("Fast and broad: 104 bpm")


def test_a_narrow_tachycardia_is_left_as_it_was(answering) -> None:
    draft = report(simulate(112, qt_ms=350), answering({"STACH": 0.9}))
    assert draft.outcome == "draft", draft.reasons


def test_questions_are_not_answered_by_similar_ecgs(answering) -> None:
    view = see(simulate(170, rhythm="ventricular", qrs_ms=160, qt_ms=300), answering(MISTAKEN))
    assert "ventricular tachycardia" in view.far[0].lower() and view.cautions[0] == view.far[0]
    assert see(simulate(70), answering({"NORM": 0.9})).far == ()


def test_nor_where_they_say_broad_of_a_qrs_that_measures_narrow(answering) -> None:
    ecg = simulate(70)
    found = look(ecg)
    found = replace(found, measured=replace(found.measured, heart_rate=130.0, rr_median=462.0, pr=None, qrs=95.0))
    for carried, withheld in (({"CLBBB": 0.9}, True), ({"CLBBB": 0.4, "AFIB": 0.9}, False)):
        archive = answering(carried)
        assert (report(ecg, archive, seen=found).outcome == "none") == withheld
        assert any("Fast and broad" in text for text in see(ecg, archive, found).far) == withheld


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_comparison_says_that_one_of_the_two_may_be_one(answering, language: str) -> None:
    fast = simulate(170, rhythm="ventricular", qrs_ms=160, qt_ms=300)
    found = compare(fast, simulate(70), answering(MISTAKEN), language=language)
    assert found.outcome == "caution" and found.stated is None
    said = {"en": "ventricular tachycardia can look so", "de": "ventrikuläre Tachykardie aussehen"}[language]
    assert any(said in reason for reason in found.reasons), found.reasons


@pytest.mark.parametrize("rate", [200, 220, 240])
def test_no_pr_reaches_into_the_qrs_before(rate: int) -> None:
    """A PR of 260 ms was once measured at 220 bpm, whose RR is 273 ms."""
    found = measure(simulate(rate, rhythm="ventricular", qrs_ms=140, qt_ms=260))
    assert found.pr is None or found.pr + found.qrs < found.rr_median


@pytest.mark.parametrize("name", ["JS45543", "JS45546"])
def test_real_ventricular_tachycardias(answering, real_data: Path, name: str) -> None:
    ecg: ECG = read(next(real_data.rglob(f"{name}.hea")))
    draft = report(ecg, answering(MISTAKEN))
    assert draft.outcome == "none" and "ventricular tachycardia" in draft.reasons[0].lower()
