"""Descriptions beside human-written ones: BERTScore with intervals, paired differences, words in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from einthoven.ecg import Floats
from einthoven.evaluation.cells import Rows, Share, Value, cells_of
from einthoven.evaluation.cqa_overlap import SIZES, overlap
from einthoven.evaluation.cqa_settings import Written
from einthoven.knowledge.sentences import sentences_of
from einthoven.metrics import mean_statistic

DRAWS = 2000
PAPER_MODEL = "roberta-large, gpt-3.5-turbo"
_PAPER = {
    "ESI's paper: no textbook": "0.7617 (0.0187) | 0.8154 (0.0142) | 0.7928 (0.0126)",
    "ESI's paper: k = 1, both textbooks": "0.8190 (0.0128) | 0.8326 (0.0237) | 0.8256 (0.0147)",
    "ESI's paper: k = 2, both textbooks": "0.8197 (0.0159) | 0.8402 (0.0156) | 0.8296 (0.0090)",
    "ESI's paper: k = 5, both textbooks": "0.8153 (0.0172) | 0.8447 (0.0167) | 0.8295 (0.0110)",
}
RANDOM = "roberta-large: random pairs of sentences, by bert-score's own table"
_RANDOM = dict(zip(("precision", "recall", "F1"), ("0.8315", "0.8315", "0.8312"), strict=True))
"""bert-score 0.3.13, rescale_baseline/en/roberta-large.tsv, layer 17, which is the one it takes by default."""
MEASURES = ("precision", "recall", "F1")


def score_cells(settings: Mapping[str, Written], scores: Mapping[str, Floats], names: Sequence[str], bert: str) -> Rows:
    """Mean (sd over conditions) of precision, recall and F1 (n, 3) of each setting, F1's interval; the paper's below.

    Args:
        names: (n,) of the conditions, which are drawn for the intervals.
        bert: the language model that scored.
    """
    intervals = cells_of(
        {(name, "F1 [95%]"): mean_statistic(score[:, 2]) for name, score in scores.items()}, np.array(names), DRAWS
    )
    rows: dict[str, dict[str, Value]] = {}
    for name, score in scores.items():
        means = {
            measure: f"{score[:, n].mean():.4f} ({score[:, n].std(ddof=1):.4f})" for n, measure in enumerate(MEASURES)
        }
        rows[name] = {**means, **intervals[name], "described": settings[name].there, "scored by": bert}
    for name, line in _PAPER.items():
        rows[name] = {**dict(zip(MEASURES, line.split(" | "), strict=True)), "scored by": PAPER_MODEL}
    rows[RANDOM] = {**_RANDOM, "scored by": "roberta-large"}
    return rows


def difference_cells(scores: Mapping[str, Floats], names: Sequence[str], main: str) -> Rows:
    """Each setting's F1 minus the main one's, on the same draws of conditions."""
    statistics = {
        (f"{name}, minus {main}", "F1 [95%]"): mean_statistic(score[:, 2] - scores[main][:, 2])
        for name, score in scores.items()
        if name != main
    }
    return cells_of(statistics, np.array(names), DRAWS) if statistics else {}


def overlap_cells(settings: Mapping[str, Written], references: Sequence[str]) -> Rows:
    """Words of each setting, and the share of its n-grams that stand in any of the references."""
    return {
        name: {
            "words a description": round(float(np.mean([len(text.split()) for text in one.texts])), 1),
            **{f"{size}-grams in the references": overlap(one.texts, references, size) for size in SIZES},
        }
        for name, one in settings.items()
    }


def dropped_cells(settings: Mapping[str, Written]) -> Rows:
    """Of each setting of a language model with passages, the share of its sentences that the filter drops."""
    rows: dict[str, dict[str, Value]] = {}
    for name, one in settings.items():
        dropped = sum(len(each.dropped) for each in one.described)
        kept = sum(len(sentences_of(each.text)) for each in one.described)
        if any(each.model and each.quotes for each in one.described) and dropped + kept:
            rows[name] = {
                "written and dropped for lack of support": Share.of_count(dropped, dropped + kept),
                "conditions left without a description": len(one.texts) - one.there,
                "failures": one.failures,
            }
    return rows
