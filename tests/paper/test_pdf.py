"""PDF: the page's true size, and every line of the drawing where the SVG has it, read from the file itself."""

from __future__ import annotations

import base64
import re
import sys
import zlib

import numpy as np
import pytest

from einthoven.ecg import ECG, MissingPackageError, Patient, UsageError
from einthoven.paper import LAYOUTS, Beat, draw, draw_beats, fonts, strip, to_pdf, to_png

pytest.importorskip("reportlab")
POINT = 72 / 25.4
STRING = re.compile(r"\((?:\\.|[^\\()])*\)", re.S)


def media_box(pdf: bytes) -> list[float]:
    (found,) = re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)
    return [float(number) for number in found.split()]


def content(pdf: bytes) -> list[str]:
    """The tokens of the page's drawing instructions, without what stands in strings."""
    for coded in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        try:
            text = zlib.decompress(
                base64.a85decode(coded.strip(), adobe=False) if b"~>" not in coded else _plain(coded)
            )
        except (ValueError, zlib.error):
            continue
        if b" l" in text and b" cm" in text:
            return STRING.sub("()", text.decode("latin-1")).split()
    raise AssertionError("no drawing instructions in the PDF")


def _plain(coded: bytes) -> bytes:
    return base64.a85decode(coded.strip().removesuffix(b"~>"))


def polylines(pdf: bytes) -> list[np.ndarray]:
    """Corners (points, 2) of every subpath, in mm of the page, y downwards."""
    *_, height = media_box(pdf)
    stack: list[float] = []
    scale, found = 1.0, []
    for token in content(pdf):
        if re.fullmatch(r"-?\d*\.?\d+", token):
            stack.append(float(token))
            continue
        if token == "cm":
            a, b, c, d, e, f = stack[-6:]
            assert (b, c, e, f) == (0, 0, 0, 0) and a == d, "anything but a scale would hide the millimetres"
            scale *= a
        elif token in "ml":
            x, y = (value * scale / POINT for value in stack[-2:])
            found += [[]] if token == "m" else []
            found[-1].append((x, height / POINT - y))
        stack = []
    return [np.array(points) for points in found]


def wave(**more) -> ECG:
    time = np.arange(1000) / 100
    return ECG(np.stack([np.sin(time * (k + 1)) for k in range(12)]), 100, **more)


def as_set(lines) -> set[tuple[float, ...]]:
    return {tuple(np.round(points, 2).ravel() + 0.0) for points in lines}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_page_is_a4_across(layout):
    pdf = to_pdf(draw(wave(), layout))
    assert pdf.startswith(b"%PDF-") and len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert [number / POINT for number in media_box(pdf)] == pytest.approx([0, 0, 297, 210], abs=1e-3)


@pytest.mark.parametrize(
    "svg",
    [draw(wave(), speed=50, gain=20), strip(wave()), draw(wave(), "cabrera", style="mono", header=False)],
)
def test_other_pages_have_their_own_size(measured, svg):
    page = measured(svg)
    assert [n / POINT for n in media_box(to_pdf(svg))] == pytest.approx([0, 0, page.width, page.height], abs=1e-3)


@pytest.mark.parametrize(
    "svg",
    [
        draw(wave()),
        draw(wave(), over=wave(), names=("a", "b")),
        draw_beats(wave(), Beat(wave().signal[:, :100], 100, 50, qrs_onset=40, qrs_offset=60)),
    ],
    ids=["one", "two", "beats"],
)
def test_every_line_of_the_drawing_is_in_the_pdf_to_a_hundredth_of_a_millimetre(measured, svg):
    page = measured(svg)
    drawn = as_set(polylines(to_pdf(svg)))
    expected = [points for _, _, subpaths in (*page.traces, *page.second) for points in subpaths]
    expected += [points for (points,) in page.parts["calibration"]] + page.grid["1"] + page.grid["5"]
    assert len(expected) > 400
    assert as_set(expected) <= drawn


def test_a_pulse_in_the_pdf_measures_what_the_footer_says():
    pdf = to_pdf(draw(wave(), speed=50, gain=20))
    pulses = [p for p in polylines(pdf) if len(p) == 6 and np.ptp(p[:, 1]) > 0]
    assert len(pulses) == 4
    for points in pulses:
        assert np.ptp(points[:, 1]) == pytest.approx(20, abs=1e-4)
        assert np.ptp(points[1:5, 0]) == pytest.approx(10, abs=1e-4)


def test_the_second_is_dashed_and_only_it():
    words = content(to_pdf(draw(wave(), over=wave())))
    assert "[1.5" in " ".join(words)
    assert "[1.5" not in " ".join(content(to_pdf(draw(wave()))))


def test_its_font_is_inside_and_knows_the_letters_of_europe():
    pdf = to_pdf(draw(wave(patient=Patient("Müller °", 63, "weiblich")), show_id=True))
    named = set(re.findall(rb"/BaseFont /(\S+)", pdf))
    assert named and all(b"Vera" in name for name in named)
    assert len(re.findall(rb"/FontFile2", pdf)) >= 1
    from reportlab.pdfbase.pdfmetrics import getFont

    for name in (fonts.REGULAR, fonts.BOLD):
        known = getFont(name).face.charToGlyph
        assert not [letter for letter in "äöüÄÖÜßéèñåøçæœłšž°µ±²…−–*<>&'\"" if ord(letter) not in known]


def test_the_same_drawing_gives_the_same_bytes():
    assert to_pdf(draw(wave())) == to_pdf(draw(wave()))


def test_words_of_a_file_are_no_instructions():
    hostile = ") Tj ET 0 0 m 100 100 l S endstream /JS (app.alert(1)) \\ \x00 患者 \u202e"
    plain = to_pdf(draw(wave(patient=Patient("x", 50)), show_id=True))
    pdf = to_pdf(draw(wave(patient=Patient(hostile, 50), device=hostile), show_id=True))
    assert as_set(polylines(pdf)) == as_set(polylines(plain))
    assert b"/JS" not in pdf and b"/JavaScript" not in pdf


@pytest.mark.parametrize(
    "svg",
    [
        "<svg></svg>",
        "",
        '<svg xmlns="http://www.w3.org/2000/svg" width="10mm" height="10mm"><image href="/etc/passwd"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" width="10mm" height="10mm"><path d="M0 0c1 1 2 2 3 3"/></svg>',
    ],
)
def test_other_svg_is_refused(svg):
    with pytest.raises(UsageError) as caught:
        to_pdf(svg)
    assert caught.value.mend


@pytest.mark.parametrize("package", ["reportlab", "resvg_py"])
def test_without_the_packages_the_command_that_brings_them_is_named(monkeypatch, package):
    svg = draw(wave())
    fonts.font_files.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    for write in (to_pdf, to_png):
        with pytest.raises(MissingPackageError, match=package) as caught:
            write(svg)
        assert "einthoven[paper]" in caught.value.mend
