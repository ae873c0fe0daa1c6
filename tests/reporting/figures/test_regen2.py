from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, Statement
from einthoven.reporting.figures.regen2 import TALLEST, _room, _spread, codes_of, regen2


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


def test_tall_traces_get_the_room_that_they_need(make_ecg) -> None:
    ecg = make_ecg(3000, kind="normal")
    calm, tall = (ecg.signal.copy() for _ in range(2))
    tall[[LEADS.index("V3"), LEADS.index("V5")]] *= 2.5 / np.abs(tall[LEADS.index("V3")]).max()
    for signal, gain in ((calm / np.abs(calm).max() * 0.5, 10), (tall, 5)):
        shown = ECG(signal, ecg.rate, LEADS)
        found, layout = _spread([shown])
        _, apart, _ = _room(shown)
        assert found == gain and apart * gain < layout.pitch <= TALLEST
    assert _spread([ECG(tall * 100, ecg.rate, LEADS)])[1].pitch == TALLEST


def test_without_a_truth_nothing_is_marked(archive, make_ecg) -> None:
    made = regen2(make_ecg(3000, kind="normal").described(statements=()), archive, language="de")
    assert made.truth == () and all(mark is None for panel in made.panels for _, mark in panel.stated)
    shown = " ".join(words(made.drawing).split())
    assert "Nachbarn sind nicht gekennzeichnet" in shown and "Kein Medizinprodukt" in shown and ", male" not in shown


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
