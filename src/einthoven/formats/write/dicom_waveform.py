"""The waveform of a DICOM ECG: one multiplex group of 16-bit samples (PS3.3 C.10.9, leads by CID 3001)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from einthoven.formats.write.digits import INVALID, Digits

_MEANINGS = {
    **{lead: (number, f"Lead {lead}") for number, lead in ((1, "I"), (2, "II"), (61, "III"))},
    "aVR": (62, "aVR, augmented voltage, right"),
    "aVL": (63, "aVL, augmented voltage, left"),
    "aVF": (64, "aVF, augmented voltage, foot"),
    **{f"V{number}": (number + 2, f"Lead V{number}") for number in range(1, 7)},
}
_BITS = 16
_LONGEST_SHORT_CODE = 16


def group(digits: Mapping[str, Digits], rate: float) -> Any:
    """The multiplex group of the leads in `digits`, at `rate` Hz."""
    from pydicom.dataset import Dataset
    from pydicom.valuerep import format_number_as_ds

    item = Dataset()
    item.MultiplexGroupTimeOffset, item.WaveformOriginality = "0", "ORIGINAL"
    item.NumberOfWaveformChannels = len(digits)
    item.NumberOfWaveformSamples = len(next(iter(digits.values())).raw)
    item.SamplingFrequency = format_number_as_ds(rate)
    item.MultiplexGroupLabel = "RHYTHM"
    item.ChannelDefinitionSequence = [
        _channel(number, lead, part) for number, (lead, part) in enumerate(digits.items(), 1)
    ]
    item.WaveformBitsAllocated, item.WaveformSampleInterpretation = _BITS, "SS"
    if any(part.gaps for part in digits.values()):
        item.add_new("WaveformPaddingValue", "OW", np.array(INVALID, "<i2").tobytes())
    samples = np.stack([part.raw for part in digits.values()], axis=1)
    item.add_new("WaveformData", "OW", samples.astype("<i2").tobytes())
    return item


def code(value: str, scheme: str, meaning: str) -> Any:
    """One coded entry (PS3.3 8.8); a long code goes where the standard has long ones."""
    from pydicom.dataset import Dataset

    item = Dataset()
    setattr(item, "CodeValue" if len(value) <= _LONGEST_SHORT_CODE else "LongCodeValue", value)
    item.CodingSchemeDesignator, item.CodeMeaning = scheme, meaning
    return item


def _channel(number: int, lead: str, part: Digits) -> Any:
    from pydicom.dataset import Dataset
    from pydicom.valuerep import format_number_as_ds

    item = Dataset()
    place, meaning = _MEANINGS[lead]
    item.WaveformChannelNumber, item.ChannelLabel = number, lead
    item.ChannelSourceSequence = [code(f"2:{place}", "MDC", meaning)]
    item.ChannelSensitivity = format_number_as_ds(part.step)
    item.ChannelSensitivityUnitsSequence = [code("uV", "UCUM", "microvolt")]
    item.ChannelSensitivityCorrectionFactor = "1"
    item.ChannelBaseline = format_number_as_ds(part.zero * part.step)
    item.ChannelSampleSkew = "0"
    item.WaveformBitsStored = _BITS
    return item
