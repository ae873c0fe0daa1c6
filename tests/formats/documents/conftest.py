"""Writers of small documents of each dialect, every part of which a test can replace in the text."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.ecg import LEADS

STORED = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
CODES = dict(zip(LEADS, (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), strict=True))
SAMPLES = 300


@pytest.fixture(scope="session")
def raw(heart: Callable[..., np.ndarray]) -> np.ndarray:
    """(12, 300) whole numbers of a made-up ECG, 5 microvolt each, in canonical order."""
    return heart(SAMPLES, amplitude=400).T


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Writes a document to a file; its name says nothing."""

    def write(content: str | bytes, encoding: str = "utf-8", name: str = "document.bin") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def coded(row: np.ndarray, kind: str = "<i2") -> str:
    return base64.b64encode(row.astype(kind).tobytes()).decode()


def muse_wave(raw: np.ndarray, kind: str = "Rhythm", leads: Sequence[str] = STORED, stored: str = "<i2") -> str:
    """A Waveform of MUSE."""
    parts = []
    for lead in leads:
        row = raw[LEADS.index(lead)] if lead in LEADS else raw[0]
        data = row.astype(stored).tobytes()
        parts.append(
            f"<LeadData><LeadByteCountTotal>{len(data)}</LeadByteCountTotal><LeadTimeOffset>0</LeadTimeOffset>"
            f"<LeadSampleCountTotal>{len(row)}</LeadSampleCountTotal>"
            "<LeadAmplitudeUnitsPerBit>5</LeadAmplitudeUnitsPerBit>"
            "<LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits>"
            f"<LeadID>{lead}</LeadID><LeadOffsetFirstSample>0</LeadOffsetFirstSample>"
            f"<FirstSampleBaseline>0</FirstSampleBaseline><LeadSampleSize>{int(stored[-1])}</LeadSampleSize>"
            f"<LeadOff>FALSE</LeadOff><LeadDataCRC32>{zlib.crc32(data)}</LeadDataCRC32>"
            f"<WaveFormData>\n{coded(row, stored)}\n</WaveFormData></LeadData>"
        )
    return (
        f"<Waveform><WaveformType>{kind}</WaveformType><NumberofLeads>{len(leads)}</NumberofLeads>"
        f"<SampleBase>500</SampleBase><SampleExponent>0</SampleExponent>{''.join(parts)}</Waveform>"
    )


@pytest.fixture(scope="session")
def muse(raw: np.ndarray) -> Callable[..., str]:
    """A MUSE document with the given waveforms (a median beat and a rhythm of 8 leads unless others are given)."""

    def make(*waves: str) -> str:
        waves = waves or (muse_wave(raw[:, :100] * 2, "Median"), muse_wave(raw))
        lines = [("Sinus rhythm", 1), ("Inferior infarct", 0), (", age undetermined", 1), ("Confirmed by Roe, R", 1)]
        statements = "".join(
            f"<DiagnosisStatement>{'<StmtFlag>ENDSLINE</StmtFlag>' * end}<StmtText>{text}</StmtText>"
            "</DiagnosisStatement>"
            for text, end in lines
        )
        return (
            '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n<RestingECG>'
            "<PatientDemographics><PatientID>P 1</PatientID><PatientAge>60</PatientAge><AgeUnits>YEARS</AgeUnits>"
            "<Gender>FEMALE</Gender></PatientDemographics>"
            "<TestDemographics><AcquisitionDevice>MAC55</AcquisitionDevice>"
            "<AcquisitionTime>13:15:18</AcquisitionTime><AcquisitionDate>05-10-2021</AcquisitionDate>"
            "</TestDemographics><RestingECGMeasurements><VentricularRate>60</VentricularRate>"
            "<PRInterval>29999</PRInterval><QRSDuration>78</QRSDuration><QTCorrected>364</QTCorrected>"
            "<RAxis>-54</RAxis></RestingECGMeasurements>"
            f"<Diagnosis>{statements}</Diagnosis><OriginalDiagnosis><DiagnosisStatement><StmtText>Other</StmtText>"
            f"</DiagnosisStatement></OriginalDiagnosis>{''.join(waves)}</RestingECG>"
        )

    return make


@pytest.fixture(scope="session")
def muse_waves() -> Callable[..., str]:
    """`muse_wave`, for tests that put waveforms together themselves."""
    return muse_wave


