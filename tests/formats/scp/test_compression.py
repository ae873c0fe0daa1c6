"""Reference beats that were subtracted, and samples that were averaged between QRS complexes."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError
from einthoven.formats import read

ZONES = [(0, 41, 60, 100), (1, 0, 130, 0), (0, 151, 170, 210), (0, 261, 280, 300)]
AREAS = [(53, 72), (121, 140), (161, 180), (273, 284)]


@pytest.fixture(scope="module")
def beat(rows) -> dict[str, np.ndarray]:
    """A beat of 64 samples; its fiducial is number 20, so that some zones are longer than it."""
    noise = np.random.default_rng(8)
    return {lead: np.cumsum(noise.integers(-30, 31, 64)) for lead in rows}


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("tables", [None, "default"])
def test_a_subtracted_beat_is_added(scp, put, rows, beat, units, tables, order: int) -> None:
    made = scp(rows, order, tables, beat=beat, beat_fiducial=20, zones=ZONES, subtract=True)
    assert any(made.stored(lead) != row.tolist() for lead, row in rows.items())
    ecg = read(put(made.bytes()))
    assert ecg.rate == 500 and [notice.kind for notice in ecg.notices] == ["derived-leads"]
    for lead, row in rows.items():
        np.testing.assert_allclose(units(ecg, lead), row, atol=2e-4)


def test_a_beat_of_another_gain(scp, put, rows, beat, units) -> None:
    made = scp(rows, step=1000, beat=beat, beat_step=5000, beat_fiducial=20, zones=ZONES, subtract=True)
    ecg = read(put(made.bytes()))
    np.testing.assert_allclose(units(ecg, "V2", 1000), rows["V2"], atol=5e-4)


def test_a_beat_that_was_not_subtracted_is_not_added(scp, put, rows, beat, units) -> None:
    ecg = read(put(scp(rows, beat=beat, beat_fiducial=20, zones=ZONES).bytes()))
    np.testing.assert_allclose(units(ecg, "V2"), rows["V2"], atol=2e-4)


def steps(rows, factor: int) -> dict[str, np.ndarray]:
    """The rows with samples outside the areas replaced by one value a stretch: what averaging keeps whole."""
    whole = np.zeros(300, bool)
    for first, last in AREAS:
        whole[first - 1 : last] = True
    found = {}
    for lead, row in rows.items():
        new, value = row.copy(), 0
        for place in range(300):
            if not whole[place]:
                value = row[place] if place == 0 or whole[place - 1] else value
                new[place] = value
        found[lead] = new
    return found


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("order", [0, 2])
@pytest.mark.parametrize("tables", [None, "default"])
def test_averaged_samples_are_spread(scp, put, rows, beat, units, tables, order: int, factor: int) -> None:
    flat = steps(rows, factor)
    made = scp(flat, order, tables, beat=beat, beat_fiducial=20, zones=ZONES, areas=AREAS, factor=factor)
    ecg = read(put(made.bytes()))
    assert ecg.rate == 500 and ecg.samples == 300
    assert [notice.kind for notice in ecg.notices] == ["decimated", "derived-leads"]
    assert f"every {factor} samples' mean ({500 / factor:g} Hz)" in str(ecg.notices[0])
    for lead, row in flat.items():
        np.testing.assert_allclose(units(ecg, lead), row, atol=2e-4)


def test_lines_between_means_lie_where_the_samples_lay(scp, put, units) -> None:
    """On a slope nothing is lost but at the ends of a stretch, where the mean is held; and nothing is shifted."""
    slope = {"I": np.arange(0, 3000, 10), "II": np.arange(3000, 0, -10)}
    made = scp(slope, beat=slope, zones=ZONES[:1], areas=[(101, 200)], factor=4)
    ecg = read(put(made.bytes()))
    for lead, row in slope.items():
        difference = units(ecg, lead) - row
        np.testing.assert_allclose(difference[3:96], 0, atol=1)  # means are whole numbers
        np.testing.assert_allclose(difference[100:200], 0, atol=2e-4)
        assert np.abs(difference).max() < 16


def test_both_at_once(scp, put, rows, beat, units) -> None:
    """The beat is subtracted before samples are averaged, and added after they were spread."""
    flat = steps(rows, 4)
    whole = dict(flat)
    for lead, row in flat.items():
        row = row.copy()
        for kind, first, fiducial, last in ZONES:
            for number in range(first, last + 1):
                place = number - fiducial + 19
                if kind == 0 and 0 <= place < 64:
                    row[number - 1] += beat[lead][place]
        whole[lead] = row
    made = scp(whole, 2, "default", beat=beat, beat_fiducial=20, zones=ZONES, areas=AREAS, factor=4, subtract=True)
    ecg = read(put(made.bytes()))
    for lead, row in whole.items():
        np.testing.assert_allclose(units(ecg, lead), row, atol=2e-4)


def test_one_sample_left_over_stands_for_itself(scp, put, rows, beat, units) -> None:
    flat = {lead: row[:293] for lead, row in steps(rows, 4).items()}
    ecg = read(put(scp(flat, beat=beat, zones=ZONES, areas=AREAS, factor=4).bytes()))
    for lead, row in flat.items():
        np.testing.assert_allclose(units(ecg, lead), row, atol=2e-4)


def test_what_is_not_certain_is_refused(scp, put, rows, beat) -> None:
    common = {"beat": beat, "beat_fiducial": 20, "zones": ZONES, "areas": AREAS}
    left_over = scp({lead: row[:294] for lead, row in rows.items()}, factor=4, **common)
    with pytest.raises(FormatError, match="no multiple of 4"):
        read(put(left_over.bytes()))
    with pytest.raises(FormatError, match="12000 and 2000 microseconds"):
        read(put(scp(rows, factor=6, **(common | {"areas": ()})).bytes()))
    with pytest.raises(FormatError, match="4000 and 2000 microseconds"):
        read(put(scp(rows, factor=2, bimodal=0, subtract=True, **common).bytes()))
    with pytest.raises(FormatError, match="version 3"):
        read(put(scp(rows, factor=2, version=30, **common).bytes()))
    for number in (0, 65):
        with pytest.raises(FormatError, match=f"64 samples and its QRS at number {number}"):
            read(put(scp(rows, subtract=True, **(common | {"beat_fiducial": number})).bytes()))
    made = scp(rows, subtract=True, **common)
    made.sections[4] = b"\0\0" + made.bodies()[4][2:]
    with pytest.raises(FormatError, match="0 samples and its QRS"):
        read(put(made.bytes()))
    made = scp(rows, subtract=True, **common)
    made.sections[5] = b"\0\0" + made.bodies()[5][2:]
    with pytest.raises(FormatError, match="gain of its reference beat"):
        read(put(made.bytes()))


@pytest.mark.parametrize("section", [4, 5])
def test_without_the_beat_or_its_places_nothing_is_read(scp, put, rows, beat, section: int) -> None:
    made = scp(rows, beat=beat, beat_fiducial=20, zones=ZONES, subtract=True, sections={section: b""})
    with pytest.raises(TruncatedError, match=f"ection {section}"):
        read(put(made.bytes()))


def test_protected_areas_that_are_missing(scp, put, rows, beat) -> None:
    """Version 1.0 has none; where its samples are whole is not certain."""
    with pytest.raises(TruncatedError, match="section 4"):
        read(put(scp(rows, beat=beat, zones=ZONES, factor=4, version=10).bytes()))


def test_absurdly_many_beats(scp, put, rows, beat) -> None:
    made = scp(rows, beat=beat, zones=ZONES, subtract=True)
    with pytest.raises(UnsafeFileError, match="5000 beats"):
        read(put(scp(rows, beat=beat, subtract=True, sections={4: made.bodies()[4][:4] + b"\x88\x13"}).bytes()))


def test_a_file_of_a_beat_alone(scp, put, rows, beat, units) -> None:
    ecg = read(put(scp(rows, 2, "default", beat=beat, sections={6: b""}).bytes()))
    assert ecg.samples == 64 and "median-beat" in [notice.kind for notice in ecg.notices]
    np.testing.assert_allclose(units(ecg, "V5"), beat["V5"], atol=2e-4)
