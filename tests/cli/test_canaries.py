"""Text from files is data: patient ids, lead names, report texts and file names act on nothing that shows them."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from einthoven.cli.terminal import print_json, say
from einthoven.retrieval import Archive
from einthoven.testing import simulate

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\x00"
MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
EVIL = f"=HYPERLINK(1){MARKUP}{ESCAPES}CANARY"
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What a file's name can hold; no slash, no NUL.
NAME = "=1+1<b onload=x>\x1b[2J\u202eCANARY"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert not [key for key, _ in attrs if key.startswith("on")]


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """An aECG with canaries wherever a file can have text; of a markup that XML allows, twice removed."""
    from pydicom import dcmread
    from pydicom.data import get_testdata_file

    dataset = dcmread(get_testdata_file("waveform_ecg.dcm"))
    dataset.PatientID = EVIL.replace("\\", "")[:60]
    dataset.AccessionNumber = "=1+1"
    dataset.Manufacturer = EVIL[:60]
    dataset.WaveformAnnotationSequence[0].UnformattedTextValue = EVIL
    group = dataset.WaveformSequence[0]
    source = group.ChannelDefinitionSequence[11].ChannelSourceSequence[0]
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "X", "99X", f"{EVIL}"[:64]
    path = tmp_path / "evil.dcm"
    dataset.save_as(path)
    return path


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_read_says_nothing_that_a_terminal_acts_upon(run, evil) -> None:
    said = run("read", evil)
    assert said.code == 0 and "CANARY" in said.out and not ACTIVE.search(said.out)
    text = run("read", evil, "--json").out
    assert not ACTIVE.search(text) and "CANARY" in json.loads(text)["device"] + json.dumps(json.loads(text))


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_page_and_drawing_hold_no_markup_of_a_file(run, evil, tmp_path) -> None:
    assert run("report", evil, "--page", tmp_path / "page.html").code == 0
    page = (tmp_path / "page.html").read_text()
    tags = Tags()
    tags.feed(page)
    assert not {"script", "img"} & tags.found and not ACTIVE.search(page)
    assert run("draw", evil, tmp_path / "x.svg", "--show-id").code == 0
    picture = (tmp_path / "x.svg").read_text()
    names = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()}
    assert not {"script", "img", "image", "foreignObject"} & names and not ACTIVE.search(picture)
    assert "HYPERLINK" in picture  # the id is shown, as what it is


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be")
def test_file_names(run, write_wfdb, tmp_path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    write_wfdb(simulate(), "good", (), folder)
    for suffix in (".hea", ".dat"):
        (folder / f"good{suffix}").rename(folder / f"{NAME}{suffix}")
    header = folder / f"{NAME}.hea"
    header.write_text(header.read_text().replace("good.dat", f"{NAME}.dat").replace(" ", " "))
    (folder / f"{NAME}.pdf").write_bytes(b"%PDF")
    (folder / f"{NAME} cut.hea").write_text("r 12 500 5000\n")
    with open(os.fsencode(folder) + b"/latin-\xe4.hea", "wb") as file:  # noqa: PTH123 (a name that is no text)
        file.write(b"r 12 500 5000\n")
    write_wfdb(simulate(seed=2), "plain", (), folder)
    out = tmp_path / "refused.csv"
    said = run("archive", "build", tmp_path / "a", folder, "--refused", out, "--keep-ids")
    assert said.code == 0 and "CANARY" in said.out and not ACTIVE.search(said.out)
    said = run("archive", "build", tmp_path / "b", folder, "--json")
    assert not ACTIVE.search(said.out) and len(said.json["refused"]) >= 2
    written = out.read_text("utf-8-sig")
    assert not ACTIVE.search(written)
    for row in csv.DictReader(written.splitlines()):
        assert all(cell[:1] not in set("=+-@") for cell in row.values())
    records = Archive.open(tmp_path / "a").collection.columns(["record"])["record"]
    assert all(record.isprintable() for record in records)
    for words in (("read", header.with_suffix(".gone")), ("archive", "info", tmp_path / NAME)):
        said = run(*words)
        assert said.code == 1 and not ACTIVE.search(said.err)
        assert not ACTIVE.search(run(*words, "--json").out)


def test_report_texts(run, write_wfdb, tmp_path) -> None:
    write_wfdb(simulate(), "r", (), tmp_path / "e")
    table = tmp_path / "r.csv"
    escapes, text = (some.replace("\0", "") for some in (ESCAPES, EVIL))  # a table with NUL is refused
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", f"text{escapes}"), ("r", text), (text, "x")])
    words = ("--reports", table, "--on", "file", "--text", "text", "--keep-texts", "--unjoined", tmp_path / "u.csv")
    said = run("archive", "build", tmp_path / "a", tmp_path / "e", *words)
    assert said.code == 0 and not ACTIVE.search(said.out) and "CANARY" not in said.out
    text = next(row.text for row in Archive.open(tmp_path / "a").collection.rows())
    assert text is not None and text.endswith("CANARY") and not ACTIVE.search(text)
    assert "CANARY" not in (tmp_path / "u.csv").read_text()
    said = run("archive", "build", tmp_path / "b", tmp_path / "e", *words[:-5], "none", "--json")
    assert said.code == 2 and not ACTIVE.search(said.out)


def test_what_is_said_and_printed(capsys) -> None:
    say(f"  indented {EVIL}")
    said = capsys.readouterr().out
    assert said.startswith("  indented") and not ACTIVE.search(said)
    document = {"a": EVIL, "b": "ä€\U0001f600", "c": os.fsdecode(b"\xe4"), "\x1b": [1.5, None]}
    print_json(document)
    text = capsys.readouterr().out
    assert json.loads(text) == document and "ä€\U0001f600" in text and not ACTIVE.search(text)


def test_lead_names(run, tmp_path) -> None:
    signal = np.rint(simulate(seconds=2).signal * 1000).astype("<i2")
    names = ["I", "II", *(f"=CANARY{n}\x1b[2J{MARKUP}" for n in range(10))]
    (tmp_path / "x.dat").write_bytes(np.ascontiguousarray(signal.T).tobytes())
    lines = [f"x 12 500 {signal.shape[1]}", *(f"x.dat 16 1000/mV 16 0 0 0 0 {name}" for name in names)]
    (tmp_path / "x.hea").write_text("\n".join(lines) + "\n")
    said = run("read", tmp_path / "x.hea")
    assert "CANARY" in said.out and not ACTIVE.search(said.out)
    assert run("report", tmp_path / "x.hea", "--page", tmp_path / "p.html").code == 0
    tags = Tags()
    tags.feed((tmp_path / "p.html").read_text())
    assert not {"script", "img"} & tags.found
