from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from einthoven.ecg import ECG, Patient
from einthoven.measurement import measure
from einthoven.reporting.compare import PatientError, compare
from einthoven.reporting.compare.changes import Change, Limit, changes, difference, limits
from einthoven.reporting.compare.codes import aha_codes, of
from einthoven.reporting.compare.likeness import likeness
from einthoven.reporting.compare.page import comparison_page
from einthoven.reporting.compare.sentences import apart
from einthoven.reporting.compare.stated import StatedChange
from einthoven.reporting.draft import DraftStatement
from einthoven.statements import VOCABULARY
from einthoven.testing import simulate, swap_arms

NORMAL = {"NORM": 0.9, "SR": 0.95}
EARLY, LATE = datetime(2020, 1, 1, 8), datetime(2020, 3, 1, 8)


def recorded(at: datetime | None, patient: str | None = "p", **how) -> ECG:
    return simulate(rate=250, **how).described(patient=Patient(patient, 60.0, "male"), time=at)


@pytest.fixture(scope="module")
def normal() -> ECG:
    return recorded(EARLY, heart_rate=72, seed=1, noise=0.01)


def test_a_rate_that_rose_is_told_with_its_limits_and_code(normal, answering) -> None:
    found = compare(recorded(LATE, heart_rate=125, qt_ms=300, pr_ms=120, seed=2), normal, answering(NORMAL))
    rate = next(one for one in found.changes if one.name == "heart_rate")
    assert rate.size == "more" and rate.difference == pytest.approx(53, abs=2)
    assert 401 in of(found.codes)
    assert any(sentence.startswith("The heart rate rose from 72 bpm to 125 bpm") for sentence in found.report)
    assert found.order.days == 60 and not found.order.reversed
    document = found.to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["measurements"]["heart_rate"]["beyond_usual"] is True
    assert document["disclaimer"].startswith("Research use only.") and str(found).endswith(document["disclaimer"])


def test_nothing_changed_is_code_400(normal, answering) -> None:
    found = compare(recorded(LATE, heart_rate=73, seed=3, noise=0.01), normal, answering(NORMAL))
    assert of(found.codes) == [400] and found.outcome == "compared", found.reasons
    assert {one.size for one in found.changes if one.size} == {"error"}


def test_a_difference_is_that_of_the_printed_values() -> None:
    assert apart(Change("heart_rate", "bpm", 146.4, 77.6)) == -68 and apart(Change("pr", "ms", None, 160.0)) is None
    assert apart(Change("qrs_axis", "°", 170.4, -170.4)) == 20
    assert apart(Change("st_V2", "mV", 0.104, 0.196)) == pytest.approx(0.1)


def test_printed_rows_add_up(normal, answering) -> None:
    other = recorded(LATE, heart_rate=125, qt_ms=300, pr_ms=120, seed=2)
    rows = re.findall(r"^[A-Za-z].*?(-?\d+) ?(?:bpm|ms) +(-?\d+) ?(?:bpm|ms) +([+-]\d+)", str(
        compare(other, normal, answering(NORMAL))), re.MULTILINE)  # fmt: skip
    assert len(rows) > 3 and all(int(later) - int(earlier) == int(told) for earlier, later, told in rows)


def test_the_order_is_that_of_the_dates(normal, answering) -> None:
    later = recorded(LATE, heart_rate=90, seed=2)
    found = compare(normal, later, answering(NORMAL))
    assert found.order.reversed and found.order.later is later and "the older one" in " ".join(found.reasons)


def test_two_patients_are_refused_and_not_named(normal, answering) -> None:
    other = recorded(LATE, patient="Erika-Mustermann", heart_rate=80, seed=2)
    with pytest.raises(PatientError) as refused:
        compare(other, normal, answering(NORMAL))
    assert "Mustermann" not in str(refused.value) and "--anyway" in refused.value.mend
    found = compare(other, normal, answering(NORMAL), anyway=True)
    assert found.outcome == "caution" and "different patients" in found.reasons[0]
    assert "Mustermann" not in str(found) + comparison_page(found) + json.dumps(found.to_dict())


def test_what_speaks_against_one_person_is_told(normal, answering) -> None:
    child = recorded(None, patient=None, heart_rate=80, seed=2).described(patient=Patient(None, 9.0, "female"))
    reasons = " ".join(compare(child, normal, answering(NORMAL)).reasons)
    for said in ("Not both files name a patient", "different sexes", "ages do not fit", "Not both files state a date"):
        assert said in reasons


def test_the_same_recording_twice_is_not_compared(normal, answering) -> None:
    found = compare(normal, normal.described(time=LATE), answering(NORMAL))
    assert found.outcome == "none" and found.order.same_recording and not found.codes and not found.report
    assert all(one.size is None for one in found.changes)


def test_exchanged_electrodes_are_suspected_before_the_heart(normal, answering) -> None:
    found = compare(swap_arms(recorded(LATE, heart_rate=72, seed=4)), normal, answering(NORMAL))
    assert found.alike.exchange is not None and found.alike.exchange.name == "arms"
    assert any("exchange of electrodes" in reason for reason in found.reasons)


