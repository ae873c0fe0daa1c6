"""PNG: pixels measured with a ruler, and the resolution that the file states."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest

from einthoven.ecg import ECG, UsageError
from einthoven.paper import draw, strip, to_png
from einthoven.paper.style import FONT

pytest.importorskip("resvg_py")
pytest.importorskip("reportlab")
Image = pytest.importorskip("PIL.Image")


def flat(**more) -> ECG:
    return ECG(np.full((12, 5000), -0.3), 500, **more)


def grey(png: bytes) -> np.ndarray:
    """(rows, columns) 0 black to 255 white."""
    return np.asarray(Image.open(BytesIO(png)).convert("L")).astype(float)


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """Kinds and contents; their checksums are checked."""
    at, found = 8, []
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        found.append((kind, body))
        at += 12 + length
    return found


def centres(dark: np.ndarray) -> np.ndarray:
    """Middles of the runs of a profile (n,) of darkness, weighted by it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], dark > 0.35 * dark.max(), [False]]).astype(int)))
    return np.array(
        [
            (np.arange(a, b) * dark[a:b]).sum() / dark[a:b].sum() + 0.5
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        ]
    )


@pytest.fixture(scope="module", params=[("colour", 25, 10, 254), ("mono", 50, 20, 200)], ids=["colour", "mono"])
def made(request) -> tuple[bytes, float, float, float]:
    """A PNG, and its speed, gain and resolution."""
    style, speed, gain, dpi = request.param
    return to_png(draw(flat(), style=style, speed=speed, gain=gain), dpi), speed, gain, dpi


def test_size_in_pixels_and_in_the_file(made):
    png, speed, _, dpi = made
    found = chunks(png)
    assert [kind for kind, _ in found][:2] == [b"IHDR", b"pHYs"] and found[-1][0] == b"IEND"
    width, height = struct.unpack(">II", found[0][1][:8])
    wide = 297 if speed == 25 else 552
    assert (width, height) == pytest.approx((wide * dpi / 25.4, 210 * dpi / 25.4), abs=1)
    across, down, unit = struct.unpack(">IIB", found[1][1])
    assert unit == 1 and across == down == pytest.approx(dpi / 0.0254, abs=0.51)
    assert 1000 * width / across == pytest.approx(wide, abs=0.25)  # mm on paper
    assert Image.open(BytesIO(png)).info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


def test_pulse_and_grid_in_pixels(made):
    png, speed, gain, dpi = made
    dark = np.clip(255 - grey(png) - 90, 0, None)  # the grid is lighter than this, pulses and traces are not
    a_mm = dpi / 25.4
    near = 0.6 / a_mm  # mm: a little more than half a pixel
    # A row of pixels through the middle of the first pulse crosses its two sides.
    sides = centres(dark[round((50 - gain / 2) * a_mm), : round(36 * a_mm)])
    assert len(sides) == 2 and np.diff(sides)[0] / a_mm == pytest.approx(0.2 * speed, abs=near)
    # A column through its middle crosses its top, one beside it its foot.
    (top,) = centres(dark[round(22 * a_mm) : round(48 * a_mm), round(sides.mean())])
    (foot,) = centres(dark[round(22 * a_mm) : round(58 * a_mm), round(sides[0] - a_mm)])
    assert (foot - top) / a_mm == pytest.approx(gain, abs=near)
    # Five millimetres between the dark lines of the grid, over the whole width.
    profile = 255 - grey(png)[round(21 * a_mm) : round(24 * a_mm)].mean(axis=0)
    grid = profile[round(13 * a_mm) : -round(13 * a_mm)]
    lines = centres(np.where(grid > 0.5 * grid.max(), grid, 0))
    assert np.diff(lines) / a_mm == pytest.approx(5, abs=0.15)
    assert (lines[-1] - lines[0]) / a_mm == pytest.approx(5 * (len(lines) - 1), abs=0.07)


def test_the_grid_is_much_lighter_than_the_trace(made):
    pixels, a_mm = grey(made[0]), made[3] / 25.4
    paper = pixels[round(22 * a_mm) : round(30 * a_mm), round(60 * a_mm) : round(200 * a_mm)]
    trace = pixels[round(50 * a_mm) : round(60 * a_mm), round(60 * a_mm) : round(200 * a_mm)].min(axis=0)
    assert paper.mean() > 225 and paper.min() > 120 and np.median(trace) < 60


def test_letters_of_europe_are_drawn_and_others_are_boxes_not_nothing():
    def word(letters: str) -> np.ndarray:
        return grey(
            to_png(
                '<svg xmlns="http://www.w3.org/2000/svg" width="30mm" height="8mm" viewBox="0 0 30 8" '
                f'font-family="{FONT}"><path fill="#fff" d="M0 0h30v8h-30z"/>'
                f'<text x="2" y="6" font-size="4">{letters}</text></svg>',
                150,
            )
        )

    # Each letter stands between the two a: the last is farther right than without it, and there is ink between.
    alone = np.flatnonzero(word("aa").min(axis=0) < 128).max()
    for letter in "äöüßé°µ−…患":
        columns = np.flatnonzero(word(f"a{letter}a").min(axis=0) < 128)
        assert columns.max() > alone + 3 and np.diff(columns).max() < 12, letter


def test_a_strip_too():
    assert grey(to_png(strip(flat()), 254)).shape == (771, 950)


@pytest.mark.parametrize("dpi", [0, -5, 49, 1201, float("nan"), float("inf")])
def test_resolutions_of_no_use_are_refused(dpi):
    with pytest.raises(UsageError) as caught:
        to_png(draw(flat()), dpi)
    assert caught.value.mend


def test_a_picture_that_fills_the_memory_is_refused():
    with pytest.raises(UsageError, match="too large"):
        to_png(draw(flat(), speed=200), 1200)
