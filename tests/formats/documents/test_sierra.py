"""The traps of Philips Sierra XML and its compression."""

from __future__ import annotations

import base64
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import LEADS, FormatError, SignalError, TruncatedError, UnsafeFileError
from einthoven.formats import read
from einthoven.formats.sierra_xli import decode


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices if notice.kind != "encoding"]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    samples=st.integers(3, 700),
    size=st.sampled_from([1, 30, 3000]),
    leads=st.sampled_from([LEADS, ("I", "II"), ("V1", "V2", "V3")]),
)
def test_compression_comes_back_exactly(xli_coder, seed: int, samples: int, size: int, leads) -> None:
    noise = np.random.default_rng(seed)
    table = np.cumsum(noise.integers(-size, size + 1, (len(leads), samples)), axis=1) // (1 + samples // 9)
    table = np.clip(table, -8000, 8000)
    found = decode(xli_coder(table), leads, samples)
    np.testing.assert_array_equal(np.stack(found), table)


@pytest.mark.parametrize("version", ["1.03", "1.04", "1.04.01", "1.04.02"])
def test_versions(put, sierra, version: str) -> None:
    assert read(put(sierra(version=version))).rate == 500


@pytest.mark.parametrize("version", ["", "1.02", "2.0"])
def test_versions_that_are_not_read(put, sierra, version: str) -> None:
    with pytest.raises(FormatError, match="version"):
        read(put(sierra(version=version)))


def test_the_words_of_version_1_03(put, sierra, raw) -> None:
    text = sierra(version="1.03").replace('compression="XLI"', 'compressflag="True" compressmethod="XLI"')
    for attribute in (' resolution="5"', ' samplespersecond="500"', ' numberofleads="12"'):
        text = text.replace(attribute, "")
    text = text.replace(f' leadlabels="{" ".join(LEADS)}"', "").replace("acquisitiontype", "leadset")
    text = text.replace("<resolution>5</resolution>", "<signalresolution>5</signalresolution>")
    ecg = read(put(text))
    np.testing.assert_allclose(ecg.signal, raw * 0.005, atol=1e-6)
    assert ecg.calibrated and not kinds(ecg)


def test_uncompressed_limb_leads_are_not_rebuilt(put, sierra, raw) -> None:
    for text in (
        sierra(packing=""),
        sierra(packing="").replace(
            'dataencoding="Base64"', 'dataencoding="Base64" compressflag="False" compression="XLI"'
        ),
    ):
        np.testing.assert_allclose(read(put(text)).signal, raw * 0.005, atol=1e-6)


def test_unsigned_samples_with_an_offset(put, sierra, raw) -> None:
    text = sierra(raw + 2**15, "", version="1.04").replace("<signalsigned>True", "<signalsigned>False")
    text = text.replace('signaloffset="0"', 'signaloffset="32768"')
    np.testing.assert_allclose(read(put(text)).signal, raw * 0.005, atol=1e-6)


def test_leads_without_names(put, sierra) -> None:
    labels = f'leadlabels="{" ".join(LEADS)}"'
    text = sierra(packing="").replace(labels, "")
    assert not read(put(text)).missing
    with pytest.raises(FormatError, match="does not name"):
        read(put(text.replace("STD-12", "SPECIAL")))


def test_compressed_limb_leads_in_another_order(put, sierra) -> None:
    with pytest.raises(FormatError, match="order"):
        read(put(sierra(leads=("II", "I", *LEADS[2:]))))


def test_right_sided_leads_behind_the_twelve(put, sierra, raw) -> None:
    ecg = read(put(sierra(np.vstack([raw, raw[:1]]), leads=(*LEADS, "V4R"))))
    assert kinds(ecg) == ["other-channels"] and not ecg.missing