@pytest.fixture(scope="session")
def aecg(raw: np.ndarray) -> Callable[..., str]:
    """An aECG with a rhythm of 12 leads and a representative beat."""

    def sequences(table: np.ndarray, names: Sequence[str], time: str) -> str:
        leads = "".join(
            f'<component><sequence><code code="MDC_ECG_LEAD_{lead.upper()}" codeSystemName="MDC"/>'
            '<value xsi:type="SLIST_PQ"><origin value="0" unit="uV"/><scale value="5" unit="uV"/>'
            f"<digits>{' '.join(map(str, row.tolist()))}</digits></value></sequence></component>"
            for lead, row in zip(names, table, strict=True)
        )
        first = f"<component><sequence>{time}</sequence></component>"
        return f"<component><sequenceSet>{first}{leads}</sequenceSet></component>"

    def make(table: np.ndarray = raw, leads: Sequence[str] = LEADS) -> str:
        absolute = (
            '<code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS"><head value="20021122091000.000"/>'
            '<increment value="0.002" unit="s"/></value>'
        )
        relative = (
            '<code code="TIME_RELATIVE"/><value xsi:type="GLIST_PQ"><head value="0" unit="s"/>'
            '<increment value="2" unit="ms"/></value>'
        )
        return (
            '<?xml version="1.0"?><!-- made up --><AnnotatedECG xmlns="urn:hl7-org:v3" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><effectiveTime><center value="20021122"/>'
            "</effectiveTime><componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>"
            '<id root="1.2" extension="S 1"/><subjectDemographicPerson><administrativeGenderCode code="M"/>'
            '<birthTime value="19530508"/></subjectDemographicPerson></trialSubject></subject></subjectAssignment>'
            '</componentOf></timepointEvent></componentOf><component><series><code code="RHYTHM"/>'
            '<effectiveTime><low value="20021122091000"/><high value="20021122091000.600"/></effectiveTime>'
            "<author><seriesAuthor><manufacturedSeriesDevice><manufacturerModelName>M 1</manufacturerModelName>"
            "</manufacturedSeriesDevice><manufacturerOrganization><name>Maker</name></manufacturerOrganization>"
            f"</seriesAuthor></author>{sequences(table, leads, absolute)}"
            "<subjectOf><annotationSet><component><annotation>"
            '<code code="MDC_ECG_RHY"/><value xsi:type="CE" code="MDC_ECG_RHY_SINUS_RHY" codeSystemName="MDC" '
            'displayName="Sinus Rhythm"/></annotation></component><component><annotation>'
            '<code code="MDC_ECG_INTERPRETATION"/><component><annotation>'
            '<code code="MDC_ECG_INTERPRETATION_STATEMENT"/><value xsi:type="ST">Normal ECG</value></annotation>'
            '</component></annotation></component><component><annotation><code code="MDC_ECG_BEAT"/><component>'
            '<annotation><code code="MDC_ECG_TIME_PD_QRS"/><value value="99" unit="ms"/></annotation></component>'
            "</annotation></component></annotationSet></subjectOf><derivation><derivedSeries>"
            f'<code code="REPRESENTATIVE_BEAT"/>{sequences(table[:, :100], leads, relative)}<subjectOf><annotationSet>'
            '<component><annotation><code code="MDC_ECG_TIME_PD_QRS"/><value value="0.12" unit="s"/></annotation>'
            '</component><component><annotation><code code="MDC_ECG_ANGLE_QRS_FRONT_GL"/><value value="-61" '
            'unit="deg"/></annotation></component></annotationSet></subjectOf></derivedSeries></derivation></series>'
            "</component></AnnotatedECG>"
        )

    return make


@pytest.fixture(scope="session")
def cardiosoft(raw: np.ndarray) -> Callable[..., str]:
    """A resting ECG of CardioSoft with a strip and a median beat."""

    def waves(name: str, table: np.ndarray, names: Sequence[str]) -> str:
        leads = "".join(
            f'<WaveformData lead="{lead}">\n\t{",".join(map(str, row.tolist()))},\n</WaveformData>'
            for lead, row in zip(names, table, strict=True)
        )
        return (
            f'<{name}><NumberOfLeads>{len(names)}</NumberOfLeads><SampleRate units="Hz">500</SampleRate>'
            f"<ChannelSampleCountTotal>{table.shape[1]}</ChannelSampleCountTotal>"
            f'<Resolution units="uVperLsb">5</Resolution>{leads}</{name}>'
        )

    def make(table: np.ndarray = raw, leads: Sequence[str] = LEADS) -> str:
        return (
            '<?xml version="1.0" encoding="ISO-8859-1"?><CardiologyXML><ObservationType>RestECG</ObservationType>'
            "<ObservationDateTime><Hour>9</Hour><Minute>8</Minute><Second>7</Second><Day>6</Day><Month>5</Month>"
            "<Year>2014</Year></ObservationDateTime><ClinicalInfo><DeviceInfo><Desc>CardioSoft</Desc></DeviceInfo>"
            '</ClinicalInfo><PatientInfo><PID>7 \xe4</PID><Age units="years">54</Age><BirthDateTime><Day>2</Day>'
            "<Month>1</Month><Year>1960</Year></BirthDateTime><Gender>MALE</Gender></PatientInfo><Interpretation>"
            "<Diagnosis><DiagnosisText>Normal sinus rhythm</DiagnosisText><DiagnosisText>---</DiagnosisText>"
            "</Diagnosis><Conclusion><ConclusionText>Normal sinus rhythm</ConclusionText><ConclusionText>Normal ECG"
            "</ConclusionText></Conclusion></Interpretation><RestingECGMeasurements>"
            '<VentricularRate units="BPM">61</VentricularRate><PQInterval units="ms">150</PQInterval>'
            '<QTCInterval units="ms">410</QTCInterval><PAxis units="degrees">0</PAxis>'
            f"{waves('MedianSamples', table[:, :100] * 2, leads)}</RestingECGMeasurements>"
            f"{waves('StripData', table, leads)}</CardiologyXML>"
        )

    return make


