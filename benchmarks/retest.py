"""How far our measurements differ where nothing changed: the table that `einthoven compare` takes its limits from.

    python benchmarks/retest.py PTB-XL [--write] [--drafts N]

Two ways, on PTB-XL (100 Hz). *Halves*: the first and the last 5 s of one recording of fold 9: all that differs is
noise and which beats were caught, so this is measurement error (of half as long a recording, so rather too large).
*Pairs*: two recordings of one person that follow each other within `--days`, both called normal (NORM) by PTB-XL, of
folds 1 to 9: electrodes, breath, posture and time of day differ as well. The limit is the 95th percentile of
the absolute difference of halves, and the 97.5th of pairs, for there some of nine values is always large; each with a
bootstrap interval by patient. Fold 10 is not touched.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from einthoven.datasets.ptbxl import PTBXL, Entry
from einthoven.ecg import ECG
from einthoven.measurement import Measurements, MedianBeat, measure
from einthoven.quality import assess
from einthoven.quality.exchanges import EXCHANGES, LEARNED, Exchange
from einthoven.reporting.compare.changes import QUANTITIES, difference, limits
from einthoven.reporting.compare.likeness import OWN, Likeness, likeness

HERE = Path(__file__).parents[1]
TABLE = HERE / "src" / "einthoven" / "reporting" / "tables" / "retest.csv"
COLUMNS = ("name", "unit", "halves", "halves_low", "halves_high", "halves_n", "halves_patients")
PAIRED = ("pairs", "pairs_low", "pairs_high", "pairs_n", "pairs_patients")
DRAWS = 1000
HALVES, PAIRS = 0.95, 0.975

Values = dict[str, float | None]
UNLIKE = ("all", "limb", "chest")


@dataclass(frozen=True)
class Pair:
    """Two recordings, or halves of one, of a patient in which nothing is known to have changed."""

    patient: str
    values: tuple[Values, Values]
    beats: tuple[MedianBeat | None, MedianBeat | None]
    alike: Likeness


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--days", type=float, default=366)
    parser.add_argument("--write", action="store_true", help="replace the table that ships")
    parser.add_argument("--drafts", type=int, default=0, help="also draft both halves of so many recordings")
    options = parser.parse_args()
    data = PTBXL(options.data)
    fold9 = data.present([9])
    halves = [one for one in map(partial(in_halves, data), fold9) if one]
    paired = list(in_pairs(data, options.days))
    print(f"halves: {len(halves)} recordings of {len(fold9)} of fold 9 that are fit; pairs: {len(paired)}")
    lines = [line(name, unit, halves, paired) for name, (unit, _) in QUANTITIES.items()]
    lines += [line(f"unlike_{part}", "", halves, paired) for part in UNLIKE]
    for one in lines:
        print("  ".join(f"{value:>10}" for value in one))
    if options.write:
        with TABLE.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerows([(*COLUMNS, *PAIRED), *lines])
    families(halves, "halves")
    families(paired, "pairs")
    exchanges(paired)
    exchanges_anywhere(data, fold9)
    if options.drafts:
        drafts(data, fold9, options.drafts)


def in_halves(data: PTBXL, entry: Entry) -> Pair | None:
    """The values of both halves of a recording that nothing speaks against."""
    ecg = data.row(entry).ecg()
    if not assess(ecg).clean:
        return None
    middle = ecg.samples // 2
    first, last = (measure(ECG(part, ecg.rate)) for part in (ecg.signal[:, :middle], ecg.signal[:, middle:]))
    return pair(entry.patient, first, last)


def in_pairs(data: PTBXL, days: float) -> Iterator[Pair]:
    """The values of two recordings of one person, both normal and fit, that follow each other."""
    people: dict[str, list[Entry]] = defaultdict(list)
    for entry in data.present(range(1, 10)):
        if entry.time is not None and "NORM" in {one.code for one in entry.statements}:
            people[entry.patient].append(entry)
    for patient, entries in people.items():
        for one, other in pairwise(sorted(entries, key=lambda entry: entry.time)):
            if (other.time - one.time).total_seconds() > 86_400 * days:
                continue
            ecgs = [data.row(each).ecg() for each in (one, other)]
            if ecgs[0].sha256 != ecgs[1].sha256 and all(assess(ecg).clean for ecg in ecgs):
                yield pair(patient, measure(ecgs[0]), measure(ecgs[1]))


def pair(patient: str, first: Measurements, last: Measurements) -> Pair:
    """Two measured recordings."""
    alike = likeness(first.median_beat, last.median_beat)
    return Pair(patient, (values(first), values(last)), (first.median_beat, last.median_beat), alike)


def values(found: Measurements) -> Values:
    """The compared quantities of one recording."""
    return {name: of(found) for name, (_, of) in QUANTITIES.items()}


def line(name: str, unit: str, halves: list[Pair], paired: list[Pair]) -> list[str]:
    """A line of the table."""
    return [name, unit, *limit(name, halves, HALVES), *limit(name, paired, PAIRS)]


def apart_by(name: str, each: Pair) -> float | None:
    """How far the two differ in a quantity, or in their median beats."""
    if name.startswith("unlike_"):
        return getattr(each.alike, name.removeprefix("unlike_"))
    one, other = (some[name] for some in each.values)
    return None if one is None or other is None else abs(difference(name, one, other))


def limit(name: str, pairs: list[Pair], level: float) -> list[str]:
    """A percentile of the absolute difference, its interval by patient, how many pairs, of how many patients."""
    known = [(each.patient, found) for each in pairs if (found := apart_by(name, each)) is not None]
    apart = np.array([found for _, found in known])
    groups = defaultdict(list)
    for place, (who, _) in enumerate(known):
        groups[who].append(place)
    places = [np.array(each) for each in groups.values()]
    rng = np.random.default_rng(0)
    drawn = [
        np.quantile(apart[np.concatenate([places[at] for at in rng.integers(0, len(places), len(places))])], level)
        for _ in range(DRAWS)
    ]
    digits = 3 if name.startswith(("st_", "unlike_")) else 1
    shown = (np.quantile(apart, level), *np.quantile(drawn, [0.025, 0.975]))
    return [*(f"{value:.{digits}f}" for value in shown), str(len(apart)), str(len(places))]


def families(pairs: list[Pair], whose: str) -> None:
    """In how many pairs without a change some quantity is beyond its limits, as they are in the table that ships."""
    known = limits()
    for names in ([name for name in QUANTITIES if not name.startswith("st_")], list(QUANTITIES)):
        sizes = [
            {known[name].size(found) for name in names if (found := apart_by(name, each)) is not None} for each in pairs
        ]
        beyond = sum(bool(each & {"usual", "more"}) for each in sizes) / len(sizes)
        more = sum("more" in each for each in sizes) / len(sizes)
        print(f"{whose}: some of {len(names)} beyond error in {beyond:.1%}, and beyond what is usual in {more:.1%}")


def exchanges(paired: list[Pair]) -> None:
    """How often an exchange of electrodes is suspected in pairs without one, and with each that is made."""
    whole = [
        each.beats for each in paired if all(beat is not None and np.isfinite(beat.signal).all() for beat in each.beats)
    ]
    none = [likeness(*beats).exchange for beats in whole]
    print(f"exchanges suspected where there is none: {sum(one is not None for one in none)} of {len(none)}")
    for exchange in EXCHANGES[:LEARNED]:
        named = [likeness(one, exchanged(other, exchange)).exchange for one, other in whole]
        right = sum(found is not None and found.name == exchange.name for found in named)
        print(f"  {exchange.name:<10} found {sum(found is not None for found in named)}, named rightly {right}")


def exchanges_anywhere(data: PTBXL, entries: list[Entry]) -> None:
    """How often an exchange is suspected in two recordings that follow each other, whatever they show."""
    people: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.time):
        people[entry.patient].append(entry)
    pairs = [each for some in people.values() for each in pairwise(some)]
    found = [likeness(*(measure(data.row(one).ecg()).median_beat for one in each)).exchange for each in pairs]
    print(f"exchanges suspected in pairs of fold 9, whatever they show: {sum(map(bool, found))} of {len(pairs)}")


def exchanged(beat: MedianBeat, exchange: Exchange) -> MedianBeat:
    """The beat as it is recorded with electrodes exchanged."""
    signal = beat.signal.copy()
    signal[OWN] = exchange.matrix @ beat.signal[OWN]
    return replace(beat, signal=signal)


def drafts(data: PTBXL, entries: list[Entry], count: int) -> None:
    """How often the drafts of two halves of one recording differ, with the archive that ships."""
    from einthoven.reporting import report
    from einthoven.retrieval import demo_archive

    archive = demo_archive()
    chosen = np.random.default_rng(0).permutation(len(entries))[:count]
    same = tried = 0
    differing: dict[str, int] = defaultdict(int)
    for place in chosen:
        ecg = data.row(entries[place]).ecg()
        middle = ecg.samples // 2
        parts = [
            ECG(part, ecg.rate).described(patient=ecg.patient)
            for part in (ecg.signal[:, :middle], ecg.signal[:, middle:])
        ]
        first, last = (report(part, archive) for part in parts)
        if "none" in (first.outcome, last.outcome):
            continue
        tried += 1
        codes = [{one.code for one in draft.statements if one.polarity == "present"} for draft in (first, last)]
        same += codes[0] == codes[1]
        for code in codes[0] ^ codes[1]:
            differing[code] += 1
    print(f"drafts of both halves: the same statements in {same} of {tried}; differing: {dict(differing)}")


if __name__ == "__main__":
    main()
