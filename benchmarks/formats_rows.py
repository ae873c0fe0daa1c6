"""The rows of docs/formats.md: what each format's files are, and how another library reads them.

A format is one `Row`; it counts as soon as `einthoven.formats.registry` names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.ecg import ECG, LEADS, canonical

MILLIVOLT = {"mv": 1.0, "millivolt": 1.0, "uv": 1e-3, "µv": 1e-3, "microvolt": 1e-3, "v": 1e3}
MICROVOLT = 1e-3

Channels = dict[str, tuple[np.ndarray, float]]
"""By canonical lead: samples in mV, and one least significant bit in mV."""


@dataclass(frozen=True)
class Row:
    """One format.

    Args:
        name: its key in the registry.
        files: what its files are called.
        reads, leaves: what of them is read, and what is not.
        library: what it is compared with, "" where there is nothing independent.
        load: the bare library's way from a path to samples in physical units; this is timed.
        channels: what `load` gave, as `Channels`; the ECG tells which of several groups was meant.
        otherwise: a second independent way, for files that the library refuses; its name in `second`.
        fastest: the quickest bare library, where that is another than `library`; its name in `quick`.
        told: keyword arguments of `einthoven.read` for files that do not say everything themselves.
    """

    name: str
    files: str
    reads: str
    leaves: str
    library: str = ""
    load: Callable[[Path], Any] | None = None
    channels: Callable[[Any, ECG], Channels] | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    second: str = ""
    otherwise: Callable[[Path], Channels] | None = None
    quick: str = ""
    fastest: Callable[[Path], Any] | None = None


def by_lead(parts: Iterable[tuple[str, np.ndarray, float]]) -> Channels:
    """Channels whose name is one of the twelve leads."""
    named = ((canonical(name.removeprefix("ECG ").removeprefix("Lead ").strip()), row, lsb) for name, row, lsb in parts)
    return {lead: (np.asarray(row, float), lsb) for lead, row, lsb in named if lead}


def load_wfdb(path: Path) -> Any:
    import wfdb

    return wfdb.rdrecord(str(path.with_suffix("")), return_res=64)


def wfdb_channels(record: Any, ecg: ECG) -> Channels:
    gains = record.adc_gain or [1000.0] * record.n_sig  # a record in segments states none
    units = [MILLIVOLT[unit.lower()] for unit in record.units]
    rows = zip(record.sig_name, record.p_signal.T, units, gains, strict=True)
    return by_lead((name, row * unit, unit / gain) for name, row, unit, gain in rows)


def challenge_by_scipy(path: Path) -> Channels:
    """A Challenge record whose header wfdb refuses: the matrix by scipy, the header's lines by their words."""
    import scipy.io

    values = scipy.io.loadmat(path.with_suffix(".mat"))["val"]
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()[1 : 1 + len(values)]]
    gains = [float(words[2].partition("/")[0]) for words in lines]
    rows = zip(lines, values, gains, strict=True)
    return by_lead((words[8], (row - float(words[4])) / gain, 1 / gain) for words, row, gain in rows)


def load_dicom(path: Path) -> Any:
    import pydicom

    dataset = pydicom.dcmread(path)
    groups = []
    for place, group in enumerate(dataset.WaveformSequence):
        # Samples without their leads and units are no ECG; other libraries' loaders give both as well.
        channels = [_dicom_channel(item) for item in group.ChannelDefinitionSequence]
        groups.append((float(group.SamplingFrequency), channels, dataset.waveform_array(place)))
    return groups


def dicom_channels(loaded: Any, ecg: ECG) -> Channels:
    for rate, channels, array in loaded:
        if (len(array), rate) == (ecg.samples, ecg.rate):
            rows = zip(channels, array.T, strict=True)
            return by_lead((name, row * unit, abs(step) * unit) for (name, step, unit), row in rows)
    return {}


def _dicom_channel(item: Any) -> tuple[str, float, float]:
    """Name, step and unit in mV."""
    unit = MILLIVOLT[item.ChannelSensitivityUnitsSequence[0].CodeValue.lower()]
    step = float(item.ChannelSensitivity) * float(item.get("ChannelSensitivityCorrectionFactor", 1))
    return item.ChannelSourceSequence[0].CodeMeaning.partition("(")[0], step, unit


