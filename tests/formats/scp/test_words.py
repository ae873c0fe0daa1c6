"""Patient, time, device, measurements and statements."""

from __future__ import annotations

import struct
from datetime import datetime

import pytest

from einthoven.formats import read

DAY, CLOCK = struct.pack("<HBB", 2021, 5, 10), bytes([9, 5, 7])
MACHINE = bytes([0, 0, 11, 0, 51, 0, 0, 17]) + b"CS-200" + bytes([20, 0xC0, 0, 8, 1]) + bytes(17)


@pytest.fixture
def read_with(scp, put, rows):
    """Reads a file with these sections."""
    return lambda **sections: read(put(scp(rows, sections={int(k[1:]): v for k, v in sections.items()}).bytes()))


def statements_section(*fields: bytes) -> bytes:
    numbered = b"".join(struct.pack("<BH", number, len(field)) + field for number, field in enumerate(fields, 1))
    return b"\1" + DAY + CLOCK + bytes([len(fields)]) + numbered


def blocks(*values: int, rest: bytes = b"", spikes: int = 0, rr: int = 842) -> bytes:
    return struct.pack("<BBHH", 1, spikes, rr, 800) + struct.pack("<5H3h", *values) + rest


def test_the_header(read_with, parts) -> None:
    ecg = read_with(
        s1=parts["text_tags"](
            t0=b"Mustermann\0",
            t1=b"Erika\0",
            t2=b"ID-7\0",
            t4=struct.pack("<HB", 18, 2),
            t5=struct.pack("<HBB", 2019, 11, 9),
            t8=b"\2",
            t14=MACHINE + b"prog\0serial\0sys\0scp\0\0",
            t25=DAY,
            t26=CLOCK,
        )
    )
    assert (ecg.patient.id, ecg.patient.age, ecg.patient.sex) == ("ID-7", 1.5, "female")
    assert ecg.time == datetime(2021, 5, 10, 9, 5, 7)
    assert ecg.device == "Schiller CS-200"
    assert "Mustermann" not in repr(ecg) + " ".join(map(str, ecg.notices))


def test_a_named_maker_and_an_age_by_dates(read_with, parts) -> None:
    machine = MACHINE[:7] + b"\xff" + MACHINE[8:] + b"a\0b\0c\0d\0Maker\0"
    ecg = read_with(s1=parts["text_tags"](t14=machine, t5=struct.pack("<HBB", 1960, 6, 1), t25=DAY, t26=CLOCK))
    assert ecg.device == "Maker CS-200" and ecg.patient.age == 60
    doubted = read_with(
        s1=parts["text_tags"](t4=struct.pack("<HB", 30, 1), t5=struct.pack("<HBB", 1960, 6, 1), t25=DAY, t26=CLOCK)
    )
    assert doubted.patient.age == 30 and "age" in [notice.kind for notice in doubted.notices]


@pytest.mark.parametrize("tags", [{}, {"t4": b"\0\0\1", "t8": b"\0", "t5": bytes(4), "t25": bytes(4)}, {"t8": b"\1\2"}])
def test_what_is_not_stated_is_none(read_with, parts, tags) -> None:
    ecg = read_with(s1=parts["text_tags"](**tags))
    assert (ecg.patient.id, ecg.patient.age, ecg.patient.sex, ecg.time, ecg.device) == (None,) * 5
    assert [notice.kind for notice in ecg.notices] == ["derived-leads"]


def test_times_that_are_none(read_with, parts) -> None:
    for tags in (
        {"t25": struct.pack("<HBB", 2021, 13, 1), "t26": CLOCK},
        {"t25": DAY, "t26": b"\x18\0\0"},
        {"t25": DAY},
    ):
        ecg = read_with(s1=parts["text_tags"](**tags))
        assert ecg.time is None and "unread-time" in [notice.kind for notice in ecg.notices]


def test_a_header_that_overruns_itself_is_not_believed(read_with, parts) -> None:
    ecg = read_with(s1=parts["tag"](2, b"ID-7\0") + parts["tag"](8, b"\1")[:-1] + b"\x01" + b"\x19\xff\xff")
    assert ecg.patient.id is None and "header-unread" in [notice.kind for notice in ecg.notices]


@pytest.mark.parametrize(
    ("number", "codec"), [(0x00, "latin-1"), (0x37, "utf-8"), (0x07, "utf-16-le"), (0x13, "iso8859-5")]
)
def test_letters(read_with, parts, number: int, codec: str) -> None:
    text = "Ритм" if "5" in codec else "Größe"
    machine = MACHINE[:16] + bytes([number]) + MACHINE[17:]
    zero = "\0".encode(codec)
    ecg = read_with(
        s1=parts["text_tags"](t2=text.encode(codec) + zero, t14=machine),
        s8=statements_section(text.encode(codec) + zero),
    )
    assert ecg.patient.id == text and [s.text for s in ecg.statements] == [text]


def test_measurements(read_with) -> None:
    rest = struct.pack("<H3B", 3, 0, 0, 0) + struct.pack("<HHHB", 71, 29999, 443, 1)
    ecg = read_with(s7=blocks(286, 388, 434, 554, 854, 44, -61, 999, rest=rest))
    assert ecg.measured == {
        **{"heart_rate": 71, "rr": 842, "p": 102, "pr": 148, "qrs": 120, "qt": 420},
        **{"qtc_bazett": 443, "p_axis": 44, "qrs_axis": -61},
    }
    spiked = blocks(286, 388, 434, 554, 854, 44, -61, 86, rest=bytes(20) + rest[:5] + rest[5:-1] + b"\2", spikes=2)
    assert read_with(s7=spiked).measured["qtc_hodges"] == 443
    assert read_with(s7=blocks(286, 388, 434, 554, 854, 44, -61, 86, rest=rest[:-1] + b"\7")).measured["qtc"] == 443


def test_what_was_not_measured(read_with) -> None:
    assert read_with(s7=blocks(29999, 29999, 434, 554, 854, 999, 29999, 999, rr=29999)).measured == {
        "qrs": 120,
        "qt": 420,
    }
    assert read_with(s7=blocks(0, 0, 434, 554, 65535, 5, 5, 5, rr=0)).measured == {
        **{"qrs": 120, "p_axis": 5, "qrs_axis": 5, "t_axis": 5}
    }
    assert read_with(s7=b"\1\0\0").measured == {}
    assert read_with(s7=struct.pack("<BBHH", 9, 9, 842, 800)).measured == {"rr": 842}


def test_statements(read_with) -> None:
    ecg = read_with(
        s8=statements_section(b"Sinus rhythm\0", b"Confirmed by: Dr. A\0", b"two\0parts\0", b""),
        s11=statements_section(
            b"\1AFIB\0", b"\1MI\0OLD\0", b"\2Sinus rhythm\0", b"\3not\0", b"", b"\2more\0", b"\1XYZ\0"
        ),
    )
    assert [(s.text, s.code, s.system) for s in ecg.statements] == [
        ("Sinus rhythm", None, None),
        ("two parts", None, None),
        ("AFIB", "AFIB", "SCP"),
        ("MI OLD", None, None),
        ("more", None, None),
        ("XYZ", None, None),
    ]
    assert "signature" in [notice.kind for notice in ecg.notices]


def test_statements_that_end_too_early(read_with) -> None:
    assert [s.text for s in read_with(s8=statements_section(b"one\0", b"two\0")[:-3]).statements] == ["one", "t"]
    assert read_with(s8=statements_section(b"one\0")[:6], s11=b"\1").statements == ()
