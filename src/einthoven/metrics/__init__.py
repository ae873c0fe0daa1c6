"""Pure functions of arrays: AUC, calibration, conformal thresholds, retrieval, intervals, bootstrap by patient."""

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
from einthoven.metrics.conformal import controlled_threshold, patient_shares
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
    "calibration_error_statistic",
    "clopper_pearson",
    "controlled_threshold",
    "expected_calibration_error",
    "interval_of",
    "knn_vote",
    "label_auc_statistic",
    "label_ndcg",
    "label_overlap",
    "macro_auc",
    "macro_auc_statistic",
    "mean_auc",
    "mean_statistic",
    "paired_difference",
    "patient_bootstrap",
    "patient_draws",
    "patient_shares",
    "patient_weights",
    "precision_at_k",
    "ratio_statistic",
    "reliability",
    "unpaired_difference",
    "weighted_auc",
    "wilson",
]
