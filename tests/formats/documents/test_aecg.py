"""The traps of HL7 aECG."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import FormatError
from einthoven.formats import read

STEP = '<increment value="0.002" unit="s"/>'


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


@pytest.mark.parametrize(
    ("value", "unit", "rate"),
    [("2", "ms", 500), ("2000", "us", 500), ("0.001", "s", 1000), ("0.0033", "s", 1 / 0.0033), ("3.90625", "ms", 256)],
)
def test_steps_of_time(put, aecg, value: str, unit: str, rate: float) -> None:
    ecg = read(put(aecg().replace(STEP, f'<increment value="{value}" unit="{unit}"/>')))
    assert ecg.rate == pytest.approx(rate, rel=1e-12)


def test_a_step_without_unit_is_the_one_that_fits_the_duration(put, aecg) -> None:
    for value in ("0.002", "2", "2000"):
        ecg = read(put(aecg().replace(STEP, f'<increment value="{value}"/>')))
        assert ecg.rate == 500 and kinds(ecg) == ["time-unit"]
    with pytest.raises(FormatError, match="no unit"):
        read(put(aecg().replace(STEP, '<increment value="0.004"/>')))
    with pytest.raises(FormatError, match="no unit"):
        read(put(aecg().replace(STEP, '<increment value="2"/>').replace("<high ", "<hi ")))
    with pytest.raises(FormatError, match="fortnights"):
        read(put(aecg().replace(STEP, '<increment value="2" unit="fortnights"/>')))


def test_origin_and_scale_have_units_of_their_own(put, aecg, raw) -> None:
    scale = '<origin value="0" unit="uV"/><scale value="5" unit="uV"/>'
    changed = aecg().replace(scale, '<origin value="-0.25" unit="mV"/><scale value="5000" unit="nV"/>')
    np.testing.assert_allclose(read(put(changed)).signal, raw * 0.005 - 0.25, atol=1e-6)
    no_unit = aecg().replace(scale, '<origin value="3"/><scale value="5" unit="uV"/>')
    assert not read(put(no_unit)).calibrated
    zero = aecg().replace(scale, '<origin value="0"/><scale value="5" unit="uV"/>')
    assert read(put(zero)).calibrated


def test_leads_of_vendors_and_others(put, aecg) -> None:
    text = aecg().replace("MDC_ECG_LEAD_V1", "VENDOR_ECG_LEAD_V1").replace("MDC_ECG_LEAD_AVR", "MDC_ECG_LEAD_AVRNEG")
    ecg = read(put(text))
    assert "V1" not in ecg.missing and ecg.derived == ("aVR",) and "other-channels" in kinds(ecg)


def test_the_rhythm_and_not_the_beat(put, aecg) -> None:
    text = aecg()
    start, end = text.index("<component><sequenceSet>"), text.index("<subjectOf>")
    ecg = read(put(text[:start] + text[end:]))
    assert ecg.samples == 100 and kinds(ecg)[0] == "median-beat"
    doubled = text[:end] + text[start:end] + text[end:]
    assert kinds(read(put(doubled))) == ["groups-left-out"]


def test_samples_elsewhere_are_refused(put, aecg) -> None:
    text = aecg()
    start, end = text.index("<digits>"), text.index("</digits>") + len("</digits>")
    with pytest.raises(FormatError, match="another file"):
        read(put(text[:start] + '<reference value="file:///etc/passwd"/>' + text[end:]))


@pytest.mark.parametrize("digits", ["1 2 x", "1 2 nan", "0x10", "1-2", "1_0", "1,2", "inf", "\u0661", "1e400", "--"])
def test_digits_that_are_none(put, aecg, digits: str) -> None:
    text = aecg()
    place = text.index("<digits>") + len("<digits>")
    with pytest.raises(FormatError, match="no number"):
        read(put(text[:place] + digits + " " + text[place:]))


def test_no_time_sequence(put, aecg) -> None:
    text = aecg()
    start, end = text.index("<sequenceSet>") + 13, text.index("</component>", text.index("<sequenceSet>")) + 12
    with pytest.raises(FormatError, match="sampling rate"):
        read(put(text[:start] + text[end:]))
    with pytest.raises(FormatError, match="sampling rate"):
        read(put(aecg().replace(STEP, "")))


def test_an_age_that_contradicts_the_dates_is_named(put, aecg) -> None:
    control = (
        '<controlVariable><relatedObservation><code code="21612-7"/><value value="{}" unit="{}"/>'
        "</relatedObservation></controlVariable><component><series>"
    )
    for value, unit, age, named in (("46", "a", 46, True), ("588", "mo", 49, False), ("x", "a", 49, False)):
        ecg = read(put(aecg().replace("<component><series>", control.format(value, unit), 1)))
        assert ecg.patient.age == age and ("age" in kinds(ecg)) == named


def test_invalid_samples(put, aecg, raw) -> None:
    table = raw.copy()
    table[7, 5] = -(2**15)
    ecg = read(put(aecg(table)))
    assert np.isnan(ecg.lead("V2")[5]) and "invalid-samples" in kinds(ecg)
    fine = aecg(table).replace('<scale value="5" unit="uV"/>', '<scale value="0.1" unit="uV"/>')
    assert ecg.calibrated and read(put(fine)).lead("V2")[5] == pytest.approx(-3.2768)  # a voltage like others


def test_times_with_and_without_an_hour(put, aecg) -> None:
    text = aecg()
    assert read(put(text.replace('low value="20021122091000"', 'low value="20021122091000-0500"'))).time.hour == 9
    for word in ("low", "head"):
        text = text.replace(f"<{word} ", "<x ")
    ecg = read(put(text))
    assert ecg.time is None and kinds(ecg) == ["unread-time"]
