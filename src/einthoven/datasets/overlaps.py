"""Which data sets hold records or patients of which others, and the refusal to test on what was trained on.

`tables/overlaps.csv`, a line a pair with its source. Records that two data sets publish under different names get
one identity (`identity`), so that a comparison finds them; where no list of names exists, the pair as a whole is
refused.
"""

from __future__ import annotations

import csv
import pkgutil
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from einthoven.ecg import UsageError

_RENAMED = re.compile(r"ptb-xl/HR(\d{5})")


@dataclass(frozen=True)
class Overlap:
    """Two data sets that share something.

    Args:
        what: "records" or "patients".
        identity: "same" where shared records have one name in both, "renamed" where a rule tells the names apart
            (`identity` knows it), "unknown" where only the signals can tell.
    """

    one: str
    other: str
    what: str
    identity: str
    why: str
    source: str

    def other_than(self, name: str) -> str:
        """The other of the two."""
        return self.other if name == self.one else self.one


@cache
def overlaps() -> tuple[Overlap, ...]:
    """All that are known."""
    data = pkgutil.get_data("einthoven.datasets", "tables/overlaps.csv")
    if data is None:
        raise FileNotFoundError("einthoven/datasets/tables/overlaps.csv")
    return tuple(Overlap(**line) for line in csv.DictReader(data.decode("utf-8").splitlines()))


def overlaps_of(name: str) -> tuple[Overlap, ...]:
    """Those of one data set."""
    return tuple(one for one in overlaps() if name in (one.one, one.other))


def identity(record: str) -> str:
    """One name for a record that several data sets hold.

    >>> identity("ptb-xl/HR00017"), identity("ptb-xl/00017"), identity("georgia/E00001")
    ('ptb-xl/00017', 'ptb-xl/00017', 'georgia/E00001')
    """
    match = _RENAMED.fullmatch(record)
    return f"ptb-xl/{match[1]}" if match else record


def refuse_shared(
    train: Iterable[str],
    test: Iterable[str],
    train_patients: Iterable[str | None] = (),
    test_patients: Iterable[str | None] = (),
) -> None:
    """Refuses a test on records or patients that were trained on, or that are in an index.

    Args:
        train, test: record ids as in collections ("ptb-xl/00017"), of whichever data sets.
        train_patients, test_patients: patients as in collections; None is nobody, and is equal to none.

    Raises:
        UsageError: a record or patient is on both sides, or sources are of which it is known that they share
            records, but not which.
    """
    known, asked = {identity(one) for one in train}, {identity(one) for one in test}
    if shared := known & asked:
        example = min(shared)
        raise UsageError(
            f"{len(shared)} of {len(asked)} records are on both sides, such as {example}.",
            "Test on records that were neither trained on nor indexed.",
        )
    sides = [{one.partition("/")[0] for one in side} for side in (known, asked)]
    for overlap in overlaps():
        if overlap.identity == "unknown":
            pair = {overlap.one, overlap.other}
            for first, second in (sides, sides[::-1]):
                if overlap.one in first and overlap.other in second:
                    raise UsageError(
                        f"{' and '.join(sorted(pair))} share records under other names: {overlap.why}.",
                        "Leave one of them out, or find the shared ones: einthoven data duplicates.",
                    )
    ours, theirs = ({one for one in side if one is not None} for side in (train_patients, test_patients))
    if both := ours & theirs:
        raise UsageError(f"{len(both)} patients are on both sides.", "Split by patient.")
