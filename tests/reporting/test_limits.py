"""Published limits of ST and QRS voltages: what is beyond them is no plain normal ECG, and the number is said."""

from __future__ import annotations

import numpy as np
import pytest

import einthoven
from einthoven.ecg import LEADS, Patient
from einthoven.formats import read
from einthoven.measurement import LeadAmplitudes, Measurements
from einthoven.measurement.amplitudes import cornell, sokolow_lyon
from einthoven.reporting import report
from einthoven.reporting.checks import EXPLAINS_IRREGULAR, contradiction, rhythm_doubts
from einthoven.reporting.limits import (
    CONTIGUOUS,
    EXPLAINS_DEPRESSION,
    depression_doubts,
    elevation_doubts,
    st_deviation,
    voltage_doubts,
)
from einthoven.statements import VOCABULARY

WOMAN, MAN, YOUNG_MAN = Patient(None, 60, "female"), Patient(None, 60, "male"), Patient(None, 30, "male")


def with_st(later: float | None = None, **st: float) -> Measurements:
    """An ECG whose ST at the J point is `st`, and `later` (or the same) 60 ms after it; 0 elsewhere."""
    value = {lead: st.get(lead, 0.0) for lead in LEADS}
    leads = {
        lead: LeadAmplitudes(0, 1, 0, at, at if later is None or not at else later, at) for lead, at in value.items()
    }
    return Measurements(70, 857, 10, np.zeros(0, np.intp), leads=leads)


@pytest.mark.parametrize(
    ("st", "patient", "beyond"),
    [
        ({"II": 0.11, "aVF": 0.12}, MAN, True),
        ({"II": 0.11, "V4": 0.3}, MAN, False),  # not contiguous
        ({"I": 0.1, "aVL": 0.1}, Patient(), True),
        ({"II": 0.09, "aVF": 0.3}, MAN, False),
        ({"V2": 0.16, "V3": 0.17}, WOMAN, True),
        ({"V2": 0.16, "V3": 0.17}, MAN, False),
        ({"V2": 0.22, "V3": 0.21}, MAN, True),
        ({"V2": 0.22, "V3": 0.21}, YOUNG_MAN, False),
        ({"V2": 0.26, "V3": 0.25}, YOUNG_MAN, True),
        ({"V2": 0.22, "V3": 0.21}, Patient(), True),
        ({"V3": 0.3, "V4": 0.12}, MAN, True),
        ({"aVR": 0.3, "V1": 0.3}, MAN, False),
    ],
)
def test_st_elevation_by_lead_sex_and_age(st, patient, beyond):
    said = st_deviation(with_st(**st), patient)
    assert bool(said) is beyond
    if said:
        assert "elevation" in said and all(f"{lead} ({value:.2f} mV)" in said for lead, value in st.items())
        assert contradiction("NORM", with_st(**st), patient) == said
        assert contradiction("STE_", with_st(**st), patient) is None


@pytest.mark.parametrize(
    ("codes", "doubted"),
    [({"SR"}, True), ({"SR", "ASMI"}, True), ({"CLBBB"}, False), ({"PACE"}, False), ({"SR", "STE_"}, False)],
)
def test_a_raised_st_is_told_where_the_draft_does_not_account_for_it(codes, doubted):
    said = elevation_doubts(codes, with_st(III=0.16, aVF=0.15), MAN)
    assert bool(said) is doubted and elevation_doubts(codes, with_st(III=0.16), MAN) == []
    assert not said or "aVF (0.15 mV) and III (0.16 mV)" in said[0]


@pytest.mark.parametrize(
    ("codes", "doubted"),
    [({"SR"}, True), ({"SR", "ASMI", "NDT"}, True), ({"STD_"}, False), ({"ISCAL"}, False), ({"LVH"}, False)],
)
def test_a_depressed_st_is_told_where_nothing_accounts_for_it(codes, doubted):
    said = depression_doubts(codes, with_st(V4=-0.08, V5=-0.09))
    assert bool(said) is doubted and depression_doubts(codes, with_st(V5=-0.2)) == []
    assert depression_doubts(codes, with_st(later=-0.02, V4=-0.08, V5=-0.09)) == []  # rises at once
    assert not said or "V4 (0.08 mV) and V5 (0.09 mV)" in said[0]
    assert all(code in VOCABULARY for code in EXPLAINS_DEPRESSION)


@pytest.mark.parametrize(("code", "outcome"), [("SR", "caution"), ("LVH", "draft")])
def test_a_real_depression_beside_a_draft(real_data, answering, code, outcome):
    ecg = read(real_data / "cinc2021" / "ptb-xl" / "HR06001.hea").described(statements=())
    draft = report(ecg, answering({code: 0.9}))
    assert draft.outcome == outcome and any("ST depression" in one for one in draft.reasons) is (code == "SR")


