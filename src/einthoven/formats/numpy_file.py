"""NumPy arrays: a bare `.npy`, or an `.npz` that says what it holds.

An `.npz` has the arrays

- `signal`: (leads, samples) or (samples, leads), numbers of any plain type;
- `rate`: one number, samples a second;
- `unit`: one text, "uV", "mV", "V", or "none" for units of a converter;
- `leads`: a text for each channel.

`numpy.savez_compressed(path, signal=..., rate=500, unit="mV", leads=["I", "II", ...])` writes one. A bare `.npy`
states none of the last three: they must be told.
"""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg import ECG, EinthovenError, Floats, FormatError, Notice
from einthoven.formats.bare import Bare, to_ecg
from einthoven.formats.files import read_bytes
from einthoven.formats.limits import MOST_CHANNELS, check_channels
from einthoven.formats.npy import MAGIC, Array, array_of, shape_of
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.told import NOTHING, Told
from einthoven.formats.zip_members import MAGIC as ZIP
from einthoven.formats.zip_members import members_of, unpacked

_HOW = "save an .npz with the arrays signal, rate, unit and leads"
_NAMES = ("signal", "rate", "unit", "leads")
_TWELVE = 12


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file is an array in the shape of an ECG, or an archive with a signal, by its directory in `path`."""
    if head.startswith(MAGIC):
        found = shape_of(head)
        return found is not None and "U" not in found[1] and _looks_right(found[0])
    first = _first_member(head)
    if first in _NAMES:
        return True
    try:
        return first is not None and "signal.npy" in members_of(read_bytes(path))
    except EinthovenError:
        return False


def could_be(head: bytes) -> bool:
    """Whether the file is an array, or an archive of some, of whatever."""
    return head.startswith(MAGIC) or _first_member(head) is not None


def read(path: Path, told: Told = NOTHING) -> ECG:
    """Reads an array; errors as `einthoven.formats.read`, `FormatError` too where something must be told."""
    data = read_bytes(path)
    arrays, notices = _arrays(data)
    names = _texts(arrays.get("leads"), "leads")
    units = _texts(arrays.get("unit"), "unit")
    signal = _channels_first(arrays["signal"], len(names or told.leads))
    if units is not None and len(units) not in {1, len(signal)}:
        raise FormatError(f"The archive states {len(units)} units.", "Save one, or one for each channel.")
    bare = Bare(
        signal,
        names,
        (None,) * len(signal) if units is None else units * len(signal) if len(units) == 1 else units,
        _one_number(arrays.get("rate")),
        notices=tuple(notices),
    )
    return to_ecg(bare, told, "NumPy", _HOW)


def _arrays(data: bytes) -> tuple[dict[str, Array], list[Notice]]:
    """The arrays by name, of an archive those that are ours; a bare one is the signal."""
    if not data.startswith(ZIP):
        array, further = array_of(data)
        text = f"The file holds {further} bytes more than its header says; they were left out."
        return {"signal": array}, [Notice("longer-file", text)] if further else []
    arrays = {}
    members = members_of(data)
    if "signal.npy" not in members:
        listed = ", ".join(clean(name.removesuffix(".npy"), 20) for name in list(members)[:8]) or "nothing"
        raise FormatError(
            f"The archive holds {listed}, but no array 'signal'.",
            "Save it with the arrays signal, rate, unit and leads.",
        )
    for member, what in members.items():
        name = member.removesuffix(".npy")
        if name in _NAMES:
            arrays[name] = array_of(unpacked(data, what, member), f"The array '{name}'")[0]
    return arrays, []


def _first_member(head: bytes) -> str | None:
    """The name of the first array in an archive, None where it is none of arrays."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return name[:-4].decode(errors="replace") if head.startswith(ZIP) and name.endswith(b".npy") else None


def _looks_right(shape: tuple[int, ...]) -> bool:
    """Two axes, one short enough for channels and the other longer."""
    return len(shape) == 2 and 0 < min(shape) <= MOST_CHANNELS < max(shape)


def _channels_first(array: Array, channels: int) -> Floats:
    """(channels, samples); `channels` is how many are named, 0 where none is."""
    if array.dtype.kind not in "fiu" or array.ndim != 2 or 0 in array.shape:
        raise FormatError(
            f"An array of {array.dtype.name} of shape {array.shape} is no signal, which has (leads, samples).",
            "Save one ECG as numbers with two axes.",
        )
    wanted = channels or (_TWELVE if _TWELVE in array.shape else min(array.shape))
    first, second = (length == wanted for length in array.shape)
    if first and second:
        raise FormatError(
            f"The array has shape {array.shape}: which axis is time is open.", "Save more samples than leads."
        )
    if not first and not second:
        raise FormatError(
            f"{channels} leads are named, and the array has shape {array.shape}.", "Name every channel, in its order."
        )
    check_channels(wanted)
    turned: Floats = array if first else array.T
    return turned


def _texts(array: Array | None, name: str) -> tuple[str, ...] | None:
    if array is None:
        return None
    if array.dtype.kind != "U" or array.ndim > 1 or not 0 < array.size <= MOST_CHANNELS:
        raise FormatError(f"The array '{name}' of the archive is no list of texts.", "Save it as texts.")
    try:
        return tuple(clean(str(text), NAME_LENGTH) for text in array.reshape(-1).tolist())
    except ValueError as error:  # bytes that are no letters
        raise FormatError(f"The array '{name}' of the archive is damaged.", "Save it again.") from error


def _one_number(array: Array | None) -> float | None:
    if array is None:
        return None
    if array.dtype.kind not in "fiu" or array.size != 1:
        raise FormatError("The array 'rate' of the archive is not one number.", "Save the rate in Hz.")
    return float(array.reshape(-1)[0])
