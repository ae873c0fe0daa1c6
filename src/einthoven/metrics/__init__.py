"""Pure functions of arrays: AUC, calibration, retrieval, intervals, bootstrap by patient."""

from einthoven.metrics.auc import MacroAUC, Statistic, auc, macro_auc, macro_auc_statistic, weighted_auc
from einthoven.metrics.bootstrap import (
    Interval,
    mean_statistic,
    paired_difference,
    patient_bootstrap,
    patient_weights,
    unpaired_difference,
)
from einthoven.metrics.calibration import Reliability, brier, expected_calibration_error, reliability
from einthoven.metrics.intervals import clopper_pearson, wilson
from einthoven.metrics.retrieval import best_overlap, knn_vote, label_ndcg, label_overlap, precision_at_k

__all__ = [
    "Interval",
    "MacroAUC",
    "Reliability",
    "Statistic",
    "auc",
    "best_overlap",
    "brier",
    "clopper_pearson",
    "expected_calibration_error",
    "knn_vote",
    "label_ndcg",
    "label_overlap",
    "macro_auc",
    "macro_auc_statistic",
    "mean_statistic",
    "paired_difference",
    "patient_bootstrap",
    "patient_weights",
    "precision_at_k",
    "reliability",
    "unpaired_difference",
    "weighted_auc",
    "wilson",
]
