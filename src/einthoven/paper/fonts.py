"""The font of PDF and PNG: Bitstream Vera Sans, which comes with reportlab and looks the same everywhere."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from einthoven.ecg import MissingPackageError

FAMILY = "Bitstream Vera Sans"
REGULAR, BOLD = "Vera", "VeraBd"


@cache
def font_files() -> tuple[Path, Path]:
    """The files of the regular and the bold font, known to reportlab from now on.

    Raises:
        MissingPackageError: a package that makes PDF and PNG is not installed.
    """
    lacking = [name for name in ("reportlab", "resvg_py") if importlib.util.find_spec(name) is None]
    if lacking:
        raise MissingPackageError(
            f"PDF and PNG need packages that are not installed: {', '.join(lacking)}.",
            "Install them: pip install 'einthoven[paper]'. SVG needs none.",
        )
    import reportlab
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    files = folder / f"{REGULAR}.ttf", folder / f"{BOLD}.ttf"
    for name, file in zip((REGULAR, BOLD), files, strict=True):
        registerFont(TTFont(name, str(file)))
    return files