@pytest.mark.parametrize("duration", ["0", "-600", "nan", "1e15", "99999999999999", "3600001", ""])
def test_lengths_of_no_ecg(put, sierra, duration: str) -> None:
    for packing in ("XLI", "", "Plain"):
        with pytest.raises((FormatError, SignalError)):
            read(put(sierra(packing=packing).replace('durationperchannel="600"', f'durationperchannel="{duration}"')))


@pytest.mark.parametrize("packing", ["XLI", "", "Plain"])
def test_fewer_samples_than_promised(put, sierra, packing: str) -> None:
    with pytest.raises(TruncatedError):
        read(put(sierra(packing=packing).replace('durationperchannel="600"', 'durationperchannel="620"')))


def test_more_samples_than_promised(put, sierra) -> None:
    ecg = read(put(sierra(packing="Plain").replace('durationperchannel="600"', 'durationperchannel="500"')))
    assert ecg.samples == 250 and "longer-data" in kinds(ecg)


def test_a_chunk_that_expands_without_end() -> None:
    codes = [0, *range(256, 1023)] + [1022] * 40_000
    bits = "".join(f"{code:010b}" for code in codes)
    chunk = int(bits + "0" * (-len(bits) % 8), 2).to_bytes((len(bits) + 7) // 8, "big")
    bomb = struct.pack("<iHh", len(chunk), 0, 0) + chunk
    with pytest.raises(UnsafeFileError, match="expands"):
        decode(bomb, ("V1",), 5000)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", TruncatedError),
        (b"\x05", TruncatedError),
        (struct.pack("<iHh", -1, 0, 0), TruncatedError),
        (struct.pack("<iHh", 2**31 - 1, 0, 0) + b"\0" * 9, TruncatedError),
        (struct.pack("<iHh", 2, 0, 0) + b"\x80\0", FormatError),  # the first code is beyond the table
        ((struct.pack("<iHh", 2, 0, 0) + b"\0\0") * 40, UnsafeFileError),
    ],
)
def test_chunks_that_are_none(data: bytes, error: type[FormatError]) -> None:
    with pytest.raises(error):
        decode(data, ("V1",), 100)


def test_samples_that_run_away(xli_coder) -> None:
    with pytest.raises(FormatError, match="damaged"):
        decode(xli_coder([[0, 30_000, 60_000, 65_000]]), ("V1",), 4)


@pytest.mark.parametrize("old", ['dataencoding="Base64"', 'compression="XLI"', 'bitspersample="16"'])
def test_other_codings(put, sierra, old: str) -> None:
    with pytest.raises(FormatError):
        read(put(sierra().replace(old, old.split("=")[0] + '="huffman"' if "16" not in old else 'bitspersample="12"')))


def test_no_waveform(put, sierra) -> None:
    with pytest.raises(FormatError, match="no waveform"):
        read(put(sierra().replace("parsedwaveforms", "notwaveforms")))
    with pytest.raises(FormatError):
        read(put(sierra(packing="").replace('dataencoding="Base64" ', f'x="{base64.b64encode(b"x").decode()}" ')))


def test_removed_values_are_none_and_the_default_age_is_nobodys(put, sierra) -> None:
    text = sierra().replace("9999", "---").replace("1950-01-01", "---").replace("2010-01-19", "---")
    ecg = read(put(text))
    assert (ecg.patient.id, ecg.patient.age, ecg.time) == (None, None, None)
    months = sierra().replace("<dateofbirth>1950-01-01</dateofbirth>", "<months>6</months>")
    assert read(put(months)).patient.age == 0.5


@pytest.mark.parametrize("packing", ["XLI", "Plain"])
def test_the_calibration_pulse_is_cut(put, sierra, raw, packing: str) -> None:
    pulse = np.zeros((12, 200), int)
    pulse[:, 50:150] = 200
    ecg = read(put(sierra(np.hstack([raw, pulse]), packing)))
    assert ecg.samples == raw.shape[1] and kinds(ecg) == ["calibration-pulse"]
    np.testing.assert_allclose(ecg.signal, raw * 0.005, atol=1e-6)