@pytest.fixture(scope="session")
def mortara(raw: np.ndarray) -> Callable[..., str]:
    """An ELI document with 12 channels and a typical cycle."""

    def make(table: np.ndarray = raw, leads: Sequence[str] = LEADS) -> str:
        layout = 'BITS="16" FORMAT="SIGNED" UNITS_PER_MV="200" SAMPLE_FREQ="500" ENCODING="BASE64"'
        channels = "".join(
            f'<CHANNEL OFFSET="0" {layout} DURATION="{len(row)}" NAME="{lead}" DATA="{coded(row)}"/>'
            for lead, row in zip(leads, table, strict=True)
        )
        beats = "".join(
            f'<TYPICAL_CYCLE_CHANNEL NAME="{lead}" DATA="{coded(row[:100] * 2)}"/>'
            for lead, row in zip(leads, table, strict=True)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><!-- Generated by a device --><ECG ACQUISITION_TIME='
            '"20231201120000" ACQUISITION_TIME_XML="2023-12-01T12:00:00" AGE="40" AGE_UNITS="YEARS" VENT_RATE="75" '
            'AVERAGE_RR="800"><SUBJECT ID="M1" GENDER="FEMALE" DOB="19830101"/><SOURCE MANUFACTURER="MORTARA" '
            'MODEL="ELI 280"/><AUTOMATIC_INTERPRETATION><STATEMENT TEXT="SINUS RHYTHM" REASON=""/><STATEMENT '
            'TEXT="LEFT AXIS DEVIATION" REASON="QRS AXIS &lt; -30"/></AUTOMATIC_INTERPRETATION><TYPICAL_CYCLE '
            f'PR_DURATION="163" QRS_DURATION="93" QTF="464" QRS_AXIS="-35" DURATION="100" {layout}>{beats}'
            f"</TYPICAL_CYCLE>{channels}</ECG>"
        )

    return make


