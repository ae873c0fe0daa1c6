"""The traps of Mortara ELI XML."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import FormatError, TruncatedError
from einthoven.formats import read


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


def test_samples_as_text_of_the_element(put, mortara, raw) -> None:
    text = mortara()
    start = text.rindex(' DATA="')
    data = text[start + 7 : text.index('"', start + 7)]
    moved = text[:start] + f">\n{data}\n</CHANNEL></ECG>"
    np.testing.assert_allclose(read(put(moved)).signal, raw * 0.005, atol=1e-6)


@pytest.mark.parametrize("change", [('BITS="16"', 'BITS="12"'), ("SIGNED", "UNSIGNED"), ("BASE64", "HEX")])
def test_other_layouts(put, mortara, change: tuple[str, str]) -> None:
    with pytest.raises(FormatError, match="not 16 bits"):
        read(put(mortara().replace(*change)))


def test_an_offset_is_named_not_applied(put, mortara, raw) -> None:
    ecg = read(put(mortara().replace('OFFSET="0"', 'OFFSET="9"', 1)))
    assert kinds(ecg) == ["offset-not-applied"]
    np.testing.assert_allclose(ecg.signal[0], raw[0] * 0.005, atol=1e-6)


def test_gains_differ_from_lead_to_lead(put, mortara, raw) -> None:
    text = mortara()
    place = text.rindex('UNITS_PER_MV="200"')
    ecg = read(put(text[:place] + text[place:].replace("200", "400", 1)))
    np.testing.assert_allclose(ecg.signal[11], raw[11] * 0.0025, atol=1e-6)
    np.testing.assert_allclose(ecg.signal[10], raw[10] * 0.005, atol=1e-6)


def test_rates_differ_from_lead_to_lead(put, mortara) -> None:
    text = mortara()
    place = text.rindex('SAMPLE_FREQ="500"')
    with pytest.raises(FormatError, match="differ in sampling rate"):
        read(put(text[:place] + text[place:].replace("500", "1000", 1)))


def test_lengths(put, mortara) -> None:
    with pytest.raises(TruncatedError):
        read(put(mortara().replace('DURATION="300"', 'DURATION="1000000000000"')))
    ecg = read(put(mortara().replace('DURATION="300"', 'DURATION="299"')))
    assert ecg.samples == 299 and set(kinds(ecg)) == {"longer-data"}


def test_a_cycle_alone_and_nothing(put, mortara) -> None:
    text = mortara()
    beat = text[: text.index("<CHANNEL")] + "</ECG>"
    assert kinds(read(put(beat)))[0] == "median-beat" and read(put(beat)).samples == 100
    with pytest.raises(FormatError, match="no waveform"):
        read(put('<ECG ACQUISITION_TIME="20231201120000"/>'))


def test_the_other_writing_of_the_time(put, mortara) -> None:
    assert read(put(mortara().replace('ACQUISITION_TIME_XML="2023-12-01T12:00:00" ', ""))).time.year == 2023
    ecg = read(put(mortara().replace("2023-12-01T12:00:00", "yesterday").replace("20231201120000", "x")))
    assert ecg.time is None and kinds(ecg) == ["unread-time"]
