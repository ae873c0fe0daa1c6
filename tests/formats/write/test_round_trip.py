"""What is written reads back: exact to one step, the same gaps, rate, leads and words, in every format."""

from __future__ import annotations

import tempfile
from datetime import timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import ECG, LEADS, SignalError, derive_limb_leads
from einthoven.formats import deidentify, read, write
from einthoven.formats.write.encoded import stored_leads

SUFFIXES = {"wfdb": ".hea", "dicom": ".dcm", "aecg": ".xml", "csv": ".csv"}
FORMATS = tuple(SUFFIXES)


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def through(ecg: ECG, folder: Path, form: str):
    written = write(ecg, folder / f"r{SUFFIXES[form]}", overwrite=True)
    return read(written.paths[0]), written


@st.composite
def ecgs(draw, form: str) -> ECG:
    usual = st.sampled_from([100.0, 250.0, 257.0, 360.0, 400.0, 500.0, 1000.0, 1000 / 3])
    low, high = (200, 1000) if form == "dicom" else (50, 20_000)
    rate = draw((usual | st.floats(low, high)).filter(lambda rate: low <= rate <= high))
    leads = draw(st.lists(st.sampled_from(LEADS), min_size=1, max_size=12, unique=True))
    samples = draw(st.integers(2, 120))
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    amplitude = 10 ** draw(st.floats(-3, 2.5))
    rows = (noise.normal(0, amplitude, (len(leads), samples)) + draw(st.floats(-50, 50))).astype(np.float32)
    if form != "aecg" and draw(st.booleans()):
        rows[noise.random(rows.shape) < draw(st.floats(0, 0.9))] = np.nan
        rows[:, 0] = 0.25
    return ECG(rows, rate, leads)


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_exact_to_one_step(folder: Path, form: str, data) -> None:
    ecg = data.draw(ecgs(form))
    again, written = through(ecg, folder, form)
    assert again.rate == pytest.approx(ecg.rate, rel=1e-6 if form == "aecg" else 1e-12) and again.samples == ecg.samples
    assert (again.derived, again.missing) == (ecg.derived, ecg.missing)
    assert written.encoded.leads == stored_leads(ecg) == stored_leads(again)
    assert np.array_equal(np.isnan(again.signal), np.isnan(ecg.signal))
    for lead in ecg.leads:
        if lead in ecg.missing:
            continue
        step = written.encoded.steps.get(lead, 1.5 * max(written.encoded.steps.values()))
        off = np.nan_to_num(np.abs(again.lead(lead).astype(float) - ecg.lead(lead)))
        assert off.max() <= step / 1000 + 1e-6 * np.nanmax(np.abs(ecg.signal))
        coarse = any(lead in notice.text for notice in written.notices if notice.kind == "coarse-step")
        assert step <= 1 or coarse or lead in ecg.derived or off.max() < step / 5000


@pytest.mark.parametrize("form", FORMATS)
def test_limb_leads_keep_fitting_together(folder: Path, form: str, full: ECG) -> None:
    """Each of three rounded leads is off by half a step at most, so the identities by less than two."""
    rows = {lead: full.lead(lead) * np.float32(1.2345) for lead in ("I", "II")}
    rows |= derive_limb_leads(rows)
    again, written = through(ECG(list(rows.values()), 500, list(rows)), folder, form)
    assert set(written.encoded.leads) == set(rows)
    one, two, three, right, left, foot = again.signal[:6].astype(float) * 1000
    for residual in (three - (two - one), right + (one + two) / 2, left - (one - two / 2), foot - (two - one / 2)):
        assert np.abs(residual).max() <= 2 * max(written.encoded.steps.values()) + 1e-4  # of float32