def lzw(data: bytes) -> bytes:
    """LZW as XLI has it: codes of 10 bits, a table that is never emptied."""
    table = {bytes((value,)): value for value in range(256)}
    codes, word = [], b""
    for value in data:
        longer = word + bytes((value,))
        if longer in table:
            word = longer
            continue
        codes.append(table[word])
        if len(table) < 1023:
            table[longer] = len(table)
        word = bytes((value,))
    codes += [table[word], 1023]
    bits = "".join(f"{code:010b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def xli(rows: Sequence[Sequence[int]]) -> bytes:
    """XLI chunks; each row is first made the residual that the format stores, sample by sample."""
    rows = [list(map(int, row)) for row in rows]
    if len(rows) >= 6:
        one, two, three, right, left, foot = rows[:6]
        every = range(len(one))
        rows[2] = [two[k] - one[k] - three[k] for k in every]
        rows[3] = [-right[k] - (one[k] + two[k]) // 2 for k in every]
        rows[4] = [(one[k] - three[k]) // 2 - left[k] for k in every]
        rows[5] = [(two[k] + three[k]) // 2 - foot[k] for k in every]
    out = b""
    for row in rows:
        bends = [2 * row[k - 1] - row[k - 2] - row[k] for k in range(2, len(row))]
        stored = [row[0], row[1], *(bend + 64 for bend in bends[1:]), 64]
        high = bytes(value >> 8 & 255 for value in stored)
        low = bytes(value & 255 for value in stored)
        packed = lzw(high + low)
        out += struct.pack("<iHh", len(packed), 0, bends[0]) + packed
    return out


@pytest.fixture(scope="session")
def xli_coder() -> Callable[[Sequence[Sequence[int]]], bytes]:
    """`xli`, for tests of the decoder alone."""
    return xli


@pytest.fixture(scope="session")
def sierra(raw: np.ndarray) -> Callable[..., str]:
    """A Sierra document; `packing` is "XLI", "" (base64) or "Plain"."""

    def make(table: np.ndarray = raw, packing: str = "XLI", leads: Sequence[str] = LEADS, version: str = "1.04") -> str:
        if packing == "XLI":
            data, coding, name = base64.b64encode(xli(table)).decode(), "Base64", 'compression="XLI"'
        elif packing == "Plain":
            data, coding, name = " ".join(map(str, table.ravel().tolist())), "Plain", 'compression="Uncompressed"'
        else:
            data, coding, name = coded(table.ravel()), "Base64", ""
        return (
            '<?xml version="1.0" encoding="utf-16"?><restingecgdata xmlns="http://www3.medical.philips.com">'
            f"<documentinfo><documenttype>PhilipsECG</documenttype><documentversion>{version}</documentversion>"
            '</documentinfo><dataacquisition date="2010-01-19" time="15:19:22"><machine detaildescription='
            '"Philips Medical Products:860315:A.01">PageWriter Touch</machine><signalcharacteristics>'
            "<samplingrate>500</samplingrate><resolution>5</resolution><signalsigned>True</signalsigned>"
            "<acquisitiontype>STD-12</acquisitiontype><numberchannelsallocated>12</numberchannelsallocated>"
            "</signalcharacteristics></dataacquisition><patient><generalpatientdata><patientid>9999</patientid>"
            '<age defaultage="50"><dateofbirth>1950-01-01</dateofbirth></age><sex>Male</sex></generalpatientdata>'
            "</patient><interpretations><interpretation><globalmeasurements><heartrate>84</heartrate>"
            "<print>0</print><qtcb>417</qtcb><qrsfrontaxis>78</qrsfrontaxis></globalmeasurements><mdsignatureline>"
            "Confirmed by: Roe</mdsignatureline><severity>- ABNORMAL ECG -</severity><statement><statementcode>SR"
            "</statementcode><leftstatement>SINUS RHYTHM</leftstatement><rightstatement>V-rate 60-99"
            "</rightstatement></statement></interpretation></interpretations><waveforms><parsedwaveforms "
            f'dataencoding="{coding}" {name} numberofleads="{len(leads)}" leadlabels="{" ".join(leads)}" '
            f'durationperchannel="{table.shape[1] * 2}" samplespersecond="500" resolution="5" signaloffset="0" '
            f'bitspersample="16">{data}</parsedwaveforms></waveforms></restingecgdata>'
        )

    return make


@pytest.fixture(scope="session")
def fhir(raw: np.ndarray) -> Callable[..., dict[str, Any]]:
    """A FHIR Observation of R4 or R5 as plain objects."""

    def make(table: np.ndarray = raw, release: int = 4, leads: Sequence[str] = LEADS) -> dict[str, Any]:
        step: dict[str, Any] = {"period": 2} if release == 4 else {"interval": 2, "intervalUnit": "ms"}
        parts = [
            {
                "code": {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.24", "code": str(131328 + CODES[lead])}]},
                "valueSampledData": {
                    "origin": {"value": 0, "unit": "uV", "system": "http://unitsofmeasure.org", "code": "uV"},
                    **step,
                    "factor": 5,
                    "dimensions": 1,
                    "data": " ".join(map(str, row.tolist())),
                },
            }
            for lead, row in zip(leads, table, strict=True)
        ]
        rate = {
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "valueQuantity": {"value": 62, "code": "/min"},
        }
        return {
            "resourceType": "Observation",
            "contained": [{"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1960-01-02"}],
            "status": "final",
            "code": {"coding": [{"code": "131328"}], "text": "12-lead ECG"},
            "subject": {"reference": "#p"},
            "effectiveDateTime": "2015-02-19T09:30:35+01:00",
            "device": {"display": "A device"},
            "interpretation": [{"text": "Normal"}],
            "component": [*parts, rate],
        }

    return make


@pytest.fixture(scope="session")
def documents(
    muse: Callable[..., str],
    aecg: Callable[..., str],
    cardiosoft: Callable[..., str],
    mortara: Callable[..., str],
    sierra: Callable[..., str],
    fhir: Callable[..., dict[str, Any]],
) -> Mapping[str, bytes]:
    """One valid file of each dialect, by name."""
    return {
        "muse": muse().encode("latin-1"),
        "aecg": aecg().encode(),
        "cardiosoft": cardiosoft().encode("latin-1"),
        "mortara": mortara().encode(),
        "sierra": b"\xff\xfe" + sierra().encode("utf-16-le"),
        "sierra-plain": sierra(packing="Plain").encode(),
        "fhir": json.dumps(fhir()).encode(),
    }