def test_likeness_is_zero_of_itself_and_none_without_beats(normal) -> None:
    beat = measure(normal).median_beat
    assert likeness(beat, beat).all == pytest.approx(0, abs=1e-6) and likeness(beat, beat).exchange is None
    assert likeness(None, beat).all is None


def test_german_and_the_page_stand_alone(normal, answering) -> None:
    found = compare(recorded(LATE, heart_rate=125, qt_ms=300, pr_ms=120), normal, answering(NORMAL), language="de")
    page = comparison_page(found)
    assert "Herzfrequenz gestiegen von 72/min auf 125/min" in str(found) and "Herzfrequenz" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page and page.count("<svg") >= 3


def test_limits_are_there_for_every_quantity(normal) -> None:
    found = changes(measure(normal), measure(normal))
    assert all(one.limit is not None and one.limit.error > 0 and one.limit.usual > 0 for one in found)
    assert limits()["heart_rate"].size(-1.0) == "error" and limits()["pr"].size(400.0) == "more"


@pytest.mark.parametrize(("one", "other", "apart"), [(170, -170, 20), (-170, 170, -20), (10, 40, 30), (90, -90, -180)])
def test_axes_differ_the_shorter_way_round(one, other, apart) -> None:
    assert difference("qrs_axis", one, other) == apart


def plain(**later: float) -> list[Change]:
    base = {"heart_rate": 70.0, "pr": 160.0, "qrs": 90.0, "qt": 380.0, "qtc_fridericia": 400.0, "qtc_bazett": 405.0}
    base |= {"p_axis": 50.0, "qrs_axis": 40.0, "t_axis": 40.0} | {f"st_{lead}": 0.0 for lead in LEADS}
    limit = {"mV": (0.05, 0.1), "°": (10.0, 20.0)}
    units = {name: "mV" if name.startswith("st_") else "°" if name.endswith("axis") else "ms" for name in base}
    return [
        Change(name, units[name], value, later.get(name, value), Limit(name, "", *limit.get(units[name], (9.0, 30.0))))
        for name, value in base.items()
    ]


LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def news(code: str, kind: str = "new") -> StatedChange:
    statement = DraftStatement(code, VOCABULARY[code].english, "present", 0.9, 20, ())
    return StatedChange(code, statement.text, kind, statement if kind == "gone" else None, statement)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("later", "stated", "codes"),
    [
        ({}, [], [400]),
        ({"heart_rate": 95.0}, [], [400]),  # more than 20, but between 50 and 100
        ({"heart_rate": 101.0}, [], [401]),
        ({"heart_rate": 49.0}, [], [401]),
        ({"pr": 230.0}, [], []),  # no longer normal, and no rule gives it a code
        ({"qtc_fridericia": 465.0}, [], [404]),
        ({"qtc_fridericia": 440.0}, [], [400]),
        ({"qrs_axis": -50.0}, [], [405]),
        ({"st_V2": 0.3, "st_V3": 0.3}, [], [402]),
        ({"st_V2": 0.3, "st_V3": -0.3}, [], [400]),  # not both the same way
        ({"st_V2": 0.3, "st_V3": 0.3, "qrs": 140.0}, [], []),  # ST follows a wide QRS
        ({}, [news("AFIB")], [401]),
        ({}, [news("IMI")], [402]),
        ({}, [news("ISCAL")], [402]),
        ({}, [news("CLBBB")], [403]),
        ({}, [news("CLBBB", "gone")], []),
        ({}, [news("NDT", "gone")], [404]),
        ({}, [news("LVH")], [405]),
        ({}, None, []),  # nothing was drafted
    ],
)
def test_codes_follow_the_rules_of_the_standard(later, stated, codes) -> None:
    assert of(aha_codes(plain(**later), stated, False, "male")) == codes


def test_statements_alone_are_another_interpretation_unless_critical() -> None:
    assert of(aha_codes(plain(), [news("LVH")], True, None)) == [406]
    assert of(aha_codes(plain(), [news("AFIB")], True, None)) == [401]


def test_an_abnormal_interval_may_move_by_a_tenth() -> None:
    def with_pr(earlier: float, later: float) -> list[Change]:
        return [replace(one, earlier=earlier, later=later) if one.name == "pr" else one for one in plain()]

    assert of(aha_codes(with_pr(240, 260), [], False, None)) == [400]
    assert of(aha_codes(with_pr(240, 270), [], False, None)) == []


def test_no_beats_no_limits_no_crash(normal, answering) -> None:
    silent = ECG(np.zeros((12, 2500)), 250).described(patient=Patient("p"), time=LATE)
    found = compare(silent, normal, answering(NORMAL))
    assert found.outcome == "none" and found.stated is None and "NOT COMPARED" in str(found)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_sentence_on_several_leads_claims_no_single_lead_s_limit(language) -> None:
    from einthoven.reporting.compare.sentences import _st
    from einthoven.reporting.compare.words import words

    found = [
        Change("st_V3", "mV", -0.05, -0.21, Limit("st_V3", "mV", 0.05, 0.10)),
        Change("st_aVL", "mV", 0.07, -0.004, Limit("st_aVL", "mV", 0.04, 0.04)),
    ]
    (said,) = _st(found, words(language))
    assert "±" not in said and "-0.00" not in said and "-0,00" not in said and "aVL" in said
