"""A hash of what is read changes with each of its parts, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

from einthoven.collection import Row
from einthoven.ecg import Statement
from einthoven.evaluation.fingerprint import Fingerprint


def hash_of(rows: list[Row]) -> str:
    fingerprint = Fingerprint()
    assert list(fingerprint.of(rows)) == rows
    return fingerprint.hexdigest()


def test_record_signal_codes_and_order_count() -> None:
    one, other = (Row(f"site/{n}", "site", str(n) * 64, 100, 1000) for n in (1, 2))
    seen = {
        hash_of(rows)
        for rows in (
            [one, other],
            [other, one],
            [one],
            [replace(one, record="site/3"), other],
            [replace(one, sha256=other.sha256), other],
            [replace(one, statements=(Statement(code="AFIB"),)), other],
        )
    }
    assert len(seen) == 6
    assert hash_of([one, other]) == hash_of([replace(one, text="other words", notices=("units: said",)), other])
