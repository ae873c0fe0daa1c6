"""Damaged bytes give an ECG or an error of ours, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from einthoven.ecg import ECG, EinthovenError
from einthoven.formats import read
from einthoven.formats.text import clean
from einthoven.formats.wfdb_header import is_header, parse_header

FEW = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
# Where to change a file, and to what; a position is a share of its length.
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=6)), max_size=4)
CUT = st.one_of(st.none(), st.floats(0, 1))


def _damaged(data: bytes, changes: list[tuple[float, bytes]], cut: float | None) -> bytes:
    changed = bytearray(data)
    for share, new in changes:
        place = int(share * len(changed))
        changed[place : place + len(new)] = new
    return bytes(changed[: None if cut is None else int(cut * len(changed))])


def _ecg_or_error(path: Path) -> None:
    try:
        ecg = read(path)
    except EinthovenError as error:
        assert error.message and str(error).isprintable()
    else:
        assert isinstance(ecg, ECG) and ecg.signal.shape[0] == 12
        assert all(notice.text.isprintable() for notice in ecg.notices)


@FEW
@given(changes=CHANGES, cut=CUT)
def test_wfdb_headers(write_record, heart, changes, cut) -> None:
    path = write_record(raw=heart(60), comments=["#Age: 50", "#Dx: 164889003", "#<diagnoses>:", "#text"])
    path.write_bytes(_damaged(path.read_bytes(), changes, cut))
    _ecg_or_error(path)


@FEW
@given(text=st.text(st.sampled_from("r.dat 16212/:+x()-\n#0194eE~mVI"), max_size=120))
def test_headers_from_their_own_letters(text: str) -> None:
    data = b"r 1 500 9\n" + text.encode()
    is_header(data)
    try:
        parse_header(data)
    except EinthovenError as error:
        assert error.message


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"])
def test_dicom(write_dicom, heart, syntax: str) -> None:
    path = write_dicom(raw=heart(100), syntax=syntax, leads=("I", "II", "V1"))
    whole = path.read_bytes()

    @settings(FEW, max_examples=150)
    @given(changes=CHANGES, cut=CUT)
    def check(changes, cut) -> None:
        path.write_bytes(_damaged(whole, changes, cut))
        _ecg_or_error(path)

    check()


def test_every_truncation_of_a_dicom_file(write_dicom, heart) -> None:
    path = write_dicom(raw=heart(20), leads=("I", "II"))
    whole = path.read_bytes()
    for end in range(0, len(whole), 5):
        path.write_bytes(whole[:end])
        with pytest.raises(EinthovenError):
            read(path)


@FEW
@given(text=st.text(max_size=200), limit=st.integers(1, 50))
def test_clean_text_is_printable_bounded_and_stable(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert once.isprintable() and len(once) <= limit and once == once.strip()
    assert clean(once, limit) == once


@pytest.mark.parametrize("escape", ["\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\x1bc", "\u202e", "\x00", "\ud800"])
def test_escapes_vanish(escape: str) -> None:
    assert clean(f"a{escape}b") == "ab"
