from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from einthoven.cli.main import app
from einthoven.datasets.overlaps import overlaps_of

run = CliRunner().invoke


@pytest.fixture(scope="module")
def prepared(made_up_ptbxl, tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared") / "c"
    said = run(app, ["data", "prepare", "ptb-xl", str(made_up_ptbxl), str(out), "--workers", "1", "--json"])
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["added"] == 24
    return out


def answer(*words: object) -> str:
    said = run(app, ["data", *map(str, words)])
    assert said.exit_code == 0, said.output
    return said.stdout


def test_prepare_tells_and_goes_on(prepared, made_up_ptbxl):
    said = answer("prepare", "ptb-xl", made_up_ptbxl, prepared, "--workers", 1)
    assert "24, of which 24 were there before" in said and "added        0" in said


def test_info(prepared):
    assert "mimic-iv-ecg" in answer("info") and "credentialed" in answer("info")
    assert "CC BY 4.0" in answer("info", "ptb-xl") and overlaps_of("ptb-xl")[0].why in answer("info", "ptb-xl")
    table = answer("info", prepared, "--table").splitlines()
    assert table[0].startswith("| Dataset | Duration | Sampling Rate | # of Training Samples |")
    assert table[2] == "| PTB-XL | 10 seconds | 100 Hz | 12 | demographics, SCP statements, reports |"
    assert json.loads(answer("info", prepared, "--json"))[0]["folds"]["9"] == 12
    assert "24 ECGs" in answer("info", prepared)


def test_check(made_up_ptbxl):
    said = json.loads(answer("check", "ptb-xl", made_up_ptbxl, "--json"))
    assert (said["recordings"], said["checksums"], said["unreadable"]) == (24, 0, None)
    assert "none: no SHA256SUMS.txt" in answer("check", "ptb-xl", made_up_ptbxl)


def test_duplicates_texts_and_datasheet(prepared, tmp_path):
    assert "24 ECGs: 0 pairs" in answer("duplicates", prepared)
    said = json.loads(answer("texts", prepared, tmp_path / "t.jsonl", "--json"))
    lines = (tmp_path / "t.jsonl").read_text().splitlines()
    assert said["texts"] == len(lines) == 24 and "This patient is a 56-year-old" in lines[0]
    assert "12 are for training" in answer("datasheet", "ptb-xl", prepared)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("download", "mimic-iv", "x", "--yes"), "credentialed"),
        (("download", "chapman", "x", "--yes"), "not downloaded from here"),
        (("download", "ludb", "x"), "Nothing was fetched"),
        (("download", "nowhere", "x"), "no data set"),
        (("prepare", "nowhere", ".", "x"), "no data set"),
        (("prepare", "ludb", ".", "x", "--rate", "100"), "no option rate"),
        (("check", "ludb", "nowhere"), "no folder"),
        (("info", "--table"), "made of a collection"),
    ],
)
def test_what_cannot_be_is_refused(words, kind, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    said = run(app, ["data", *words])
    assert kind in said.exception.message and said.exception.mend
    assert not (tmp_path / "x").exists()
