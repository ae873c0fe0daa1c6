from __future__ import annotations

from xml.etree import ElementTree

import pytest

from einthoven.ecg import Statement
from einthoven.reporting.figures.regen2 import codes_of, regen2


def words(svg: str) -> str:
    return " ".join("".join(text.itertext()) for text in ElementTree.fromstring(svg).iter() if "text" in text.tag)


def test_common_and_other_statements_are_told_without_colour_too(archive, make_ecg) -> None:
    ecg = make_ecg(3000, kind="normal")
    made = regen2(ecg, archive, statements=[Statement(code="SR", system="SCP"), Statement("Vorhofflimmern")])
    shown = words(made.drawing)
    assert made.truth == ("SR", "AFIB") and len(made.panels) == 3
    for panel in made.panels:
        assert panel.traced  # this archive keeps signals
        assert dict(panel.stated) == {"SR": "same", "NORM": "more", "AFIB": "lacking"}
    assert shown.count("= sinus rhythm [SR]") == 3 and shown.count("+ normal ECG [NORM]") == 3
    assert shown.count("\N{MINUS SIGN} atrial fibrillation [AFIB]") == 3
    assert "Research use only." in shown and "Mustermann" not in made.drawing
    assert made.drawing.count('data-part="panel"') == 4


def test_without_a_truth_nothing_is_marked(archive, make_ecg) -> None:
    made = regen2(make_ecg(3000, kind="normal").described(statements=()), archive, language="de")
    assert made.truth == () and all(mark is None for panel in made.panels for _, mark in panel.stated)
    assert "Nachbarn sind nicht gekennzeichnet" in " ".join(words(made.drawing).split())


@pytest.mark.parametrize(
    ("statements", "codes"),
    [
        ([Statement(code="AFIB", system="SCP")], ("AFIB",)),
        ([Statement("No atrial fibrillation. Possible inferior infarct.")], ("IMI",)),
        ([Statement(code="164889003", system="SNOMED")], ()),
        ([], ()),
    ],
)
def test_what_counts_as_stated(statements, codes) -> None:
    assert codes_of(statements) == codes
