from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from einthoven.ecg import FileError
from einthoven.evaluation.training_curves import save_training_curves, training_curves

LINES = [
    {"epoch": 1, "seconds": 60, "contrast": 8.3, "caption": 7.0},
    {"epoch": 2, "seconds": 120, "contrast": 6.1, "caption": 5.0, "score": 0.6},
    {"epoch": 3, "seconds": 180, "contrast": 5.2, "caption": 4.0, "score": 0.7},
]


def lines_of(text):
    root = ElementTree.fromstring(text)
    drawn = root.findall(".//{*}polyline")
    return [[tuple(map(float, pair.split(","))) for pair in one.get("points").split()] for one in drawn], root


def test_a_panel_for_each_number_and_a_point_for_each_epoch():
    drawn, root = lines_of(training_curves(LINES, "a <run>"))
    assert [len(points) for points in drawn] == [3, 3, 2]
    xs, ys = zip(*drawn[0], strict=True)
    assert list(xs) == sorted(xs) and list(ys) == sorted(ys)  # what falls goes down the page
    assert (ys[1] - ys[0]) / (ys[2] - ys[0]) == pytest.approx(2.2 / 3.1, abs=0.01)
    said = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"contrast", "caption", "score", "a <run>"} <= set(said) and any("3 epochs, 3 minutes" in s for s in said)


def test_one_epoch_and_a_number_that_never_moves():
    for lines in (LINES[:1], [{**line, "contrast": 0.0} for line in LINES]):
        drawn, _ = lines_of(training_curves(lines, "x"))
        assert all(y == y and 0 < y < 400 for points in drawn for _, y in points)


def test_it_lies_beside_the_metrics(tmp_path):
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    assert save_training_curves(tmp_path).read_text().startswith("<svg")
    (tmp_path / "metrics.jsonl").write_text("{")
    with pytest.raises(FileError) as refusal:
        save_training_curves(tmp_path)
    assert refusal.value.mend
