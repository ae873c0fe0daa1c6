"""Reports by retrieval on MIMIC-IV-ECG with an encoder that never saw it: the second half of ECG-ReGen's Table I.

The paper tests 5,000 random records and does not say what is searched. Both readings are rows: the reports of PTB-XL's
folds 1-8, which are mostly German, and those of all of MIMIC-IV-ECG's other patients.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from einthoven.collection import Row
from einthoven.datasets import open_ptbxl
from einthoven.datasets.mimic import MIMICIVECG
from einthoven.datasets.recording import Recording
from einthoven.ecg import UsageError
from einthoven.evaluation.baselines import plain_signal
from einthoven.evaluation.cells import Value, cells_of
from einthoven.evaluation.embedded import Embedded, Run, embed_all
from einthoven.evaluation.oracle import highest_bleu
from einthoven.evaluation.picked import consensus
from einthoven.evaluation.question import INDEX_FOLDS
from einthoven.evaluation.rivals import VOTERS, Writer, written
from einthoven.evaluation.statement_rows import judged, statement_rows
from einthoven.evaluation.table import Part, Table
from einthoven.evaluation.text_scores import EACH_BLEU, text_scores
from einthoven.metrics import TOKENIZER, LanguageModel, Said, Statistic
from einthoven.models import Preparation
from einthoven.retrieval import EmbeddingModel, ExactIndex
from einthoven.statements.parse import parse_report

TESTED = 5000
DRAWS = 1000
PLAIN = "plain signal"
NOTES = (
    "The index of PTB-XL holds reports in their writers' languages, mostly German: their words can hardly be those of "
    "an American cart. Statements, read from both texts by the parser, cross languages.",
    f"Words: {TOKENIZER}. BLEU of the whole corpus without smoothing.",
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Index:
    """Where reports are searched: their texts, and what each model makes of their ECGs."""

    name: str
    texts: Sequence[str]
    embedded: Embedded


def evaluate_cross_domain(
    models: Sequence[EmbeddingModel],
    mimic: Path,
    ptbxl: Path,
    tested: int = TESTED,
    seed: int = 0,
    limit: int | None = None,
    language_model: LanguageModel | None = None,
    progress: Progress = lambda line: None,
    writers: Mapping[str, Writer] | None = None,
) -> Table:
    """The report of the nearest ECG, for records of MIMIC-IV-ECG, from two indexes, beside what needs no model.

    Args:
        models: not trained on MIMIC-IV-ECG, which is for the caller to know. The plain signal stands beside them.
        tested: records with a report, drawn by `seed` and their names, so that a part of the data set draws a part.
        limit: at most so many ECGs of each index; said in the table.
        writers: trained generators by the names of their rows, which search nothing (`rival_models.writers_of`).

    Raises:
        DataError: a data set is not there. UsageError: two records or patients are not to be had.
        MissingPackageError: scipy or a package of the text metrics is not installed.
    """
    source = MIMICIVECG(mimic)
    asked = drawn([one for one in source.recordings if source.text(one)], tested, seed)
    theirs = {one.patient for one in asked}
    if len(theirs) < 2:
        raise UsageError(f"Records of {len(theirs)} patients have no interval.", "Name the whole data set.")
    rest = [one for one in source.recordings if one.patient not in theirs and source.text(one)][:limit]
    if not rest:
        raise UsageError("No other patient is left to search.", "Name the whole data set, or test fewer records.")
    runs: dict[str, Run] = {PLAIN: plain_signal(Preparation())}
    runs |= {f"{one.name} {one.sha256[:8]}": one.run for one in models}
    ours = open_ptbxl("ptb-xl", ptbxl)
    entries = [entry for entry in ours.present(INDEX_FOLDS) if entry.report.strip()][:limit]

    def embed(name: str, rows: Sequence[Recording] | None) -> Embedded:
        some = map(ours.row, entries) if rows is None else _rows(source, rows)
        return embed_all(some, (), runs, lambda n: progress(f"{name}: {n} ECGs"))

    test = embed("test records", asked)
    indexes = [
        _Index("PTB-XL", [entry.report for entry in entries], embed("PTB-XL", None)),
        _Index("MIMIC-IV-ECG", [source.text(one) or "" for one in rest], embed("MIMIC-IV-ECG", rest)),
    ]
    references = [source.text(one) or "" for one in asked]
    texts = {
        f"{index.name}: {row}": picked
        for index in indexes
        for row, picked in _texts(index, test, references, tuple(runs), seed, progress).items()
    }
    texts |= written(writers or {}, source.row, asked, progress)
    return Table(
        title="Reports of MIMIC-IV-ECG by retrieval: text [95% patient bootstrap]",
        cells=_text_cells(texts, references, test, language_model, progress),
        parts=[Part("Statements against the reference report, read", _statement_cells(texts, references, test))],
        notes=NOTES,
        facts={
            "task": "cross-domain",
            "dataset": "mimic-iv-ecg",
            "ecgs": len(asked),
            "patients": len(theirs),
            "shared_patients": 0,
            "indexes": ", ".join(f"{index.name} {len(index.texts)} ECGs" for index in indexes),
            "limited_to": limit,
            "models": ", ".join(f"{one.name} {one.sha256}" for one in models),
            "language_model": language_model.name if language_model else None,
            "data_sha256": {"test": test.sha256} | {index.name: index.embedded.sha256 for index in indexes},
            "seed": seed,
        },
    )


def drawn(recordings: Sequence[Recording], count: int, seed: int) -> list[Recording]:
    """`count` recordings, those whose names hash lowest with the seed: the order of a list decides nothing."""

    def rank(one: Recording) -> bytes:
        return hashlib.sha256(f"{seed}/{one.record}".encode()).digest()

    return sorted(recordings, key=rank)[:count]


def _rows(source: MIMICIVECG, recordings: Sequence[Recording]) -> map[Row]:
    return map(source.row, recordings)


def _texts(
    index: _Index, test: Embedded, references: Sequence[str], runs: Sequence[str], seed: int, progress: Progress
) -> Mapping[str, list[str]]:
    count, size = len(test), len(index.texts)
    chance = np.random.default_rng(seed).integers(size, size=count)
    common = Counter(index.texts).most_common(1)[0][0]
    found = {"random": [index.texts[place] for place in chance], "most common": [common] * count}
    for name in runs:
        progress(f"{index.name}: nearest by {name}")
        known, asked = (each.seen[name].embedding.astype(np.float32) for each in (index.embedded, test))
        _, near = ExactIndex(known).search(asked, min(VOTERS, size))
        found[f"nearest by {name}"] = [index.texts[row[0]] for row in near]
        if name != PLAIN:
            voters = [[index.texts[place] for place in row] for row in near]
            found[f"consensus of {VOTERS} by {name}"] = [some[consensus(some)] for some in voters]
    progress(f"{index.name}: the reports with the highest BLEU")
    unique = list(dict.fromkeys(index.texts))
    return found | {"knows the report: highest BLEU": [unique[place] for place in highest_bleu(references, unique)]}


def _text_cells(
    texts: Mapping[str, Sequence[str]],
    references: Sequence[str],
    test: Embedded,
    model: LanguageModel | None,
    progress: Progress,
) -> Mapping[str, Mapping[str, Value]]:
    statistics: dict[tuple[str, str], Statistic] = {}
    for row, some in texts.items():
        progress(f"text metrics: {row}")
        scores = text_scores(some, references, ["en"] * len(references), model)
        each = scores.statistics(np.ones(len(references), np.bool_))
        statistics |= {(row, column): one for column, one in each if column not in EACH_BLEU}
    return cells_of(statistics, test.patients, DRAWS)


def _statement_cells(
    texts: Mapping[str, Sequence[str]], references: Sequence[str], test: Embedded
) -> Mapping[str, Mapping[str, Value]]:
    @cache
    def said(text: str) -> Said:
        return {finding.code: finding.polarity for finding in parse_report(text).findings()}

    truth = [said(text) for text in references]
    each = judged({row: [said(text) for text in some] for row, some in texts.items()}, truth)
    return statement_rows(each, np.ones(len(truth), np.bool_), test.patients, DRAWS)
