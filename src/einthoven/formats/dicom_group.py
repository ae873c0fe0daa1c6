"""One multiplex group of a DICOM waveform as plain values, and the choice among several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from einthoven.ecg import FormatError, TruncatedError, canonical
from einthoven.formats.choice import RHYTHM_SECONDS, coverage, is_beat
from einthoven.formats.dicom_leads import lead_by_code, lead_of
from einthoven.formats.dicom_values import first_of, number_of, text_of
from einthoven.formats.limits import MOST_BYTES, check_channels, check_length, check_rate
from einthoven.formats.text import NAME_LENGTH, clean


@dataclass(frozen=True)
class Channel:
    """One channel; None where the file states nothing. `skew` in seconds or samples, if not zero."""

    lead: str
    sensitivity: float | None
    correction: float
    baseline: float
    unit: str | None
    bits_stored: int | None
    skew: float
    contradicts: bool


@dataclass(frozen=True)
class Group:
    """One multiplex group: `samples` of each channel, interleaved in `data`."""

    label: str
    original: bool
    rate: float
    samples: int
    bits: int
    interpretation: str
    big_endian: bool
    padding: bytes
    channels: tuple[Channel, ...]
    data: bytes

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.samples / self.rate

    @property
    def beat(self) -> bool:
        """Whether it calls itself a median or average beat."""
        return is_beat(self.label)


def choose(groups: list[Group]) -> Group:
    """The rhythm: no median beat, long enough, most leads, original, longest; the first among equals."""
    return max(
        groups,
        key=lambda group: (
            not group.beat,
            group.seconds >= RHYTHM_SECONDS,
            coverage(channel.lead for channel in group.channels),
            group.original,
            group.seconds,
        ),
    )


def group_of(item: Any, big_endian: bool, beats: bool = True) -> Group:
    """The group in one item of a Waveform Sequence; call it inside `guarded`.

    Args:
        beats: whether a median beat's channels are looked at; else it has none, which is quicker by half.

    Raises:
        FormatError: an element that every waveform has is missing, or contradicts another.
        TruncatedError: fewer bytes than samples.
        UnsafeFileError, SignalError: as `einthoven.formats.limits`.
    """
    definitions = item.ChannelDefinitionSequence
    count, samples = int(item.NumberOfWaveformChannels), int(item.NumberOfWaveformSamples)
    rate, bits = float(item.SamplingFrequency), int(item.WaveformBitsAllocated)
    check_channels(count)
    check_rate(rate)
    check_length(samples, rate)
    if count != len(definitions):
        raise FormatError(
            f"The DICOM waveform announces {count} channels and defines {len(definitions)}.",
            "Export it again.",
        )
    data, needed = item.WaveformData, count * samples * bits // 8
    if not isinstance(data, bytes) or needed > MOST_BYTES:
        raise FormatError("The DICOM waveform holds no samples.", "Export it again.")
    if len(data) < needed:
        raise TruncatedError(
            f"The DICOM waveform holds {len(data)} of the {needed} bytes that its header promises.",
            "Copy or export it again.",
        )
    padding = item.get("WaveformPaddingValue")
    label = clean(text_of(item, "MultiplexGroupLabel"), NAME_LENGTH)
    wanted = definitions if beats or not is_beat(label) else ()
    return Group(
        label=label,
        original=text_of(item, "WaveformOriginality") == "ORIGINAL",
        rate=rate,
        samples=samples,
        bits=bits,
        interpretation=str(item.WaveformSampleInterpretation),
        big_endian=big_endian,
        padding=padding if isinstance(padding, bytes) else b"",
        channels=tuple(_channel(definition, number) for number, definition in enumerate(wanted, 1)),
        data=data[:needed],
    )


def _channel(item: Any, number: int) -> Channel:
    source = first_of(item, "ChannelSourceSequence")
    code = text_of(source, "CodeValue") if source is not None else ""
    meaning = text_of(source, "CodeMeaning") if source is not None else ""
    label = text_of(item, "ChannelLabel")
    lead = lead_of(code, meaning) or canonical(label)
    unit = first_of(item, "ChannelSensitivityUnitsSequence")
    correction = number_of(item, "ChannelSensitivityCorrectionFactor")
    stored = number_of(item, "WaveformBitsStored")
    return Channel(
        lead=lead or clean(meaning or label or code, NAME_LENGTH) or f"channel {number}",
        sensitivity=number_of(item, "ChannelSensitivity") or None,  # 0 is none
        correction=1.0 if correction is None else correction,
        baseline=number_of(item, "ChannelBaseline") or 0.0,
        unit=clean(text_of(unit, "CodeValue"), NAME_LENGTH) if unit is not None else None,
        bits_stored=int(stored) if stored else None,
        skew=number_of(item, "ChannelTimeSkew") or number_of(item, "ChannelSampleSkew") or 0.0,
        contradicts=lead_by_code(code) is not None and canonical(meaning) not in {None, lead},
    )
