"""A closer look at one model: by sex and age, calibration, and its rare and critical statements one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from einthoven.ecg import UsageError
from einthoven.evaluation.by_group import by_group
from einthoven.evaluation.embedded import embed_split
from einthoven.evaluation.labels import any_of, membership_of
from einthoven.evaluation.question import INDEX_FOLDS, Question
from einthoven.evaluation.rare import JUDGED, RARE, TOP, rare_and_critical
from einthoven.evaluation.reliability import Forecast, calibration_parts
from einthoven.evaluation.scores import HEAD, VOTE, head_by_code, vote
from einthoven.evaluation.table import Part, Table, grid
from einthoven.models.card import audit_section
from einthoven.retrieval import EmbeddingModel
from einthoven.statements import VOCABULARY

DRAWS = 1000
RUN = "model"
STATEMENTS = (
    f"Statements that are critical, or rare (under {RARE} ECGs of folds 1-8): AUC from {JUDGED} positives on "
    f"[95% patient bootstrap], else how many of them are in the top {TOP:.0%} [95% Clopper-Pearson]"
)

Progress = Callable[[str], None]


def evaluate_groups(
    model: EmbeddingModel,
    question: Question,
    progress: Progress = lambda line: None,
) -> Table:
    """What the means of `evaluate retrieval` may hide, on one fold, with the folds 1-8 as index.

    Tables: macro-AUC of the superclasses by sex and age group; calibration of the head over superclasses and
    codes, with reliability tables; and each critical or rare statement. Intervals are 95% patient bootstraps.

    Args:
        question: the fold that is asked, and its data.

    Raises:
        UsageError: a model without statement head, another fold, patients that are in index and fold, too few ECGs.
        FileError: no log.
        DataError: the data set is not there.
    """
    if not model.codes:
        raise UsageError(f"{model.name} has no statement head to be looked at.", "Name a checkpoint that has one.")
    split = question.split()
    question.note(f"evaluate groups, {model.name} {model.sha256[:12]}", model)
    codes = VOCABULARY.codes()
    runs = {RUN: model.run}
    index, asked = embed_split(split, codes, runs, progress)
    progress("intervals")
    base_rate, supers = index.carried.mean(0), membership_of("super", codes)
    known, truth = index.carried @ supers.T, asked.carried @ supers.T
    by_code = head_by_code(asked.seen[RUN].head, model.codes, codes, base_rate)
    by_super = any_of(by_code, supers)
    own = np.isin(codes, model.codes)
    groups = by_group(
        asked, truth, {HEAD: by_super, VOTE: vote(index.seen[RUN].embedding, asked.seen[RUN].embedding, known)}, DRAWS
    )
    calibration = calibration_parts(
        Forecast.of(truth, by_super, known.mean(0), asked.patients),
        Forecast.of(asked.carried[:, own], by_code[:, own], base_rate[own], asked.patients),
        DRAWS,
    )
    whole = [{s.code for s in entry.statements} for entry in split.source.present(INDEX_FOLDS)]
    base = np.array([sum(code in carried for carried in whole) for code in codes])
    return Table(
        title="Groups: macro-AUC by sex and age [95% patient bootstrap]",
        cells=groups,
        parts=[
            *calibration,
            Part(
                STATEMENTS, rare_and_critical(codes, model.codes, base, asked.carried, by_code, asked.patients, DRAWS)
            ),
        ],
        facts={
            "task": "groups",
            **split.facts(),
            "data_sha256": {"index": index.sha256, "test": asked.sha256},
            "model": model.name,
            "model_sha256": model.sha256,
            "seed": 0,
        },
    )


def card_section(table: Table) -> str:
    """What a model card shows of an audit: sex and age, and calibration, in Markdown."""
    shown = (Part(table.title, table.cells), *table.parts[:-1])
    facts = {**table.facts, "made": table.made, "commit": table.commit}
    return audit_section(facts, {part.title: grid(part.cells) for part in shown})
