"""People of a test fold, with the segments of their ECGs by which they are to be told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets import Recording
from einthoven.ecg import ECG, Floats, chunks
from einthoven.evaluation.benchmark import Benchmark
from einthoven.evaluation.cells import Cell, Value
from einthoven.evaluation.embedded import BATCH, Run
from einthoven.evaluation.fingerprint import Fingerprint
from einthoven.evaluation.segments import cut, first_and_last
from einthoven.metrics import identified, interval_of, mean_statistic, one_vs_rest_statistic, patient_draws

DRAWS = 1000
AUC, ACCURACY = "macro one-vs-rest AUC", "accuracy"
SPREADS = {AUC: "sd of AUC over trainings or seeds", ACCURACY: "sd of accuracy over trainings or seeds"}


@dataclass(frozen=True)
class Person:
    """One class: a person's first recording in two segments, and a segment of another recording if there is one.

    Args:
        days: from the one recording to the other, None where either has no time.
    """

    patient: str
    first: ECG
    last: ECG
    other: ECG | None
    days: float | None


@dataclass(frozen=True)
class People:
    """Those of a fold, how many had no recording long enough, and the hash of the recordings that were read."""

    all: tuple[Person, ...]
    too_short: int
    sha256: str

    @property
    def several(self) -> tuple[Person, ...]:
        """Those with a second recording."""
        return tuple(one for one in self.all if one.other is not None)

    def days(self) -> str:
        """What lies between the two recordings, in words."""
        days = [one.days for one in self.several if one.days is not None]
        return f"median {np.median(days):.0f}, {sum(day < 1 for day in days)} within a day" if days else "not told"


def people_of(bench: Benchmark, seconds: float, progress: Callable[[str], None]) -> People:
    """The people of the test part, in the order of their first recordings.

    A person's first recording that is long enough for two segments is cut; of the next one long enough for one
    segment the beginning is taken. Labels do not matter here.
    """
    by_patient: dict[str, list[Recording]] = {}
    for recording in bench.parts["test"]:
        by_patient.setdefault(recording.patient or recording.record, []).append(recording)
    found: list[Person] = []
    fingerprint = Fingerprint()
    short = 0
    for patient, recordings in by_patient.items():
        rows = fingerprint.of(map(bench.source.row, recordings))
        person = _person(patient, (row.ecg() for row in rows), seconds)
        short += person is None
        if person is not None:
            found.append(person)
        progress(f"people: {len(found)} of {len(by_patient)}")
    return People(tuple(found), short, fingerprint.hexdigest())


def _person(patient: str, ecgs: Iterator[ECG], seconds: float) -> Person | None:
    parts: tuple[ECG, ECG] | None = None
    for ecg in ecgs:
        if parts is None:
            parts = first_and_last(ecg, seconds)
        elif (samples := round(seconds * ecg.rate)) <= ecg.samples:
            return Person(patient, *parts, cut(ecg, 0, samples), _days(parts[0].time, ecg.time))
    return None if parts is None else Person(patient, *parts, None, None)


def _days(one: datetime | None, other: datetime | None) -> float | None:
    return None if one is None or other is None else abs((other - one).total_seconds()) / 86400


def embed_segments(
    ecgs: Sequence[ECG], runs: Mapping[str, Run], progress: Callable[[str], None]
) -> dict[str, NDArray[np.float32]]:
    """What each run makes of ECGs, (n, d) float32."""
    made: dict[str, list[NDArray[np.float32]]] = {name: [] for name in runs}
    done = 0
    for batch in chunks(ecgs, BATCH):
        for name, run in runs.items():
            made[name].append(run(batch)[0].astype(np.float32))
        done += len(batch)
        progress(f"embedded {done} of {len(ecgs)} segments")
    return {name: np.concatenate(each) for name, each in made.items()}


def identification(scores: Sequence[Floats], patients: Sequence[str]) -> dict[str, Value]:
    """AUC and accuracy of scores (n, n), once a training or seed: their mean with its interval over the people, and,
    of several, their standard deviation.

    The classes stay those of all people in each draw; a draw weighs the queries, and the rest that each is held
    against.
    """
    names = np.array(patients)
    drawn = {
        AUC: [patient_draws(one_vs_rest_statistic(each), names, DRAWS) for each in scores],
        ACCURACY: [patient_draws(mean_statistic(identified(each)), names, DRAWS) for each in scores],
    }
    found: dict[str, Value] = {name: Cell.of(interval_of(np.mean(each, axis=0))) for name, each in drawn.items()}
    if len(scores) > 1:
        found |= {SPREADS[name]: float(np.std([one[0] for one in each], ddof=1)) for name, each in drawn.items()}
    return found
