"""`einthoven demo`: the whole way on a real ECG, offline."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.files import write_text
from einthoven.ecg import FileError

ECG_IN_PYDICOM = Path("data") / "test_files" / "waveform_ecg.dcm"


def demo(
    out: Annotated[Path, typer.Option(metavar="OUT.html", help="Where the page goes.")] = Path("einthoven-demo.html"),
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser, where there is one.")
    ] = True,
) -> None:
    """Read a real hospital ECG, find its most similar ones in the archive that ships, and draft a report."""
    began = time.perf_counter()
    import einthoven.formats
    from einthoven.reporting import report
    from einthoven.reporting.page import draft_page
    from einthoven.retrieval import demo_archive

    file = demo_file()
    ecg = einthoven.formats.read(file)
    age = "age not stated" if ecg.patient.age is None else f"{ecg.patient.age:.0f} years"
    print(f"1. A real 12-lead ECG from a hospital device: {file.name}, part of the pydicom package")
    print(f"   {ecg.format}, {ecg.seconds:g} s at {ecg.rate:g} Hz, {age}, {ecg.patient.sex or 'sex not stated'}")
    device = "; ".join(s.text for s in ecg.statements if s.text)
    print(f"   the device's own statements, for comparison (no draft is made from them): {device or 'none'}\n")
    archive = demo_archive()
    print(f"2. The archive that ships: {archive.name}, {archive.holding}\n")
    draft = report(ecg, archive)
    print("3. A draft report, from the most similar ECGs of the archive\n")
    print("\n".join(f"   {line}".rstrip() for line in str(draft).splitlines()))
    write_text(out, draft_page(ecg, draft))
    print(f"\n4. The same with the ECG on paper, as one page: {out.resolve()}")
    print(f"   ({time.perf_counter() - began:.1f} s)")
    if show and sys.stdout.isatty() and (os.environ.get("DISPLAY") or sys.platform in ("darwin", "win32")):
        webbrowser.open(out.resolve().as_uri())


def demo_file() -> Path:
    """The real ECG that the pydicom package carries.

    Raises:
        FileError: pydicom was installed without its test files.
    """
    found = importlib.util.find_spec("pydicom")
    file = Path(found.origin).parent / ECG_IN_PYDICOM if found and found.origin else ECG_IN_PYDICOM
    if not file.is_file():
        raise FileError(
            "The pydicom package here comes without its example ECG.",
            "Reinstall it: pip install --force-reinstall pydicom.",
        )
    return file
