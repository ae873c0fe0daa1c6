"""`einthoven evaluate identify`: one segment of each person's ECG is known; whose is another one?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from einthoven.ecg import ECG, Floats, UsageError
from einthoven.ecg.record import LONGEST_S
from einthoven.evaluation.benchmark import open_benchmark
from einthoven.evaluation.cells import Rows, Value
from einthoven.evaluation.contenders import SEEDS, contenders
from einthoven.evaluation.people import ACCURACY, AUC, Person, embed_segments, identification, people_of
from einthoven.evaluation.question import Question
from einthoven.evaluation.softmax import PENALTY, one_shot_probe
from einthoven.evaluation.store import Store
from einthoven.evaluation.table import Part, Table
from einthoven.retrieval import EmbeddingModel

Progress = Callable[[str], None]

Identifier = Callable[[Sequence[ECG], Sequence[ECG]], Sequence[Floats]]
"""From a known ECG of each of n people and an unknown one of each to scores (n, n), once a training: rows ask, columns
are people."""

SECONDS = {"ptb-xl": 5.0}
SHORTEST = 1.0
SHORT = 4.0
"""Of all other data sets, as the paper has it for ICBEB."""
NOTES = (
    "One class a person, all of them of the test fold: what is known of each is one segment. Two segments of one "
    "recording share electrodes, posture, noise and the minute; two recordings of one person do not, so that only the "
    "second table says how well a person is known again.",
)


def evaluate_identify(
    model: EmbeddingModel,
    question: Question,
    seconds: float | None = None,
    lists: Path | None = None,
    against: Sequence[EmbeddingModel] = (),
    seeds: int = SEEDS,
    trained: Mapping[str, Identifier] | None = None,
    progress: Progress = lambda line: None,
    store: Store | None = None,
    again: Sequence[EmbeddingModel] = (),
) -> Table:
    """One-shot identification (ESI, section 4.4) on the test fold alone: AUC and accuracy, and what they owe to
    both segments being of one recording.

    Args:
        seconds: of a segment; 5 for PTB-XL and 4 for others unless told.
        lists: published lists in place of folds.
        trained: networks that are trained on the known segments, by the names of their rows.
        store: keeps what models and baselines make of ECGs.
        again: further trainings of the model, whose row is then the mean of all, with their standard deviation.

    Raises:
        UsageError: another fold, a model that is there twice, fewer than 2 people. FileError: no log.
        DataError: the data set is not there.
        MissingPackageError: torch or scipy is not installed.
    """
    length = SECONDS.get(question.dataset, SHORT) if seconds is None else seconds
    if not SHORTEST <= length <= LONGEST_S:  # also refuses NaN
        raise UsageError(f"A segment of {length:g} s is none.", f"Choose {SHORTEST:g} to {LONGEST_S:g} s.")
    bench = open_benchmark(question, "", lists)
    who = contenders(model, against, bench.met(), seeds, store=store, again=again)
    question.note(f"evaluate identify on {bench.name}, {model.name} {model.sha256[:12]}", model, *against, *again)
    people = people_of(bench, length, progress)
    if len(people.all) < 2:
        raise UsageError(
            f"{len(people.all)} people of the test fold have a recording of {2 * length:g} s.",
            "Choose shorter segments, or evaluate on more of the data set.",
        )
    several = people.several
    segments = [
        *(one.first for one in people.all),
        *(one.last for one in people.all),
        *(_other(one) for one in several),
    ]
    seen = embed_segments(segments, who.runs, progress)
    place = {person.patient: n for n, person in enumerate(people.all)}
    n, all_people = len(people.all), list(range(len(people.all)))
    some = [place[person.patient] for person in several]

    def rows(first: Sequence[int], second: Sequence[int], persons: Sequence[Person]) -> Rows:
        """Of segments by their places, one each of these people."""
        found: dict[str, dict[str, Value]] = {}
        names = [person.patient for person in persons]
        for name, runs in who.rows.items():
            progress(f"probes of {len(names)} people: {name}")
            pairs = [(seen[run][list(first)], seen[run][list(second)]) for run in runs]
            found[f"{name}: linear probe"] = identification([one_shot_probe(*pair) for pair in pairs], names)
            found[f"{name}: nearest by cosine"] = identification([asked @ known.T for known, asked in pairs], names)
        for name, identify in (trained or {}).items():
            progress(f"training on {len(names)} people: {name}")
            scores = identify([segments[at] for at in first], [segments[at] for at in second])
            found[name] = identification(scores, names)
        found["baseline: chance"] = {AUC: 0.5, ACCURACY: 1 / len(names)}
        return found

    parts = []
    if len(several) > 1:
        beyond = [2 * n + at for at in range(len(several))]
        parts = [
            Part(f"Segments of two recordings of one person, {len(several)} people", rows(some, beyond, several)),
            Part(
                f"The same {len(several)} people, two segments of one recording",
                rows(some, [n + at for at in some], several),
            ),
        ]
    return Table(
        title=f"Identification, two segments of {length:g} s of one recording, {n} people [95% patient bootstrap]",
        cells=rows(all_people, [n + at for at in all_people], people.all),
        parts=parts,
        notes=NOTES,
        facts={
            "task": "identify",
            "dataset": bench.name,
            "test": f"{bench.folds['test']}, {len(bench.parts['test'])} ECGs of {n + people.too_short} people",
            "people": n,
            "people_without_a_long_enough_recording": people.too_short,
            "people_with_a_second_recording": len(several),
            "days_between_the_two": people.days() if several else None,
            "limited_to": bench.limit,
            "data_sha256": people.sha256,
            **who.facts,
            "probe": f"multinomial logistic regression, C = {PENALTY:g}, features standardised on the known segments",
            "seed": 0,
        },
    )


def _other(person: Person) -> ECG:
    assert person.other is not None
    return person.other
