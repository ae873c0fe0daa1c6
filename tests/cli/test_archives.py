"""Archives from the command line: built whole or not at all, added to, looked into, emptied without a trace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from einthoven.cli.archives import _conditions
from einthoven.retrieval import Archive
from einthoven.testing import simulate


@pytest.fixture
def folder(write_wfdb, tmp_path: Path) -> Path:
    """Six ECGs of three patients, one of them twice, beside a file that is none and one that is cut short."""
    source = tmp_path / "export"
    for number in range(6):
        comments = ("Age: 60", "Sex: Female", "Dx: 426783006,164889003" if number % 2 else "Dx: 426783006")
        write_wfdb(simulate(60 + 5 * number, seed=number), f"r{number}", comments, source)
    write_wfdb(simulate(60, seed=0), "copy", (), source)
    broken = write_wfdb(simulate(99, seed=9), "broken", (), source)
    broken.with_suffix(".dat").write_bytes(b"\0" * 100)
    (source / "notes.txt").write_text("no ECG")
    return source


@pytest.fixture
def archive(run, folder: Path, tmp_path: Path) -> Path:
    assert run("archive", "build", tmp_path / "a", folder).code == 0
    return tmp_path / "a"


def test_build_says_what_became_of_each_file(run, folder, tmp_path) -> None:
    found = run("archive", "build", tmp_path / "a", folder, "--json").json
    assert (found["files"], found["added"], found["duplicates"], len(found["refused"])) == (8, 6, 1, 1)
    assert "broken" in found["refused"][0]["file"] and found["refused"][0]["reason"]


def test_info(run, archive) -> None:
    found = run("archive", "info", archive, "--json").json
    assert found["name"] == "a" and found["calibrated"] is False and found["without_embedding"] == 0
    assert "patients" in found
    assert run("archive", "info", archive).code == 0


def test_no_file_name_in_an_archive_unless_asked(run, folder, tmp_path, archive) -> None:
    assert not any(b"r3" in path.name.encode() for path in archive.rglob("*"))
    found = run("report", folder / "r3.hea", "--archive", archive, "--json").json
    assert all(n["record"][0] != "r" or len(n["record"]) == 16 for n in found["neighbours"])
    run("archive", "build", tmp_path / "named", folder, "--keep-ids")
    found = run("report", folder / "r3.hea", "--archive", tmp_path / "named", "--json").json
    assert {n["record"] for n in found["neighbours"]} <= {"r0", "r1", "r2", "r4", "r5", "copy"}


def test_report_from_a_small_archive_needs_caution(run, folder, archive) -> None:
    found = run("report", folder / "r1.hea", "--archive", archive, "--json").json
    assert found["outcome"] != "draft"
    assert any("calibrated" in reason for reason in found["reasons"])


def test_adding_again_adds_nothing(run, folder, archive) -> None:
    found = run("archive", "add", archive, folder, "--json").json
    assert found["added"] == 0 and found["duplicates"] == 7


def test_build_does_not_overwrite(run, folder, archive) -> None:
    said = run("archive", "build", archive, folder, "--json")
    assert said.code == 1 and "--replace" in said.json["error"]["mend"]
    assert run("archive", "build", archive, folder, "--replace", "--name", "anew").code == 0
    assert run("archive", "info", archive, "--json").json["name"] == "anew"


def test_build_leaves_other_folders_alone(run, folder, tmp_path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    assert run("archive", "build", tmp_path / "home", folder, "--replace").code == 1
    assert (tmp_path / "home" / "letter.txt").read_text() == "dear"


def test_build_from_nothing_readable(run, tmp_path) -> None:
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "x.hea").write_text("no header")
    said = run("archive", "build", tmp_path / "a", tmp_path / "junk", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "format"
    assert not (tmp_path / "a").exists()


def test_build_into_a_file(run, folder, tmp_path) -> None:
    said = run("archive", "build", folder / "notes.txt", folder, "--json")
    assert said.code == 1 and "file" in said.json["error"]["message"]
    assert (folder / "notes.txt").read_text() == "no ECG"


def test_remove_and_purge(run, archive) -> None:
    record = run("archive", "info", archive, "--json").json
    assert record["calibrated"] is False
    from einthoven.retrieval import Archive

    name = Archive.open(archive).collection.columns(["record"])["record"][0]
    assert run("archive", "remove", archive, "--record", name, "--purge", "--json").json == {
        "removed": 1,
        "purged": True,
    }
    assert not [path for path in archive.rglob("*") if path.is_file() and name.encode() in path.read_bytes()]


def test_remove_nothing(run, archive) -> None:
    error = run("archive", "remove", archive, "--json").json["error"]
    assert error["kind"] == "usage" and "--record ID or --patient ID" in error["mend"]
    assert run("archive", "remove", archive, "--purge").code == 2


def test_calibrate_refuses_a_small_archive(run, archive) -> None:
    said = run("archive", "calibrate", archive, "--json")
    assert said.code == 1 and "200" in said.json["error"]["message"]


def test_a_calibration_says_on_what_it_rests(archive) -> None:
    one = Archive.open(archive)  # of WFDB files, none of which names a patient
    assert one.nameless == 6
    by_others, by_own = (_conditions(one, others) for others in (True, False))
    assert len(by_others) == 1 and "6 ECGs without a patient" in by_others[0]
    assert by_own[1:] == by_others and f"{one.model.name} was not trained on the archive's own" in by_own[0]


def test_embed_has_nothing_to_do(run, archive) -> None:
    assert run("archive", "embed", archive, "--json").json["embedded"] == 0
    assert "calibrate again" not in run("archive", "embed", archive).out


def test_no_archive_there(run, tmp_path, folder) -> None:
    for words in (("info",), ("calibrate",), ("embed",), ("add", folder)):
        said = run("archive", words[0], tmp_path / "none", *words[1:], "--json")
        assert said.code == 1 and said.json["error"]["kind"] == "collection"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_the_old_archive(
    run, folder, archive, write_wfdb, tmp_path, request_to_end
) -> None:
    before = run("archive", "info", archive, "--json").json
    for number in range(60):
        write_wfdb(simulate(50 + number, seed=100 + number), f"more{number}", (), folder)
    words = [sys.executable, "-m", "einthoven", "archive", "build", str(archive), str(folder), "--replace", "--json"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(tmp_path.glob(".a.*/new/ecgs.lance")):
        time.sleep(0.01)
    child.send_signal(request_to_end)
    answer, error = child.communicate(timeout=60)
    assert child.returncode == 130, error
    assert json.loads(answer)["error"]["kind"] == "interrupted" and error.strip() == ""
    assert run("archive", "info", archive, "--json").json == before
    assert not list(tmp_path.glob(".a.*"))


def test_of_ones_own_data_set_no_name_is_kept(run, folder, tmp_path) -> None:
    lines = [f"r{n}.hea,K-{n % 3},SR\n" for n in range(6)]
    (folder / "ecgs.csv").write_text("file,patient,codes\n" + "".join(lines), encoding="utf-8")
    found = run("archive", "build", tmp_path / "a", "--dataset", "own", "--data", folder, "--json").json
    assert (found["added"], found["refused"]) == (6, [])
    info = run("archive", "info", tmp_path / "a", "--json").json
    assert (info["patients"], info["without_patient"]) == (3, 0)
    for path in (one for one in (tmp_path / "a").rglob("*") if one.is_file()):
        assert not any(name in path.read_bytes() for name in (b"r1.hea", b"own/r", b"K-1"))
    assert run("archive", "remove", tmp_path / "a", "--patient", "K-1", "--purge").code == 0
    assert run("archive", "info", tmp_path / "a", "--json").json["records"] == 4
    kept = run("archive", "build", tmp_path / "b", "--dataset", "own", "--data", folder, "--keep-ids")
    assert kept.code == 0
    assert run("archive", "remove", tmp_path / "b", "--record", "own/r1").code == 0
