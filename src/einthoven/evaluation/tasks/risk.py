"""`einthoven evaluate risk`: risk and coverage of drafts on a fold, and on ECGs from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from einthoven.datasets import open_elsewhere
from einthoven.datasets.overlaps import refuse_shared
from einthoven.ecg import UsageError
from einthoven.evaluation.asked import Answers, ask
from einthoven.evaluation.cells import Rows
from einthoven.evaluation.fingerprint import Fingerprint
from einthoven.evaluation.question import Question
from einthoven.evaluation.risk import risk_and_coverage
from einthoven.evaluation.table import Part, Table
from einthoven.evaluation.tasks.shift import TRAINING, Reading
from einthoven.retrieval import Archive

DRAWS = 1000
NOTES = (
    "Fabricated: a critical finding is stated as present, and the data set does not have it. Missed: it has one that "
    "the draft neither states nor calls possible. Behind a share stands how many ECGs it is; of none there is a "
    "Clopper-Pearson interval.",
    "An ECG without a draft is not covered, and nothing is said of it. Coverage is of all ECGs that were asked.",
    "A plain draft states no critical finding, for one that does asks for caution: that none is fabricated there is no "
    "result.",
    "The surest are the drafted ECGs whose least sure critical code is nearest to 0 or 1 by its calibrated confidence.",
    "Data sets state only some of what an ECG shows, so 'fabricated' is an upper bound; where one never states a "
    "code, or a broader statement may mean it, the draft is not blamed for it.",
)
OPTIMISTIC = "Fold 9 chose the epoch of the model that ships and calibrated its archive: its rows are optimistic."

Progress = Callable[[str], None]


def evaluate_risk(
    archive: Archive, question: Question, elsewhere: Sequence[Path] = (), progress: Progress = lambda line: None
) -> Table:
    """Whether drafts state critical findings that are not there, or lack some that are, at what coverage.

    Args:
        question: the fold that is asked. elsewhere: folders as `evaluate shift` takes them.

    Raises:
        UsageError: a fold or an ECG that is in the archive, or none from elsewhere that can be asked.
        FileError: no log. DataError: a data set is not there.
    """
    known = archive.collection.columns(["record", "sha256"])
    source, entries = question.entries(set(known["record"]))
    sets = [each for folder in elsewhere for each in open_elsewhere(folder)]
    refuse_shared(known["record"], (one.record for s in sets for one in s.recordings if one.source != TRAINING))
    question.note(f"evaluate risk, {archive.name}, {archive.model.name} {archive.model.sha256[:12]}", archive.model)
    name, fingerprint = f"fold {question.fold}", Fingerprint()
    rows = fingerprint.of(map(source.row, entries))
    here = ask(archive, rows, lambda n: progress(f"{name}: {n} of {len(entries)} ECGs drafted"))
    reading, parts = Reading(sets, set(known["sha256"]), question.limit), []
    if sets:
        there = ask(archive, reading, lambda n: progress(f"elsewhere: {n} ECGs drafted"))
        if not len(there):
            raise UsageError("No ECG from elsewhere could be read.", "Name other folders.")
        parts.append(Part("Elsewhere [95% patient bootstrap]", _by_source(there)))
    progress("intervals")
    return Table(
        title=f"Risk and coverage of drafts, {name} [95% patient bootstrap]",
        cells=risk_and_coverage(here, DRAWS),
        parts=parts,
        notes=(*NOTES, *((OPTIMISTIC,) if question.fold == 9 else ())),
        facts={
            "task": "risk",
            "dataset": f"{question.dataset} {source.release}",
            "fold": question.fold,
            "ecgs": len(entries),
            "patients": len(set(here.patients)),
            "data_sha256": fingerprint.hexdigest(),
            "shared_records": 0,
            "archive": archive.name,
            "model": archive.model.name,
            "model_sha256": archive.model.sha256,
            "left_out_of_ptb-xl": reading.left_out or None,
            "unreadable": len(reading.refused) if sets else None,
            "limited_to": question.limit,
        },
    )


def _by_source(answers: Answers) -> Rows:
    """Pooled, and of each source."""
    sources = sorted({ecg.source for ecg in answers.ecgs})
    scopes = [("pooled", answers), *((source, answers.of(source)) for source in sources if len(sources) > 1)]
    return {name: row for scope, some in scopes for name, row in risk_and_coverage(some, DRAWS, f"{scope}: ").items()}
