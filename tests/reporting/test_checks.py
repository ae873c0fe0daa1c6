from __future__ import annotations

import numpy as np
import pytest

from einthoven.measurement import NO_P_WAVE, Measurements
from einthoven.reporting.checks import (
    EXPLAINS_RATE,
    INTERVAL_RULES,
    RATE_RULES,
    contradiction,
    interval_doubts,
    rhythm_doubts,
    supporting,
    unexplained_rate,
)
from einthoven.statements import VOCABULARY


def at(rate: float | None) -> Measurements:
    return Measurements(rate, None, None, np.zeros(0, np.intp), {} if rate else {"heart_rate": "noise"})


@pytest.mark.parametrize(
    ("code", "rate", "supported", "contradicted"),
    [
        ("SBRAD", 48, True, False),
        ("SBRAD", 63, False, False),  # within the error of the measurement
        ("SBRAD", 67, False, True),
        ("STACH", 120, True, False),
        ("STACH", 96, False, False),
        ("STACH", 93, False, True),
        ("STACH", 200, False, True),
        ("NORM", 70, False, False),
        ("NORM", 200, False, True),
        ("SVTAC", 180, True, False),
        ("PSVT", 70, False, True),
        ("AFIB", 30, False, False),
        ("LVH", 200, False, False),
    ],
)
def test_what_a_rate_supports_and_rules_out(code, rate, supported, contradicted):
    assert bool(supporting(code, at(rate))) == supported
    assert bool(contradiction(code, at(rate))) == contradicted


def test_an_unmeasured_rate_says_nothing():
    for code in VOCABULARY:
        assert supporting(code, at(None)) == ()
        assert contradiction(code, at(None)) is None
    assert unexplained_rate(set(), at(None)) is None


def test_support_lies_within_what_is_allowed():
    for rule in RATE_RULES.values():
        low, high = rule.supports or rule.allows
        assert rule.allows[0] <= low < high <= rule.allows[1]
    assert all(code in VOCABULARY for code in EXPLAINS_RATE)


def test_unexplained_rates():
    assert unexplained_rate({"SR", "NORM"}, at(80)) is None
    assert "150 bpm" in unexplained_rate({"SR", "NORM"}, at(150))
    assert "40 bpm" in unexplained_rate(set(), at(40))
    assert unexplained_rate({"SBRAD"}, at(40)) is None
    assert unexplained_rate({"AFIB"}, at(150)) is None


@pytest.mark.parametrize(
    ("codes", "rate", "spread", "doubted"),
    [
        ({"STACH"}, 140, 5, False),
        ({"STACH"}, 175, 2, True),  # as regular and fast as a supraventricular tachycardia
        ({"AFIB"}, 80, 120, False),
        ({"AFIB"}, 50, 5, True),  # regular: perhaps with complete block, perhaps no fibrillation
        ({"SR"}, 60, 5, False),
    ],
)
def test_rhythms_that_rate_or_regularity_speak_against(codes, rate, spread, doubted):
    measured = Measurements(rate, 60_000 / rate, spread, np.zeros(0, np.intp))
    assert bool(rhythm_doubts(codes, measured)) == doubted


def test_what_was_not_measured_is_no_doubt():
    assert rhythm_doubts({"AFIB", "STACH"}, at(None)) == []


def lasting(qrs: float | None = None, pr: float | None = None, qtc: float | None = None) -> Measurements:
    corrected = {} if qtc is None else {"fridericia": qtc, "bazett": qtc + 30}
    return Measurements(70, 857, 10, np.zeros(0, np.intp), qrs=qrs, pr=pr, qt=qtc, qtc=corrected)


@pytest.mark.parametrize(
    ("measured", "codes", "said"),
    [
        (lasting(pr=250), {"NORM"}, "The measured PR of 250 ms"),
        (lasting(pr=250), {"SR", "LVH"}, "PR of 250 ms"),
        (lasting(pr=224), {"NORM"}, ""),
        *((lasting(pr=250), {code}, "") for code in ("1AVB", "LPR", "2AVB", "3AVB", "AFIB", "PACE")),
        (lasting(qrs=140, qtc=490), {"CLBBB"}, ""),
        (lasting(), {"NORM"}, ""),
    ],
)
def test_intervals_that_speak_against_a_draft(measured, codes, said):
    doubts = interval_doubts(codes, measured)
    assert len(doubts) == bool(said) and said in "".join(doubts)


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (lasting(qrs=140), "QRS of 140 ms is too wide for a normal ECG"),
        (lasting(qrs=124), None),  # within the error of the measurement
        (lasting(qtc=490), "QTc (Fridericia) of 490 ms is too long for a normal ECG"),
        (lasting(qtc=470), None),
        (lasting(pr=250), None),
        (lasting(), None),
    ],
)
def test_intervals_that_no_normal_ecg_has(measured, said):
    assert (contradiction("NORM", measured) or "").endswith(said or "") and bool(said) == bool(
        contradiction("NORM", measured)
    )
    assert contradiction("CRBBB", measured) is None


def test_rules_of_intervals_leave_room_for_error_and_name_known_codes():
    for rule in INTERVAL_RULES.values():
        assert rule.least > rule.limit and all(code in VOCABULARY for code in rule.explained or ())


@pytest.mark.parametrize("code", ["1AVB", "LPR"])
def test_a_first_degree_block_needs_a_p_wave_and_a_pr_that_is_not_short(code) -> None:
    def with_pr(pr: float | None, reason: str = "") -> Measurements:
        return Measurements(70, 857, 10, np.zeros(0, np.intp), {"pr": reason} if reason else {}, pr=pr)

    for reason in NO_P_WAVE:
        assert "no P wave" in (contradiction(code, with_pr(None, reason)) or "")
    assert contradiction(code, with_pr(None, "The P wave cannot be told from the T wave before it.")) is None
    assert "150 ms is not long" in (contradiction(code, with_pr(150)) or "")
    assert contradiction(code, with_pr(190)) is None and contradiction(code, with_pr(230)) is None
    assert contradiction("SR", with_pr(None, next(iter(NO_P_WAVE)))) is None


def test_a_rate_of_140_contradicts_bradycardia() -> None:
    assert contradiction("SBRAD", at(140)) == "the measured heart rate of 140 bpm contradicts it"
