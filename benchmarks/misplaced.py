"""How well exchanged electrodes, inverted leads and a wrong gain are told on PTB-XL at 100 Hz.

    python benchmarks/misplaced.py --data PTBXL_FOLDER

The network learned on folds 1-7. Fold 8 gives the thresholds at 95% specificity, fold 9 reports; fold 10 is not read.
Heights and their limits, by which a gain is told, are of folds 1-8 (`tools/learn_heights.py`).
Baseline: how much smoother the leads run on when an exchange is undone, a rule without training.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from einthoven import testing
from einthoven.datasets import PTBXL
from einthoven.ecg import ECG, LEADS, Bools, Floats, Signal
from einthoven.metrics import clopper_pearson
from einthoven.quality import Finding, assess
from einthoven.quality.beat import BAND_HZ, typical_beat
from einthoven.quality.exchanges import EXCHANGES
from einthoven.quality.gain import find_gains
from einthoven.quality.misplaced import between_legs, find_misplaced
from einthoven.quality.natural import naturalness
from einthoven.quality.noise import levels
from einthoven.signal import bandpass, find_beats

SPECIFICITY, STRICTER = 0.95, 0.99
SWAPS = ("arm-swap", "arm-leg-swap", "precordial-swap", "chest-inverted", "inverted")
LIVE = np.ones(12, bool)


@dataclass(frozen=True, eq=False)
class Case:
    """An ECG: its typical beat, those with an arm on the right leg, heights, limb leads, and what is found as it is."""

    beat: Floats
    height: Floats
    limbs: Signal
    legs: tuple[Floats, ...]
    found: tuple[str, ...]
    codes: str


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--data", type=Path, required=True)
    source = PTBXL(ask.parse_args().data)
    chosen, reported = cases(source, 8), cases(source, 9)
    patients = len({entry.patient for entry in source.present([9])})
    print(f"fold 9: {len(source.present([9]))} ECGs of {patients} patients, {len(reported)} with credible beats")
    print("\n| exchange | sensitivity at 95% specificity | specificity | baseline | found in reports | named |")
    print("|---|---|---|---|---|---|")
    for exchange in EXCHANGES:
        line(
            exchange.name,
            *at(naturalness, chosen, reported, exchange.matrix),
            at(smooth, chosen, reported, exchange.matrix)[0],
            [find_misplaced(exchange.matrix @ case.beat, LIVE) for case in reported],
            exchange.leads,
        )
    for place, (name, lead) in enumerate((("RA-RL", "II"), ("LA-RL", "III"))):
        flat = {fold: [limb(case.beat, lead) for case in some] for fold, some in ((8, chosen), (9, reported))}
        limit = np.quantile(flat[8], 1 - SPECIFICITY)
        hits = [limb(case.legs[place], lead) < limit for case in reported]
        right = [share >= limit for share in flat[9]]
        line(name, hits, right, None, [find_misplaced(case.legs[place], LIVE) for case in reported], LEADS)
    false = [case for case in reported if set(case.found) & set(SWAPS)]
    print(f"\nfalse alarms in reports: {share([case in false for case in reported])}")
    print("of them", dict(Counter(kind for case in false for kind in case.found if kind in SWAPS)))
    for case in false:
        print("   ", ", ".join(case.found), case.codes)
    gain(reported)
    halved(chosen, reported)


def cases(source: PTBXL, fold: int) -> list[Case]:
    found = []
    for row in source.rows([fold]):
        ecg = row.ecg()
        quality = assess(ecg)
        beats = [beat_of(one) for one in (ecg, *(testing.exchange(ecg, arm, "RL") for arm in ("RA", "LA")))]
        if all(beat is not None for beat in beats):
            codes = " ".join(statement.code or "" for statement in row.statements)
            found.append(Case(beats[0], *sizes(ecg), tuple(beats[1:]), quality.kinds, codes))
    return found


def beat_of(ecg: ECG) -> Floats | None:
    beats = find_beats(ecg.signal, ecg.rate)
    return typical_beat(ecg.signal, beats.indices) if beats.credible else None


def sizes(ecg: ECG) -> tuple[Floats, Signal]:
    """Heights of the 12 QRS complexes, and the limb leads without baseline wander, as `assess` takes them."""
    height = levels(ecg.signal, find_beats(ecg.signal, ecg.rate).indices).height
    return height, bandpass(ecg.signal[:6], ecg.rate, *BAND_HZ)


def at(score, chosen: list[Case], reported: list[Case], matrix: Floats) -> tuple[Bools, Bools]:
    """Whether each exchanged ECG is found and each other one is not, at the threshold that fold 8 gives.

    `score` says of beats (n, 8, 75) how natural they are; found is what becomes more so when the exchange is undone.
    """
    first, second = (np.stack([case.beat for case in some]) for some in (chosen, reported))
    limit = np.quantile(score(matrix @ first) - score(first), SPECIFICITY)
    more = score(matrix @ second) - score(second)
    return -more > limit, more <= limit


def smooth(beats: Floats) -> Floats:
    """How alike neighbours are, from I over V6 to V1, and how far I, II and V6 point up."""
    rows = beats[:, [0, *range(7, 1, -1)]]
    rows = rows - rows.mean(axis=2, keepdims=True)
    rows = rows / np.linalg.norm(rows, axis=2, keepdims=True)
    up = beats[:, [0, 1, 7]]
    top = np.take_along_axis(up, np.abs(up).argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
    return (rows[:, 1:] * rows[:, :-1]).sum(axis=(1, 2)) + np.sign(top).sum(axis=1)


def limb(beat: Floats, lead: str) -> float:
    rows = {"I": beat[0], "II": beat[1], "III": beat[1] - beat[0]}
    size = {name: float(np.square(row).mean()) ** 0.5 for name, row in rows.items()}
    return size[lead] / max(size.values()) if between_legs(beat)[0] == lead else 1.0


def line(name, hits, right, baseline, found, leads) -> None:
    named = [bool(findings) and set(findings[0].leads) == set(leads) for findings in found]
    beside = share(baseline) if baseline is not None else ""
    anything = share([bool(findings) for findings in found])
    print(f"| {name} | {share(hits)} | {np.mean(right):.3f} | {beside} | {anything} | {share(named)} |")


def gain(reported: list[Case]) -> None:
    """One lead, or all, at 10 times or a tenth of its gain; I and II with the other limb leads recorded, or derived."""
    print("\n| lead | x10: told | named | x0.1: told | named |\n|---|---|---|---|---|")
    for lead in (*LEADS, "I, others derived", "II, others derived", "all"):
        cells = []
        for factor in (10.0, 0.1):
            told = [gains_of(case, lead, factor) for case in reported]
            right = [
                any(set(one.leads) in (set(LEADS) if lead == "all" else {lead.split(",")[0]}, set()) for one in each)
                for each in told
            ]
            cells += [share([bool(each) for each in told]), share(right)]
        print(f"| {lead} | {' | '.join(cells)} |")
    for name, lead in (("12 leads recorded", "none"), ("8 leads recorded", "none, others derived")):
        found = [gains_of(case, lead, 1.0) for case in reported]
        print(f"false alarms of gain, {name}: {share([bool(one) for one in found])}")
        for case, one in zip(reported, found, strict=True):
            if one:
                print("   ", case.codes, "|", " ".join(each.text for each in one))


def gains_of(case: Case, lead: str, factor: float) -> tuple[Finding, ...]:
    """What is said of an ECG with a lead at `factor` times its gain."""
    own, *derived = lead.split(", ")
    change = np.array([factor if own in (each, "all") else 1.0 for each in LEADS])
    recorded = np.array([not derived or place < 2 or place > 5 for place in range(12)])
    return find_gains(case.height * change, case.limbs * change[:6, None], LIVE, recorded, True).findings


def halved(chosen: list[Case], reported: list[Case]) -> None:
    """A gain of a half or two, told by the QRS height of the middle lead: too much like hearts to be said."""
    first, second = (np.log([height(case.beat) for case in some]) for some in (chosen, reported))
    print("\nQRS height of the middle lead, quantiles of fold 8, mV:")
    quantiles = (0.001, 0.01, 0.5, 0.99, 0.999)
    print({q: round(float(np.exp(np.quantile(first, q))), 2) for q in quantiles})
    for specificity in (SPECIFICITY, STRICTER, 0.999):
        low, high = np.quantile(first, [1 - specificity, specificity])
        half, double = share(second - np.log(2) < low), share(second + np.log(2) > high)
        print(f"at {specificity:.1%}: halved {half}, doubled {double}")


def height(beat: Floats) -> float:
    return float(np.median(np.ptp(beat[:, 22:42], axis=1)))


def share(hits) -> str:
    low, high = clopper_pearson(int(np.sum(hits)), len(hits))
    return f"{np.mean(hits):.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
