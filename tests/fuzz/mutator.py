"""Damage, from a seed: flipped bits, cuts, pieces moved, repeated or taken from another file, numbers and words edited.

All tests of damaged files take it from here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

NUMBERS = (
    *("0", "-1", "1", "NaN", "-Infinity", "1e999", "1e-999", "1000000000000", "99999999999999999999", "2147483648"),
    *(
        "-32768",
        "32767",
        "99999999",
        "1e9",
        "0.0001",
        "x",
        "0x10",
        "1_000",
        "",
        " ",
        "1,5",
        "--",
        "null",
        "true",
        "9" * 400,
        "\u0665",
        "\x1b[2J",
    ),
)
WORDS = ("../x", "/etc/passwd", "C:\\x", "https://x/y", "\x1b]0;x\x07", "\u202e", "=1+1", "<script>", "x" * 3000, "\n")
INTEGERS = (
    *(0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF),
    *(19_999, 29_999),  # what SCP-ECG writes for "not measured"
)


def damaged(files: Mapping[str, bytes], others: Sequence[bytes], dice: random.Random) -> dict[str, bytes]:
    """A copy of some files, with one to four pieces of damage in one of them.

    Args:
        others: files of the same format, to take pieces from.
    """
    name = dice.choice(sorted(files))
    return {**files, name: damage(files[name], dice, others, name.endswith((".hea", ".csv")))}


def damage(data: bytes, dice: random.Random, others: Sequence[bytes] = (), text: bool = False) -> bytes:
    """The bytes of one file with one to four pieces of damage; half of it in the words and numbers of a text.

    Args:
        others: files of the same format, to take pieces from; none takes them from the file itself.
        text: whether it is text; XML, JSON and UTF-16 are known by their first byte.
    """
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        ways = _IN_TEXT if (text or data[:1] in b"<{\xff") and dice.random() < 0.5 else _WAYS
        data = dice.choice(ways)(data, others or (data,), dice) or data
    return data


def _bits(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 2, 8, 64))):
        changed[_place(changed, dice)] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _cut(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    return data[: dice.randrange(1, len(data) + 1)]


def _without(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    here = _place(data, dice)
    return data[:here] + data[here + _size(dice) :]


def _repeated(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    here, there = _place(data, dice), _place(data, dice)
    return data[:there] + data[here : here + _size(dice)] * dice.choice((1, 1, 2, 50)) + data[there:]


def _moved(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """A piece of the file over another one."""
    here, there = _place(data, dice), _place(data, dice)
    piece = data[here : here + _size(dice)]
    return data[:there] + piece + data[there + len(piece) :]


def _spliced(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    other = dice.choice(others)
    here, there = _place(data, dice), _place(other, dice)
    return data[:here] + other[there:] if dice.random() < 0.5 else data[:here] + other[there : there + _size(dice)]


def _bytes(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    here = _place(data, dice)
    return data[:here] + dice.randbytes(dice.choice((1, 2, 4, 40))) + data[here + 1 :]


def _integer(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """A length or count, wherever one may be, in two or four bytes of either order."""
    here, size = _place(data, dice), dice.choice((1, 2, 4, 8))
    value = dice.choice(INTEGERS) % 256**size
    return data[:here] + value.to_bytes(size, dice.choice(("little", "big"))) + data[here + size :]


def _in_text(pattern: str, new: Callable[[random.Random, list[re.Match[str]], str], str]) -> Callable[..., bytes]:
    """Changes one place of a pattern; `new` is called with the dice, all places, and what stands there."""

    def change(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
        wide = data.startswith(b"\xff\xfe")
        text = data.decode("utf-16" if wide else "latin-1", errors="replace")
        found = list(re.finditer(pattern, text))
        if not found:
            return data
        # Half of the edits in the first tenth, where headers are.
        one = found[dice.randrange(max(1, len(found) // dice.choice((1, 10))))]
        text = text[: one.start()] + new(dice, found, one[0]) + text[one.end() :]
        return text.encode("utf-16" if wide else "utf-8", errors="replace")

    return change


def _place(data: bytes | bytearray, dice: random.Random) -> int:
    """A third of the time in the first 512 bytes, where headers are."""
    return dice.randrange(min(len(data), dice.choice((512, len(data), len(data)))))


def _size(dice: random.Random) -> int:
    return dice.choice((1, 4, 30, 300))


_NUMBER, _WORD = r"[-+]?\d[\d.]*", r"[A-Za-z]{2,20}"
_number = _in_text(_NUMBER, lambda dice, found, old: dice.choice(NUMBERS))
_number_in_place = _in_text(_NUMBER, lambda dice, found, old: dice.choice(NUMBERS)[: len(old)].ljust(len(old)))
_word = _in_text(_WORD, lambda dice, found, old: dice.choice(WORDS))
_other_word = _in_text(_WORD, lambda dice, found, old: dice.choice(found)[0])
_IN_TEXT = (_number, _number, _word, _other_word)
_IN_BYTES = (_bits, _cut, _without, _repeated, _moved, _spliced, _bytes, _integer, _integer)
_WAYS = (*_IN_BYTES, _number, _number_in_place, _word, _other_word)
