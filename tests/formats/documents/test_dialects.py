"""Each dialect read back, sample by sample, and what each file says beside its samples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from einthoven.ecg import ECG, EinthovenError, Statement
from einthoven.formats import FORMATS, find, read

EVERY = ("muse", "aecg", "cardiosoft", "mortara", "sierra", "sierra-plain", "fhir")
FORMAT = {
    "muse": "MUSE XML",
    "aecg": "HL7 aECG",
    "cardiosoft": "CardioSoft XML",
    "mortara": "Mortara ELI XML",
    "sierra": "Philips Sierra XML",
    "sierra-plain": "Philips Sierra XML",
    "fhir": "FHIR Observation",
}


@pytest.fixture
def ecgs(documents: Mapping[str, bytes], put) -> Mapping[str, ECG]:
    return {name: read(put(content, name=name)) for name, content in documents.items()}


def test_samples_rate_and_leads(ecgs: Mapping[str, ECG], raw) -> None:
    for name, ecg in ecgs.items():
        stored = [lead for lead in ecg.leads if lead not in ecg.derived]
        rows = [ecg.leads.index(lead) for lead in stored]
        np.testing.assert_allclose(ecg.signal[rows], raw[rows] * 0.005, atol=1e-6, err_msg=name)
        assert ecg.rate == 500 and ecg.calibrated and not ecg.missing
        assert ecg.format == FORMAT[name] and ecg.format in FORMATS
        assert ecg.derived == (("III", "aVR", "aVL", "aVF") if name == "muse" else ())


def test_a_folder_of_them_is_found(ecgs: Mapping[str, ECG], tmp_path) -> None:
    (tmp_path / "page.xml").write_text("<?xml version='1.0'?><html/>")
    (tmp_path / "other.json").write_text('{"leads": 12}')
    assert {path.name for path in find([tmp_path])} == set(ecgs)


def test_patient_time_device(ecgs: Mapping[str, ECG]) -> None:
    found = {name: (e.patient.id, e.patient.age, e.patient.sex, e.time, e.device) for name, e in ecgs.items()}
    philips = ("9999", 60, "male", datetime(2010, 1, 19, 15, 19, 22), "Philips Medical Products PageWriter Touch")
    assert found == {
        "muse": ("P 1", 60, "female", datetime(2021, 5, 10, 13, 15, 18), "MAC55"),
        "aecg": ("S 1", 49, "male", datetime(2002, 11, 22, 9, 10), "Maker M 1"),
        "cardiosoft": ("7 ä", 54, "male", datetime(2014, 5, 6, 9, 8, 7), "CardioSoft"),
        "mortara": ("M1", 40, "female", datetime(2023, 12, 1, 12), "MORTARA ELI 280"),
        "sierra": philips,
        "sierra-plain": philips,
        "fhir": ("p", 55, "female", datetime(2015, 2, 19, 9, 30, 35, tzinfo=timezone(timedelta(hours=1))), "A device"),
    }


def test_statements_and_measured(ecgs: Mapping[str, ECG]) -> None:
    assert [s.text for s in ecgs["muse"].statements] == ["Sinus rhythm", "Inferior infarct, age undetermined"]
    assert ecgs["muse"].measured == {"heart_rate": 60, "qrs": 78, "qtc": 364, "qrs_axis": -54}
    assert ecgs["aecg"].statements == (
        Statement("Sinus Rhythm", "MDC_ECG_RHY_SINUS_RHY", "MDC"),
        Statement("Normal ECG"),
    )
    assert ecgs["aecg"].measured == {"qrs": 120, "qrs_axis": -61}
    assert [s.text for s in ecgs["cardiosoft"].statements] == ["Normal sinus rhythm", "Normal ECG"]
    assert ecgs["cardiosoft"].measured == {"heart_rate": 61, "pr": 150, "qtc": 410, "p_axis": 0}
    assert [s.text for s in ecgs["mortara"].statements] == ["SINUS RHYTHM", "LEFT AXIS DEVIATION (QRS AXIS < -30)"]
    assert ecgs["mortara"].measured == {
        **{"heart_rate": 75, "rr": 800, "pr": 163, "qrs": 93},
        **{"qtc_fridericia": 464, "qrs_axis": -35},
    }
    assert ecgs["sierra"].statements == (
        Statement("SINUS RHYTHM (V-rate 60-99)", "SR", "Philips"),
        Statement("ABNORMAL ECG"),
    )
    assert ecgs["sierra"].measured == {"heart_rate": 84, "qtc_bazett": 417, "qrs_axis": 78}
    assert ecgs["fhir"].statements == (Statement("Normal"),) and ecgs["fhir"].measured == {"heart_rate": 62}


def test_only_what_is_unusual_is_noticed(ecgs: Mapping[str, ECG]) -> None:
    kinds = {name: [notice.kind for notice in ecg.notices] for name, ecg in ecgs.items()}
    assert kinds["muse"] == ["signature", "derived-leads"] and kinds["sierra-plain"] == ["encoding"]
    assert not any(kinds[name] for name in EVERY if name not in {"muse", "sierra-plain"})


def test_the_same_ecg_in_each_dialect_has_the_same_hash(ecgs: Mapping[str, ECG]) -> None:
    assert len({ecg.sha256 for name, ecg in ecgs.items() if name != "muse"}) == 1  # MUSE derives four leads


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", EVERY)
def test_in_any_encoding(documents: Mapping[str, bytes], put, name: str, encoding: str) -> None:
    whole = documents[name]
    text = whole.decode("utf-16" if whole.startswith(b"\xff\xfe") else "latin-1")
    declared = text.replace("ISO-8859-1", encoding.removesuffix("-sig"))
    assert read(put(declared, encoding)).sha256 == read(put(whole)).sha256


@pytest.mark.parametrize("gain", ["", "parsecs"])
def test_no_unit_no_voltage(documents: Mapping[str, bytes], put, raw, gain: str) -> None:
    changes = {
        "muse": ("MICROVOLTS", gain),
        "aecg": ('<scale value="5" unit="uV"/>', f'<scale value="5" unit="{gain}"/>'),
        "cardiosoft": ("uVperLsb", gain),
        "mortara": ('UNITS_PER_MV="200"', f'UNITS_PER_MV="{gain}"'),
        "sierra-plain": ("<resolution>5</resolution>", "", ' resolution="5"', f' resolution="{gain}"'),
        "fhir": ('"code": "uV"', f'"code": "{gain}"', '"unit": "uV"', f'"unit": "{gain}"'),
    }
    for name, (*pairs,) in changes.items():
        text = documents[name].decode("latin-1")
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        ecg = read(put(text, "latin-1", name))
        assert not ecg.calibrated and {"no-gain", "uncalibrated"} <= {notice.kind for notice in ecg.notices}, name
        np.testing.assert_allclose(ecg.lead("V1"), raw[6], err_msg=name)


RATES = {
    "muse": "<SampleBase>{500}",
    "aecg": '<increment value="{0.002}"',
    "cardiosoft": '<SampleRate units="Hz">{500}',
    "mortara": 'SAMPLE_FREQ="{500}"',
    "sierra-plain": 'samplespersecond="{500}"',
    "fhir": '"period": {2}',
}


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("rate", ["0", "-500", "NaN", "1e9", "1e-9", "Infinity", "", "1" * 400])
def test_rates_of_no_ecg(documents: Mapping[str, bytes], put, name: str, rate: str) -> None:
    before, old, after = RATES[name].replace("}", "{").split("{")
    text = documents[name].decode("latin-1")
    assert before + old + after in text
    text = text.replace(before + old + after, before + (rate or ("null" if name == "fhir" else "")) + after)
    # Where one rate is absent, Sierra has another.
    text = text.replace("<samplingrate>500</samplingrate>", "<samplingrate>x</samplingrate>")
    with pytest.raises(EinthovenError) as refused:
        read(put(text, "latin-1"))
    assert refused.value.mend
