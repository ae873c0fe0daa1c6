from __future__ import annotations

import shutil

import pytest

from einthoven.cli.demo import demo_file
from einthoven.models import BUNDLED
from einthoven.reporting import DISCLAIMER


def test_labels_as_json_and_as_text(run):
    said = run("classify", demo_file(), "--labels", "LBBB,Vorhofflimmern", "--labels", "normal ECG; SR", "--json")
    assert said.code == 0 and {one["label"] for one in said.json["labels"]} == {
        "LBBB",
        "Vorhofflimmern",
        "normal ECG",
        "SR",
    }
    said = run("classify", demo_file(), "--labels", "LBBB")
    assert said.code == 0 and "None of these" in said.out and DISCLAIMER in said.out
    said = run("classify", demo_file(), "--labels", "LBBB,xyzzy quux")  # what was not scored may be there
    assert said.code == 0 and "None of these" not in said.out and "Not scored" in said.out and DISCLAIMER in said.out


def test_a_whole_vocabulary(run):
    said = run("classify", demo_file(), "--vocabulary", "ptbxl-super", "--json")
    assert said.json["labels"][0]["label"] == "NORM" and len(said.json["labels"]) == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "not said, or said twice"),
        (("--labels", "LBBB", "--vocabulary", "ptbxl-super"), "said twice"),
        (("--labels", ","), "no label"),
        (("--labels", "LBBB,clbbb"), "mean the same"),
        (("--vocabulary", "icd"), "not a known vocabulary"),
    ],
)
def test_wrong_usage(run, words, said):
    answer = run("classify", demo_file(), *words)
    assert answer.code == 2 and said in answer.err


@pytest.fixture
def bare(tmp_path):
    shutil.copytree(BUNDLED, tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare" / "text")
    return tmp_path / "bare"


def test_a_model_without_text_side(run, bare):
    said = run("classify", demo_file(), "--labels", "LBBB", "--model", bare, "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "model" and "no text side" in said.json["error"]["message"]


def test_search_finds_ecgs_by_text_in_two_languages(run):
    said = run("search", "Linksschenkelblock", "--k", 3, "--json")
    assert said.code == 0 and said.json["codes"] == ["CLBBB"] and len(said.json["neighbours"]) == 3
    assert said.json["disclaimer"] == DISCLAIMER
    said = run("search", "left bundle branch block")
    assert "of 5 carry all of CLBBB" in said.out and DISCLAIMER in said.out
    said = run("search", "Brugada pattern")
    assert "guesswork" in said.out


@pytest.mark.parametrize(("text", "said"), [("no LBBB", "nothing to search for"), ("xyzzy quux", "cannot read")])
def test_texts_that_cannot_be_searched_for(run, text, said):
    answer = run("search", text)
    assert answer.code == 2 and said in answer.err


def test_an_archive_whose_model_has_no_text_side_says_what_to_do(run, bare, tmp_path):
    built = run("archive", "build", tmp_path / "archive", demo_file(), "--model", bare)
    assert built.code == 0, built.err
    said = run("search", "LBBB", "--archive", tmp_path / "archive", "--model", bare)
    assert said.code == 1 and "no text side" in said.err and "configs/text.yaml" in said.err
    said = run("search", "LBBB", "--archive", tmp_path / "archive", "--k", 1)  # the bundled model, of the same ECG side
    assert said.code == 0
