"""The rarer sample formats of WFDB, against `wfdb` and against their definition, bit by bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import LEADS, FormatError, MissingPackageError, SignalError, TruncatedError, UnsafeFileError
from einthoven.formats import read
from einthoven.formats.wfdb_encoding import ENCODINGS

wfdb = pytest.importorskip("wfdb")


def _header(
    form: str, frames: int | str = "", rate: float = 500, leads=LEADS, initial: int = 0, name: str = "r"
) -> str:
    lines = [f"{name} {len(leads)} {rate:g} {frames}"]
    lines += [f"{name}.dat {form} 200(0)/mV 10 0 {initial} 0 0 {lead}" for lead in leads]
    return "\n".join(lines) + "\n"


def _record(folder: Path, header: str, data: bytes) -> Path:
    (folder / "r.dat").write_bytes(data)
    (folder / "r.hea").write_text(header)
    return folder / "r.hea"


def _by_definition(form: int, data: bytes) -> list[int]:
    """signal(5), one bit at a time."""
    values = []
    for place in range(0, len(data) - 3, 4):
        first = data[place] | data[place + 1] << 8
        second = data[place + 2] | data[place + 3] << 8
        if form == 310:
            three = [(first & 0x7FF) >> 1, (second & 0x7FF) >> 1, (first >> 11) | (second >> 11) << 5]
        else:
            both = first | second << 16
            three = [(both >> 10 * n) & 0x3FF for n in range(3)]
        values += [value - 1024 if value > 511 else value for value in three]
    return values


@pytest.mark.parametrize("form", [310, 311])
def test_packed_ten_bits(tmp_path: Path, form: int) -> None:
    data = np.random.default_rng(form).integers(0, 256, 4 * 4 * 300, np.uint8)
    data[3::4] &= 0x3F  # wfdb takes one of format 311's two idle bits for a sample's; signal(5) says to ignore both
    expected = np.array(_by_definition(form, data.tobytes())).reshape(300, 12).T / 200
    path = _record(tmp_path, _header(str(form), 300), data.tobytes())
    ours, theirs = read(path), wfdb.rdrecord(str(tmp_path / "r")).p_signal.T
    expected[expected == -512 / 200] = np.nan
    np.testing.assert_allclose(ours.signal, expected, rtol=1e-6)
    np.testing.assert_allclose(ours.signal, theirs, rtol=1e-6)


def test_idle_bits_are_ignored() -> None:
    data = bytes(range(64))
    noisy = bytearray(data)
    noisy[3::4] = [byte | 0xC0 for byte in noisy[3::4]]
    decode = ENCODINGS[311].decode
    assert decode(bytes(noisy), 0, 48).tolist() == decode(data, 0, 48).tolist()


@pytest.mark.parametrize("form", [212, 310, 311])
def test_samples_that_end_within_a_group(form: int) -> None:
    encoding = ENCODINGS[form]
    data = bytes(np.random.default_rng(0).integers(0, 256, 40, np.uint8))
    whole = encoding.decode(data, 0, encoding.capacity(len(data))).tolist()
    for size in range(len(data) + 1):
        count = encoding.capacity(size)
        assert encoding.decode(data[:size], 0, count).tolist() == whole[:count]
        assert encoding.decode(b"x" + data[:size], 1, count).tolist() == whole[:count]


def test_differences_start_from_the_headers_value(tmp_path: Path) -> None:
    steps = np.random.default_rng(8).integers(-128, 128, (700, 12)).astype(np.int8)
    path = _record(tmp_path, _header("8", 700, initial=-345), steps.tobytes())
    ours, theirs = read(path), wfdb.rdrecord(str(tmp_path / "r")).p_signal.T
    np.testing.assert_allclose(ours.signal, (np.cumsum(steps, axis=0, dtype=int).T - 345) / 200, rtol=1e-6)
    np.testing.assert_allclose(ours.signal, theirs, rtol=1e-6)


@pytest.mark.parametrize("form", ["508", "516", "524"])
def test_flac(tmp_path: Path, form: str) -> None:
    pytest.importorskip("soundfile")
    bits = int(form) - 500
    raw = np.random.default_rng(bits).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (900, 8))
    raw[5, :] = -(2 ** (bits - 1))  # the invalid value
    leads = [*LEADS[:2], *LEADS[6:]]
    wfdb.wrsamp("r", 500, ["mV"] * 8, leads, d_signal=raw, fmt=[form] * 8, adc_gain=[200.0] * 8, baseline=[3] * 8,
                write_dir=str(tmp_path))  # fmt: skip
    ours, theirs = read(tmp_path / "r.hea"), wfdb.rdrecord(str(tmp_path / "r"))
    rows = [ours.lead(lead) for lead in leads]
    np.testing.assert_allclose(rows, theirs.p_signal.T, rtol=1e-6, atol=1e-6)
    assert np.isnan(rows).any()
    header = (tmp_path / "r.hea").read_text()
    (tmp_path / "r.hea").write_text(header.replace(f" {form} ", f" {form}:2 "))
    late = read(tmp_path / "r.hea").lead("V3")  # wfdb has no value for what a skew leaves empty here
    np.testing.assert_array_equal(late[:-2], ours.lead("V3")[2:])
    assert np.isnan(late[-2:]).all()
    (tmp_path / "r.hea").write_text(header.replace("r 8 500 900", "r 8 500 901"))
    with pytest.raises(TruncatedError):
        read(tmp_path / "r.hea")


def test_flac_that_lies_or_is_damaged(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("soundfile")
    raw = np.arange(4000).reshape(2000, 2) % 100
    wfdb.wrsamp("r", 500, ["mV"] * 2, ["I", "II"], d_signal=raw, fmt=["516"] * 2, adc_gain=[200.0] * 2,
                baseline=[0] * 2, write_dir=str(tmp_path))  # fmt: skip
    path, data = tmp_path / "r.hea", (tmp_path / "r.dat").read_bytes()
    assert read(path).samples == 2000

    def refused(changed: bytes, error: type[Exception], header: str | None = None) -> None:
        (tmp_path / "r.dat").write_bytes(changed)
        path.write_text(header or _header("516", 2000, leads=("I", "II")))
        with pytest.raises(error):
            read(path)

    huge = bytearray(data)
    huge[21:26] = (int.from_bytes(data[21:26], "big") & ~(2**36 - 1) | 2**36 - 1).to_bytes(5, "big")
    refused(bytes(huge), UnsafeFileError)
    unknown = bytearray(data)
    unknown[21:26] = (int.from_bytes(data[21:26], "big") & ~(2**36 - 1)).to_bytes(5, "big")
    refused(bytes(unknown), FormatError)
    refused(b"RIFF" + data[4:], FormatError)
    refused(data[:60], FormatError)
    refused(data, FormatError, _header("516", 2000, leads=("I", "II", "V1")))
    refused(data, FormatError, _header("508", 2000, leads=("I", "II")))
    refused(data, TruncatedError, _header("516+1", 2000, leads=("I", "II")))
    monkeypatch.setitem(__import__("sys").modules, "soundfile", None)
    with pytest.raises(MissingPackageError, match="soundfile") as missing:
        (tmp_path / "r.dat").write_bytes(data)
        read(_record(tmp_path, _header("516", 2000, leads=("I", "II")), data))
    assert "einthoven[formats]" in missing.value.mend


def test_several_samples_a_frame(tmp_path: Path) -> None:
    raw = np.random.default_rng(4).integers(-500, 500, (1000, 5)).astype("<i2")  # I twice, II twice, RESP once
    header = "r 3 250 1000\nr.dat 16x2:3 200 0 0 0 0 0 I\nr.dat 16x2 200 0 0 0 0 0 II\nr.dat 16 200 0 0 0 0 0 RESP\n"
    path = _record(tmp_path, header, raw.tobytes())
    ours, theirs = read(path), wfdb.rdrecord(str(tmp_path / "r"), smooth_frames=False)
    assert ours.rate == 500 and ours.samples == 2000
    # A skew counts frames, of two samples here; wfdb takes three of the six that lie beyond the end for zeros.
    np.testing.assert_allclose(ours.lead("I")[:-6], theirs.e_p_signal[0][:-6], rtol=1e-6)
    assert np.isnan(ours.lead("I")[-6:]).all()
    np.testing.assert_allclose(ours.lead("II"), theirs.e_p_signal[1], rtol=1e-6)
    assert {"other-rates", "invalid-samples"} <= {notice.kind for notice in ours.notices}
    path.write_text(header.replace("16x2 ", "16x1 "))
    with pytest.raises(FormatError, match="different rates"):
        read(path)
    path.write_text(header.replace("250 1000", "0.001 1000"))
    with pytest.raises(SignalError):
        read(path)
