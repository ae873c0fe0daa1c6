from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, CollectionError, Patient, Statement, UsageError
from einthoven.reporting import DISCLAIMER, MeasurementEvidence, NeighbourEvidence, report
from einthoven.retrieval import Archive
from einthoven.retrieval.guarantee import Bounds
from einthoven.testing import add_noise, flat, simulate, swap_arms

NORMAL = {"NORM": 0.9, "SR": 0.95}


@pytest.fixture(scope="module")
def ecg() -> ECG:
    return simulate(heart_rate=72, rate=100)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("normal", {"NORM", "SR"}), ("slow", {"SBRAD"}), ("fast", {"STACH"}), ("fibrillation", {"AFIB"})],
)
def test_the_way_from_ecg_to_draft(archive, make_ecg, kind, codes):
    draft = report(make_ecg(3000, kind=kind), archive)
    assert draft.outcome == ("caution" if kind == "fibrillation" else "draft"), draft.reasons  # AFIB is critical
    assert {s.code for s in draft.statements} == codes
    assert draft.k == 25
    for statement in draft.statements:
        carriers = {n.record for n in draft.neighbours if statement.code in n.codes}
        named = [e.record for e in statement.evidence if isinstance(e, NeighbourEvidence)]
        assert named
        assert set(named) <= carriers
        assert statement.votes == len(carriers)
    assert draft.report
    assert draft.archive == {
        "name": "test archive",
        "version": draft.archive["version"],
        "records": 420,
        "calibrated": True,
    }
    assert draft.model["name"] == "stand-in-0"


def test_a_heart_rate_in_range_is_evidence(archive, make_ecg):
    draft = report(make_ecg(3000, kind="slow"), archive)
    (measured,) = [e for e in draft.statements[0].evidence if isinstance(e, MeasurementEvidence)]
    assert (measured.measurement, measured.unit) == ("heart_rate", "bpm")
    assert measured.value == pytest.approx(46, abs=1)
    assert measured.value == draft.measurements.heart_rate


def test_a_clean_answer_is_a_draft(ecg, answering):
    draft = report(ecg, answering(NORMAL))
    assert (draft.outcome, draft.reasons) == ("draft", ())
    assert draft.report == "Sinus rhythm. Normal ECG."
    assert draft.overall == "Normal ECG"


def test_german(ecg, answering):
    draft = report(ecg, answering(NORMAL), language="de")
    assert draft.report == "Sinusrhythmus. Normales EKG."
    assert draft.overall == "Normales EKG"
    assert [s.text for s in draft.statements] == ["Sinusrhythmus", "normales EKG"]
    assert str(draft).endswith("Unbestätigter Entwurf.") and DISCLAIMER in draft.to_dict()["disclaimer"]


def test_a_rate_that_contradicts_leaves_the_statement_out(ecg, answering):
    for code in ("SBRAD", "STACH", "SVTAC", "PSVT"):
        draft = report(ecg, answering({code: 0.9, "LVH": 0.8}))
        assert {s.code for s in draft.statements} == {"LVH"}
        assert draft.outcome == "caution"
        assert any("72 bpm contradicts" in reason for reason in draft.reasons), draft.reasons
        assert code not in str(draft.report)
    assert report(ecg, answering({"SBRAD": 0.9})).outcome == "none"


@pytest.mark.parametrize(("rate", "codes"), [(150, {"NORM"}), (38, {"NORM"})])
def test_a_rate_that_nothing_explains_calls_for_caution(answering, rate, codes):
    draft = report(simulate(heart_rate=rate, rate=100, qt_ms=300, pr_ms=120), answering(dict.fromkeys(codes, 0.9)))
    assert draft.outcome == "caution"
    assert any("explained by no statement" in reason for reason in draft.reasons)


def test_of_two_that_contradict_the_surer_stands(ecg, answering):
    draft = report(ecg, answering({"AFIB": 0.7, "SR": 0.8}))
    assert [s.code for s in draft.statements] == ["SR"]
    assert draft.outcome == "caution"
    assert any("atrial fibrillation" in r and "a critical finding" in r and "contradicts" in r for r in draft.reasons)


