"""The traps of CardioSoft XML."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import FormatError, TruncatedError
from einthoven.formats import read


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


def disclosure(table: np.ndarray, names: str) -> str:
    samples = ",".join(map(str, table.T.ravel().tolist()))
    return (
        f'<FullDisclosure><NumberOfChannels>{len(table)}</NumberOfChannels><SampleRate units="Hz">500</SampleRate>'
        f'<Resolution units="uVperLsb">5</Resolution><LeadOrder>{names}</LeadOrder>'
        f"<FullDisclosureData>{samples},</FullDisclosureData></FullDisclosure>"
    )


def test_all_leads_in_turn(put, raw) -> None:
    text = f"<CardiologyXML>{disclosure(raw[6:9], 'V1, V2,V3')}</CardiologyXML>"
    ecg = read(put(text))
    np.testing.assert_allclose(ecg.signal[6:9], raw[6:9] * 0.005, atol=1e-6)
    with pytest.raises(FormatError, match="announces 3 channels and names 2"):
        read(put(text.replace("V1, V2,V3", "V1,V2")))
    with pytest.raises(FormatError, match="within a sample"):
        read(put(text.replace(",</FullDisclosureData>", ",1,</FullDisclosureData>")))


def test_the_strip_of_most_leads_wins(put, cardiosoft, raw) -> None:
    long = disclosure(np.tile(raw[6:9], 9), "V1,V2,V3")
    ecg = read(put(cardiosoft().replace("</CardiologyXML>", long + "</CardiologyXML>"), "latin-1"))
    assert not ecg.missing or ecg.samples == 2700  # 0.6 s are too short to be preferred
    wide = read(put(cardiosoft(np.tile(raw, 4)).replace("</CardiologyXML>", long + "</CardiologyXML>"), "latin-1"))
    assert not wide.missing and wide.samples == 1200 and kinds(wide) == ["groups-left-out"]


def test_strips_of_an_exercise_test_lie_deeper(put, cardiosoft) -> None:
    text = cardiosoft().replace("<StripData>", "<Strip><StripData>").replace("</StripData>", "</StripData></Strip>")
    assert not read(put(text, "latin-1")).missing


def test_a_median_alone(put, cardiosoft) -> None:
    text = cardiosoft()
    text = text[: text.index("<StripData>")] + "</CardiologyXML>"
    ecg = read(put(text, "latin-1"))
    assert ecg.samples == 100 and kinds(ecg)[0] == "median-beat"


@pytest.mark.parametrize("samples", ["1,,2", "1;2", "1,2,x", "1 2,a", ","])
def test_lists_that_are_none(put, cardiosoft, samples: str) -> None:
    text = cardiosoft()
    start = text.rindex("<WaveformData")
    start, end = text.index(">", start) + 1, text.rindex("</WaveformData>")
    with pytest.raises(FormatError, match="no number"):
        read(put(text[:start] + samples + text[end:], "latin-1"))


@pytest.mark.parametrize("count", ["301", "1000000000000"])
def test_more_promised_than_there_is(put, cardiosoft, count: str) -> None:
    text = cardiosoft().replace("<ChannelSampleCountTotal>300", f"<ChannelSampleCountTotal>{count}")
    with pytest.raises(TruncatedError):
        read(put(text, "latin-1"))


def test_units_of_rate_and_measurements(put, cardiosoft) -> None:
    with pytest.raises(FormatError, match="in Hz"):
        read(put(cardiosoft().replace('units="Hz"', 'units="kHz"'), "latin-1"))
    ecg = read(put(cardiosoft().replace('<PQInterval units="ms">', '<PQInterval units="samples">'), "latin-1"))
    assert "pr" not in ecg.measured and ecg.measured["heart_rate"] == 61


def test_no_waveform(put) -> None:
    with pytest.raises(FormatError, match="no waveform"):
        read(put("<CardiologyXML><StripData/></CardiologyXML>"))
    with pytest.raises(FormatError):
        read(put('<CardiologyXML><S><SampleRate>500</SampleRate><WaveformData lead="I"/></S></CardiologyXML>'))


@pytest.mark.parametrize("year", ["0", "x", "1e9", "10000"])
def test_times_that_are_none(put, cardiosoft, year: str) -> None:
    ecg = read(put(cardiosoft().replace("<Year>2014", f"<Year>{year}"), "latin-1"))
    assert ecg.time is None and ecg.patient.age == 54
