"""Names and days that stand for a patient's own: the same for one patient and key, and nothing without the key."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

LONGEST_SHIFT_DAYS = 3652
"""Ten years."""


def pseudonym(key: bytes, patient: str) -> str:
    """24 hexadecimal digits of HMAC-SHA256 (RFC 2104) of a patient's id.

    >>> pseudonym(bytes(32), "4711")
    'cf2747f7c322518935f30ac2'
    """
    return hmac.new(key, patient.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()[:24]


def shift_of(key: bytes, patient: str) -> timedelta:
    """How much earlier a patient's dates are told: 1 to 3,652 whole days, by another key than the pseudonym's."""
    other = hmac.new(key, b"einthoven: shift of dates", hashlib.sha256).digest()
    found = hmac.new(other, patient.encode(errors="surrogatepass"), hashlib.sha256).digest()
    return timedelta(days=1 + int.from_bytes(found) % LONGEST_SHIFT_DAYS)
