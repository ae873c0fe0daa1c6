"""ECGs and errors come back from bytes as they went in, and other bytes are an error, never an exception."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import ECG, LEADS, HostileFileError, Notice, Patient, Statement, TruncatedError, errors
from einthoven.ingest.wire import Reading, from_bytes, to_bytes
from einthoven.quality import Finding

TEXT = st.text(max_size=20)


@st.composite
def ecgs(draw) -> ECG:
    leads = draw(st.lists(st.sampled_from(LEADS), min_size=1, max_size=12, unique=True))
    samples = draw(st.integers(1, 40))
    signal = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(len(leads), samples)).astype(np.float32)
    if draw(st.booleans()) and samples > 1:
        signal[0, 0] = np.nan
    return ECG(
        signal,
        draw(st.floats(50, 20_000)),
        leads,
        draw(st.booleans()),
        patient=Patient(draw(st.none() | TEXT), draw(st.none() | st.floats(0, 120)), draw(st.none() | TEXT)),
        time=draw(st.none() | st.datetimes() | st.just(datetime(2020, 1, 2, tzinfo=UTC))),
        device=draw(st.none() | TEXT),
        statements=[Statement(draw(TEXT), "NORM", "SCP", 50.0)],
        notices=[Notice("age", draw(TEXT))],
        format=draw(TEXT),
        measured={"qrs": draw(st.floats(allow_nan=False, allow_infinity=False))},
        accession=draw(st.none() | TEXT),
    )


@settings(max_examples=60, deadline=None)
@given(ecg=ecgs())
def test_there_and_back(ecg: ECG) -> None:
    found = from_bytes(to_bytes(Reading(ecg, seconds=0.5, memory=7)))
    assert found.ecg is not None and (found.seconds, found.memory) == (0.5, 7)
    np.testing.assert_array_equal(found.ecg.signal, ecg.signal)
    for name in set(ecg.__dataclass_fields__) - {"signal"}:
        assert getattr(found.ecg, name) == getattr(ecg, name), name


def test_findings_travel_with_their_ecg() -> None:
    ecg = ECG(np.ones((12, 5), np.float32), 500)
    found = (Finding("flat", (), "The recording is flat.", "refuse"), Finding("noise", ("V1", "V2"), "Noise."))
    for some in (found, (), None):
        assert from_bytes(to_bytes(Reading(ecg, findings=some))).findings == some
    odd = to_bytes(Reading(ecg, findings=found)).replace(b'"refuse"', b'"refute"')
    assert isinstance(from_bytes(odd).error, HostileFileError)


def test_every_kind_of_error() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    for kind in set(kinds) - {HostileFileError}:
        back = from_bytes(to_bytes(Reading(error=kind("what", "mend")))).error
        assert type(back) is kind and (back.message, back.mend) == ("what", "mend")
    for cause in HostileFileError.SAID:
        back = from_bytes(to_bytes(Reading(error=HostileFileError(cause, "why")))).error
        assert isinstance(back, HostileFileError) and (back.cause, back.detail) == (cause, "why")


@settings(max_examples=120, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), new=st.binary(max_size=4), cut=st.none() | st.floats(0, 1))
def test_an_answer_that_was_tampered_with(where: float, new: bytes, cut: float | None) -> None:
    data = bytearray(to_bytes(Reading(ECG(np.ones((12, 5), np.float32), 500))))
    place = int(where * len(data))
    data[place : place + len(new)] = new
    found = from_bytes(bytes(data[: None if cut is None else int(cut * len(data))]))
    assert (found.ecg is None) != (found.error is None)


@pytest.mark.parametrize("data", [b"", b"\xff\xff\xff\xff", b"\2\0\0\0{}", b"\4\0\0\0null", b"\x00\x00\x00\x00"])
def test_no_answer(data: bytes) -> None:
    assert isinstance(from_bytes(data).error, HostileFileError)
    assert not isinstance(from_bytes(data).error, TruncatedError)