@pytest.mark.parametrize("gain", [1000.0, 200.0, 400.0, 204.8, 1000 / 4.88, 2000.0, 500.0])
@pytest.mark.parametrize("form", FORMATS)
def test_samples_of_16_bits_come_back_bit_for_bit(folder: Path, write_record, heart, form: str, gain: float) -> None:
    raw = heart(2000, amplitude=900)
    ecg = read(write_record(raw=raw, gain=f"{gain!r}/mV"))
    again, written = through(ecg, folder, form)
    np.testing.assert_allclose(again.signal, ecg.signal, rtol=3e-7)
    if form == "wfdb" and gain not in {200.0, 500.0}:  # whole microvolts, several to a step, are written as such
        data = np.frombuffer(written.paths[1].read_bytes(), "<i2").reshape(raw.shape)
        assert np.array_equal(data, raw)


@pytest.mark.parametrize("form", FORMATS)
def test_real_ecgs(folder: Path, real_files: list[Path], form: str) -> None:
    for path in real_files:
        ecg = read(path)
        if form == "dicom" and ecg.rate < 200:
            continue
        again, _ = through(ecg, folder, form)
        assert (again.rate, again.leads, again.derived, again.missing) == (
            ecg.rate,
            ecg.leads,
            ecg.derived,
            ecg.missing,
        )
        np.testing.assert_allclose(
            again.signal, ecg.signal, rtol=0, atol=1e-6 * np.nanmax(np.abs(ecg.signal)), err_msg=path.name
        )
        assert (again.patient, again.time, again.device) == (ecg.patient, ecg.time, ecg.device), path.name
        assert again.statements == ecg.statements or form in {"aecg", "csv"}, path.name


def test_words(folder: Path, full: ECG) -> None:
    for form in FORMATS:
        again, written = through(full, folder, form)
        assert (again.patient, again.time, again.device) == (full.patient, full.time, full.device)
        if form == "csv":
            assert not again.statements and "statements" in str(written.notices[0])
            continue
        assert {s.text or s.code for s in again.statements} == {s.text or s.code for s in full.statements}
        notice = next(str(notice) for notice in written.notices)
        if form == "wfdb":
            assert set(again.statements) == set(full.statements) and "measurements" in notice
        elif form == "dicom":
            codes = [(s.code, s.system, s.text) for s in full.statements]
            assert [(s.code, s.system, s.text) for s in again.statements] == codes
        if form in {"dicom", "aecg"}:
            assert again.measured == {k: v for k, v in full.measured.items() if k != "qtc_hodges"}
            assert "likelihoods" in notice and "qtc hodges" in notice


def test_offsets_from_utc(folder: Path, full: ECG) -> None:
    ecg = full.described(time=full.time.replace(tzinfo=timezone(timedelta(hours=-5))))
    for form in FORMATS:
        again, written = through(ecg, folder, form)
        kept = form != "wfdb"  # which has no place for one, and says so
        assert again.time.isoformat() == (ecg if kept else full).time.isoformat()
        assert ("offset from UTC" in " ".join(map(str, written.notices))) != kept
    assert deidentify(ecg, 16 * "s").time.tzinfo is None  # it tells of the place


@pytest.mark.parametrize("form", ["wfdb", "dicom", "csv"])
def test_gaps(folder: Path, full: ECG, gappy, form: str) -> None:
    ecg = gappy(full)
    again, _ = through(ecg, folder, form)
    assert np.array_equal(np.isnan(again.signal), np.isnan(ecg.signal)) and np.isnan(again.signal).sum() == 12


def test_aecg_has_no_value_for_a_gap(folder: Path, full: ECG, gappy) -> None:
    with pytest.raises(SignalError, match=r"gaps in I, V5\."):
        write(gappy(full), folder / "gap.xml")
    assert not (folder / "gap.xml").exists()


@pytest.mark.parametrize("step", [2.5, 1.25, 0.5, 4.88])
def test_the_same_ecg_in_every_format_is_one(tmp_path: Path, step: float) -> None:
    """In an archive it is a duplicate, though its steps lie between the microvolts of the hash."""
    raw = np.random.default_rng(0).integers(-900, 900, (12, 500))
    ecg = ECG((raw * (step / 1000)).astype(np.float32), 500, LEADS)
    for name in ("e.hea", "e.dcm", "e.csv", "e.xml"):
        write(ecg, tmp_path / name)
        again = read(tmp_path / name)
        assert again.sha256 == ecg.sha256 and np.array_equal(again.signal, ecg.signal), name
