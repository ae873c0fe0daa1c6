"""Each command does what its help says, and `--json` prints one document and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import einthoven
from einthoven.cli.demo import demo_file
from einthoven.reporting import DISCLAIMER
from einthoven.testing import simulate, swap_arms


def test_read(run) -> None:
    found = run("read", demo_file(), "--json").json
    assert found["rate_hz"] == 1000 and found["samples"] == 10_000 and found["format"] == "DICOM"
    assert set(found) == {
        *("leads", "rate_hz", "samples", "seconds", "calibrated", "patient", "device", "time", "statements"),
        "measured",
        *("derived", "missing", "notices", "format", "sha256", "quality"),
    }
    text = run("read", demo_file()).out
    assert "1000 Hz" in text and found["sha256"] in text


def test_draw(run, tmp_path) -> None:
    said = run("draw", demo_file(), tmp_path / "ecg.svg")
    assert said.code == 0
    assert ElementTree.parse(tmp_path / "ecg.svg").getroot().get("width", "").endswith("mm")
    assert run("draw", demo_file(), tmp_path / "ecg.tiff").code == 2
    assert not (tmp_path / "ecg.tiff").exists()


def test_draw_into_a_folder_that_is_not_there(run, tmp_path) -> None:
    said = run("draw", demo_file(), tmp_path / "no" / "ecg.svg")
    assert said.code == 1 and "Error" in said.err


def test_report(run, tmp_path) -> None:
    said = run("report", demo_file(), "--json", "--page", tmp_path / "page.html")
    found = said.json
    assert set(found) == {
        *("outcome", "reasons", "statements", "report", "measurements", "neighbours", "notices", "model", "archive"),
        *("disclaimer", "recorded"),
    }
    assert found["statements"] and all(statement["evidence"] for statement in found["statements"])
    assert DISCLAIMER in (tmp_path / "page.html").read_text()
    text = run("report", demo_file())
    assert DISCLAIMER in text.out and "Each statement rests on" in text.out


def test_report_of_swapped_arms_is_no_plain_draft(run, write_wfdb) -> None:
    found = run("report", write_wfdb(swap_arms(simulate())), "--json").json
    assert found["outcome"] != "draft"
    assert any("arm" in reason.lower() for reason in found["reasons"])


def test_report_in_german(run) -> None:
    assert "Sinusrhythmus" in run("report", demo_file(), "--language", "de").out


def test_command_line_and_python_say_the_same(run) -> None:
    draft = einthoven.report(einthoven.read(demo_file()), einthoven.demo_archive())
    assert run("report", demo_file(), "--json").json == json.loads(json.dumps(draft.to_dict()))


def test_demo_writes_one_page_that_needs_nothing(run, tmp_path) -> None:
    said = run("demo", "--out", tmp_path / "demo.html", "--no-open")
    assert said.code == 0 and str(tmp_path / "demo.html") in said.out
    page = (tmp_path / "demo.html").read_text()
    assert "<svg" in page and "<script" not in page and "http" not in page


@pytest.mark.parametrize(
    "words",
    [
        *[(), ("read",), ("report",), ("archive",), ("archive", "build"), ("train",)],
        *[("evaluate", "retrieval"), ("evaluate", "groups"), ("evaluate", "audit")],
    ],
)
def test_help(run, words) -> None:
    said = run(*words, "--help")
    assert said.code == 0 and "Usage" in said.out


def test_the_module_runs_too() -> None:
    said = subprocess.run([sys.executable, "-m", "einthoven", "--help"], capture_output=True, text=True)
    assert said.returncode == 0 and "archive" in said.stdout


def test_train_refuses_what_it_cannot_do(run, tmp_path) -> None:
    said = run("train", tmp_path / "none.yaml", "--data", tmp_path, "--json")
    assert said.code == 2 and said.json["error"]["kind"] == "usage"
    (tmp_path / "c.yaml").write_text("name: x\nplan: {epoch: 3}\n")
    said = run("train", tmp_path / "c.yaml", "--data", tmp_path, "--json")
    assert said.code == 2 and "epoch" in said.json["error"]["message"]


def test_train_dry(run, made_up_ptbxl, tmp_path) -> None:
    (tmp_path / "c.yaml").write_text("name: x\n")
    found = run("train", tmp_path / "c.yaml", "--data", made_up_ptbxl, "--dry", "--json").json
    assert found["ECGs"] == 12
    assert not (tmp_path / "runs").exists()
