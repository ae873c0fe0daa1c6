from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from einthoven.collection import Row
from einthoven.ecg import ECG, CollectionError, Patient, Statement
from einthoven.metrics import expected_calibration_error
from einthoven.retrieval import FEWEST_PATIENTS, NEIGHBOURS, Archive, scp_codes


def test_it_asks_the_archive_itself_without_each_patient(calibrated, make_ecg, stand_in):
    found = calibrated.calibration
    assert (found.k, found.queries, found.patients) == (NEIGHBOURS, 420, 210)
    assert found.source == "its own, leave one patient out"
    z = stand_in().embed([make_ecg(n) for n in range(420)])
    near = z @ z.T
    patient = np.arange(420) // 2
    near[patient[:, None] == patient] = -np.inf
    assert found.far == pytest.approx(np.quantile(near.max(1), 0.01), abs=2e-3)
    assert found.distant == pytest.approx(np.quantile(near.max(1), 0.05), abs=2e-3)


def test_it_is_kept_in_the_folder(calibrated, stand_in):
    assert Archive.open(calibrated.path, stand_in()).calibration == calibrated.calibration
    json.loads((calibrated.path / "archive.json").read_text())


def test_confidence_means_what_it_says_on_ecgs_not_seen(read_only, make_ecg):
    new = [make_ecg(n) for n in range(1000, 1120)]
    found = [read_only.evidence(ecg) for ecg in new]
    codes = found[0].codes
    truth = np.array([[code in {s.code for s in ecg.statements} for code in codes] for ecg in new])
    confidence = np.array([one.confidence for one in found])
    assert expected_calibration_error(truth.ravel(), confidence.ravel()) < 0.05


def test_other_ecgs_can_be_asked(filled, make_ecg):
    rows = [Row.from_ecg(make_ecg(n), f"q{n}", "made up") for n in range(2000, 2400)]
    rows += [Row.from_ecg(make_ecg(9000).described(statements=()), "nothing stated", "made up")]
    rows += [Row.from_ecg(make_ecg(9002), "no signal", "made up", keep_signal=False)]
    found = filled.calibrate(rows, source="the second hospital")
    assert (found.queries, found.patients, found.source) == (400, 200, "the second hospital")


def test_an_asked_ecgs_own_patient_does_not_answer(filled, make_ecg):
    """The archive's own ECGs given as if they were others: the same limits come out."""
    rows = [Row.from_ecg(make_ecg(n), f"q{n}", "made up") for n in range(420)]
    other, own = filled.calibrate(rows), filled.calibrate()
    assert other.far == pytest.approx(own.far, abs=1e-4)
    assert other.weights["*"] == pytest.approx(own.weights["*"], abs=0.05)


@pytest.mark.parametrize("change", ["add", "remove", "purge"])
def test_a_change_outdates_it(calibrated, make_ecg, stand_in, change):
    if change == "add":
        calibrated.add([("new", make_ecg(900))])
    else:
        calibrated.remove(["r0001"], purge=change == "purge")
    for one in (calibrated, Archive.open(calibrated.path, stand_in())):
        assert one.calibration is None
        info = one.info()
        assert (info["calibrated"], info["calibration"], info["calibration_outdated"]) == (False, None, True)
        assert not one.evidence(make_ecg(901)).calibrated
    assert calibrated.calibrate().version == calibrated.collection.version
    assert calibrated.info()["calibrated"]


def test_adding_nothing_new_does_not_outdate_it(calibrated, make_ecg):
    assert calibrated.add([("again", make_ecg(5))]) == 0
    assert calibrated.calibration is not None


def test_fewer_than_200_patients_are_too_few(small, make_ecg):
    made = small(0)
    made.add((f"r{n}", make_ecg(n)) for n in range(2 * FEWEST_PATIENTS - 2))
    with pytest.raises(CollectionError, match=f"{FEWEST_PATIENTS - 1} patients") as caught:
        made.calibrate()
    assert caught.value.mend
    assert made.calibration is None
    made.add([("one more", make_ecg(2000))])
    assert made.calibrate().patients == FEWEST_PATIENTS


def test_too_few_asked_patients_are_refused(filled, make_ecg):
    rows = [Row.from_ecg(make_ecg(n), f"q{n}", "made up") for n in range(2000, 2398)]
    with pytest.raises(CollectionError, match="ECGs of 199"):
        filled.calibrate(rows)
    with pytest.raises(CollectionError):
        filled.calibrate([])


def test_an_archive_without_signals_cannot_ask_itself(small, make_ecg):
    made = small(0)
    made.add(((f"r{n}", make_ecg(n)) for n in range(420)), keep_signal=False)
    with pytest.raises(CollectionError, match="ECGs of 0 with signal"):
        made.calibrate()


def test_asked_patients_may_be_those_of_the_archive(small, make_ecg):
    made = small(0)
    kept = [make_ecg(2 * n, patient=f"p{n}") for n in range(FEWEST_PATIENTS)]
    made.add((f"a{n}", ecg) for n, ecg in enumerate(kept))
    rows = [Row.from_ecg(make_ecg(2 * n + 1, patient=f"p{n}"), f"q{n}", "made up") for n in range(FEWEST_PATIENTS)]
    assert made.calibrate(rows).queries == FEWEST_PATIENTS


def test_damage_is_named_when_it_is_used(calibrated, make_ecg, stand_in):
    file = calibrated.path / "archive.json"
    settings = json.loads(file.read_text())
    del settings["calibration"]["weights"]["*"]
    file.write_text(json.dumps(settings))
    opened = Archive.open(calibrated.path, stand_in())
    with pytest.raises(CollectionError, match="calibration"):
        opened.evidence(make_ecg(0))
    assert opened.calibrate().queries == 420  # which is the mend it names


def test_a_patients_other_ecg_never_answers(small):
    """Two nearly equal ECGs a patient, all patients unlike each other: a leak would show as a similarity of 1."""
    made, rng, pairs = small(0), np.random.default_rng(0), []
    for n in range(FEWEST_PATIENTS):
        signal = rng.normal(0, 0.3, (12, 1000))
        how = {"rate": 100, "patient": Patient(f"p{n}"), "statements": [Statement(code="SR", system="SCP")]}
        pairs += [(f"a{n}", ECG(signal, **how)), (f"b{n}", ECG(1.01 * signal, **how))]
    made.add(pairs)
    asked = [replace(row, patient=None, sha256="unknown") for row in made.collection.rows()]
    assert made.calibrate(asked).far > 0.99  # what a leak looks like
    assert made.calibrate().distant < 0.9


def test_scp_codes_come_once(make_ecg):
    statements = (Statement(code="AFIB"), Statement(code="164889003", system="SNOMED"), Statement(text="AFIB"))
    assert scp_codes(Row.from_ecg(make_ecg(0).described(statements=statements), "r", "s")) == ("AFIB",)
