"""A drawing as PNG: pixels that know how large they are."""

from __future__ import annotations

import re
import struct
import zlib

from einthoven.ecg import UsageError
from einthoven.paper.fonts import FAMILY, font_files

INCH = 25.4
DPI = (50.0, 1200.0)
MOST_PIXELS = 200_000_000
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)mm" height="([\d.]+)mm"')
_HEADER_END = 33  # 8 bytes of signature, then the chunk IHDR of 25


def to_png(svg: str, dpi: float = 200) -> bytes:
    """A drawing of this package as a PNG file that prints in true size.

    Args:
        svg: what `draw`, `strip` or `draw_beats` returned.
        dpi: pixels an inch, 50 to 1200; written into the file as well.

    Raises:
        MissingPackageError: resvg-py or reportlab (for its font) is not installed.
        UsageError: another SVG, a resolution out of range, or a picture of more than 200 million pixels.
    """
    width, height = size_of(svg)
    if not DPI[0] <= dpi <= DPI[1]:  # also refuses NaN
        raise UsageError(
            f"Pictures of {dpi:g} pixels an inch are not made.", f"Use {DPI[0]:g} to {DPI[1]:g}; 300 prints well."
        )
    if width * height * (dpi / INCH) ** 2 > MOST_PIXELS:
        raise UsageError(
            f"{width:g} x {height:g} mm at {dpi:g} pixels an inch is too large a picture.",
            "Use a lower resolution, a lower speed, or PDF.",
        )
    fonts = [str(file) for file in font_files()]
    import resvg_py

    # Only the fonts that come along: a drawing must not look different where others are installed.
    made = resvg_py.svg_to_bytes(
        svg_string=svg, dpi=float(dpi), skip_system_fonts=True, font_files=fonts, sans_serif_family=FAMILY
    )
    return _with_resolution(bytes(made), dpi)


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of a drawing in millimetres.

    >>> size_of('<svg xmlns="..." width="297mm" height="210mm" viewBox="0 0 297 210">')
    (297.0, 210.0)
    """
    found = _SIZE.match(svg)
    if found is None:
        raise UsageError("An SVG without a size in millimetres is no drawing of an ECG.", "Pass what draw returned.")
    return float(found[1]), float(found[2])


def _with_resolution(png: bytes, dpi: float) -> bytes:
    """The file with a pHYs chunk (PNG specification, 11.3.4.3): pixels a metre, before the pixels themselves."""
    metre = round(dpi * 1000 / INCH)
    chunk = b"pHYs" + struct.pack(">IIB", metre, metre, 1)
    sized = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:_HEADER_END] + sized + png[_HEADER_END:]
