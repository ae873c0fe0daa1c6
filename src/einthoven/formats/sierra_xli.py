"""XLI, Philips' compression: a chunk for each lead, its second differences in high bytes and low bytes, LZW on top.

No public specification exists. The layout is the one that the sierra-ecg-tools of C. A. Watford worked out; limb leads
III, aVR, aVL and aVF are stored as what I and II leave unexplained of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError
from einthoven.ecg.leads import LIMB
from einthoven.formats.limits import MOST_CHANNELS

_HEADER = 8  # size of the chunk in 4 bytes, 2 that tell nothing, 2 for the first difference
_CODE_BITS = 10
_END = 2**_CODE_BITS - 1
_DIFFERENCE_ZERO = 64  # differences are stored with this added
_MOST_VALUE = 2**15

Samples = NDArray[np.int64]


def decode(data: bytes, leads: tuple[str, ...], samples: int) -> list[Samples]:
    """The samples (samples,) of each lead.

    Args:
        data: the chunks, one a lead, in the order of `leads`.
        leads: canonical names; others stand for themselves.
        samples: how many each lead has; chunks may hold a few more.

    Raises:
        TruncatedError: fewer chunks than leads, or fewer samples than promised.
        FormatError: bytes that are not XLI, or compressed limb leads in an unknown order.
        UnsafeFileError: far more samples than promised.
    """
    if leads[: len(LIMB)] != LIMB and set(leads) & set(LIMB[2:]):
        raise FormatError(
            "The compressed limb leads are not in the order I, II, III, aVR, aVL, aVF, so they cannot be rebuilt.",
            "Export the ECG without compression.",
        )
    chunks = _chunks(data)
    if len(chunks) < len(leads):
        raise TruncatedError(
            f"The file holds {len(chunks)} of the {len(leads)} leads that it names.", "Copy or export it again."
        )
    rows = []
    for lead, (first, chunk) in zip(leads, chunks, strict=False):
        row = _integrated(_expanded(chunk, 2 * samples, lead), first)
        if len(row) < samples:
            raise TruncatedError(
                f"Lead {lead} holds {len(row)} of the {samples} samples that the header promises.",
                "Copy or export the file again.",
            )
        if max(int(row.max()), -int(row.min())) > _MOST_VALUE:
            raise FormatError(f"The compressed samples of lead {lead} are damaged.", "Copy or export the file again.")
        rows.append(row[:samples])
    if leads[: len(LIMB)] == LIMB:
        rows[: len(LIMB)] = _limb_leads(rows[: len(LIMB)])
    return rows


def _chunks(data: bytes) -> list[tuple[int, bytes]]:
    """The first difference and the compressed bytes of each chunk."""
    found: list[tuple[int, bytes]] = []
    place = 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "little", signed=True)
        first = int.from_bytes(data[place + 6 : place + _HEADER], "little", signed=True)
        place += _HEADER
        if size <= 0 or place + size > len(data):
            raise TruncatedError(
                f"The compressed samples end within lead {len(found) + 1}.", "Copy or export the file again."
            )
        found.append((first, data[place : place + size]))
        place += size
        if len(found) > MOST_CHANNELS:
            raise UnsafeFileError("The file holds more compressed leads than any ECG has.", "Export it again.")
    return found


def _expanded(chunk: bytes, size: int, lead: str) -> bytes:
    """LZW with codes of 10 bits, the highest bit first; the table is filled once and kept."""
    bits = np.unpackbits(np.frombuffer(chunk, np.uint8))
    whole = len(bits) // _CODE_BITS
    codes = bits[: whole * _CODE_BITS].reshape(whole, _CODE_BITS) @ (1 << np.arange(_CODE_BITS)[::-1])
    table = [bytes((value,)) for value in range(256)]
    out = bytearray()
    last = b""
    for code in codes.tolist():
        if code == _END:
            break
        if code < len(table):
            now = table[code]
        elif code == len(table) and last:
            now = last + last[:1]
        else:
            raise FormatError(f"The compressed samples of lead {lead} are damaged.", "Copy or export the file again.")
        if last and len(table) < _END:
            table.append(last + now[:1])
        out += now
        if len(out) > 2 * size + 64:
            raise UnsafeFileError(f"Lead {lead} expands to far more samples than it has.", "Export the file again.")
        last = now
    return bytes(out)


def _integrated(expanded: bytes, first: int) -> Samples:
    """Samples from the first two of them and the second differences of the rest."""
    half = (len(expanded) + 1) // 2
    pairs = np.frombuffer(expanded.ljust(2 * half, b"\0"), np.uint8).reshape(2, half)
    stored: Samples = (pairs[0].astype(np.uint16) << 8 | pairs[1]).view(np.int16).astype(np.int64)
    if half < 2:
        return stored
    steps = np.empty(half, np.int64)
    steps[:2] = stored[0], stored[1] - stored[0]
    bends = steps[2:]
    bends[:1] = -first
    bends[1:] = _DIFFERENCE_ZERO - stored[2:-1]
    np.cumsum(steps[1:], out=steps[1:])
    samples: Samples = np.cumsum(steps)
    return samples


def _limb_leads(rows: list[Samples]) -> list[Samples]:
    one, two, third, right, left, foot = rows
    three = two - one - third
    return [one, two, three, -right - (one + two) // 2, (one - three) // 2 - left, (two + three) // 2 - foot]