def test_a_possible_critical_finding_is_said_and_calls_for_caution(ecg, answering):
    draft = report(ecg, answering({"SR": 0.9, "LNGQT": 0.25, "IRBBB": 0.45}))
    assert {s.code: s.polarity for s in draft.statements} == {"SR": "present", "LNGQT": "possible"}
    assert draft.outcome == "caution"
    assert any(reason.startswith("Possible critical finding:") for reason in draft.reasons)
    assert "Possible" in draft.report
    assert "! critical finding" in str(draft)


def test_a_likely_statement_that_no_neighbour_carries_is_not_drafted(ecg, answering):
    draft = report(ecg, answering({"SR": 0.9, "LVH": 0.9}, [("SR",)] * 25))
    assert [s.code for s in draft.statements] == ["SR"]
    assert any("no similar ECG carries it" in reason for reason in draft.reasons)


def test_no_agreement_is_no_draft(ecg, answering):
    draft = report(ecg, answering({"SR": 0.4, "LVH": 0.3}))
    assert (draft.outcome, draft.statements, draft.report, draft.overall) == ("none", (), "", "")
    assert "The nearest ECGs agree on no statement." in draft.reasons
    assert len(draft.neighbours) == 25
    assert "n0" in str(draft)


def test_too_far_is_no_draft_and_rather_far_is_caution(ecg, answering):
    draft = report(ecg, answering(NORMAL, nearest=0.19))
    assert draft.outcome == "none"
    assert "close enough" in draft.reasons[0]
    assert (draft.statements, len(draft.neighbours)) == ((), 25)
    assert report(ecg, answering(NORMAL, nearest=0.3)).outcome == "caution"
    assert report(ecg, answering(NORMAL, nearest=0.41)).outcome == "draft"


def test_an_archive_without_other_patients_gives_no_draft(ecg, answering):
    draft = report(ecg, answering(NORMAL, []))
    assert (draft.outcome, draft.reasons) == ("none", ("The archive holds no ECG of another patient.",))


def test_an_uncalibrated_or_small_archive_gives_at_most_caution(ecg, answering):
    for archive in (answering(NORMAL, calibrated=False), answering(NORMAL, patients=199)):
        draft = report(ecg, archive)
        assert (draft.outcome, len(draft.reasons)) == ("caution", 1)
    assert report(ecg, answering(NORMAL, patients=200)).outcome == "draft"


def test_other_numbers_of_neighbours_are_not_calibrated(archive, make_ecg):
    draft = report(make_ecg(3000), archive, k=10)
    assert (draft.outcome, draft.k) == ("caution", 10)
    assert any("calibrated for 25 neighbours, not 10" in reason for reason in draft.reasons)
    assert report(make_ecg(3000), archive, k=25).to_dict() == report(make_ecg(3000), archive).to_dict()


def test_missing_leads_and_unknown_gain_call_for_caution(answering):
    some = simulate(rate=100, leads=[lead for lead in LEADS if lead != "V3"])
    draft = report(some, answering(NORMAL))
    assert (draft.outcome, len(draft.reasons)) == ("caution", 1)
    assert "V3" in draft.reasons[0]
    draft = report(simulate(rate=100, calibrated=False), answering(NORMAL))
    assert (draft.outcome, len(draft.reasons)) == ("caution", 1)
    assert "gain" in draft.reasons[0]


def test_flat_leads_count_as_missing_ones(answering):
    assert report(flat(simulate(rate=100), ["V2", "V4"]), answering(NORMAL)).outcome == "caution"
    some = simulate(rate=100, leads=[lead for lead in LEADS if lead != "V6"])
    for ecg in (flat(simulate(rate=100), ["V2", "V4", "V6"]), flat(some, ["V2", "V4"])):
        draft = report(ecg, answering(NORMAL), language="de")
        assert (draft.outcome, draft.statements) == ("none", ())
        assert draft.reasons[0].startswith("3 von 12 Ableitungen fehlen oder sind flach")


