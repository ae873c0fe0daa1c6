"""The traps of CardioSoft XML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import LEADS, FormatError, TruncatedError
from einthoven.formats import read
from einthoven.formats.cardiosoft_disclosure import leads_in_turn
from einthoven.measurement import measure


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


def by_sample(table: np.ndarray) -> str:
    """The first sample of each lead, then the second of each."""
    return ",".join(map(str, table.T.ravel().tolist()))


def by_second(table: np.ndarray, end: str = "\n\t", rate: int = 500) -> str:
    """A second of each lead on a line, as CardioSoft 6.73 writes them."""
    seconds = (row[at : at + rate] for at in range(0, table.shape[1], rate) for row in table)
    return f",{end}".join(",".join(map(str, second.tolist())) for second in seconds)


def disclosure(table: np.ndarray, names: str, ordered: Callable[[np.ndarray], str] = by_sample) -> str:
    samples = ordered(table)
    return (
        f'<FullDisclosure><NumberOfChannels>{len(table)}</NumberOfChannels><SampleRate units="Hz">500</SampleRate>'
        f'<Resolution units="uVperLsb">5</Resolution><LeadOrder>{names}</LeadOrder>'
        f"<FullDisclosureData>{samples},<SampleCountTotal>{table.size}</SampleCountTotal></FullDisclosureData>"
        "</FullDisclosure>"
    )


def test_all_leads_in_turn(put, raw) -> None:
    text = f"<CardiologyXML>{disclosure(raw[6:9], 'V1, V2,V3')}</CardiologyXML>"
    ecg = read(put(text))
    np.testing.assert_allclose(ecg.signal[6:9], raw[6:9] * 0.005, atol=1e-6)
    with pytest.raises(FormatError, match="announces 3 channels and names 2"):
        read(put(text.replace("V1, V2,V3", "V1,V2")))
    with pytest.raises(TruncatedError, match="within a sample"):
        read(put(text.replace(",<SampleCountTotal>", ",1,<SampleCountTotal>")))
    with pytest.raises(TruncatedError, match="holds 900 of the 1000 samples"):
        read(put(text.replace("Total>900", "Total>1000")))


@pytest.mark.parametrize("seconds", [1, 3.5])
def test_a_second_of_each_lead_in_turn(put, heart, seconds: float) -> None:
    raw = heart(round(500 * seconds), amplitude=400).T
    for ordered in (by_sample, by_second, lambda table: by_second(table, "")):
        ecg = read(put(f"<CardiologyXML>{disclosure(raw, ','.join(LEADS), ordered)}</CardiologyXML>"))
        np.testing.assert_allclose(ecg.signal, raw * 0.005, atol=1e-6)
        assert not kinds(ecg)


@settings(deadline=None)
@given(
    st.integers(1, 4).flatmap(lambda leads: st.tuples(st.just(leads), st.integers(20, 60), st.integers(5, 20))),
    st.randoms(use_true_random=False),
)
def test_lines_tell_the_order_even_of_noise(shape: tuple[int, int, int], random: Random) -> None:
    leads, samples, rate = shape
    table = np.array([[random.randint(-999, 999) for _ in range(samples)] for _ in range(leads)])
    np.testing.assert_array_equal(leads_in_turn(by_second(table, rate=rate) + ",", leads, rate), table)
    by_lines = ",\n".join(",".join(map(str, column)) for column in table.T.tolist())
    np.testing.assert_array_equal(leads_in_turn(by_lines, leads, rate), table)


def test_noise_in_one_line_is_refused() -> None:
    noise = np.random.default_rng(0).integers(-99, 99, (3, 1000))
    with pytest.raises(FormatError, match="Nothing tells in which order"):
        leads_in_turn(by_sample(noise), 3, 500)


@pytest.fixture
def written_by_cardiosoft(packaged: Callable[[str], Path]) -> Path:
    """A resting ECG that CardioSoft 6.73 wrote."""
    return packaged("example-XML1.xml")


def test_a_real_one(written_by_cardiosoft: Path, put) -> None:
    ecg = read(written_by_cardiosoft)
    assert (ecg.samples, ecg.rate, ecg.missing, kinds(ecg)) == (5000, 500, (), ["groups-left-out"])
    tree = ElementTree.parse(written_by_cardiosoft)
    for wave in tree.findall("StripData/WaveformData"):
        samples = np.array([int(word) for word in wave.text.split(",") if word.strip()])
        np.testing.assert_allclose(ecg.lead(wave.get("lead")), samples * 0.005, atol=1e-6)
    found, stated = measure(ecg), ecg.measured
    assert abs(found.heart_rate - stated["heart_rate"]) < 1
    assert (
        abs(found.qt - stated["qt"]) < 10 and abs(found.pr - stated["pr"]) < 10 and abs(found.qrs - stated["qrs"]) < 20
    )


def test_the_full_disclosure_of_a_real_one(written_by_cardiosoft: Path, put) -> None:
    text = written_by_cardiosoft.read_text("latin-1")
    start, end = text.index("<StripData>"), text.index("</StripData>") + len("</StripData>")
    for alone in (text[:start] + text[end:], (text[:start] + text[end:]).replace("\n", " ").replace("\t", " ")):
        ecg = read(put(alone, "latin-1"))
        assert ecg.samples == 8000 and not kinds(ecg)
        np.testing.assert_allclose(ecg.lead("III"), ecg.lead("II") - ecg.lead("I"), atol=1e-5)
        assert abs(measure(ecg).heart_rate - ecg.measured["heart_rate"]) < 2


def test_the_strip_of_most_leads_wins(put, cardiosoft, raw) -> None:
    long = disclosure(np.tile(raw[6:9], 9), "V1,V2,V3")
    ecg = read(put(cardiosoft().replace("</CardiologyXML>", long + "</CardiologyXML>"), "latin-1"))
    assert not ecg.missing or ecg.samples == 2700  # 0.6 s are too short to be preferred
    # A strip is what was interpreted: it is preferred to a longer disclosure of as many leads.
    both = cardiosoft(np.tile(raw, 4)).replace("</CardiologyXML>", disclosure(np.tile(raw, 9), ",".join(LEADS)))
    assert read(put(both + "</CardiologyXML>", "latin-1")).samples == 1200
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
