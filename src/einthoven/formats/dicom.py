"""DICOM waveforms: 12-lead, General, Ambulatory and General 32-bit ECG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from einthoven.ecg import ECG, EinthovenError, FormatError, Notice, TruncatedError, UnsafeFileError
from einthoven.formats.dicom_annotations import annotations_of
from einthoven.formats.dicom_file import PREAMBLE, guarded, parse
from einthoven.formats.dicom_group import Group, choose, group_of
from einthoven.formats.dicom_signal import read_signal
from einthoven.formats.dicom_tags import accession_of, device_of, patient_of, time_of
from einthoven.formats.files import read_bytes
from einthoven.formats.text import clean

_ECG_CLASSES = {f"1.2.840.10008.5.1.4.1.1.9.1.{kind}" for kind in (1, 2, 3, 4)}
_MOST_GROUPS = 16
_WAVEFORM_SEQUENCE = 0x54000100


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file carries DICOM's mark after 128 bytes of anything; `path` tells nothing more."""
    return head[PREAMBLE - 4 : PREAMBLE] == b"DICM"


def read(path: Path) -> ECG:
    """Reads the rhythm of a DICOM ECG; errors as `einthoven.formats.read`."""
    data = read_bytes(path)
    with guarded():
        dataset = parse(data)
        _require_ecg(dataset)
        groups, broken = _groups(dataset)
        time = time_of(dataset)
        patient, device, said = patient_of(dataset, time), device_of(dataset), annotations_of(dataset)
        accession = accession_of(dataset)
    group = choose(groups)
    signal, calibrated, notices = read_signal(group)
    if group.beat:
        notices.append(Notice("median-beat", f"The file holds no rhythm, only the group '{group.label}'."))
    if broken:
        notices.append(Notice("group-unread", f"Another group of the file cannot be read: {broken[0].message}"))
    left = [other for other in groups if other is not group and not other.beat]
    if left:
        text = f"Read the group of {group.seconds:g} s; {len(left)} other group(s) of the file were left out."
        notices.append(Notice("groups-left-out", text))
    notices += said.notices
    return ECG(
        signal,
        group.rate,
        [channel.lead for channel in group.channels],
        calibrated,
        patient=patient,
        time=time,
        device=device,
        statements=said.statements,
        measured=said.measured,
        notices=notices,
        format="DICOM",
        accession=accession,
    )


def _groups(dataset: Any) -> tuple[list[Group], list[EinthovenError]]:
    """The groups that can be read, and why others cannot; a median beat stands in for no rhythm."""
    items = dataset.WaveformSequence
    if len(items) > _MOST_GROUPS:
        raise UnsafeFileError(f"The DICOM ECG holds {len(items)} waveform groups.", "Export it again.")
    big_endian = dataset.original_encoding[1] is False
    groups, broken = _read_groups(items, big_endian, beats=False)
    if all(group.beat for group in groups):
        if broken:
            raise broken[0]
        groups, broken = _read_groups(items, big_endian, beats=True)
        if not groups:
            raise broken[0]
    return groups, broken


def _read_groups(items: Any, big_endian: bool, beats: bool) -> tuple[list[Group], list[EinthovenError]]:
    groups: list[Group] = []
    broken: list[EinthovenError] = []
    for item in items:
        try:
            groups.append(group_of(item, big_endian, beats))
        except EinthovenError as error:
            broken.append(error)
    return groups, broken


def _require_ecg(dataset: Any) -> None:
    kind = dataset.get("SOPClassUID")
    stated = dataset.file_meta.get("MediaStorageSOPClassUID")
    if not len(dataset) or (
        not _ECG_CLASSES.isdisjoint((kind, stated)) and max(map(int, dataset.keys())) < _WAVEFORM_SEQUENCE
    ):
        # Elements stand in the order of their tags, and every ECG has this one.
        raise TruncatedError("The DICOM file is cut short: it ends before its waveform.", "Copy or export it again.")
    if kind not in _ECG_CLASSES and not (kind is None and "WaveformSequence" in dataset):
        name = clean(str(getattr(kind, "name", kind)), 80)
        what = "an image" if "PixelData" in dataset or "Image" in name else "no ECG waveform"
        raise FormatError(
            f"The DICOM file holds {what} ({name}).",
            "Choose the file of the 12-lead or General ECG Waveform.",
        )
    if not dataset.get("WaveformSequence"):
        raise FormatError("The DICOM ECG holds no waveform.", "Copy or export it again.")