@pytest.mark.parametrize(("age", "outcome"), [(5.0, "caution"), (16.0, "draft"), (None, "draft")])
def test_a_child_is_not_drafted_as_an_adult(answering, age, outcome):
    draft = report(simulate(rate=100).described(patient=Patient(age=age)), answering(NORMAL))
    assert (draft.outcome, ["child (age 5)" in reason for reason in draft.reasons]) == (
        outcome,
        [True] if age == 5 else [],
    )


SPOILED = {
    "flat": lambda ecg, seed: flat(ecg),
    "noise alone": lambda ecg, seed: add_noise(flat(ecg), 0.3, seed=seed),
    "walk alone": lambda ecg, seed: add_noise(flat(ecg), 0.5, "random_walk", seed=seed),
    "mains alone": lambda ecg, seed: add_noise(flat(ecg), 0.5, "mains", seed=seed),
    "drowned": lambda ecg, seed: add_noise(ecg, 1.0, seed=seed),
    "arms": lambda ecg, seed: swap_arms(ecg),
    "one lead off": lambda ecg, seed: flat(ecg, ["V4"]),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_bad_recording_never_gives_a_plain_draft(archive, answering, spoil):
    for seed, (heart_rate, rate) in enumerate([(72, 100), (48, 250), (110, 500)]):
        spoiled = SPOILED[spoil](simulate(heart_rate=heart_rate, rate=rate, axis=20 + 20 * seed, seed=seed), seed)
        for one in (archive, answering(NORMAL)):
            draft = report(spoiled, one)
            assert draft.outcome != "draft"
            assert draft.reasons
            if spoil in ("flat", "noise alone", "mains alone", "drowned"):
                assert (draft.outcome, draft.statements, draft.report) == ("none", (), "")


@pytest.mark.parametrize("seconds", [1.0, 2.0, 2.4])
def test_too_short_is_no_draft(archive, seconds):
    draft = report(simulate(seconds=seconds, rate=100), archive)
    assert draft.outcome == "none"
    assert len(draft.reasons) == 1
    assert "2.5 s" in draft.reasons[0]


def test_a_short_recording_is_padded_with_a_notice(archive, make_ecg):
    whole = make_ecg(3000)
    short = ECG(whole.signal[:, :600], 100)
    draft = report(short, archive)
    assert any("6.0 s" in notice for notice in draft.notices)


def test_an_empty_archive_is_an_error(tmp_path, stand_in, ecg):
    with pytest.raises(CollectionError, match="empty"):
        report(ecg, Archive.create(tmp_path / "a", stand_in()))


def test_more_neighbours_than_there_are_is_said(archive, make_ecg):
    for language, said in (("en", "may vote: the archive has no more"), ("de", "Mehr hat das Archiv nicht")):
        draft = report(make_ecg(3000), archive, k=10_000, language=language)
        assert draft.outcome != "draft" and any(said in reason for reason in draft.reasons)


@pytest.mark.parametrize("how", [{"k": 0}, {"k": -3}, {"language": "fr"}])
def test_what_cannot_be_meant_is_refused_whatever_the_ecg(archive, ecg, how):
    for one in (ecg, flat(ecg)):
        with pytest.raises(UsageError):
            report(one, archive, **how)


def test_a_far_ecg_gets_the_nearest_ones_only(archive):
    rng = np.random.default_rng(0)
    upside_down = simulate(rate=100, heart_rate=81, seed=3)
    strange = ECG(-upside_down.signal * rng.uniform(0.2, 3, (12, 1)), 100, patient=Patient("x"))
    draft = report(strange, archive)
    assert draft.outcome != "draft"


def test_nothing_of_a_patient_is_in_the_document(archive, make_ecg):
    draft = report(make_ecg(11), archive)
    said = json.dumps(draft.to_dict()) + str(draft)
    assert "Mustermann" not in said
    assert archive.patient_key("patient-of-5-Mustermann") not in said
    assert "r0011" not in said
    assert "r0010" not in said


def test_what_the_file_states_turns_a_draft_into_one_with_caution(ecg, answering):
    said = ecg.described(statements=(Statement("Sinus rhythm"), Statement("ABNORMAL ECG")))
    draft = report(said, answering(NORMAL))
    assert draft.outcome == "caution" and {s.code for s in draft.statements} == set(NORMAL)
    assert draft.reasons == ("The file's own statements say: 'ABNORMAL ECG'. The draft does not.",)
    assert report(ecg.described(statements=(Statement("Normal ECG"),)), answering(NORMAL)).outcome == "draft"
    assert draft.reasons[0] in str(draft) and draft.to_dict()["reasons"] == list(draft.reasons)


def test_a_wide_qrs_is_no_plain_normal(answering):
    draft = report(simulate(heart_rate=60, qrs_ms=170), answering(NORMAL))
    assert draft.outcome == "caution" and any("too wide for a normal ECG" in reason for reason in draft.reasons)
    assert {s.code for s in draft.statements} == set(NORMAL) - {"NORM"}


def test_the_time_keeps_its_offset(ecg, answering):
    at = datetime.fromisoformat("2021-05-10T13:15:18+02:00")
    draft = report(ecg.described(time=at), answering(NORMAL))
    assert "Recorded 2021-05-10 13:15:18+02:00" in str(draft)
    assert draft.to_dict()["recorded"] == "2021-05-10T13:15:18+02:00"
    bare = report(ecg, answering(NORMAL))
    assert "Recorded" not in str(bare) and bare.to_dict()["recorded"] is None


def test_a_critical_finding_that_is_not_unlikely_enough_calls_for_caution(ecg, answering):
    sure = {"NORM": 0.9, "SR": 0.95, "AFIB": 0.08}
    assert report(ecg, answering(sure)).outcome == "draft"
    assert report(ecg, answering(sure, critical=0.09)).outcome == "draft"
    draft = report(ecg, answering(sure, critical=0.08))
    assert draft.outcome == "caution"
    assert [s.code for s in draft.statements] == ["SR", "NORM"]
    (reason,) = draft.reasons
    assert "atrial fibrillation (8.0%; below 8.0%" in reason and "to 2%" in reason


def test_what_the_calibration_cannot_promise_calls_for_caution(ecg, answering):
    draft = report(ecg, answering({"NORM": 0.9, "SR": 0.95}, critical=None))
    assert draft.outcome == "caution" and "too few patients" in draft.reasons[0]
    uncalibrated = report(ecg, answering({"NORM": 0.9, "SR": 0.95}, critical=None, calibrated=False))
    assert len(uncalibrated.reasons) == 1 and "not calibrated" in uncalibrated.reasons[0]


def test_a_stated_critical_finding_says_it_all(ecg, answering):
    draft = report(ecg, answering({"SR": 0.95, "LNGQT": 0.3, "WPW": 0.15}, critical=0.1))
    assert [reason for reason in draft.reasons if "ruled out" in reason] == []
    assert any(reason.startswith("Possible critical finding") for reason in draft.reasons)


def test_each_statement_says_whether_its_false_calls_are_held(ecg, answering):
    bounds = {"SR": Bounds(0.7, 0.2, 90), "IRBBB": Bounds(0.95, 0.2, 40), "LAFB": Bounds(None, None, 3)}
    draft = report(ecg, answering({"SR": 0.9, "IRBBB": 0.8, "LAFB": 0.6, "LNGQT": 0.3}, bounds=bounds))
    assert {s.code: s.guarantee for s in draft.statements} == {
        "SR": "kept",
        "IRBBB": "open",
        "LAFB": "none",
        "LNGQT": None,
    }
    assert "90%, within the guaranteed level of false calls" in str(draft)
    assert "no guarantee: too few patients" in str(draft)
    bare = report(ecg, answering({"SR": 0.9}, bounds=bounds, calibrated=False))
    assert [s.guarantee for s in bare.statements] == [None]


def test_a_nearest_ecg_of_which_nothing_is_said_gives_no_draft(ecg, make_ecg, stand_in, tmp_path):
    silent = Archive.create(tmp_path / "silent", stand_in())
    silent.add((f"r{n}", make_ecg(n).described(statements=())) for n in range(4))
    draft = report(ecg, silent, method="nearest")
    assert (draft.outcome, draft.report, draft.statements, draft.quoted) == ("none", "", (), None)
    assert draft.reasons[0].startswith("The nearest ECG has no report and no coded statement") and draft.neighbours