def ecgdatakit(module: str, parser: str) -> Callable[[Path], Any]:
    def load(path: Path) -> Any:
        import importlib

        found = importlib.import_module(f"ecgdatakit.parsing.parsers.{module}")
        leads = getattr(found, parser)().parse(path).leads
        return [(lead, lead.samples * lead.resolution + lead.offset) for lead in leads]

    return load


def ecgdatakit_channels(loaded: Any, ecg: ECG) -> Channels:
    units = [MILLIVOLT[(lead.resolution_unit or "uV").lower()] for lead, _ in loaded]
    return by_lead(
        (lead.label, row * unit, lead.resolution * unit) for (lead, row), unit in zip(loaded, units, strict=True)
    )


def philips_channels(loaded: Any, ecg: ECG) -> Channels:
    """Without what follows the ECG: Einthoven cuts the calibration pulse off, with a notice."""
    cut = {notice.kind for notice in ecg.notices} & {"calibration-pulse"}
    return {
        lead: (row[: ecg.samples] if cut else row, lsb) for lead, (row, lsb) in ecgdatakit_channels(loaded, ecg).items()
    }


def load_edf(path: Path) -> Any:
    import edfio

    return [(signal, signal.data) for signal in edfio.read_edf(path).signals]


def edf_channels(loaded: Any, ecg: ECG) -> Channels:
    parts = []
    for signal, data in loaded:
        unit = MILLIVOLT.get(signal.physical_dimension.lower(), 1.0)
        span = (signal.physical_max - signal.physical_min) / (signal.digital_max - signal.digital_min)
        parts.append((signal.label, data * unit, abs(span) * unit))
    return by_lead(parts)


def load_table(path: Path) -> Any:
    return np.loadtxt(path, delimiter=",")


def load_by_arrow(path: Path) -> Any:
    from pyarrow import csv

    table = csv.read_csv(path, csv.ReadOptions(autogenerate_column_names=True))
    return np.stack([column.to_numpy() for column in table.columns])


def load_cpsc(path: Path) -> Any:
    import scipy.io

    return scipy.io.loadmat(path)["ECG"]["data"][0, 0]


def load_code15(path: Path) -> Any:
    """One exam, without the zeros around it."""
    import h5py

    file, _, exam = str(path).rpartition("#")
    with h5py.File(file, "r") as held:
        rows = held["tracings"][int(np.flatnonzero(held["exam_id"][:] == int(exam))[0])]
    live = np.flatnonzero(rows.any(axis=1))
    return rows[live[0] : live[-1] + 1]


def standard_order(unit: float) -> Callable[[Any, ECG], Channels]:
    """A plain matrix with the twelve leads in the standard order; a microvolt counts as one step."""

    def channels(loaded: Any, ecg: ECG) -> Channels:
        rows = loaded if len(loaded) == len(LEADS) else loaded.T
        return {lead: (row * unit, MICROVOLT) for lead, row in zip(LEADS, rows, strict=True)}

    return channels


def load_npz(path: Path) -> Any:
    with np.load(path, allow_pickle=False) as file:
        return file["signal"], str(file["unit"]), [str(lead) for lead in file["leads"]]


def npz_channels(loaded: Any, ecg: ECG) -> Channels:
    signal, unit, leads = loaded
    rows = signal if len(signal) == len(leads) else signal.T
    factor = MILLIVOLT[unit.lower()]
    return by_lead((lead, row * factor, MICROVOLT) for lead, row in zip(leads, rows, strict=True))


def load_by_ecg2dcm(path: Path) -> Any:
    from ecg2dcm.adapters.cardiosoft import parse

    strip = next(wave for wave in parse(path).waveforms if wave.label == "Rhythm")
    return strip, {lead: row * strip.units_per_bit for lead, row in strip.leads.items()}


def ecg2dcm_channels(loaded: Any, ecg: ECG) -> Channels:
    strip, leads = loaded
    return by_lead((lead, row * MICROVOLT, strip.units_per_bit * MICROVOLT) for lead, row in leads.items())


