"""Functions of arrays and texts: AUC, F1, calibration, conformal thresholds, retrieval, text, statements, bootstrap."""

from einthoven.metrics.auc import (
    MacroAUC,
    Statistic,
    auc,
    label_auc_statistic,
    labels_that_count,
    macro_auc,
    macro_auc_statistic,
    mean_auc,
    weighted_auc,
)
from einthoven.metrics.bertscore import LanguageModel, bert_score, bert_scores, load_language_model
from einthoven.metrics.bleu import BleuCounts, bleu_counts, corpus_bleu, ngrams, sentence_bleu
from einthoven.metrics.bootstrap import (
    Interval,
    interval_of,
    mean_statistic,
    paired_difference,
    patient_bootstrap,
    patient_draws,
    patient_weights,
    ratio_statistic,
    unpaired_difference,
)
from einthoven.metrics.calibration import (
    Reliability,
    brier,
    calibration_error_statistic,
    expected_calibration_error,
    reliability,
)
from einthoven.metrics.cider import CIDER, cider
from einthoven.metrics.conformal import controlled_threshold, patient_shares
from einthoven.metrics.f1 import (
    best_thresholds,
    f1,
    label_f1_statistic,
    macro_f1_statistic,
    nearest_only,
    unlabelled_thresholds,
)
from einthoven.metrics.identification import first_ranks, identified, one_vs_rest_statistic, rank_by_chance
from einthoven.metrics.intervals import clopper_pearson, wilson
from einthoven.metrics.meteor import METEOR, METEOR_WORDNET, meteor
from einthoven.metrics.retrieval import best_overlap, knn_vote, label_ndcg, label_overlap, precision_at_k
from einthoven.metrics.rouge import ROUGE, rouge_l
from einthoven.metrics.statements import (
    Judgement,
    Said,
    StatementScores,
    critical_counts,
    judge,
    statement_scores,
)
from einthoven.metrics.words import TOKENIZER, words

__all__ = [
    "CIDER",
    "METEOR",
    "METEOR_WORDNET",
    "ROUGE",
    "TOKENIZER",
    "BleuCounts",
    "Interval",
    "Judgement",
    "LanguageModel",
    "MacroAUC",
    "Reliability",
    "Said",
    "StatementScores",
    "Statistic",
    "auc",
    "bert_score",
    "bert_scores",
    "best_overlap",
    "best_thresholds",
    "bleu_counts",
    "brier",
    "calibration_error_statistic",
    "cider",
    "clopper_pearson",
    "controlled_threshold",
    "corpus_bleu",
    "critical_counts",
    "expected_calibration_error",
    "f1",
    "first_ranks",
    "identified",
    "interval_of",
    "judge",
    "knn_vote",
    "label_auc_statistic",
    "label_f1_statistic",
    "label_ndcg",
    "label_overlap",
    "labels_that_count",
    "load_language_model",
    "macro_auc",
    "macro_auc_statistic",
    "macro_f1_statistic",
    "mean_auc",
    "mean_statistic",
    "meteor",
    "nearest_only",
    "ngrams",
    "one_vs_rest_statistic",
    "paired_difference",
    "patient_bootstrap",
    "patient_draws",
    "patient_shares",
    "patient_weights",
    "precision_at_k",
    "rank_by_chance",
    "ratio_statistic",
    "reliability",
    "rouge_l",
    "sentence_bleu",
    "statement_scores",
    "unlabelled_thresholds",
    "unpaired_difference",
    "weighted_auc",
    "wilson",
    "words",
]
