"""Every prefix of a small file and 200 damaged copies of each way of storing: an ECG or an error of ours, and soon."""

from __future__ import annotations

import struct
import time

import numpy as np
import pytest

from einthoven.ecg import ECG, EinthovenError
from einthoven.formats import read, scp_huffman

SECONDS = 2.0
WAYS = ("plain", "default", "switched", "beat", "bimodal")
MUTATIONS = 200


@pytest.fixture(scope="module")
def files(scp, parts, two_tables) -> dict[str, bytes]:
    """Files of two leads and 40 samples with all sections; none has checksums, so that damage is met later."""
    noise = np.random.default_rng(1)
    rows = {lead: noise.integers(-300, 300, 40) for lead in ("I", "II")}
    beat = {lead: row[:16] for lead, row in rows.items()}
    words = {
        1: parts["text_tags"](
            t2=b"ID\0", t4=b"\x30\0\1", t8=b"\1", t14=bytes(36) + b"a\0b\0", t25=b"\xd2\7\x0b\x16", t26=b"\1\2\3"
        ),
        7: struct.pack("<BBHH5H3h", 1, 0, 800, 800, 10, 20, 30, 40, 90, 5, 6, 7)
        + struct.pack("<HHHHB", 0, 70, 70, 400, 1),
        8: bytes(8) + b"\1" + struct.pack("<BH", 1, 6) + b"Sinus\0",
        11: bytes(8) + b"\1" + struct.pack("<BH", 1, 6) + b"\1AFIB\0",
    }
    common = {"sections": words, "beat": beat, "beat_fiducial": 6, "zones": [(0, 5, 9, 16), (0, 21, 26, 33)]}
    made = {
        "plain": scp(rows, 0, sections=words),
        "default": scp(rows, 2, "default", sections=words),
        "switched": scp(rows, 1, two_tables, plan=lambda place: place // 5 % 2, sections=words),
        "beat": scp(rows, 2, "default", subtract=True, **common),
        "bimodal": scp(rows, 1, "default", subtract=True, factor=2, areas=[(7, 12), (23, 30)], **common),
    }
    return {name: parts["without_checksums"](one.bytes()) for name, one in made.items()}


@pytest.mark.parametrize("name", WAYS)
def test_every_prefix(files, put, survives, name: str) -> None:
    whole = files[name]
    path = put(whole)
    assert isinstance(survives(path), ECG)
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert isinstance(survives(path, end), EinthovenError), end


@pytest.mark.parametrize("name", WAYS)
def test_damaged_files(files, ecgs_of_damaged, name: str) -> None:
    assert (
        MUTATIONS / 20 < ecgs_of_damaged(files[name], name, MUTATIONS) < MUTATIONS
    )  # neither harmless nor always caught by the first check


@pytest.mark.parametrize("name", WAYS)
def test_every_byte_of_the_sections_of_the_signal(files, put, survives, name: str) -> None:
    whole = files[name]
    path = put(whole)
    for section in range(2, 7):
        _, size, start = struct.unpack_from("<HII", whole, 22 + 10 * section)
        for place in range(start + 15, start - 1 + min(size, 60)):
            for value in (0, 255, whole[place] ^ 128):
                path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
                survives(path, (section, place, value))


def test_codes_made_to_take_long() -> None:
    """As much data as a lead can have, all of it codes of one bit, or nothing but switches."""
    started = time.process_time()
    ones = (scp_huffman.Table([scp_huffman.Code(0, 1), scp_huffman.Code(1, 1, table=0)]),)
    assert not scp_huffman.decode(bytes(65535), 8 * 65535, ones, "it").any()
    both = tuple(scp_huffman.Table([scp_huffman.Code(0, 1, table=other)]) for other in (1, 0))
    with pytest.raises(EinthovenError):
        scp_huffman.decode(bytes(16384), 1, both, "it")
    assert time.process_time() - started < SECONDS


def test_a_long_file_takes_no_time(scp, put) -> None:
    """12 leads of a minute at 500 Hz."""
    leads = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    path = put(scp({lead: np.zeros(30_000, int) for lead in leads}, 0, "default").bytes())
    started = time.process_time()
    assert read(path).samples == 30_000
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("count", [1, 8])
def test_the_longest_file_that_can_be(parts, tmp_path, count: int) -> None:
    """12 leads of as much data as a lead can have, every bit a sample; by tables of which a step knows several."""
    bits, leads = 8 * 65534, 12
    tables = [[("0", 1, 1, 0), *((f"1{n:03b}", 4, 0, n + 1) for n in range(count))] for _ in range(count)]
    rhythm = struct.pack("<HHBB", 2500, 2000, 2, 0) + struct.pack("<12H", *[65534] * leads) + bytes(65534 * leads)
    numbers = [1, 2, 61, 62, 63, 64, *range(3, 9)]
    bodies = {
        1: parts["tag"](255, b""),
        2: parts["table_section"](tables),
        3: struct.pack("<BB", leads, 4 | leads << 3) + b"".join(struct.pack("<IIB", 1, bits, n) for n in numbers),
        6: rhythm,
    }
    path = tmp_path / "long.scp"
    path.write_bytes(parts["record"](bodies))
    started = time.process_time()
    ecg = read(path)
    assert time.process_time() - started < SECONDS
    assert ecg.samples == bits and not ecg.signal.any()