_DATAKIT = "ecgdatakit"
_MUSE = ecgdatakit("ge_muse_xml", "GEMuseXMLParser")
_AECG = ecgdatakit("hl7_aecg", "HL7aECGParser")
_SIERRA = ecgdatakit("sierra_xml", "SierraXMLParser")
_ELI = ecgdatakit("mortara_el250", "MortaraEL250Parser")
_SCP = ecgdatakit("scp_ecg", "SCPECGParser")
_ISHNE = ecgdatakit("ishne_holter", "ISHNEHolterParser")

ROWS = (
    Row(
        *("WFDB", ".hea with .dat, .mat, ..."),
        "all formats, FLAC (extra `formats`), segments, several signal files",
        "annotation files; signals outside the header's folder",
        *("wfdb", load_wfdb, wfdb_channels),
        second="scipy",
        otherwise=challenge_by_scipy,
    ),
    Row(
        *("DICOM", ".dcm"),
        "12-lead, general, ambulatory and 32-bit ECG; the rhythm",
        "median beats; compressed waveforms",
        *("pydicom", load_dicom, dicom_channels),
    ),
    Row("HL7 aECG", ".xml", "the rhythm series", "representative beats", _DATAKIT, _AECG, ecgdatakit_channels),
    Row("MUSE XML", ".xml", "the rhythm", "median beats", _DATAKIT, _MUSE, ecgdatakit_channels),
    Row(
        *("CardioSoft XML", ".xml", "the strip, or the full disclosure", "median beats; exercise trends"),
        *("ecg2dcm", load_by_ecg2dcm, ecg2dcm_channels),
    ),
    Row("Philips Sierra XML", ".xml", "1.03 to 1.04, XLI or plain", "beats", _DATAKIT, _SIERRA, philips_channels),
    Row("Mortara ELI XML", ".xml", "the rhythm", "the typical cycle", _DATAKIT, _ELI, ecgdatakit_channels),
    Row("FHIR Observation", ".json", "SampledData of an Observation or Bundle", "what refers to other resources"),
    Row(
        *("SCP-ECG", ".scp", "versions 1 and 2, and what version 3 shares with them"),
        "version 3's long-term ECG (section 12): its one public description is of a draft",
        *(_DATAKIT, _SCP, ecgdatakit_channels),
    ),
    Row("EDF", ".edf", "EDF and EDF+", "annotations; above an hour", "edfio", load_edf, edf_channels),
    Row("ISHNE", ".ecg", "version 1", "annotation files; above an hour", _DATAKIT, _ISHNE, ecgdatakit_channels),
    # Numbers go through Arrow already; what is above its time are the checks of a record: sentinels, identities, size.
    Row(
        *("CSV", ".csv, .tsv, .txt", "one column or row a lead", "what neither the file nor its user says"),
        *("numpy", load_table, standard_order(MICROVOLT)),
        {"rate": 500, "unit": "uV", "leads": LEADS},
        quick="pyarrow",
        fastest=load_by_arrow,
    ),
    Row(
        *("NumPy", ".npz, .npy", "one array of leads; .npz with rate, unit and leads", "pickled objects"),
        *("numpy", load_npz, npz_channels),
    ),
    Row(
        *("CPSC2018 MATLAB", ".mat", "the data set's own struct", "other structs"),
        *("scipy", load_cpsc, standard_order(1.0)),
    ),
    Row(
        *("CODE-15 HDF5", ".hdf5", "each exam as FILE#EXAM_ID", "other layouts"),
        *("h5py", load_code15, standard_order(1.0)),
    ),
)

NO_ECG = {
    "data/README.md": "text",
    "data/splits/**": "lists of records",
    "data/ecg-qa/**": "questions and answers",
    "data/ptb-xl/packed/**": "PTB-XL packed for tests, in no published layout",
    "data/ptb-xl/*.*": "tables of the data set, and a script",
    "data/chapman-shaoxing/Diagnostics.xlsx": "a table of the data set",
    "data/ludb/RECORDS": "a list of records",
    "data/ludb/*.csv": "a table of the data set",
    "data/ludb/*.txt": "licence and checksums",
    "data/ludb/data/*.[iav]*": "wave annotations of WFDB",
    "data/cpsc2018-original/*.csv": "a table of the data set",
    "data/cpsc2018-original/**/REFERENCE.csv": "a table of the data set",
    "data/cinc2011-quality.npz": "500 ECGs packed in one array for tests, in no published layout",
}
"""Files below the folder of real ECGs that are none, by pattern, and what they are."""
