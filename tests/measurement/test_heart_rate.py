"""Heart rates against what was simulated, what devices printed, and what cardiologists marked."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import ECG
from einthoven.measurement import measure


@pytest.mark.parametrize("heart_rate", [35, 60, 75, 110, 160])
@pytest.mark.parametrize("rate", [100, 257, 500, 1000])
def test_the_simulated_rate_is_measured(heart_rate, rate):
    found = measure(testing.simulate(heart_rate, rate=rate, noise=0.03, qt_ms=300))
    assert found.heart_rate == pytest.approx(heart_rate, abs=0.6)
    assert found.rr_median == pytest.approx(60_000 / heart_rate, abs=1000 / rate)  # whole samples
    assert found.rr_spread < 10 and found.regular


def test_in_atrial_fibrillation_the_rate_is_that_of_the_whole_recording():
    times = testing.beat_times(110, rhythm="af", seed=2)
    found = measure(testing.simulate(110, rhythm="af", seed=2))
    assert found.heart_rate == pytest.approx(60 / np.diff(times).mean(), abs=0.6)
    assert found.rr_spread > 50


def test_neither_gain_nor_missing_leads_matter():
    found = measure(testing.simulate(72, leads=["V4"], calibrated=False, noise=0.01))
    assert found.heart_rate == pytest.approx(72, abs=0.6)


@pytest.mark.parametrize(
    ("ecg", "word"),
    [
        (testing.flat(testing.simulate()), "flat"),
        (testing.simulate(60, seconds=2.4), "Too few"),
        (testing.add_noise(testing.flat(testing.simulate()), 0.3), "noise"),
    ],
    ids=["flat", "short", "noise"],
)
def test_what_cannot_be_measured_is_none_with_a_reason(ecg, word):
    found = measure(ecg)
    assert found.heart_rate is found.rr_median is found.rr_spread is None
    assert found.r_peaks.size == 0
    assert {"heart_rate", "rr_median", "rr_spread", "qrs", "median_beat"} <= set(found.reasons)
    assert word in found.reasons["heart_rate"]
    assert found.to_dict()["heart_rate_bpm"] is None


def test_the_json_document_is_plain():
    document = measure(testing.simulate(60)).to_dict()
    assert all(type(peak) is int for peak in document["r_peaks"])
    assert type(document["heart_rate_bpm"]) is float


def test_cardiologists_marked_the_same_beats(real_data):
    wfdb = pytest.importorskip("wfdb")
    marked = hit = extra = agreed = 0
    for number in range(1, 101, 3):
        name = str(real_data / "ludb" / "data" / str(number))
        record = wfdb.rdrecord(name)
        marks = wfdb.rdann(name, "ii")
        truth = marks.sample[np.array(marks.symbol) == "N"]
        ecg = ECG(record.p_signal.T, record.fs, record.sig_name)
        found = measure(ecg).r_peaks
        found = found[(found > truth[0] - 100) & (found < truth[-1] + 100)]
        apart = np.abs(found[:, None] - truth).min(axis=0) if found.size else np.full(truth.size, 1e9)
        marked += truth.size
        hit += int((apart <= 0.15 * record.fs).sum())
        extra += max(0, found.size - truth.size)
        rates = [60 * record.fs / np.diff(peaks).mean() for peaks in (found, truth)]
        agreed += abs(rates[0] - rates[1]) <= 2
    assert hit >= 0.99 * marked
    assert extra <= 0.01 * marked
    assert agreed >= 0.95 * 34


def test_the_devices_of_chapman_hospital_say_the_same(real_data):
    folder = real_data / "chapman-shaoxing"
    stated = _ventricular_rates(folder / "Diagnostics.xlsx")
    apart = []
    for file in sorted((folder / "ECGDataDenoised").glob("*.csv")):
        signal = np.loadtxt(file, delimiter=",", dtype=np.float32).T / 1000
        apart.append(abs(measure(ECG(signal, 500)).heart_rate - stated[file.stem]))
    assert len(apart) == 20
    assert np.mean(np.array(apart) <= 2) >= 0.95


def test_a_dicom_states_the_same_interval():
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file

    path = get_testdata_file("waveform_ecg.dcm", download=False)
    if path is None:
        pytest.skip("this pydicom has no ECG among its files")
    data = pydicom.dcmread(path)
    group = data.WaveformSequence[0]
    names = [
        channel.ChannelSourceSequence[0].CodeMeaning.removeprefix("Lead ").split(" (")[0]
        for channel in group.ChannelDefinitionSequence
    ]
    ecg = ECG(data.waveform_array(0).T, float(group.SamplingFrequency), names, calibrated=False)
    assert 60_000 / measure(ecg).heart_rate == pytest.approx(982, abs=2)


def _ventricular_rates(path: Path) -> dict[str, float]:
    """Record name to rate, out of the first sheet of a spreadsheet."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    words = ["".join(part.text or "" for part in item.iter(f"{space}t")) for item in shared]

    def cells(row: ElementTree.Element) -> list[str]:
        texts = [(cell.get("t"), cell.findtext(f"{space}v") or "") for cell in row]
        return [words[int(text)] if kind == "s" else text for kind, text in texts]

    rows = iter(sheet.iter(f"{space}row"))
    column = cells(next(rows)).index("VentricularRate")
    return {row[0]: float(row[column]) for row in map(cells, rows)}


@pytest.mark.parametrize(("start", "end", "held"), [(1500, 2450, np.nan), (1500, 2450, 0.0), (3000, 4900, 0.2)])
def test_no_interval_is_taken_across_what_was_not_recorded(start, end, held):
    whole = testing.simulate(72)
    signal = np.array(whole.signal)
    signal[:, start:end] = held
    found, true = measure(ECG(signal, rate=500)), measure(whole)
    assert found.heart_rate == pytest.approx(true.heart_rate, abs=2) and found.regular
    assert found.qtc["fridericia"] == pytest.approx(true.qtc["fridericia"], abs=12)
