"""Real files against independent decoders: slow ones written here from the formats alone, and two packages.

The packages (ecgdatakit and sierraecg) are compared with where they are installed; no install of Einthoven brings them.
"""

from __future__ import annotations

import base64
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS
from einthoven.formats import read

AECG = ("aecg/Example.xml", "aecg/subject1_0.xml")
MUSE = ("muse/muse_ecg1.xml", "muse/muse_ecg2.xml")
PHILIPS = ("philips/3191723_ZZDEMOPTONLY_1-04_orig.xml", "philips/ad4d3d80-d165_1-04_orig.xml")
ECG_SAMPLES = 5300  # of Philips' 5500; then comes a calibration pulse
LSB = {"aecg": 0.0025, "muse": 0.00488, "philips": 0.005}
WORST_LSB = 1e-3  # what float32 leaves

Table = dict[str, list[float]]


@pytest.fixture(scope="module")
def fixtures(shared: Path) -> Path:
    folder = shared / "fixtures"
    if not (folder / AECG[0]).is_file():
        pytest.skip("the real files are not here")
    return folder


def same(ecg: ECG, expected: Table, lsb: float) -> float:
    """The largest difference over all leads and samples, in least significant bits."""
    assert set(expected) == set(ecg.leads) - set(ecg.derived) - set(ecg.missing)
    assert {len(row) for row in expected.values()} == {ecg.samples}
    return max(float(np.abs(ecg.lead(lead) - np.array(row)).max()) for lead, row in expected.items()) / lsb


def kinds(ecg: ECG) -> list[str]:
    return [notice.kind for notice in ecg.notices]


@pytest.mark.parametrize("name", AECG)
def test_aecg(fixtures: Path, name: str) -> None:
    ecg = read(fixtures / name)
    space = "{urn:hl7-org:v3}"
    expected: Table = {}
    series = ElementTree.parse(fixtures / name).getroot().find(f"{space}component/{space}series")
    for sequence in series.findall(f"{space}component/{space}sequenceSet/{space}component/{space}sequence"):
        code = sequence.find(f"{space}code").get("code")
        if "LEAD" in code:
            digits = sequence.find(f"{space}value/{space}digits").text.split()
            lead = next(lead for lead in LEADS if lead.upper() == code.rpartition("_")[2])
            expected[lead] = [2.5 * int(digit) / 1000 for digit in digits]
    assert same(ecg, expected, LSB["aecg"]) < WORST_LSB
    assert (ecg.rate, ecg.samples, ecg.derived, kinds(ecg)) == (500, 5000, (), ["age"])
    assert ecg.measured["qrs"] == 120 and ecg.measured["qrs_axis"] == -61
    assert [(s.text, s.code) for s in ecg.statements] == [("Sinus Rhythm", "MDC_ECG_RHY_SINUS_RHY")]


@pytest.mark.parametrize("name", MUSE)
def test_muse(fixtures: Path, name: str) -> None:
    ecg = read(fixtures / name)
    expected: Table = {}
    for wave in ElementTree.parse(fixtures / name).getroot().findall("Waveform"):
        if wave.findtext("WaveformType") == "Rhythm":
            for lead in wave.findall("LeadData"):
                row = array("h", base64.b64decode(lead.findtext("WaveFormData")))
                expected[lead.findtext("LeadID")] = [4.88 * value / 1000 for value in row]
    assert same(ecg, expected, LSB["muse"]) < WORST_LSB
    assert (ecg.rate, ecg.samples, ecg.derived) == (500, 5000, ("III", "aVR", "aVL", "aVF"))
    np.testing.assert_allclose(ecg.lead("III"), ecg.lead("II") - ecg.lead("I"), atol=1e-6)
    assert ecg.measured["heart_rate"] == 60 and ecg.device == "MAC55"
    assert not any("Doe" in statement.text for statement in ecg.statements)


