"""Sections, checksums, leads and versions: what is read, what is noticed, and what is refused."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from einthoven.ecg import FormatError, SignalError, TruncatedError, UnsafeFileError
from einthoven.formats import read
from einthoven.formats.scp import sniff

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


def test_all_leads_by_their_numbers(scp, put, units) -> None:
    rows = {lead: np.arange(20) * (number + 1) for number, lead in enumerate(reversed(LEADS))}
    ecg = read(put(scp(rows).bytes()))
    assert not ecg.derived and not ecg.missing
    for lead, row in rows.items():
        np.testing.assert_allclose(units(ecg, lead), row, atol=1e-4)


@pytest.mark.parametrize("lead", [(16, "X"), (66, "V8"), (31, "SCP-ECG lead 31")])
def test_leads_that_are_none_of_the_twelve(scp, put, rows, lead) -> None:
    made = scp({"I": rows["I"], "II": rows["II"]})
    body = bytearray(made.bodies()[3])
    body[-1] = lead[0]
    made.sections[3] = bytes(body)
    ecg = read(put(made.bytes()))
    assert f"not among the 12 leads: {lead[1]}." in " ".join(map(str, ecg.notices))


def test_leads_of_different_times(scp, put, rows, units) -> None:
    """Where a lead was not recorded it has no samples, and every lead keeps its place in time."""
    ranges = {lead: (1, 300) if number < 2 else (301, 600) for number, lead in enumerate(rows)}
    ecg = read(put(scp(rows, 2, "default", ranges=ranges, flags=2 << 3).bytes()))
    assert ecg.samples == 600 and "not-simultaneous" in kinds(ecg) and "invalid-samples" in kinds(ecg)
    np.testing.assert_allclose(units(ecg, "I")[:300], rows["I"], atol=2e-4)
    np.testing.assert_allclose(units(ecg, "V6")[300:], rows["V6"], atol=2e-4)
    assert np.isnan(ecg.lead("I")[300:]).all() and np.isnan(ecg.lead("V6")[:300]).all()


@pytest.mark.parametrize(
    ("interval", "rate"), [(1000, 1000), (2000, 500), (3333, 300), (1953, 512), (2200, 1e6 / 2200)]
)
def test_rates(scp, put, rows, interval: int, rate: float) -> None:
    assert read(put(scp(rows, interval=interval).bytes())).rate == pytest.approx(rate, rel=1e-12)


def test_gains(scp, put, rows, units) -> None:
    assert read(put(scp(rows, step=4880).bytes())).lead("V1")[5] == pytest.approx(rows["V1"][5] * 0.00488, rel=1e-6)
    ecg = read(put(scp(rows, step=0).bytes()))
    assert not ecg.calibrated and "no-gain" in kinds(ecg) and ecg.lead("V1")[5] == rows["V1"][5]


def test_checksums(scp, put, rows) -> None:
    """Damaged samples are refused; a device that computes checksums wrongly is not."""
    whole = scp(rows, 2, "default").bytes()
    for place, what in ((-3, "section 6"), (whole.rindex(struct.pack("<HH", 3, 16 + 74)) + 20, "section 3")):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        with pytest.raises(FormatError, match=f"{what}.*damaged"):
            read(put(bytes(damaged)))
    dated = bytearray(whole)
    dated[whole.index(bytes([25, 4, 0])) + 3] ^= 1  # the year
    ecg = read(put(bytes(dated)))
    assert ecg.time.year == 2003 and [str(n) for n in ecg.notices if n.kind == "checksum"] == [
        "The checksum does not fit section 1: the SCP-ECG file may have been altered."
    ]
    only_record = read(put(bytes([whole[0] ^ 1]) + whole[1:]))
    assert kinds(only_record) == ["checksum", "derived-leads"]


def test_checksums_of_a_device_that_writes_none(scp, put, rows, monkeypatch, units) -> None:
    made = scp(rows, 2, "default")
    bodies = made.bytes.__func__.__globals__
    monkeypatch.setitem(bodies, "crc", lambda data: 0)
    ecg = read(put(made.bytes()))
    assert kinds(ecg) == ["checksum", "derived-leads"]
    np.testing.assert_allclose(units(ecg, "V1"), rows["V1"], atol=2e-4)


def test_wrong_checksums_of_sections_in_a_whole_record(scp, put, parts, rows) -> None:
    whole = bytearray(scp(rows).bytes())
    start = whole.rindex(struct.pack("<H", 6) + struct.pack("<I", 16 + 6 + 16 + 8 * 600)) - 2
    whole[start] ^= 1
    ecg = read(put(parts["checked"](bytes(whole[2:]))))
    assert str(ecg.notices[0]).startswith("The checksum of the whole SCP-ECG record fits, but not that of section 6.")


def test_longer_files_and_shorter_sections(scp, put, parts, rows, units) -> None:
    whole = scp(rows, 1, "default").bytes()
    ecg = read(put(whole + b"more"))
    assert kinds(ecg) == ["longer-data", "derived-leads"]
    made = parts["record"](scp(rows, 1, "default", sections={7: bytes(30)}).bodies())
    place = made.rindex(struct.pack("<HI", 7, 46))
    ecg = read(put(parts["checked"](made[2:place] + struct.pack("<HI", 7, 40) + made[place + 6 :])))
    assert kinds(ecg) == ["section-size", "checksum", "derived-leads"]
    np.testing.assert_allclose(units(ecg, "V4"), rows["V4"], atol=2e-4)


def test_broken_structures(scp, put, parts, rows) -> None:
    whole = scp(rows).bytes()
    pointer = 22 + 10 * 3  # that of section 3
    cases = {
        "does not lie within": whole[: pointer + 6] + struct.pack("<I", 10**6) + whole[pointer + 10 :],
        "section 3 begins where section 6": whole[: pointer + 6]
        + whole[pointer + 36 : pointer + 40]
        + whole[pointer + 10 :],
        "where its sections are": whole[:8] + b"\1" + whole[9:],
    }
    cases["holds section 2 twice"] = (
        scp(rows, 0, "default").bytes().replace(struct.pack("<HI", 3, 16 + 74), struct.pack("<HI", 2, 16 + 74))
    )
    for match, data in cases.items():
        with pytest.raises(FormatError, match=match):
            read(put(data))
    with pytest.raises(TruncatedError, match=r"holds \d+ of the \d+ bytes"):
        read(put(whole[:-1]))
    with pytest.raises(UnsafeFileError, match="announces 1200 sections"):
        read(put(parts["record"](scp(rows).bodies(), numbers=range(1200))))


def test_leads_that_cannot_be(scp, put, rows) -> None:
    with pytest.raises(FormatError, match="which leads"):
        read(put(scp(rows, sections={3: b""}).bytes()))
    with pytest.raises(FormatError, match="no lead"):
        read(put(scp(rows, sections={3: bytes(4)}).bytes()))
    with pytest.raises(UnsafeFileError, match="200 channels"):
        read(put(scp(rows, sections={3: bytes([200, 4])}).bytes()))
    with pytest.raises(TruncatedError, match="list of its leads"):
        read(put(scp(rows, sections={3: bytes([9, 4])}).bytes()))
    with pytest.raises(FormatError, match="Lead II of the SCP-ECG file ends before it begins"):
        read(put(scp(rows, ranges={"II": (5, 3)}).bytes()))
    with pytest.raises(SignalError, match="lasts 8589935 s"):
        read(put(scp(rows, ranges={"II": (1, 2**32 - 1)}).bytes()))
    with pytest.raises(SignalError, match="Lead I is there twice"):
        body = scp(rows).bodies()[3]
        read(put(scp(rows, sections={3: body[:19] + b"\1" + body[20:]}).bytes()))


def test_rhythms_that_cannot_be(scp, put, rows) -> None:
    body = scp(rows).bodies()[6]
    for changed, match in (
        (body[:2] + bytes(2) + body[4:], "no sampling rate"),
        (body[:4] + b"\3" + body[5:], "no way of storing"),
    ):
        with pytest.raises(FormatError, match=match):
            read(put(scp(rows, sections={6: changed}).bytes()))
    with pytest.raises(TruncatedError, match=r"Section 6 .* of 4800 bytes"):
        read(put(scp(rows, sections={6: body[:-2]}).bytes()))
    with pytest.raises(SignalError, match="sampling rate"):
        read(put(scp(rows, interval=40000).bytes()))


def test_version_3(scp, put, parts, rows, units) -> None:
    """Its rhythm is stored as before; the layout of its long-term ECG is not certain."""
    ecg = read(put(scp(rows, 2, "default", version=30).bytes()))
    np.testing.assert_allclose(units(ecg, "V1"), rows["V1"], atol=2e-4)
    bodies = scp(rows, version=30).bodies()
    bodies[12] = bodies.pop(6)
    with pytest.raises(FormatError, match="long-term ECG"):
        read(put(parts["record"](bodies, 30)))
    with pytest.raises(FormatError, match="holds no waveform"):
        read(put(parts["record"](bodies, 20)))
    both = read(put(parts["record"]({**bodies, 6: bodies[12]}, 30)))
    np.testing.assert_allclose(units(both, "V1"), rows["V1"], atol=2e-4)
    assert "long-term" in kinds(both) and "long-term" not in kinds(ecg)


def test_files_are_known_by_their_mark_or_their_pointers(scp, rows, tmp_path) -> None:
    whole = scp(rows).bytes()
    unmarked = whole[:16] + bytes(6) + whole[22:]
    assert sniff(whole, tmp_path) and sniff(unmarked, tmp_path)
    for head in (b"", whole[:20], bytes(64), unmarked[:32], unmarked[:29] + b"\1" + unmarked[30:], b"PK" * 50):
        assert not sniff(head, tmp_path)
