"""The picture of a study, from stored results alone."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from einthoven.ecg import FileError, UsageError
from einthoven.evaluation.study import Outcome, Seeds, Study, StudyRow
from einthoven.evaluation.study_figure import LEFT, WIDTH, save_study_figure, study_figure

STUDY = Study("<b> against all", "base.yaml", (StudyRow("one & only"), StudyRow("two")), seeds=(0, 1))


def outcome(row, value, runs=2):
    score = Seeds(value, value - 0.02, value + 0.02, runs)
    return Outcome(row, runs, {"vote_all": score}, score, 3.0, 1000)


def test_means_and_seeds_stand_where_they_belong():
    root = ElementTree.fromstring(study_figure(STUDY, [outcome("one & only", 0.75), outcome("two", 0.85, 1)]))
    spot = "{http://www.w3.org/2000/svg}"
    dots = [float(dot.get("cx")) for dot in root.iter(spot + "circle")]
    words = [text.text for text in root.iter(spot + "text")]
    ticks = [float(word) for word in words if word.replace(".", "").isdigit()]
    low, high = ticks[0], ticks[2]
    assert low <= 0.73 and high >= 0.87
    for dot, value in zip(dots[:2], (0.75, 0.85), strict=True):
        assert dot == pytest.approx(LEFT + (value - low) / (high - low) * WIDTH, abs=0.1)
    bar = next(line for line in root.iter(spot + "line") if line.get("stroke") == "#1b5e9b")
    assert float(bar.get("x2")) - float(bar.get("x1")) == pytest.approx(0.04 / (high - low) * WIDTH, abs=0.2)
    assert "one & only" in words and "two (1)" in words and "<b> against all" in words
    assert len(dots) == 4, "a panel for each score, and one for their mean"


def test_equal_values_and_nothing_at_all(tmp_path):
    assert "nan" not in study_figure(STUDY, [outcome("two", 0.5)])
    with pytest.raises(UsageError, match="nothing to draw"):
        study_figure(STUDY, [])
    with pytest.raises(FileError, match="cannot be written"):
        save_study_figure(STUDY, [outcome("two", 0.5)], tmp_path / "none" / "x.svg")
