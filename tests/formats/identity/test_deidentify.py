"""Who it was is gone, what the heart did is not; nothing can be undone without the secret."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import einthoven
from einthoven.ecg import ECG, Notice, Patient, Statement, UsageError
from einthoven.formats.identity import pseudonym
from einthoven.formats.identity.pseudonym import shift_of
from einthoven.retrieval.settings import KEY, patient_key
from einthoven.testing import simulate

SECRET = b"sixteen bytes, or more"
TIME = datetime(2020, 2, 29, 23, 59, 58, 123_456)


@pytest.fixture(scope="module")
def ecg() -> ECG:
    whole = simulate(rate=250, seconds=2)
    kept = whole.signal[[0, 1, 6, 7]].copy()
    kept[2, 5:9] = np.nan
    return ECG(
        kept,
        250,
        ["I", "II", "V1", "V2"],
        patient=Patient("MRN 4711", 93.0, "male"),
        time=TIME,
        device="Bedside of John Doe",
        statements=[
            Statement("Dear John, all is well"),
            Statement("Sinus rhythm of John", "SR", "SCP", 100.0),
            Statement("text", "426783006", "SNOMED"),
            Statement("text", "MDC_ECG_RHY_SINUS_RHY", "MDC"),
            Statement("text", "JOHN DOE", "SCP"),
            Statement("text", "1234567", "SNOMED"),
            Statement("text", "MDC_JOHN", "MDC"),
            Statement("text", "SR", "Philips"),
        ],
        notices=[Notice("other-record-name", "The header calls the record 'John Doe'.")],
        format="MUSE XML",
        measured={"heart_rate": 61.0},
    )


def test_what_goes_and_what_stays(ecg: ECG) -> None:
    bare = einthoven.deidentify(ecg, SECRET)
    assert np.array_equal(bare.signal, ecg.signal, equal_nan=True)
    assert (bare.rate, bare.derived, bare.missing, bare.calibrated) == (ecg.rate, ecg.derived, ecg.missing, True)
    assert bare.measured == ecg.measured and bare.format == "MUSE XML" and bare.device is None
    assert bare.patient.age == 90 and bare.patient.sex == "male"
    assert bare.statements == (
        Statement(code="SR", system="SCP", likelihood=100.0),
        Statement(code="426783006", system="SNOMED"),
        Statement(code="MDC_ECG_RHY_SINUS_RHY", system="MDC"),
    )
    words = repr(bare.patient) + repr(bare.statements) + " ".join(map(str, bare.notices)) + repr(bare.time)
    assert not any(part in words for part in ("John", "JOHN", "4711", "2020", "93", "1234567"))
    kinds = [notice.kind for notice in bare.notices]
    assert kinds == ["deidentified", "derived-leads", "missing-leads", "invalid-samples"]
    assert "5 of 8 statements" in str(bare.notices[0])


def test_the_id_is_a_keyed_hash(ecg: ECG, tmp_path) -> None:
    expected = hmac.new(SECRET, b"MRN 4711", hashlib.sha256).hexdigest()[:24]
    assert einthoven.deidentify(ecg, SECRET).patient.id == expected == pseudonym(SECRET, "MRN 4711")
    assert einthoven.deidentify(ecg, SECRET + b"!").patient.id != expected
    # An archive with the same key calls the patient the same.
    (tmp_path / KEY).write_text("ab" * 32)
    assert einthoven.deidentify(ecg, "ab" * 32).patient.id == patient_key(tmp_path, "MRN 4711")


@settings(max_examples=30, deadline=None)
@given(
    st.text(min_size=1, max_size=20),
    st.datetimes(datetime(1910, 1, 1)),
    st.datetimes(datetime(1910, 1, 1)),
    st.binary(min_size=16, max_size=40).filter(lambda secret: len(secret.strip()) >= 16),
)
def test_intervals_of_one_patient_stay(ecg: ECG, patient: str, one: datetime, two: datetime, secret: bytes) -> None:
    def told(time: datetime) -> datetime:
        return einthoven.deidentify(ecg.described(patient=Patient(patient), time=time), secret).time

    assert told(two) - told(one) == two - one
    shift = one - told(one)
    assert shift.days == shift / timedelta(days=1) and 1 <= shift.days <= 3652


def test_shifts_fill_their_range_and_differ() -> None:
    days = [shift_of(SECRET, f"patient {n}").days for n in range(4000)]
    assert min(days) < 10 and max(days) > 3640 and len(set(days)) > 2000
    assert shift_of(SECRET, "a") != shift_of(SECRET + b"!", "a")
    # The shift is no part of the pseudonym: it comes from another key.
    assert 1 + int(hmac.new(SECRET, b"a", hashlib.sha256).hexdigest(), 16) % 3652 != shift_of(SECRET, "a").days


def test_a_time_without_an_id_is_dropped(ecg: ECG) -> None:
    bare = einthoven.deidentify(ecg.described(patient=Patient()), SECRET)
    assert bare.time is None and bare.patient.id is None and "time is dropped" in str(bare.notices[0])
    assert einthoven.deidentify(ecg.described(time=datetime(1, 1, 1)), SECRET).time is None


@pytest.mark.parametrize(
    ("age", "told"), [(0.02, 0.02), (50.0, 50.0), (89.0, 89.0), (89.9, 90.0), (90.0, 90.0), (300.0, 90.0), (None, None)]
)
def test_ages(ecg: ECG, age: float | None, told: float | None) -> None:
    assert einthoven.deidentify(ecg.described(patient=Patient(age=age)), SECRET).patient.age == told


def test_a_sex_that_is_a_name(ecg: ECG) -> None:
    assert einthoven.deidentify(ecg.described(patient=Patient(sex="John")), SECRET).patient.sex is None


def test_an_ecg_that_says_nothing(ecg: ECG) -> None:
    bare = einthoven.deidentify(ECG(ecg.signal[:2], 250, ["I", "II"], calibrated=False), SECRET)
    assert not bare.calibrated and "there were none" in str(bare.notices[0])


@pytest.mark.parametrize("secret", [b"", "", "short", b" " * 40])
def test_secrets_that_could_be_guessed(ecg: ECG, secret) -> None:
    with pytest.raises(UsageError, match="could be guessed"):
        einthoven.deidentify(ecg, secret)


@pytest.mark.parametrize("code", ["MDC_ECG_JOHNSON_PETER_19500312", "MDC_ECG_RHY_JOHNSON", "MDC_ECG_RHY_19500312"])
def test_a_name_in_the_form_of_a_code_goes(code):
    ecg = ECG(
        simulate().signal,
        rate=500,
        statements=[Statement("", code, "MDC"), Statement("", "MDC_ECG_RHY_ATR_FIB", "MDC")],
    )
    assert [s.code for s in einthoven.deidentify(ecg, "s" * 32).statements] == ["MDC_ECG_RHY_ATR_FIB"]
