"""Counts in words."""

from __future__ import annotations


def counted(number: int, what: str = "ECG") -> str:
    """How many of something there are.

    >>> counted(1), counted(2150), counted(0, "file")
    ('1 ECG', '2150 ECGs', '0 files')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"
