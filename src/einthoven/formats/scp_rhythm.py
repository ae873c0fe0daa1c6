"""The rhythm of an SCP-ECG record (EN 1064, sections 2 to 6), or its reference beat where there is no rhythm."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import FormatError, Notice, TruncatedError
from einthoven.formats import scp_beats, scp_huffman
from einthoven.formats.documents.channels import Block, Channel
from einthoven.formats.limits import check_length, check_rate, check_values
from einthoven.formats.scp_beats import Beats
from einthoven.formats.scp_huffman import Table, Values
from einthoven.formats.scp_leads import Lead, Leads, read_leads
from einthoven.formats.scp_sections import Record

_NANOVOLT = 1e-6  # in mV
_HEAD = struct.Struct("<HHBB")
_MOST_FACTOR = 4  # samples that one mean stands for
_VERSION_3 = 30
# Its layout is public in BioSig alone, whose writer warns that it follows a draft that was to change (2.5.0), and where
# one byte (16) is the second of its time and a flag for its filters at once. Neither ecgdatakit, C# ECG Toolkit nor
# PixelMed reads it, and the standard (EN 1064:2020, ISO 41064:2023) has to be bought.
_LONG_TERM = 12
_LESS = "Export it with less compression."


@dataclass(frozen=True)
class Stored:
    """Section 5 or 6: nanovolt a step (0 if unknown), microseconds a sample, and each lead's bytes."""

    step: int
    interval: int
    order: int
    bimodal: bool
    leads: tuple[bytes, ...]
    tables: tuple[Table, ...]

    def values(self, number: int, count: int, name: str) -> Values:
        """`count` amplitudes (count,) of a lead; errors as `scp_huffman.decode`."""
        data = self.leads[number]
        if self.tables:
            found = scp_huffman.decode(data, count, self.tables, name)
        elif len(data) < 2 * count:
            raise TruncatedError(
                f"{name} holds {len(data) // 2} of the {count} samples that the SCP-ECG file promises.",
                "Copy or export it again.",
            )
        else:
            found = np.frombuffer(data, "<i2", count).astype(np.int64)
        return scp_huffman.undo_differences(found, self.order)


