"""What a file does not say, the command line can: --rate, --unit, --leads, and FILE#NAME."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import LEADS
from einthoven.testing import simulate

SAID = ("--rate", 500, "--unit", "uV")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "x.csv"
    micro = np.rint(simulate(rate=500, seconds=10, seed=3).signal.T * 1000)
    np.savetxt(path, micro, "%d", ",", header=",".join(LEADS), comments="")
    return path


def test_read_draw_and_report_are_told(run, table, tmp_path) -> None:
    found = run("read", table, *SAID, "--json").json
    assert (found["rate_hz"], found["format"], found["notices"], found["calibrated"]) == (500, "CSV", [], True)
    assert run("draw", table, tmp_path / "x.svg", *SAID).code == 0 and (tmp_path / "x.svg").is_file()
    assert run("report", table, *SAID, "--json").json["outcome"] in {"draft", "caution"}
    measured = run("measure", table, *SAID, "--json").json
    assert measured["heart_rate_bpm"] == pytest.approx(70, abs=1) and measured["leads"]


@pytest.mark.parametrize("command", ["read", "report", "measure"])
def test_what_lacks_is_named_with_the_options_that_tell_it(run, table, command) -> None:
    said = run(command, table)
    assert said.code == 1 and "no sampling rate and no unit of voltage" in said.err
    assert "--rate 500 --unit uV" in said.err and "Traceback" not in said.err
    assert run(command, table, "--rate", 500, "--unit", "parsec").code == 2
    assert run(command, table, "--rate", "fast").code == 2


@pytest.mark.parametrize(
    ("channels", "names"), [(1, "II"), (3, "I,II,III"), (8, "I,II,V1,V2,V3,V4,V5,V6"), (5, "I,II,")]
)
def test_names_of_leads_are_asked_for_as_they_are_typed(run, tmp_path, channels, names) -> None:
    micro = np.rint(simulate(rate=500, seconds=10, seed=3).signal[-channels:].T * 1000)
    np.savetxt(tmp_path / "bare.csv", micro, "%d", ",")
    said = run("read", tmp_path / "bare.csv", *SAID)
    assert said.code == 1 and f"--leads {names}" in said.err
    assert ("(one name)" if channels == 1 else f"each of the {channels} channels") in said.err


def test_tables_that_are_passed_over_are_named_with_the_options(run, table, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    np.savetxt(tmp_path / "in" / "bare.csv", np.ones((9, 3)), "%d", ",")
    table.rename(tmp_path / "in" / "named.csv")
    said = run("archive", "build", tmp_path / "a", tmp_path / "in", *SAID)
    assert said.code == 0 and "1 table that names no leads was passed over" in said.out
    said = run("archive", "add", tmp_path / "a", tmp_path / "in" / "bare.csv", *SAID)
    assert said.code == 1 and "Add --leads I,II,III" in said.err


def test_leads_are_told_in_the_order_of_the_file(run, table) -> None:
    table.write_text("\n".join(table.read_text().splitlines()[1:]))
    ecg = run("read", table, *SAID, "--leads", ",".join(LEADS), "--json").json
    assert ecg["missing"] == [] and ecg["notices"] == []
    said = run("read", table, *SAID, "--leads", "I,II")
    assert said.code == 1 and "12 channels, not the 2" in said.err


def test_archives_are_told(run, table, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    table.rename(tmp_path / "in" / "named.csv")
    micro = np.rint(simulate(rate=500, seconds=10, seed=4).signal[:3].T * 1000)
    np.savetxt(tmp_path / "in" / "bare.csv", micro, "%d", ",")
    said = run("archive", "build", tmp_path / "archive", tmp_path / "in" / "named.csv")
    assert said.code == 1 and "no sampling rate" in said.err and not (tmp_path / "archive").exists()
    built = run("archive", "build", tmp_path / "archive", tmp_path / "in", *SAID, "--json").json
    assert (built["added"], built["refused"]) == (1, [])  # of the other nothing tells that it is an ECG
    pattern = tmp_path / "in" / "b*.csv"
    assert run("archive", "add", tmp_path / "archive", pattern, *SAID, "--json").json["files"] == 0
    (tmp_path / "reports.csv").write_text("file,text\nbare.csv,Sinusrhythmus\n", encoding="utf-8")
    reports = ("--reports", tmp_path / "reports.csv", "--on", "file", "--text", "text", "--json")
    added = run("archive", "add", tmp_path / "archive", pattern, *SAID, "--leads", "I,II,III", *reports).json
    assert (added["files"], added["added"], added["refused"], added["reports"]["joined"]) == (1, 1, [], 1)
    said = run("archive", "add", tmp_path / "archive", "--dataset", "ptb-xl", "--data", tmp_path, "--rate", 500)
    assert said.code == 2 and "states rate, unit and leads itself" in said.err


def test_one_of_several_ecgs_in_a_file(run, tmp_path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "part.hdf5"
    full = np.zeros((3, 4096, 12), np.float32)
    full[:2, 48:-48] = simulate(rate=400, seconds=10).signal.T
    with h5py.File(path, "w") as file:
        file["tracings"], file["exam_id"] = full, [31, 32, 0]
    said = run("read", path)
    assert said.code == 1 and "part.hdf5#31" in said.err
    found = run("read", f"{path}#32", "--json").json
    assert (found["format"], found["samples"]) == ("CODE-15 HDF5", 4000)
    built = run("archive", "build", tmp_path / "archive", path, "--keep-ids", "--json").json
    assert (built["files"], built["refused"]) == (2, []) and built["added"] + built["duplicates"] == 2