def test_st_depression_counts_where_it_is_horizontal():
    assert "depression in V5 (0.06 mV) and V6 (0.07 mV)" in (st_deviation(with_st(V5=-0.06, V6=-0.07)) or "")
    assert st_deviation(with_st(later=-0.02, V5=-0.06, V6=-0.07)) is None  # rises at once
    assert st_deviation(with_st(V5=-0.06)) is None and st_deviation(with_st(V5=-0.04, V6=-0.2)) is None
    assert "II (0.30 mV) and III" in (st_deviation(with_st(II=-0.3, III=-0.2, V5=-0.06, V6=-0.06)) or "")


def test_without_leads_nothing_is_beyond():
    nothing = Measurements(70, 857, 10, np.zeros(0, np.intp))
    assert st_deviation(nothing) is None and voltage_doubts({"NORM"}, nothing) == []


@pytest.mark.parametrize(
    ("v1_s", "v5_r", "avl_r", "v3_s", "patient", "said"),
    [
        (-1.5, 2.1, 0.2, -0.5, MAN, ("3.6 mV (Sokolow-Lyon",)),
        (-1.5, 2.1, 0.2, -0.5, YOUNG_MAN, ()),
        (-1.5, 1.9, 0.2, -0.5, MAN, ()),
        (-0.5, 1.0, 0.9, -1.3, WOMAN, ("2.2 mV (Cornell; over 2 mV",)),
        (-0.5, 1.0, 0.9, -1.3, MAN, ()),
        (-0.5, 1.0, 0.9, -2.0, YOUNG_MAN, ("2.9 mV (Cornell; over 2.8 mV",)),
        (-2.0, 2.0, 1.0, -2.0, Patient(), ("4.0 mV (Sokolow-Lyon", "3.0 mV (Cornell")),
    ],
)
def test_tall_qrs_is_a_doubt_about_a_normal_ecg(v1_s, v5_r, avl_r, v3_s, patient, said):
    leads = {lead: LeadAmplitudes(0, 0.5, 0, 0, 0, 0) for lead in LEADS}
    leads |= {"V1": LeadAmplitudes(0, 0.1, v1_s, 0, 0, 0), "V3": LeadAmplitudes(0, 0.1, v3_s, 0, 0, 0)}
    leads |= {"V5": LeadAmplitudes(0, v5_r, 0, 0, 0, 0), "aVL": LeadAmplitudes(0, avl_r, 0, 0, 0, 0)}
    voltages = {"sokolow_lyon": sokolow_lyon(leads), "cornell": cornell(leads)}
    measured = Measurements(70, 857, 10, np.zeros(0, np.intp), leads=leads, **voltages)
    found = voltage_doubts({"SR", "NORM"}, measured, patient)
    assert len(found) == len(said) and all(part in text for part, text in zip(said, found, strict=True))
    assert voltage_doubts({"SR", "LVH"}, measured, patient) == []


def test_pairs_are_contiguous_leads():
    assert {lead for pair in CONTIGUOUS for lead in pair} == set(LEADS) - {"aVR"}


@pytest.mark.parametrize(
    ("codes", "spread", "doubted"),
    [({"SR", "NORM"}, 109, True), ({"SR", "NORM"}, 80, False), ({"SR", "PAC"}, 200, False), ({"AFIB"}, 200, False)],
)
def test_an_irregular_rhythm_asks_a_draft_of_sinus_rhythm_why(codes, spread, doubted):
    found = rhythm_doubts(codes, Measurements(60, 1000, spread, np.zeros(0, np.intp)))
    assert bool(found) is doubted and all("irregular" in text and f"{spread} ms" in text for text in found)
    assert all(code in VOCABULARY for code in EXPLAINS_IRREGULAR)


def test_real_ecgs_that_were_called_normal_without_a_doubt(real_data, shared_fixtures, answering, tmp_path):
    """A Philips ECG with hypertrophy by its device, as CSV without the device's words; one labelled fibrillation."""
    philips = read(shared_fixtures / "philips" / "3191723_ZZDEMOPTONLY_1-04_orig.xml")
    ecg = read(einthoven.write(philips, tmp_path / "x.csv").paths[0])
    draft = report(ecg, answering({"NORM": 0.8, "SR": 0.9}))
    assert not ecg.statements and draft.outcome == "caution" and "3.8 mV (Cornell" in " ".join(draft.reasons)
    ecg = read(real_data / "cinc2021" / "cpsc2018" / "A0007.hea").described(statements=())
    draft = report(ecg, answering({"SR": 0.8}))
    assert draft.outcome == "caution" and "irregular" in " ".join(draft.reasons)
