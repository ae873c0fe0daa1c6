"""What a DICOM file's annotations state and measure, against pydicom's own view of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from einthoven.formats import convert, read

SCP = {
    **{"5.10.2.1-3": "rr", "5.13.5-7": "pr", "5.13.5-9": "qrs", "5.13.5-11": "qt", "5.10.2.5-5": "qtc"},
    **{"5.10.3-11": "p_axis", "5.10.3-13": "qrs_axis", "5.10.3-15": "t_axis"},
}


def _code(value: str, scheme: str, meaning: str, long: bool = False) -> Dataset:
    item = Dataset()
    setattr(item, "LongCodeValue" if long else "CodeValue", value)
    item.CodingSchemeDesignator, item.CodeMeaning = scheme, meaning
    return item


def _measurement(
    value: str, scheme: str, meaning: str, number: Any, unit: str = "ms", channels: Any = (1, 0)
) -> Dataset:
    item = Dataset()
    item.ConceptNameCodeSequence = [_code(value, scheme, meaning, len(value) > 16)]
    item.NumericValue, item.ReferencedWaveformChannels = number, list(channels)
    if unit:
        item.MeasurementUnitsCodeSequence = [_code(unit, "UCUM", unit)]
    return item


def _kinds(ecg: Any) -> dict[str, str]:
    return {notice.kind: notice.text for notice in ecg.notices}


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("name", ["pydicom", "shared"])
def test_real_files_state_their_measurements_and_nothing_is_lost_in_silence(name: str, request, tmp_path) -> None:
    path = Path(
        str(get_testdata_file("waveform_ecg.dcm"))
        if name == "pydicom"
        else request.getfixturevalue("shared") / "fixtures/dicom/Example.dcm"
    )
    items = [item for item in pydicom.dcmread(path).WaveformAnnotationSequence if len(item)]
    named = {
        SCP[item.ConceptNameCodeSequence[0].CodeValue]: float(item.NumericValue)
        for item in items
        if "NumericValue" in item and item.ConceptNameCodeSequence[0].CodeValue in SCP
    }
    texts = [item.UnformattedTextValue for item in items if "UnformattedTextValue" in item]
    ecg = read(path)
    assert ecg.measured == named and len(named) >= 7
    assert [statement.text for statement in ecg.statements] == texts
    unread = int(_kinds(ecg)["annotations-unread"].split()[0])
    assert unread + len(named) + len(texts) == len(items)
    assert ("measured-unit" in _kinds(ecg)) == (name == "shared")  # that file gives its axes in milliseconds
    for out in ("o.dcm", "o.xml"):
        convert(path, tmp_path / out)
        assert read(tmp_path / out).measured == ecg.measured
        assert [s.text for s in read(tmp_path / out).statements] == texts


@pytest.mark.parametrize(
    ("item", "measured"),
    [
        (("2:15872", "MDC", "PR interval global", "160"), {"pr": 160}),
        (("2:16156", "MDC", "QRS duration global", "0.092", "s"), {"qrs": 92}),
        (("MDC_ECG_TIME_PD_QT_GL", "MDC", "QT", "400"), {"qt": 400}),
        (("MDC_ECG_TIME_PD_QT", "MDC", "QT", "400", "ms", (1, 2)), {}),
        (("8867-4", "LN", "Heart rate", "61", "{H.B.}/min"), {"heart_rate": 61}),
        (("2:16016", "MDC", "Ventricular Heart Rate", "61", "/min"), {"heart_rate": 61}),
        (("2:16020", "MDC", "Atrial Heart Rate", "300", "/min"), {"atrial_rate": 300}),
        (("2:16132", "MDC", "QRS axis", "-30", "deg"), {"qrs_axis": -30}),
        (("2:16132", "MDC", "QRS axis", "-30", "ms"), {"qrs_axis": -30}),
        (("2:16132", "MDC", "QRS axis", "-30", "mV"), {}),
        (("2:16132", "MDC", "QRS axis", "-30", ""), {}),
        (("2:15880", "MDC", "QTc global using Bazett formula", "410"), {"qtc_bazett": 410}),
        (("2:15880", "MDC", "QTc global using Framingham formula", "410"), {"qtc_framingham": 410}),
        (("2:15892", "MDC", "QTc global using Fredericia formula", "410"), {"qtc_fridericia": 410}),
        (("2:15892", "MDC", "QTc global using Hodges formula", "410"), {"qtc_hodges": 410}),
        (("2:15872", "99X", "PR interval global", "160"), {}),
        (("5.13.5-9", "SCPECG", "QRS Duration", "92", "ms", (1, 3)), {}),
        (("2:7936", "MDC", "QRS duration per lead", "92"), {}),
        (("2:16160", "MDC", "QT duration, global", "29999"), {}),
    ],
)
def test_codes_units_and_formulas(write_dicom, item: Any, measured: dict[str, float]) -> None:
    ecg = read(write_dicom(tags={"WaveformAnnotationSequence": [_measurement(*item)]}))
    assert ecg.measured == measured
    assert ("annotations-unread" in _kinds(ecg)) == (not measured and item[3] != "29999")
    assert ("measured-unit" in _kinds(ecg)) == (item[2:] == ("QRS axis", "-30", "ms"))


def test_two_values_of_one_thing_and_words_of_a_makers_own(write_dicom) -> None:
    items = [
        _measurement("2:15872", "MDC", "PR interval global", "160"),
        _measurement("5.13.5-7", "SCPECG", "PR Interval", "160"),
        _measurement("5.13.5-7", "SCPECG", "PR Interval", "190"),
        _measurement("x", "99X", "Mrs Miller's interval", "3"),
    ]
    ecg = read(write_dicom(tags={"WaveformAnnotationSequence": items}))
    assert ecg.measured == {"pr": 160}
    text = "2 annotations of the file are not read: PR Interval, in a maker's own words."
    assert _kinds(ecg)["annotations-unread"] == text


def test_codes_of_an_impression_are_statements_and_other_annotations_are_not(write_dicom) -> None:
    """A measurement or a point in time is annotated by codes as well."""

    def coded(name: Dataset, *values: Dataset) -> Dataset:
        item = Dataset()
        item.ConceptNameCodeSequence, item.ReferencedWaveformChannels = [name], [1, 0]
        if values:
            item.ConceptCodeSequence = list(values)
        return item

    impression = _code("8601-7", "LN", "EKG impression")
    annotations = [
        coded(impression, _code("426783006", "SCT", "Sinus rhythm")),
        coded(impression, _code("NORM", "SCPECG", "NORM")),
        coded(impression, _code("MDC_ECG_RHY_SINUS_RHY", "MDC", "Sinus Rhythm", long=True)),
        coded(impression, _code("SR", "99Philips", "SR")),
        coded(impression),
        coded(_code("2:15872", "MDC", "PR"), _code("x", "y", "z")),
    ]
    ecg = read(write_dicom(tags={"WaveformAnnotationSequence": annotations}))
    assert [(s.code, s.system, s.text) for s in ecg.statements] == [
        ("426783006", "SNOMED", "Sinus rhythm"),
        ("NORM", "SCP", ""),
        ("MDC_ECG_RHY_SINUS_RHY", "MDC", "Sinus Rhythm"),
        ("SR", "Philips", ""),
    ]
    assert _kinds(ecg)["annotations-unread"].startswith("2 annotations")
