"""Scaling, sign and padding of DICOM samples."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import LEADS, FormatError
from einthoven.formats import read


def _kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


@pytest.mark.parametrize(
    ("stored", "interpretation"),
    [("i1", "SB"), ("u1", "UB"), ("<i2", "SS"), ("<u2", "US"), ("<i4", "SL"), ("<u4", "UL")],
)
def test_sample_types(write_dicom, heart, stored: str, interpretation: str) -> None:
    raw = heart(amplitude=15)
    zero = 0 if "i" in stored else 100
    path = write_dicom(raw=raw + zero, stored=stored, interpretation=interpretation, baseline=-2.5 * zero)
    np.testing.assert_allclose(read(path).signal, raw.T * 2.5e-3, atol=1e-7)


@pytest.mark.parametrize("interpretation", ["MB", "AB", "SV"])
def test_other_types_are_refused(write_dicom, interpretation: str) -> None:
    with pytest.raises(FormatError, match=interpretation):
        read(write_dicom(interpretation=interpretation))


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1e-3), ("mV", 1.0), ("V", 1e3)])
def test_sensitivity_correction_and_baseline(write_dicom, heart, unit: str, factor: float) -> None:
    ecg = read(write_dicom(sensitivity=0.25, correction=1.5, baseline=-3, unit=unit))
    np.testing.assert_allclose(ecg.signal, (heart().T * 0.25 * 1.5 - 3) * factor, rtol=1e-6)


@pytest.mark.parametrize("definition", [{"sensitivity": None}, {"sensitivity": 0}, {"unit": None}, {"unit": "mm[Hg]"}])
def test_without_sensitivity_nothing_is_in_millivolt(write_dicom, heart, definition) -> None:
    ecg = read(write_dicom(**definition))
    assert not ecg.calibrated and _kinds(ecg) == ["no-gain", "uncalibrated"]
    assert np.array_equal(ecg.signal, heart().T)


def test_one_lead_without_sensitivity(write_dicom, heart, dicom_channel) -> None:
    channels = [dicom_channel(lead, sensitivity=None if lead == "V6" else 2.5) for lead in LEADS]
    ecg = read(write_dicom(channels=channels))
    assert not ecg.calibrated and "V6" in str(ecg.notices[0]) and np.array_equal(ecg.signal, heart().T)


@pytest.mark.parametrize("extended", [True, False])
def test_twelve_bits_in_sixteen(write_dicom, heart, extended: bool) -> None:
    raw = heart()
    ecg = read(write_dicom(raw=raw if extended else raw & 0xFFF, bits_stored=12))
    np.testing.assert_allclose(ecg.signal, raw.T * 2.5e-3, rtol=1e-6)
    assert not ecg.notices


def test_more_bits_than_stated_are_kept_and_told(write_dicom, heart) -> None:
    raw = heart(amplitude=20000)
    ecg = read(write_dicom(raw=raw, bits_stored=12))
    np.testing.assert_allclose(ecg.signal, raw.T * 2.5e-3, rtol=1e-6)
    assert _kinds(ecg) == ["bits-stored"]


def test_padding_at_the_limit_of_the_type(write_dicom, heart) -> None:
    raw = heart()
    raw[100:150, 2] = -32768
    ecg = read(write_dicom(raw=raw, padding=b"\x00\x80"))
    assert np.isnan(ecg.signal[2, 100:150]).all() and np.isnan(ecg.signal).sum() == 50


def test_padding_of_zero_does_not_eat_the_zero_line(write_dicom, heart) -> None:
    raw = heart()
    raw[300:310, 6] = 0  # real samples of one lead
    raw[900:] = 0  # the recording stopped
    raw[:, 11] = 0  # a lead that was not attached
    ecg = read(write_dicom(raw=raw, padding=b"\x00\x00"))
    assert np.isnan(ecg.signal[:, 900:]).all() and ecg.missing == ("V6",)
    assert not np.isnan(ecg.signal[:11, :900]).any()


def test_skew_and_lead_conflicts_are_told(write_dicom, dicom_channel) -> None:
    channels = [dicom_channel(lead, meaning="Lead III" if lead == "V1" else None) for lead in LEADS]
    channels[0].ChannelSampleSkew = "0.5"
    assert _kinds(read(write_dicom(channels=channels))) == ["skew", "lead-names"]
