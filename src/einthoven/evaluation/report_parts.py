"""The tables that judge drafts as reports: their text, and what they state, in groups and beside baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import Bools
from einthoven.evaluation.cells import Rows, Value, cells_of
from einthoven.evaluation.drafted import Drafted
from einthoven.evaluation.report_groups import ALL, codes_of, report_groups
from einthoven.evaluation.statement_rows import F1, differences, judged, statement_rows
from einthoven.evaluation.table import Part
from einthoven.evaluation.text_scores import EACH_BLEU, TextScores, text_scores
from einthoven.metrics import ROUGE, TOKENIZER, LanguageModel, Said
from einthoven.statements import Language
from einthoven.statements.parse import Parsed, parse_report

BY_GROUP = ("BLEU-4", ROUGE)
DRAFT = "draft"
DRAFT_TEXTS: dict[str, Language] = {"draft, in English": "en", "draft, in German": "de"}
NOTES = (
    "Text: words of the draft against words of the reference report, which is in its writer's language; a draft is "
    "written in English or German from codes. A text in another language shares few words with the reference, however "
    "right it is: read the groups by language, and the statements, which cross languages.",
    f"Words: {TOKENIZER}. BLEU of the whole corpus without smoothing; of each text with one added from 2 words on. "
    "METEOR and ROUGE-L (F1) from 0 to 1, CIDEr-D from 0 to 10. An ECG without a draft has an empty text.",
    "Statements: present or possible, of the 71 codes. One counts as supported, or found, if the other side has it or "
    "something that implies it; the rest is contradicted, or else omitted (of what is true) or fabricated (of what is "
    "stated). Reports are read by the parser, whose errors count as theirs. Codes deny nothing. "
    "Rows named beside compare the two truths, which differ from each other, too.",
    "Intervals are 95% patient bootstraps, of critical findings Clopper-Pearson.",
)

Progress = Callable[[str], None]


def report_parts(
    entries: Sequence[Entry],
    drafted: Sequence[Drafted],
    rivals: Mapping[str, Sequence[str]],
    model: LanguageModel | None,
    draws: int,
    progress: Progress = lambda line: None,
) -> list[Part]:
    """Tables over ECGs (n) that have a report.

    Args:
        rivals: other texts (n) by the name of their row. model: for BERTScore, without which it is left out.

    Raises:
        MissingPackageError: a package of the text metrics is not installed.
    """
    read = cache(parse_report)
    references = [entry.report for entry in entries]
    languages = [read(text).language for text in references]
    patients = np.array([entry.patient for entry in entries])
    groups = report_groups(entries, languages)
    truths: dict[str, tuple[list[Said], dict[str, list[Said]]]] = {}
    codes: list[Said] = [dict.fromkeys(codes_of(entry), "present") for entry in entries]
    parsed = [_said(read(text)) for text in references]
    stated = {DRAFT: [one.said for one in drafted]}
    stated |= {row: [_said(read(text)) for text in texts] for row, texts in rivals.items()}
    truths["the codes"] = codes, {**stated, "beside: the reference report itself, read": parsed}
    truths["the reference report, read"] = parsed, {**stated, "beside: the codes themselves": codes}
    texts = {row: [one.texts[language] for one in drafted] for row, language in DRAFT_TEXTS.items()}
    parts = []
    for name, (truth, said) in truths.items():
        progress(f"statements against {name}")
        each = judged(said, truth)
        rows = {group: statement_rows(each, kept, patients, draws) for group, kept in groups.items()}
        title = f"Statements against {name}"
        parts += _tables(title, rows, groups, patients, (F1,))
        if rivals:
            paired = differences(each, DRAFT, list(rivals), patients, draws)
            parts.append(Part(f"{title}: paired differences", paired))
    scores: dict[str, TextScores] = {}
    for row, some in {**texts, **rivals}.items():
        progress(f"text metrics: {row}")
        scores[row] = text_scores(some, references, languages, model)
    text_rows = {group: _text_rows(scores, kept, patients, draws) for group, kept in groups.items()}
    title = "Text against the reference report"
    own = {row: {name: values[name] for name in EACH_BLEU} for row, values in text_rows[ALL].items()}
    return [*parts, *_tables(title, text_rows, groups, patients, BY_GROUP), Part(f"{title}: BLEU text by text", own)]


def _said(parsed: Parsed) -> Said:
    return {finding.code: finding.polarity for finding in parsed.findings()}


def _text_rows(
    scores: Mapping[str, TextScores], kept: Bools, patients: NDArray[np.str_], draws: int
) -> dict[str, dict[str, Value]]:
    statistics = {(row, column): one for row, each in scores.items() for column, one in each.statistics(kept)}
    return cells_of(statistics, patients[kept], draws)


def _tables(
    title: str,
    rows: Mapping[str, Rows],
    groups: Mapping[str, Bools],
    patients: NDArray[np.str_],
    columns: Sequence[str],
) -> list[Part]:
    """All ECGs with every column; some columns by group; and, in the JSON document alone, all of every group."""
    sizes = {name: f"{name}, {kept.sum():,} ECGs of {len(set(patients[kept])):,}" for name, kept in groups.items()}
    whole = rows[ALL]
    parts = [Part(f"{title}: {sizes[ALL]} patients", _without(whole, EACH_BLEU))]
    for column in columns:
        by_group = {row: {sizes[group]: each[row][column] for group, each in rows.items()} for row in whole}
        parts.append(Part(f"{title}: {column} by group, ECGs of patients", by_group))
    hidden = {f"{title}: {sizes[group]} patients": each for group, each in rows.items() if group != ALL}
    return parts + [Part(name, each, shown=False) for name, each in hidden.items()]


def _without(rows: Rows, columns: Sequence[str]) -> Rows:
    return {row: {name: value for name, value in values.items() if name not in columns} for row, values in rows.items()}
