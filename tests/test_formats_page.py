"""The command that makes docs/formats.md can find a fault: what it says of samples, folders and reasons."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from einthoven.formats.registry import FORMATS
from einthoven.testing import simulate

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def made_by(monkeypatch: pytest.MonkeyPatch):
    """The script and its rows."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import formats_rows

    import formats

    yield formats, formats_rows
    for name in ("formats", "formats_rows"):
        sys.modules.pop(name, None)


def test_every_format_has_a_row(made_by) -> None:
    names = [row.name for row in made_by[1].ROWS]
    assert set(FORMATS) <= set(names) and len(names) == len(set(names))


def test_one_step_of_one_sample_is_seen(made_by) -> None:
    difference, ecg = made_by[0].difference, simulate(rate=500, seconds=10)
    theirs = {lead: (ecg.lead(lead).astype(float), 0.005) for lead in ecg.leads}
    assert difference(ecg, theirs) == 0
    theirs["V3"][0][77] += 0.005
    assert difference(ecg, theirs) == pytest.approx(1)
    theirs["V3"][0][77] = np.nan
    assert difference(ecg, theirs) == np.inf
    assert difference(ecg, {**theirs, "V3": (ecg.lead("V3")[:-1], 0.005)}) == np.inf
    assert difference(ecg, {lead: theirs[lead] for lead in ecg.leads[:6]}) == np.inf


def test_a_folder_is_surveyed_whole(made_by, write_wfdb, tmp_path, monkeypatch) -> None:
    formats, rows = made_by
    monkeypatch.setattr(formats, "in_packages", lambda: iter(()))
    for name in ("fixtures", "data"):
        write_wfdb(simulate(rate=500, seconds=10, noise=0.02), folder=tmp_path / name / "deep")
    (tmp_path / "data" / "README.md").write_text("words")
    (tmp_path / "data" / "deep" / "broken.dcm").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "data" / "deep" / "stray.pdf").write_bytes(b"%PDF-1.7")
    found, unread, others = formats.survey(tmp_path, {row.name: row for row in rows.ROWS if row.name in FORMATS})
    wfdb = found["WFDB"]
    assert (len(wfdb.paths), wfdb.compared, wfdb.refused) == (2, 2, Counter()) and wfdb.worst < 0.01
    assert sorted(path for path, _ in unread) == ["data/deep/broken.dcm", "data/deep/stray.pdf"]
    assert others == {("data/README.md", "text"): 1}
    lines = formats.grouped([("a/x.pdf", "'x.pdf' is none."), ("a/y.pdf", "'y.pdf' is none."), ("b/z", "cut.")])
    assert lines == ["- `a`, 2 (x.pdf, ...): it is none.", "- `b`, 1 (z): cut."]


def test_fuzzing_of_older_readers_is_marked(made_by, tmp_path) -> None:
    formats, rows = made_by
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
    before = formats.fingerprint(tmp_path)
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    assert formats.fingerprint(tmp_path) == before
    (tmp_path / "a.py").write_bytes(b"x = 2\n")
    assert formats.fingerprint(tmp_path) != before
    named = {row.name: row for row in rows.ROWS if row.name in ("EDF", "ISHNE")}
    fuzz = {
        "EDF": {"cases": 2000, "other": 0, "readers": formats.fingerprint()},
        "ISHNE": {"cases": 2000, "other": 0, "readers": before},
    }
    page = formats.page(named, {name: formats.Found() for name in named}, fuzz, {}, [], Counter())
    assert "| 2,000, other ends: 0 |" in page and "| 2,000, other ends: 0 (older readers) |" in page
