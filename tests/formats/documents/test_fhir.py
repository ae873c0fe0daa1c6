"""The traps of FHIR's SampledData and what may stand around it."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest

from einthoven.ecg import EinthovenError, FormatError, Statement
from einthoven.formats import read


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


@pytest.fixture
def save(put):
    return lambda document: read(put(json.dumps(document)))


def test_both_releases(save, fhir, raw) -> None:
    for release in (4, 5):
        ecg = save(fhir(release=release))
        np.testing.assert_allclose(ecg.signal, raw * 0.005, atol=1e-6)
        assert ecg.rate == 500 and not kinds(ecg)


@pytest.mark.parametrize(("interval", "unit", "rate"), [(2000, "us", 500), (0.004, "s", 250), (2e6, "ns", 500)])
def test_units_of_the_interval(save, fhir, interval: float, unit: str, rate: float) -> None:
    document = fhir(release=5)
    for part in document["component"][:12]:
        part["valueSampledData"] |= {"interval": interval, "intervalUnit": unit}
    assert save(document).rate == rate


@pytest.mark.parametrize("step", [{"interval": 2, "intervalUnit": "Hz"}, {"interval": 2}, {}, {"interval": "2"}])
def test_steps_that_are_none(save, fhir, step: dict) -> None:
    document = fhir()
    for part in document["component"][:12]:
        del part["valueSampledData"]["period"]
        part["valueSampledData"] |= step
    with pytest.raises(FormatError, match="step of time"):
        save(document)


def test_pieces_of_a_lead_are_joined(save, fhir, raw) -> None:
    document = fhir()
    document["component"] = fhir(raw[:, :100])["component"][:12] + fhir(raw[:, 100:])["component"][:12]
    ecg = save(document)
    np.testing.assert_allclose(ecg.signal, raw * 0.005, atol=1e-6)
    assert kinds(ecg) == ["pieces"]
    document["component"][12]["valueSampledData"]["factor"] = 6
    with pytest.raises(FormatError, match="differ in scale"):
        save(document)
    with pytest.raises(FormatError, match="differ in length"):
        save(document | {"component": document["component"][:11] + document["component"][13:]})


def test_errors_and_values_beyond_the_limits_are_gaps(save, fhir) -> None:
    document = fhir()
    data = document["component"][7]["valueSampledData"]
    words = data["data"].split()
    words[3], words[4], words[5] = "E", "U", "L"
    data["data"] = " ".join(words)
    ecg = save(document)
    assert np.isnan(ecg.lead("V2")[3:6]).all() and np.isfinite(ecg.lead("V2")[6:]).all()
    assert kinds(ecg) == ["out-of-range", "invalid-samples"]
    data["data"] = data["data"].replace("E", "EE")
    with pytest.raises(FormatError, match="no number"):
        save(document)


def test_origin_is_added(save, fhir, raw) -> None:
    document = fhir()
    for part in document["component"][:12]:
        part["valueSampledData"]["origin"] = {"value": -0.5, "unit": "mV"}
        part["valueSampledData"]["factor"] = 0.005
    np.testing.assert_allclose(save(document).signal, raw * 0.005 - 0.5, atol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        {"dimensions": 2},
        {"codeMap": "x"},
        {"offsets": "0 5 9"},
        {"data": ""},
        {"data": None},
        {"data": [1, 2]},
        {"data": "1,2"},
    ],
)
def test_sampled_data_that_is_not_read(save, fhir, change: dict) -> None:
    document = fhir()
    for part in document["component"][:12]:
        part["valueSampledData"] |= change
    with pytest.raises(FormatError):
        save(document)


def test_leads_by_code_name_or_words(save, fhir) -> None:
    document = fhir()
    writings = ({"code": "131329"}, {"display": "MDC_ECG_ELEC_POTL_II"}, {"code": "2:61"}, {"display": "Lead aVR"})
    for part, coding in zip(document["component"], writings, strict=False):
        part["code"] = {"coding": [{"system": "http://elsewhere"}, coding]}
    document["component"][4]["code"] = {"text": "aVL"}
    ecg = save(document)
    assert not ecg.missing and not ecg.derived
    document["component"][11]["code"] = {"text": "pressure"}
    assert save(document).missing == ("V6",)


def test_one_lead_alone(save, fhir, raw) -> None:
    part = fhir()["component"][1]
    ecg = save({"resourceType": "Observation", "status": "entered-in-error", **part})
    np.testing.assert_allclose(ecg.lead("II"), raw[1] * 0.005, atol=1e-6)
    assert len(ecg.missing) == 11 and "status" in kinds(ecg)


def test_a_bundle(save, fhir) -> None:
    observation = fhir() | {"subject": {"reference": "Patient/7"}, "device": {"reference": "urn:uuid:d"}}
    qrs = {"code": {"coding": [{"code": "8633-0"}]}, "valueQuantity": {"value": 0.09, "code": "s"}}
    entries = [
        {
            "resourceType": "Patient",
            "id": "7",
            "identifier": [{"value": "MRN 7"}],
            "gender": "male",
            "birthDate": "1980-05",
        },
        {"resourceType": "Device", "id": "d", "manufacturer": "Maker", "modelNumber": "M 2"},
        {"resourceType": "Observation", **qrs},
        {
            "resourceType": "DiagnosticReport",
            "conclusion": "Sinus rhythm\nConfirmed by Dr Roe",
            "conclusionCode": [
                {"coding": [{"system": "http://snomed.info/sct", "code": "426783006", "display": "SR"}]}
            ],
        },
        observation,
    ]
    ecg = save({"resourceType": "Bundle", "entry": [{"resource": entry} for entry in entries]})
    assert (ecg.patient.id, ecg.patient.age, ecg.patient.sex, ecg.device) == ("MRN 7", None, "male", "Maker M 2")
    assert ecg.statements == (Statement("Sinus rhythm"), Statement("SR", "426783006", "SNOMED"), Statement("Normal"))
    assert ecg.measured == {"heart_rate": 62, "qrs": 90} and kinds(ecg) == ["signature"]


def test_resources_without_a_waveform(save) -> None:
    for document in ({"resourceType": "Patient"}, {"resourceType": "Bundle", "entry": []}, {"resourceType": ["x"]}):
        with pytest.raises(FormatError, match="SampledData"):
            save(document)
    with pytest.raises(FormatError, match="1000 entries"):
        save({"resourceType": "Bundle", "entry": [{}] * 1001})


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [[]], [None], True, {"coding": 5}, [{"coding": [[]]}]])
def test_values_of_other_kinds(put, fhir, value: object) -> None:
    whole = fhir()
    for key in whole:
        if key != "resourceType":
            path = put(json.dumps(whole | {key: value}))
            try:
                assert read(path).rate == 500
            except FormatError as refused:
                assert refused.mend
    for key in ("code", "valueSampledData", "origin", "factor", "dimensions", "period", "data"):
        document = fhir()
        for part in document["component"][:12]:
            (part if key in part else part["valueSampledData"])[key] = value
        with suppress(EinthovenError):
            read(put(json.dumps(document)))
