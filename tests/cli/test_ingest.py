"""A folder of mixed exports and a table of reports go into an archive; what did not is listed with its reason."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from einthoven.cli import archives
from einthoven.retrieval import Archive
from einthoven.testing import flat, simulate


@pytest.fixture
def export(write_wfdb, tmp_path: Path) -> Path:
    """Five ECGs in WFDB, two of them in a ZIP file, a DICOM file, and what is none."""
    folder = tmp_path / "export"
    for number in range(5):
        write_wfdb(simulate(60 + 5 * number, seed=number), f"r{number}", ("Age: 60",), folder)
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        for name in ("r3.hea", "r3.dat", "r4.hea", "r4.dat"):
            archive.write(folder / name, f"in/{name}")
            (folder / name).unlink()
        archive.writestr("../=evil", b"x")
    dataset = dcmread(get_testdata_file("waveform_ecg.dcm"))
    dataset.AccessionNumber = "A-17"
    dataset.save_as(folder / "hospital.dcm")
    cut = write_wfdb(simulate(99, seed=9), "cut", (), folder)
    cut.with_suffix(".dat").write_bytes(b"\0" * 100)
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7")
    return folder


def test_everything_in_one_go(run, export, tmp_path) -> None:
    out = tmp_path / "refused.csv"
    found = run("archive", "build", tmp_path / "a", export, "--refused", out, "--json").json
    assert (found["files"], found["added"], found["duplicates"]) == (8, 6, 0)
    assert {Path(one["file"]).name: one["kind"] for one in found["refused"]} == {
        "=evil": "unsafe",
        "cut.hea": "truncated",
    }
    assert [one["looks_like"] for one in found["passed_over"]] == ["a PDF document"]
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert {row["what"] for row in rows} == {"refused", "passed over"} and len(rows) == 3
    again = run("archive", "add", tmp_path / "a", export, "--json").json
    assert (again["added"], again["duplicates"], again["there_before"]) == (0, 6, 6)


def test_the_table_for_people(run, export, tmp_path) -> None:
    for number in range(5):
        (export / f"empty{number}.hea").write_text(f"e 12 500 {number + 1}\n")
    said = run("archive", "build", tmp_path / "a", export).out
    assert "files        13" in said and "added        6" in said
    assert re.search(r"\n +5 truncated +The WFDB header announces N signals and describes N\.\n", said)
    assert "cut.hea" in said and said.count("empty") == 3
    assert "passed over  1 other files" in said and "     1 a PDF document" in said and "--refused FILE.csv" in said


def test_the_same_samples_in_another_format(run, tmp_path, write_wfdb) -> None:
    from einthoven.formats import read

    source = tmp_path / "both"
    source.mkdir()
    dicom = source / "a.dcm"
    dicom.write_bytes(Path(get_testdata_file("waveform_ecg.dcm")).read_bytes())
    ecg = read(dicom)
    path = write_wfdb(ecg, "b", (), source)
    same = read(path).sha256 == ecg.sha256
    found = run("archive", "build", tmp_path / "a", source, "--json").json
    if same:
        assert found["same_samples"] == [{"formats": ["DICOM", "WFDB"], "ecgs": 1}] and found["added"] == 1
    else:  # its steps are finer than a microvolt
        assert found["added"] == 2


def test_copies_are_counted_with_their_formats(run, export, tmp_path) -> None:
    for suffix in (".hea", ".dat"):
        text = (export / f"r0{suffix}").read_bytes()
        for name in ("a0", "twin"):  # before and after the file whose name fits
            (export / f"{name}{suffix}").write_bytes(text.replace(b"r0.dat", name.encode() + b".dat"))
    found = run("archive", "build", tmp_path / "a", export, "--json").json
    assert found["same_samples"] == [{"formats": ["WFDB", "WFDB"], "ecgs": 2}]
    assert found["repaired"] == {"ecgs": 1, "kinds": {"other-record-name": 1}}  # what is added, not its copies


def test_two_files_of_one_name_are_both_kept(run, write_wfdb, tmp_path) -> None:
    for number in range(3):
        write_wfdb(simulate(60 + number, seed=number), "ecg", (), tmp_path / "e" / str(number))
    found = run("archive", "build", tmp_path / "a", tmp_path / "e", "--keep-ids", "--json").json
    assert found["added"] == 3
    records = Archive.open(tmp_path / "a").collection.columns(["record"])["record"]
    assert records[0] == "ecg" and all(record.startswith("ecg-") for record in records[1:])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupted_addition_goes_on(run, write_wfdb, tmp_path, monkeypatch) -> None:
    source = tmp_path / "many"
    for number in range(130):
        write_wfdb(simulate(50 + number % 60, rate=100, noise=0.02, seed=number), f"m{number:03}", (), source)
    first = write_wfdb(simulate(60, seed=999), "first", (), tmp_path / "one")
    assert run("archive", "build", tmp_path / "a", first).code == 0
    program = "from einthoven.cli import archives, main; archives.COMMIT_EVERY = 64; main()"
    words = [sys.executable, "-c", program, "archive", "add", str(tmp_path / "a"), str(source)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(Archive.open(tmp_path / "a")) < 60:
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    assert "Traceback" not in error
    kept = len(Archive.open(tmp_path / "a"))
    assert kept >= 65
    monkeypatch.setattr(archives, "COMMIT_EVERY", 64)
    found = run("archive", "add", tmp_path / "a", source, "--json").json
    archive = Archive.open(tmp_path / "a")
    assert len(archive) == 131 and found["files"] == 130 and found["there_before"] == kept - 1
    assert found["added"] == 131 - kept and not archive.info()["without_embedding"]
    hashes = archive.collection.columns(["sha256"])["sha256"]
    assert len(set(hashes)) == 131


def reports(folder: Path, text: str) -> Path:
    path = folder / "reports.csv"
    path.write_bytes(text.encode("cp1252"))
    return path


def test_reports_by_file(run, export, tmp_path) -> None:
    lines = 'Datei;Befund;Status\nr0.hea;"Sinusrhythmus\nfür Fr. Canary";ja\nin/r3;Vorhofflimmern;nein\n'
    lines += "nobody;x;ja\nr1;a;ja\nr1;b;ja\n"
    words = (
        "--reports",
        reports(tmp_path, lines),
        "--on",
        "file",
        "--text",
        "Befund",
        "--confirmed",
        "Status",
        "--json",
    )
    found = run("archive", "build", tmp_path / "a", export, *words).json["reports"]
    assert (found["joined"], found["confirmed"], found["texts_kept"]) == (2, 1, 0)
    assert found["unmatched_rows"] == [3] and found["ambiguous_rows"] == [4, 5]
    assert [Path(name).name for name in found["ambiguous_files"]] == ["r1.hea"]
    assert not [path for path in (tmp_path / "a").rglob("*") if path.is_file() and b"Canary" in path.read_bytes()]
    out = tmp_path / "unjoined.csv"
    said = run("archive", "build", tmp_path / "b", export, *words, "--keep-texts", "--unjoined", out).json
    found = said["reports"]
    assert found["texts_kept"] == 2
    assert any("not read into coded statements" in note for note in said["notes"])
    archive = Archive.open(tmp_path / "b")
    assert archive.info()["with_report_text"] == 2 and not archive.keeps_ids
    rows = {row.text: row.notices for row in archive.collection.rows() if row.text}
    assert set(rows) == {"Sinusrhythmus\nfür Fr. Canary", "Vorhofflimmern"}
    assert any("confirmed report" in notice for notice in rows["Sinusrhythmus\nfür Fr. Canary"])
    assert "reports.csv" not in out.read_text("utf-8-sig") and "Canary" not in out.read_text("utf-8-sig")
    assert len(list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))) >= 4


def test_reports_by_accession_and_by_patient_and_time(run, export, tmp_path) -> None:
    from einthoven.formats import read

    ecg = read(export / "hospital.dcm")
    assert ecg.accession == "A-17" and ecg.time is not None
    table = reports(tmp_path, f"accession,mrn,time,text\nA-17,{ecg.patient.id},{ecg.time:%d.%m.%Y %H:%M},ok\n")
    for on in ("accession", "patient+time"):
        words = ("--reports", table, "--on", on, "--text", "text", "--keep-texts", "--json")
        found = run("archive", "build", tmp_path / on, export, *words).json["reports"]
        assert (found["joined"], found["texts_kept"]) == (1, 1), on
    content = [path.read_bytes() for path in (tmp_path / "accession").rglob("*") if path.is_file()]
    assert not any(b"A-17" in one for one in content)  # it tells a patient


def test_reports_are_read_into_codes_where_asked_and_confirmed(run, export, tmp_path) -> None:
    lines = "file,text,signed\nr0,Vorhofflimmern. Kein LSB. Frau Canary Zulu,ja\nr1,Sinusrhythmus,nein\n"
    lines += "r2,ventricular tachycardia; xyzzy plugh,ja\nr3,left bundle branch block,ja\n"
    words = (
        "--reports",
        reports(tmp_path, lines),
        "--on",
        "file",
        "--text",
        "text",
        "--confirmed",
        "signed",
        "--keep-ids",
    )
    said = run("archive", "build", tmp_path / "a", export, *words, "--read-reports", "--json").json
    found = said["reports"]
    counts = {key: found[key] for key in ("joined", "read", "read_without_statement", "not_read", "uncoded")}
    joined = found["joined"]
    assert counts == {
        **{"joined": joined, "read": joined - 1, "read_without_statement": 1, "not_read": 1},
        "uncoded": {"ventricular-tachycardia": 1},
    }
    assert found["unread_phrases"] >= 1 and any("by rule" in note for note in said["notes"])
    rows = {row.record: row for row in Archive.open(tmp_path / "a").collection.rows()}
    assert [one.code for one in rows["r0"].statements] == ["AFIB"] and "by rule" in rows["r0"].notices[-1]
    assert "SR" not in {one.code for one in rows["r1"].statements}
    assert not [path for path in (tmp_path / "a").rglob("*") if path.is_file() and b"Canary" in path.read_bytes()]
    (tmp_path / "own.csv").write_text("phrase,code,polarity\nxyzzy plugh,LVH,present\n")
    more = (*words, "--read-reports", "--synonyms", tmp_path / "own.csv")
    run("archive", "build", tmp_path / "b", export, *more)
    rows = {row.record: row for row in Archive.open(tmp_path / "b").collection.rows()}
    assert [one.code for one in rows["r2"].statements] == ["LVH"]
    said = run("archive", "build", tmp_path / "c", export, *words, "--synonyms", tmp_path / "own.csv", "--json")
    assert said.code == 2 and "--read-reports" in said.json["error"]["mend"]


def test_wrong_columns_name_the_right_ones_and_nothing_is_built(run, export, tmp_path) -> None:
    table = reports(tmp_path, "file,text\nr0,x\n")
    said = run(
        "archive", "build", tmp_path / "a", export, "--reports", table, "--on", "file", "--text", "report", "--json"
    )
    assert said.code == 2 and "'file', 'text'" in said.json["error"]["mend"] and not (tmp_path / "a").exists()
    for words in (
        ("--on", "file"),
        ("--keep-texts",),
        ("--reports", table),
        ("--reports", table, "--on", "name", "--text", "text"),
    ):
        assert run("archive", "build", tmp_path / "a", export, *words, "--json").json["error"]["kind"] == "usage"


def test_reports_of_ecgs_that_were_there_are_said_not_to_be_stored(run, export, tmp_path) -> None:
    run("archive", "build", tmp_path / "a", export)
    table = reports(tmp_path, "file,text\nr0,x\n")
    words = ("--reports", table, "--on", "file", "--text", "text", "--keep-texts", "--json")
    found = run("archive", "add", tmp_path / "a", export, *words).json
    assert found["reports"]["there_before"] == 1 and found["reports"]["texts_kept"] == 0
    assert any("were not stored" in note for note in found["notes"])


def test_what_is_not_fit_is_listed_and_supports_no_draft(run, write_wfdb, tmp_path) -> None:
    source = tmp_path / "e"
    for number in range(3):
        write_wfdb(simulate(60 + number, seed=number), f"r{number}", ("Dx: 426783006",), source)
    write_wfdb(flat(simulate()), "flat", ("Dx: 164889003",), source)
    table = reports(tmp_path, "file,text\nflat,x\nr0,y\n")
    words = ("--keep-ids", "--reports", table, "--on", "file", "--text", "text")
    said = run("archive", "build", tmp_path / "a", source, *words).out
    assert "added        3" in said and "refused      1" in said and "duplicates   0" in said
    assert re.search(
        r"1 not fit +The recording is flat: it holds no ECG.\n +\S+flat.hea\n +'not fit': nothing can", said
    )
    assert "1 of them joined to ECGs that were not fit" in said
    found = run("archive", "add", tmp_path / "a", source, "--json").json
    assert (found["added"], found["duplicates"]) == (0, 3) and "not fit" not in found["notices"]
    assert [(Path(one["file"]).name, one["kind"]) for one in found["refused"]] == [("flat.hea", "not fit")]
    draft = run("report", source / "r0.hea", "--archive", tmp_path / "a", "--json").json
    assert {one["record"] for one in draft["neighbours"]} == {"r1", "r2"}


def test_reasons_are_grouped_without_names_and_numbers_and_keep_their_apostrophes() -> None:
    from einthoven.cli.outcome import Refused

    one = Refused("x", "not fit", "QRS complexes of 1.2 mV are no heart's: the file's unit is wrong ('a b').")
    assert one.group[1] == "QRS complexes of N mV are no heart's: the file's unit is wrong ('...')."


def test_one_that_was_there_before_is_named(run, write_wfdb, tmp_path) -> None:
    from einthoven.formats import read

    path = write_wfdb(flat(simulate()), "flat", (), tmp_path / "e")
    archive = Archive.create(tmp_path / "a", keep_ids=True)
    archive.add([("old-one", read(path)), ("good", simulate())])
    found = run("archive", "add", tmp_path / "a", path, "--json").json
    assert any("in the archive from before: old-one." in note for note in found["notes"])
    assert run("archive", "remove", tmp_path / "a", "--record", "old-one").code == 0


def test_a_long_recording_is_judged_too(run, write_wfdb, tmp_path) -> None:
    long = simulate(seconds=400, rate=100)
    write_wfdb(flat(long), "long", (), tmp_path / "e")
    write_wfdb(long, "good", (), tmp_path / "e")
    found = run("archive", "build", tmp_path / "a", tmp_path / "e", "--json").json
    assert found["added"] == 1 and [one["kind"] for one in found["refused"]] == ["not fit"]


def test_a_data_set_is_held_to_the_same(monkeypatch, tmp_path) -> None:
    from einthoven.cli import sources
    from einthoven.collection import Row
    from einthoven.ecg import ECG

    noise = ECG(np.random.default_rng(0).standard_normal((12, 5000)), 500)
    rows = [Row.from_ecg(ecg, name, "made up") for name, ecg in (("good", simulate()), ("noise", noise))]
    monkeypatch.setattr(sources, "dataset_rows", lambda *_: iter(rows))
    archive = Archive.create(tmp_path / "a", keep_ids=True)
    outcome = sources.fill(archive, sources.Wanted(dataset="x"), None)
    assert (outcome.seen, outcome.added, outcome.duplicates) == (2, 1, 0)
    assert [(one.name, one.kind) for one in outcome.refused] == [("noise", "not fit")]