def slow_xli(data: bytes) -> list[list[int]]:
    """XLI bit by bit and sample by sample."""
    rows = []
    while data:
        size, first = int.from_bytes(data[:4], "little"), int.from_bytes(data[6:8], "little", signed=True)
        bits = "".join(f"{byte:08b}" for byte in data[8 : 8 + size])
        words = {value: [value] for value in range(256)}
        out: list[int] = []
        last: list[int] = []
        for place in range(0, len(bits) - 9, 10):
            code = int(bits[place : place + 10], 2)
            if code == 1023:
                break
            now = words[code] if code in words else [*last, last[0]]
            if last and len(words) < 1023:
                words[len(words)] = [*last, now[0]]
            out += now
            last = now
        half = len(out) // 2
        values = [(high ^ 128) * 256 - 2**15 + low for high, low in zip(out[:half], out[half:], strict=True)]
        row, bend = values[:2], first
        for value in values[2:]:
            row.append(2 * row[-1] - row[-2] - bend)
            bend = value - 64
        rows.append(row)
        data = data[8 + size :]
    for i in range(len(rows[0])):
        one, two = rows[0][i], rows[1][i]
        rows[2][i] = three = two - one - rows[2][i]
        rows[3][i] = -rows[3][i] - (one + two) // 2
        rows[4][i] = (one - three) // 2 - rows[4][i]
        rows[5][i] = (two + three) // 2 - rows[5][i]
    return rows


@pytest.mark.parametrize("name", PHILIPS)
def test_philips(fixtures: Path, name: str) -> None:
    ecg = read(fixtures / name)
    text = (fixtures / name).read_bytes().decode("utf-16")
    start = text.index(">", text.index("<parsedwaveforms")) + 1
    rows = slow_xli(base64.b64decode(text[start : text.index("<", start)]))[: len(LEADS)]  # four more hold nothing
    expected = {lead: [value / 200 for value in row[:ECG_SAMPLES]] for lead, row in zip(LEADS, rows, strict=True)}
    assert same(ecg, expected, LSB["philips"]) < WORST_LSB
    assert {tuple(row[ECG_SAMPLES:]) for row in rows} == {(*([0] * 50), *([200] * 100), *([0] * 50))}
    assert ecg.rate == 500 and kinds(ecg) == ["calibration-pulse"] and not ecg.derived
    assert ecg.statements[0].code in {"SR", "SB"} and ecg.measured["qtc_bazett"] in {417, 466}


def _parsers() -> dict[str, Callable[[], Any]]:
    from ecgdatakit.parsing.parsers.ge_muse_xml import GEMuseXMLParser
    from ecgdatakit.parsing.parsers.hl7_aecg import HL7aECGParser
    from ecgdatakit.parsing.parsers.sierra_xml import SierraXMLParser

    return {"aecg": HL7aECGParser, "muse": GEMuseXMLParser, "philips": SierraXMLParser}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", (*AECG, *MUSE, *PHILIPS))
def test_against_ecgdatakit(fixtures: Path, name: str) -> None:
    pytest.importorskip("ecgdatakit")
    ecg, kind = read(fixtures / name), name.partition("/")[0]
    record = _parsers()[kind]().parse(fixtures / name)
    expected = {}
    for lead in record.leads:
        assert lead.resolution_unit == "uV" and lead.sampling_rate == ecg.rate
        expected[lead.label] = ((lead.samples * lead.resolution + lead.offset) / 1000)[: ecg.samples].tolist()
    assert same(ecg, expected, LSB[kind]) < WORST_LSB


@pytest.mark.parametrize("name", PHILIPS)
def test_against_sierraecg(fixtures: Path, name: str) -> None:
    sierraecg = pytest.importorskip("sierraecg")
    expected = {
        lead.label: (lead.samples[:ECG_SAMPLES] / 200).tolist()
        for lead in sierraecg.read_file(str(fixtures / name)).leads
    }
    assert same(read(fixtures / name), expected, LSB["philips"]) < WORST_LSB


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["muse", "aecg", "mortara", "sierra", "sierra-plain"])
def test_made_up_files_against_ecgdatakit(documents, put, name: str) -> None:
    pytest.importorskip("ecgdatakit")
    from ecgdatakit.parsing.parsers.mortara_el250 import MortaraEL250Parser

    path = put(documents[name], name=f"{name}.xml")
    ecg = read(path)
    parser = {**_parsers(), "mortara": MortaraEL250Parser, "sierra": _parsers()["philips"]}
    parser["sierra-plain"] = parser["sierra"]
    expected = {
        lead.label: ((lead.samples * lead.resolution + lead.offset) / 1000).tolist()
        for lead in parser[name]().parse(path).leads
    }
    assert same(ecg, expected, 0.005) < WORST_LSB
