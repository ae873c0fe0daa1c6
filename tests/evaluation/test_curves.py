from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from einthoven.ecg import FileError
from einthoven.evaluation.cells import Cell
from einthoven.evaluation.curves import ACROSS, PANEL_HEIGHT, PANEL_WIDTH, curves, save_curves
from einthoven.evaluation.disturbances import KINDS
from einthoven.evaluation.table import Table
from einthoven.evaluation.tasks.robustness import UNDISTURBED

SVG = "{http://www.w3.org/2000/svg}"
FACTS = {"fold": 9, "ecgs": 300, "patients": 280, "model": "<script>m</script>", "drafted_of_them": 20}


def table(ways=("head", "vote"), kinds=KINDS) -> Table:
    cells = {UNDISTURBED: {way: Cell(0.91, 0.9, 0.92) for way in ways}}
    for kind in kinds:
        for place, strength in enumerate(kind.disturbing, 1):
            value = 0.91 - 0.03 * place
            cells[f"{kind.name}: {strength}"] = {way: Cell(value, value - 0.02, value + 0.02) for way in ways}
            cells[f"{kind.name}: {strength}"]["noticed"] = Cell(0.25 * place % 1, 0, 1)
    return Table("t", cells, FACTS)


def test_a_panel_a_disturbance_with_a_point_a_strength():
    root = ElementTree.fromstring(curves(table()))
    panels = root.findall(f"{SVG}g")
    assert len(panels) == len(KINDS) == 3 * ACROSS
    for panel, kind in zip(panels, KINDS, strict=True):
        words = [text.text for text in panel.iter(f"{SVG}text")]
        assert words[0] == kind.name and set(kind.strengths) <= set(words)
        assert len(panel.findall(f"{SVG}circle")) == 2 * len(kind.strengths)
        assert len(panel.findall(f"{SVG}polyline")) == (2 if kind.ordered else 0)
        dashed = [line for line in panel.iter(f"{SVG}line") if line.get("stroke-dasharray")]
        assert len(dashed) == 2
        for circle in panel.iter(f"{SVG}circle"):
            assert 0 < float(circle.get("cx")) < PANEL_WIDTH and 0 < float(circle.get("cy")) < PANEL_HEIGHT


def test_lower_is_lower_and_the_undisturbed_point_lies_on_its_line():
    (panel,) = ElementTree.fromstring(curves(table(("vote",), KINDS[1:2]), KINDS[1:2])).findall(f"{SVG}g")
    down = [float(circle.get("cy")) for circle in panel.iter(f"{SVG}circle")]
    assert down == sorted(down) and len(set(down)) == 7
    (dashed,) = (line for line in panel.iter(f"{SVG}line") if line.get("stroke-dasharray"))
    assert float(dashed.get("y1")) == down[0]
    gaps = [later - earlier for earlier, later in pairwise(down)]
    assert max(gaps) - min(gaps) < 0.21  # equal steps of AUC are equal steps down


def test_words_of_the_table_are_no_markup(tmp_path):
    save_curves(table(), tmp_path / "c.svg")
    text = (tmp_path / "c.svg").read_text(encoding="utf-8")
    assert "<script>" not in text and "&lt;script&gt;" in text
    with pytest.raises(FileError, match="cannot be written"):
        save_curves(table(), tmp_path / "nowhere" / "c.svg")
