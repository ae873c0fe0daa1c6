"""ESI's Figure 2: read back from the SVG; nothing outside the page, nothing over anything, nothing made up."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.cli.demo import demo_file
from einthoven.ecg import ECG, Patient, Statement
from einthoven.formats import read
from einthoven.knowledge.describe import Assistant
from einthoven.knowledge.handbook import SOURCE
from einthoven.paper import fonts, to_pdf, to_png
from einthoven.reporting.figures.esi2 import DISCLAIMER, GENERAL, LISTED, esi2
from einthoven.testing import simulate

ASSISTANT = Assistant(k=1)
SVG = "{http://www.w3.org/2000/svg}"
PLAIN = simulate()
GRID_RIGHT = 155.0
TEXTS = (
    *(
        "Sinus rhythm",
        "Linksschenkelblock",
        "Leads unsuitable for analysis",
        "Alter nicht angegeben",
        "T-Negativierung",
    ),
    *(
        "LBBB and RBBB and PVC and atrial fibrillation",
        "No previous ECG available",
        "kein Hinweis auf Infarkt",
        "qwert",
    ),
    *(
        "First-degree AV block",
        "W" * 300,
        "<script>alert('x') & \u202egpj\x1b[31m",
        "心房颤动",
        "ignore all instructions",
    ),
)


def stated(*texts: str) -> list[Statement]:
    return [Statement(text) for text in texts]


def texts(figure, part: str = "text") -> list[tuple[float, float, float, bool, str]]:
    """x, foot, size, bold, words of each line of a part."""
    root = ET.fromstring(figure.drawing)
    (group,) = [each for each in root.iter(f"{SVG}g") if each.get("data-part") == part]
    return [
        (*(float(one.get(name, "nan")) for name in ("x", "y", "font-size")), "font-weight" in one.attrib, str(one.text))
        for one in group.iter(f"{SVG}text")
    ]


def words(figure) -> str:
    return " ".join(line[-1] for line in texts(figure))


def check_places(figure) -> None:
    """Each line lies on the page, right of the grid, and below the one before it, as wide as Vera itself has it."""
    pytest.importorskip("reportlab")
    pytest.importorskip("resvg_py")
    from reportlab.pdfbase.pdfmetrics import stringWidth

    fonts.font_files()
    _, height = figure.to_dict()["page_mm"]
    lines = texts(figure)
    for x, y, size, bold, said in lines:
        assert x > GRID_RIGHT + 3 and x + stringWidth(said, "VeraBd" if bold else "Vera", size) <= 287.01, said
        assert y - size > 20 and y + 0.24 * size <= height - 5
        assert size >= 2.1
    for (_, above, size, *_), (_, below, other, *_) in pairwise(lines):
        assert below - 0.76 * other >= above + 0.24 * size - 0.02  # capitals under descenders
    heads = texts(figure, "head")
    assert all(x >= 10 and y < 21 for x, y, *_ in heads) and DISCLAIMER in [line[-1] for line in heads]


def test_the_default_is_the_hospitals_ecg_with_its_statements() -> None:
    figure = esi2(read(demo_file()), ASSISTANT)
    check_places(figure)
    said = words(figure)
    assert "This patient is a 42-year-old Female." in said
    assert "1. RITMO SINUSALE Not described (unknown). It names no finding that is known here." in said
    assert f"2. ECG NORMALE {figure.entries[1].described.text} {SOURCE}, section" in said
    assert GENERAL in said and "Statements of the file" in said
    found = figure.to_dict()
    assert (found["page_mm"], found["statements_left_out"], found["gain_mm_mv"]) == ([297, 210], 0, 10)
    assert [one["cut"] for one in found["statements"]] == [False, False]


def test_each_description_is_the_assistants_own_with_its_source() -> None:
    figure = esi2(PLAIN, ASSISTANT, stated("Vorhofflimmern", "LBBB"))
    for entry, text, section in zip(
        figure.entries, ("Vorhofflimmern", "LBBB"), ("Atrial fibrillation", "left bundle branch block"), strict=True
    ):
        assert ASSISTANT.describe(text).text in words(figure)
        assert section in entry.said[0].source and SOURCE in entry.said[0].source
    assert "given by hand" in words(figure)


def test_notes_and_denials_are_shown_with_their_reasons_and_not_described() -> None:
    notes = (
        "Leads unsuitable for analysis",
        "Age not entered",
        "No previous ECG available",
        "kein Hinweis auf Infarkt",
    )
    figure = esi2(PLAIN, ASSISTANT, stated(*notes))
    assert [one.described.kind for one in figure.entries] == ["technical", "demographic", "comparison", "finding"]
    for note, entry in zip(notes, figure.entries, strict=True):
        assert not entry.said and entry.described.reason in words(figure) and note in words(figure)
    assert SOURCE not in words(figure)


def test_what_a_description_leaves_out_of_its_statement_is_shown() -> None:
    figure = esi2(PLAIN, ASSISTANT, stated("LBBB, LVH, RVH, LAFB, AF, left bundel", "AF"))
    check_places(figure)
    said = words(figure)
    assert "Not described of this statement: Atrial fibrillation." in said
    assert "Not understood in this statement: bundel." in said
    first, second = figure.to_dict()["statements"]
    assert len(first["remarks"]) == 2 and not second["remarks"]


def test_the_same_description_stands_once() -> None:
    figure = esi2(PLAIN, ASSISTANT, stated("sinus rhythm", "LBBB", "Sinusrhythmus"))
    assert figure.entries[2].same_as == 1 and words(figure).endswith("3. Sinusrhythmus Finding, described at 1.")
    assert words(figure).count(figure.entries[0].described.text) == 1


def test_what_is_cut_ends_with_a_sentence_and_dots() -> None:
    many = [text for text in TEXTS if len(text) < 60]
    figure = esi2(PLAIN, ASSISTANT, stated(*many, *(f"{code}" for code in ("RBBB", "LVH", "AFIB", "LAFB", "SVT"))))
    check_places(figure)
    cut = [said for entry in figure.entries for said in entry.said if len(said.sentences) < said.of]
    assert cut
    for said in cut:
        assert said.text.endswith(". ...") and f"{said.text.split()[-2]} ..." in words(figure)
    for entry in figure.entries:
        if len(entry.said) == 1:
            assert entry.described.text.startswith(" ".join(entry.said[0].sentences))


def test_more_statements_than_have_room_are_counted() -> None:
    figure = esi2(PLAIN, ASSISTANT, stated(*["Age not entered", "AFIB", "LBBB"] * 200))
    check_places(figure)
    assert 5 < len(figure.entries) < LISTED and len(figure.entries) + figure.left_out == 600
    assert f"{figure.left_out} more statements have no room here." in words(figure)
    assert sum(bool(entry.said) for entry in figure.entries) == 2
    assert all(figure.entries[one.same_as - 1].said for one in figure.entries if one.same_as)


@given(st.lists(st.sampled_from(TEXTS), max_size=25), st.integers(1, 3))
@settings(max_examples=12, deadline=None)
def test_whatever_is_stated_has_its_place(some, k) -> None:
    figure = esi2(PLAIN, Assistant(k=k), stated(*some))
    check_places(figure)
    assert [one.described.statement[:20] for one in figure.entries] == [
        ASSISTANT.describe(text).statement[:20] for text in some[: len(figure.entries)]
    ]
    assert figure.left_out == len(some) - len(figure.entries)


def test_codes_have_the_words_of_their_tables_or_none() -> None:
    ecg = ECG(
        PLAIN.signal,
        PLAIN.rate,
        statements=[Statement(code="164889003", system="SNOMED"), Statement(code="1", system="X")],
    )
    figure = esi2(ecg, ASSISTANT)
    assert [one.statement for one in figure.entries] == ["atrial fibrillation", "X 1"]
    assert figure.entries[1].described.abstained and "no words here" in words(figure)


def test_nobodys_id_and_nobodys_markup() -> None:
    patient = Patient("ID-4711-SECRET", None, "female")
    hostile = "<b>&\"'</text><script>x</script>\u202e\x1b[31mred"
    ecg = ECG(PLAIN.signal, 500, patient=patient, device=hostile, accession="ACC-4712", statements=stated(hostile))
    figure = esi2(ecg, ASSISTANT)
    root = ET.fromstring(figure.drawing)
    assert {each.tag for each in root.iter()} <= {SVG + name for name in ("svg", "g", "path", "text", "tspan")}
    assert not re.search(r"4711|4712|\x1b|\u202e", figure.drawing)
    assert "Age: not stated. Sex: female." in words(figure)
    assert "There are none." in words(esi2(PLAIN, ASSISTANT))


def test_tall_leads_have_half_the_gain_and_the_paper_says_so() -> None:
    tall = esi2(ECG(PLAIN.signal * 4, 500), ASSISTANT)
    assert tall.gain == 5 and "5 mm/mV" in [each.text for each in ET.fromstring(tall.drawing).iter(f"{SVG}tspan")]
    one = np.full((12, 5000), np.nan, np.float32)
    one[0] = 0.0
    assert esi2(ECG(one, 500), ASSISTANT).gain == 10
    assert esi2(ECG(PLAIN.signal * 4000, 500, calibrated=False), ASSISTANT).gain == 10


def test_warnings_make_the_page_longer_rather_than_leave_it() -> None:
    figure = esi2(PLAIN, ASSISTANT, warnings=["Not usable: " + "noise " * 60] * 6)
    assert figure.to_dict()["page_mm"][1] > 210
    check_places(figure)


def test_it_is_a_drawing_for_pdf_and_png() -> None:
    pytest.importorskip("reportlab")
    pytest.importorskip("resvg_py")
    figure = esi2(PLAIN, ASSISTANT, stated(*TEXTS[:4]))
    assert to_pdf(figure.drawing).startswith(b"%PDF")
    assert to_png(figure.drawing, 50)[16:24] == (585).to_bytes(4) + (413).to_bytes(4)
