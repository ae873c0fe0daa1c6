"""Files in which identities are planted wherever a format has a place for words: 50 in each."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from einthoven.ecg import Patient, Statement
from einthoven.formats import write
from einthoven.testing import simulate

COUNT = 50
TIME = datetime(2019, 8, 7, 6, 5, 4)


def canary(number: int) -> str:
    """A word that stands nowhere else; number 0 is the patient's id."""
    return f"Canary{number:02d}Q"


def _dicom(write_dicom: Callable[..., Path], channel: Callable[..., Dataset]) -> Path:
    words = map(canary, range(COUNT))
    tags: dict[str, Any] = {"PatientID": next(words), "PatientAge": "093Y", "PatientSex": "F"}
    tags |= {"AcquisitionDateTime": "20190807060504", "PatientBirthDate": "19260102"}
    for name in (
        "PatientName",
        "OtherPatientNames",
        "ReferringPhysicianName",
        "OperatorsName",
        "PatientMotherBirthName",
    ):
        tags[name] = f"{next(words)}^{next(words)}"
    for name in (
        *("OtherPatientIDs", "InstitutionName", "InstitutionAddress", "StudyID", "AccessionNumber", "StationName"),
        *("StudyDescription", "SeriesDescription", "PatientAddress", "PatientComments", "Manufacturer"),
        *("ManufacturerModelName", "DeviceSerialNumber", "MilitaryRank", "EthnicGroup", "Occupation", "AdmissionID"),
        *("AdditionalPatientHistory", "RequestingPhysician", "RequestedProcedureDescription", "ImageComments"),
        *("CurrentPatientLocation", "PatientTelephoneNumbers", "ProtocolName", "SoftwareVersions"),
        *("MedicalRecordLocator", "BranchOfService"),
    ):
        tags[name] = next(words)
    notes = []
    for _ in range(8):
        item = Dataset()
        item.UnformattedTextValue, item.ReferencedWaveformChannels = f"seen by {next(words)}", [1, 0]
        notes.append(item)
    coded, name = Dataset(), Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "8601-7", "LN", "EKG impression"
    value = Dataset()
    value.CodeValue, value.CodingSchemeDesignator, value.CodeMeaning = next(words), "SCPECG", next(words)
    coded.ConceptNameCodeSequence, coded.ConceptCodeSequence, coded.ReferencedWaveformChannels = [name], [value], [1, 0]
    tags["WaveformAnnotationSequence"] = [*notes, coded]
    channels = [channel(lead) for lead in ("I", "II", "V1")]
    channels += [channel("V2", code="local", meaning=next(words))]  # a channel with a name of its own
    path = write_dicom(tags=tags, leads=("I", "II", "V1", "V2"), channels=channels, label=next(words))
    assert next(words, None) is None, "not all are planted"
    return path


def _muse(folder: Path) -> Path:
    ecg = simulate(rate=500, seconds=2)
    names = ("PatientID", "PatientLastName", "PatientFirstName", "Race", "HISAccountNumber", "VisitTypeID", "Location")
    patient = "".join(f"<{name}>{canary(n)}</{name}>" for n, name in enumerate(names))
    staff = (
        "LocationName",
        "RoomID",
        "OverreaderFirstName",
        "OverreaderLastName",
        "AcquisitionTechLastName",
        "SiteName",
    )
    test = "".join(f"<{name}>{canary(7 + n)}</{name}>" for n, name in enumerate(staff))
    lines = "".join(
        f"<DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>referred for {canary(n)}</StmtText>"
        "</DiagnosisStatement>"
        for n in range(14, 45)
    )
    rest = "".join(f"<Note{n}>{canary(n)}</Note{n}>" for n in range(45, COUNT))
    leads = "".join(
        f"<LeadData><LeadSampleCountTotal>{ecg.samples}</LeadSampleCountTotal><LeadAmplitudeUnitsPerBit>4.88"
        f"</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits><LeadID>{lead}</LeadID>"
        f"<LeadSampleSize>2</LeadSampleSize><WaveFormData>"
        f"{b64encode(np.rint(ecg.lead(lead) / 0.00488).astype('<i2').tobytes()).decode()}</WaveFormData></LeadData>"
        for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
    )
    path = folder / "document.bin"
    path.write_text(
        f"<RestingECG><PatientDemographics>{patient}<DateofBirth>01-02-1926</DateofBirth><PatientAge>93</PatientAge>"
        f"<AgeUnits>YEARS</AgeUnits><Gender>FEMALE</Gender></PatientDemographics><TestDemographics>{test}"
        f"<AcquisitionDevice>MAC of {canary(13)}</AcquisitionDevice><AcquisitionTime>06:05:04</AcquisitionTime>"
        f"<AcquisitionDate>08-07-2019</AcquisitionDate></TestDemographics><Diagnosis>{lines}</Diagnosis>{rest}"
        f"<Waveform><WaveformType>Rhythm</WaveformType><SampleBase>500</SampleBase>{leads}</Waveform></RestingECG>"
    )
    return path


def _aecg(folder: Path) -> Path:
    ecg = simulate(rate=500, seconds=2).described(
        patient=Patient(canary(0), 93.0, "female"),
        time=TIME,
        device=canary(1),
        statements=(Statement(f"Normal ECG, says {canary(2)}"), Statement(canary(3), canary(4), "MDC")),
    )
    text = write(ecg, folder / "plain.xml").paths[0].read_text()
    places = "".join(f'<id root="{canary(n)}" extension="{canary(n + 1)}"/>' for n in range(5, 25, 2))
    sites = "".join(f"<location><addr><city>{canary(n)}</city></addr></location>" for n in range(25, 37))
    people = "".join(f"<responsibleParty><name>{canary(n)}</name></responsibleParty>" for n in range(37, 49))
    text = text.replace("<trialSubject>", f"<!-- {canary(49)} -->{places}{sites}{people}<trialSubject>")
    path = folder / "document.bin"
    path.write_text(text)
    (folder / "plain.xml").unlink()
    return path


def _wfdb(write_record: Callable[..., Path]) -> Path:
    comments = [f"#Patient ID: {canary(0)}", "#Age: 93", "#Sex: Female", f"#Device: cart of {canary(1)}"]
    comments += [f"#Dx: 426783006,{canary(2)}", f"#Dx (SCP): {canary(3)} {canary(4)}", f"#Dx ({canary(5)}): AFIB"]
    comments += [f"#Diagnosis: {canary(n)} has atrial fibrillation" for n in range(6, 26)]
    comments += [f"#Reason for admission: {canary(n)}" for n in range(26, 30)]
    comments += [f"# Name {n}: {canary(n)}" for n in range(30, 48)]
    leads = ["I", "II", "V1", canary(48)]
    record = f"{canary(49)} 4 500 1000 06:05:04 07/08/2019"
    return write_record(record=record, leads=leads, comments=comments)


@pytest.fixture(params=["dicom", "muse", "aecg", "wfdb"])
def planted(request: pytest.FixtureRequest) -> Path:
    """A file that can be read, with all of the canaries in it."""
    get = request.getfixturevalue
    match request.param:
        case "dicom":
            return _dicom(get("write_dicom"), get("dicom_channel"))
        case "muse":
            return _muse(get("tmp_path"))
        case "aecg":
            return _aecg(get("tmp_path"))
        case _:
            return _wfdb(get("write_record"))


@pytest.fixture(scope="session")
def canaries() -> list[str]:
    """All words that are planted in each file."""
    return [canary(number) for number in range(COUNT)]