def read_rhythm(record: Record) -> Block:
    """The channels of section 6, or of section 5 where it is missing.

    Leads that were not recorded all the time hold NaN where they were not.

    Raises:
        FormatError: there is neither, or a way of compression that is not certain.
        TruncatedError: a lead holds fewer samples than it should.
        SignalError, UnsafeFileError: as `einthoven.formats.limits`.
    """
    if 6 not in record.sections and 5 not in record.sections:
        raise _no_waveform(record)
    leads = read_leads(record.sections.get(3, b""))
    tables = scp_huffman.read_tables(record.sections.get(2, b""))
    if 6 not in record.sections:
        return _reference_beat(record, leads, tables)
    stored = _stored(record, 6, leads, tables)
    beat = _stored(record, 5, leads, tables) if leads.subtracted or stored.bimodal else None
    factor = _factor(record, stored, beat, leads.subtracted)
    rate = _rate(stored.interval if factor == 1 else stored.interval // factor)
    check_rate(rate)
    check_length(leads.last - leads.first + 1, rate)
    check_values(len(leads.all), leads.last - leads.first + 1)
    compressed = leads.subtracted or factor > 1
    beats = scp_beats.read_beats(record.sections.get(4, b""), factor > 1) if compressed else None
    notices = list(leads.notices)
    if factor > 1:
        text = (
            f"Outside the QRS complexes the device stored only every {factor} samples' mean "
            f"({1e6 / stored.interval:g} Hz); those between are on lines between the means."
        )
        notices.append(Notice("decimated", text))
    channels = tuple(
        _channel(number, lead, leads, stored, beat, beats, factor) for number, lead in enumerate(leads.all)
    )
    if record.version >= _VERSION_3 and _LONG_TERM in record.sections:
        text = "The SCP-ECG file holds a long-term ECG as well (section 12 of version 3), which was not read."
        notices.append(Notice("long-term", text))
    return Block("RHYTHM", rate, channels, tuple(notices))


def _channel(
    number: int, lead: Lead, leads: Leads, stored: Stored, beat: Stored | None, beats: Beats | None, factor: int
) -> Channel:
    name = f"Lead {lead.name}"
    step = float(stored.step)
    if beats is None:
        row = stored.values(number, lead.samples, name).astype(np.float64)
    else:
        mask = scp_beats.protected(beats, lead.first, lead.last)
        count = scp_beats.stored_samples(mask, factor)
        row = scp_beats.spread(stored.values(number, count, name), mask, factor)
    if beat is not None and beats is not None and leads.subtracted:
        samples = _beat_samples(beats.length_ms, beat.interval)
        if beats.zones and not 1 <= beats.fiducial <= samples:
            raise FormatError(
                f"The reference beat of the SCP-ECG file has {samples} samples and its QRS at number {beats.fiducial}: "
                "where it was subtracted is not certain.",
                _LESS,
            )
        row = row * stored.step
        added = beat.values(number, samples, name).astype(np.float64) * beat.step
        scp_beats.add_beat(row, lead.first, added, beats)
        step = 1.0
    if lead.first > leads.first or lead.last < leads.last:
        whole = np.full(leads.last - leads.first + 1, np.nan)
        whole[lead.first - leads.first : lead.last - leads.first + 1] = row
        row = whole
    return Channel(lead.name, row, step * _NANOVOLT if step else None)


def _reference_beat(record: Record, leads: Leads, tables: tuple[Table, ...]) -> Block:
    stored = _stored(record, 5, leads, tables)
    rate = _rate(stored.interval)
    check_rate(rate)
    samples = _beat_samples(scp_beats.read_beats(record.sections.get(4, b""), False).length_ms, stored.interval)
    check_length(samples, rate)
    channels = tuple(
        Channel(
            lead.name,
            stored.values(number, samples, f"Lead {lead.name}"),
            stored.step * _NANOVOLT if stored.step else None,
        )
        for number, lead in enumerate(leads.all)
    )
    return Block("reference beat", rate, channels)


def _stored(record: Record, section: int, leads: Leads, tables: tuple[Table, ...]) -> Stored:
    body, count = record.sections.get(section, b""), len(leads.all)
    data_at = _HEAD.size + 2 * count
    if len(body) < data_at:
        raise TruncatedError(f"Section {section} of the SCP-ECG file is missing or too short.", _LESS)
    step, interval, order, bimodal = _HEAD.unpack_from(body)
    if interval == 0 or order > 2:
        raise FormatError(
            f"Section {section} of the SCP-ECG file states no sampling rate, or no way of storing that there is.",
            "Export it again.",
        )
    sizes = struct.unpack_from(f"<{count}H", body, _HEAD.size)
    if data_at + sum(sizes) > len(body):
        raise TruncatedError(
            f"Section {section} of the SCP-ECG file holds {len(body) - data_at} of {sum(sizes)} bytes of samples.",
            "Copy or export it again.",
        )
    starts = [data_at + sum(sizes[:number]) for number in range(count)]
    data = tuple(body[start : start + size] for start, size in zip(starts, sizes, strict=True))
    return Stored(step, interval, order, section == 6 and bimodal != 0, data, tables)


def _factor(record: Record, stored: Stored, beat: Stored | None, subtracted: bool) -> int:
    """How many samples one stored outside the QRS complexes stands for; refuses what is not certain."""
    if beat is None:
        return 1
    if record.version >= _VERSION_3:
        raise FormatError(
            "The SCP-ECG file is of version 3 but compressed as only older versions may be.", "Export it again."
        )
    if subtracted and not (stored.step and beat.step):
        raise FormatError("The SCP-ECG file does not state the gain of its reference beat.", _LESS)
    factor, rest = divmod(stored.interval, beat.interval)
    if rest or not 1 <= factor <= (_MOST_FACTOR if stored.bimodal else 1):
        raise FormatError(
            f"The sampling intervals of rhythm and reference beat in the SCP-ECG file, {stored.interval} and "
            f"{beat.interval} microseconds, do not fit together.",
            _LESS,
        )
    return factor


def _beat_samples(length_ms: int, interval: int) -> int:
    return round(length_ms * 1000 / interval)


def _rate(interval: int) -> float:
    """Samples a second: a whole number where the interval is that of one, rounded or cut to microseconds.

    >>> _rate(2000), _rate(3333), _rate(1953), _rate(2200)
    (500.0, 300.0, 512.0, 454.54545454545456)
    """
    near = round(1e6 / interval)
    whole = near and interval in {round(1e6 / near), int(1e6 / near)}
    return float(near) if whole else 1e6 / interval


def _no_waveform(record: Record) -> FormatError:
    if record.version >= _VERSION_3 and _LONG_TERM in record.sections:
        return FormatError(
            "The SCP-ECG file holds only a long-term ECG (section 12 of version 3), which is not read: "
            "the one public description of its bytes is of a draft, and nothing is there to check it by.",
            "Export a part of it as a rhythm (section 6), or in another format.",
        )
    return FormatError("The SCP-ECG file holds no waveform.", "Export the ECG with its rhythm (section 6).")
