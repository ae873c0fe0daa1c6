"""Pure functions of arrays: AUC, F1, calibration, retrieval, intervals, bootstrap by patient."""

from einthoven.metrics.auc import (
    MacroAUC,
    Statistic,
    auc,
    label_auc_statistic,
    macro_auc,
    macro_auc_statistic,
    mean_auc,
    weighted_auc,
)
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
from einthoven.metrics.retrieval import best_overlap, knn_vote, label_ndcg, label_overlap, precision_at_k

__all__ = [
    "Interval",
    "MacroAUC",
    "Reliability",
    "Statistic",
    "auc",
    "best_overlap",
    "best_thresholds",
    "brier",
    "calibration_error_statistic",
    "clopper_pearson",
    "expected_calibration_error",
    "f1",
    "first_ranks",
    "identified",
    "interval_of",
    "knn_vote",
    "label_auc_statistic",
    "label_f1_statistic",
    "label_ndcg",
    "label_overlap",
    "macro_auc",
    "macro_auc_statistic",
    "macro_f1_statistic",
    "mean_auc",
    "mean_statistic",
    "nearest_only",
    "one_vs_rest_statistic",
    "paired_difference",
    "patient_bootstrap",
    "patient_draws",
    "patient_weights",
    "precision_at_k",
    "rank_by_chance",
    "ratio_statistic",
    "reliability",
    "unlabelled_thresholds",
    "unpaired_difference",
    "weighted_auc",
    "wilson",
]
