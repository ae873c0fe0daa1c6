"""What a study file holds, and the table of its runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from einthoven.ecg import UsageError
from einthoven.evaluation.study import (
    SCORES,
    Study,
    StudyRow,
    check_finished,
    document_of,
    failures,
    of_rows,
    outcomes,
    read_study,
    recipe_of,
    runs_of,
    table_of,
)
from einthoven.training.recipe import read_recipe

STUDIES = Path(__file__).parents[2] / "studies"


def line(score, seconds=60.0, **changes):
    return {"epoch": 1, "seconds": seconds, "statements": 0.1, "score": score} | dict.fromkeys(SCORES, score) | changes


@pytest.mark.parametrize("path", sorted(STUDIES.iterdir()), ids=lambda path: path.name)
def test_every_study_that_ships_is_legal_and_keeps_folds_apart(path):
    study = read_study(path)
    assert study.title and len(study.rows) > 1
    for run in runs_of(study):
        recipe = recipe_of(study, path, run)
        assert recipe.plan.seed == run.seed and 10 not in (*recipe.data.train, *recipe.data.choose)
    first = [recipe_of(study, path, run) for run in runs_of(study) if run.seed == study.seeds[0]]
    assert len(set(map(repr, first))) == len(first)  # each row changes something


def test_what_ships_is_trained_after_its_teachers():
    """`make shipped` trains the rows whose folders the recipe names, and no other."""
    lines = (STUDIES.parent / "Makefile").read_text(encoding="utf-8").splitlines()
    (rows,) = [line.partition(":=")[2].split() for line in lines if line.startswith("TEACHERS")]
    study = of_rows(read_study(STUDIES / "teachers.yaml"), rows)
    made = {f"runs/teachers/{run.folder.as_posix()}/checkpoint" for run in runs_of(study)}
    recipe = read_recipe(STUDIES.parent / "configs" / "shipped.yaml", ())
    assert set(recipe.teachers.folders) == made | {"runs/teachers/small-4/checkpoint"}


def test_runs_are_rows_by_seeds_the_first_seed_first(study_file):
    runs = runs_of(read_study(study_file))
    assert [(run.row, run.seed, str(run.folder)) for run in runs] == [
        ("base", 0, "base/seed0"),
        ("vote: 1", 0, "vote-1/seed0"),
        ("base", 1, "base/seed1"),
        ("vote: 1", 1, "vote-1/seed1"),
    ]
    assert runs[3].changes == ("plan.rate=1e-2", "plan.vote=1", "plan.seed=1")


def test_a_row_changes_the_base_and_nothing_else(study_file):
    study = read_study(study_file)
    base, vote = (recipe_of(study, study_file, run).plan for run in runs_of(study)[:2])
    assert (base.rate, base.vote, vote.rate, vote.vote) == (0.01, 0, 0.01, 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rows": []}, "at least one row"),
        ({"rows": [{"name": "a b"}, {"name": "A-B"}]}, "name of its own"),
        ({"rows": [{"name": "?"}]}, "name of its own"),
        ({"rows": [{"name": ".."}]}, "name of its own"),
        ({"seeds": []}, "seed"),
        ({"seeds": [1, 0, 1]}, "seed"),
        ({"seeds": [-1]}, "seed"),
        ({"seeds": [0.5]}, "seeds"),
        ({"set": ["plan.seed=3"]}, "seeds"),
        ({"rows": [{"name": "a", "set": ["plan.seed=3"]}]}, "seeds"),
        ({"rows": [{"name": "a", "set": ["plan.epoch=3"]}]}, "epoch"),
        ({"rows": [{"name": "a", "set": ["plan.epochs=0"]}]}, "epoch"),
        ({"rows": [{"name": "a", "set": ["data.choose=[10]"]}]}, "Fold 10"),
        ({"rows": [{"name": "a", "set": "plan.epochs=3"}]}, "list"),
        ({"base": "none.yaml"}, "no configuration"),
        ({"titel": "x"}, "titel"),
    ],
)
def test_an_illegal_study_is_refused_at_once_with_a_mend(study_file, change, named):
    study_file.write_text(yaml.safe_dump(yaml.safe_load(study_file.read_text()) | change))
    with pytest.raises(UsageError, match=named) as refusal:
        read_study(study_file)
    assert refusal.value.mend


@pytest.mark.parametrize("text", ["", "3", "a: [", "\x00"])
def test_what_is_no_study_is_refused(study_file, text):
    study_file.write_text(text)
    with pytest.raises(UsageError) as refusal:
        read_study(study_file)
    assert refusal.value.mend


def test_a_missing_study_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no study"):
        read_study(tmp_path / "none.yaml")


@pytest.mark.parametrize("name", ["../up", "/etc", "..", "a/../../b", ". ."])
def test_no_row_lies_outside_the_study(name):
    folder = StudyRow(name).folder
    assert "/" not in folder and folder not in (".", "..")


def test_outcomes_are_means_and_spreads_of_the_epochs_that_are_kept(study_file, finish, tmp_path):
    study, out = read_study(study_file), tmp_path / "out"
    runs = runs_of(study)
    plain = {"epoch": 1, "seconds": 30.0, "statements": 0.1}
    finish(study_file, out, runs[0], plain, line(0.8), line(0.7, seconds=120.0), parameters=77)
    finish(study_file, out, runs[2], line(0.6, head_all=0.9), line(0.6, seconds=240.0, head_all=0.1))
    (found,) = outcomes(study, out)
    assert (found.row, found.runs, found.parameters) == ("base", 2, 77)
    means = {"head_super": 0.7, "vote_super": 0.7, "head_all": 0.85, "vote_all": 0.7}
    spread = {"head_super": 0.2, "vote_super": 0.2, "head_all": 0.1, "vote_all": 0.2}
    assert {key: one.value for key, one in found.scores.items()} == pytest.approx(means)
    assert {key: one.high - one.low for key, one in found.scores.items()} == pytest.approx(spread)
    assert (found.score.value, found.score.low, found.score.high) == pytest.approx((0.7, 0.6, 0.8))
    assert found.minutes == 3
    assert outcomes(study, tmp_path / "nowhere") == []


def test_the_table_and_the_document_say_what_the_outcomes_say(study_file, finish, tmp_path):
    study, out = read_study(study_file), tmp_path / "out"
    for place, run in enumerate(runs_of(study)[:3]):
        finish(study_file, out, run, line(0.5 + place / 100, seconds=600.0), parameters=1_230_000)
    found = outcomes(study, out)
    said = table_of(study, found).markdown()
    lines = said[: said.index("\n\nIn brackets")].splitlines()
    assert "seeds 0, 1" in said
    assert lines[0] == "**two ways**" and len({text.count("|") for text in lines[2:]}) == 1
    assert [cell.strip() for cell in lines[4].strip("|").split("|")] == [
        "base",
        *["0.510 (0.020)"] * 4,
        "0.510 (0.020)",
        "10",
        "1.23 M",
        "2",
    ]
    assert [cell.strip() for cell in lines[5].strip("|").split("|")][:3] == ["vote: 1", "0.510", "0.510"]
    document = json.loads(json.dumps(document_of(study, found)))
    assert document["title"] == "two ways" and document["seeds"] == [0, 1]
    assert [row["row"] for row in document["rows"]] == ["base", "vote: 1"]
    assert document["rows"][0]["scores"]["vote_all"] == pytest.approx(0.51)
    assert document["rows"][1]["spread"] == dict.fromkeys(SCORES, 0)


def test_a_name_does_not_break_the_table(study_file, finish, tmp_path):
    study = Study("x", "base.yaml", (StudyRow("a | b"),))
    study_file.write_text(yaml.safe_dump({"title": "x", "base": "base.yaml", "rows": [{"name": "a | b"}]}))
    finish(study_file, tmp_path / "out", runs_of(study)[0], line(0.5))
    said = table_of(study, outcomes(study, tmp_path / "out")).markdown()
    assert len({text.count("|") for text in said.splitlines() if text.startswith("|")}) == 1


def test_a_pretraining_shows_what_it_scores(study_file, finish, tmp_path):
    study, out = read_study(study_file), tmp_path / "out"
    scores = {"vote_all": 0.7, "retrieval_1": 0.2, "held_out_caption": 1.5, "score": 0.7, "caption": 2.0}
    finish(study_file, out, runs_of(study)[0], {"epoch": 1, "seconds": 60.0, **scores})
    (found,) = outcomes(study, out)
    assert sorted(found.scores) == ["held_out_caption", "retrieval_1", "vote_all"]


def test_a_failed_run_is_a_row_that_says_why(study_file, finish, tmp_path):
    study, out = read_study(study_file), tmp_path / "out"
    runs = runs_of(study)
    finish(study_file, out, runs[0], line(0.5))
    for run in (runs[1], runs[2]):
        (out / run.folder).mkdir(parents=True)
        (out / run.folder / "failed.json").write_text(json.dumps({"code": 1, "error": "no | room"}))
    (out / runs[0].folder / "failed.json").write_text("{}")  # of an earlier try: it has been finished since
    failed = failures(study, out)
    assert [(one.row, one.seed, one.error) for one in failed] == [("vote: 1", 0, "no | room"), ("base", 1, "no | room")]
    table = table_of(study, outcomes(study, out), failed)
    assert table.cells["vote: 1"] == {"FAILED": "seed 0: no / room"}
    assert table.cells["base"]["FAILED"] == "seed 1: no / room" and table.cells["base"]["seeds"] == 1
    assert len({text.count("|") for text in table.markdown().splitlines() if text.startswith("|")}) == 1
    assert document_of(study, [], failed)["failed"][0] == {"row": "vote: 1", "seed": 0, "error": "no | room"}
    (out / runs[1].folder / "failed.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        failures(study, out)


def test_a_finished_run_whose_row_has_changed_is_refused(study_file, finish, tmp_path):
    study, out = read_study(study_file), tmp_path / "out"
    finish(study_file, out, runs_of(study)[1], line(0.5))
    check_finished(study, study_file, out)
    for old, new in (("plan.vote=1", "plan.vote=2"), ("plan.rate=1e-2", "plan.rate=2e-2")):
        before = study_file.read_text()
        study_file.write_text(before.replace(old, new))
        with pytest.raises(UsageError, match=r"vote-1.seed0 was trained with other settings") as refusal:
            check_finished(read_study(study_file), study_file, out)
        assert refusal.value.mend
        study_file.write_text(before)


def test_settings_that_a_finished_run_did_not_know_have_their_defaults(study_file, finish, tmp_path):
    study, out = read_study(study_file), tmp_path / "out"
    finish(study_file, out, runs_of(study)[0], line(0.5))
    kept = out / "base" / "seed0" / "recipe.json"
    facts = json.loads(kept.read_text())
    del facts["recipe"]["plan"]["memory"], facts["recipe"]["members"]
    kept.write_text(json.dumps(facts))
    check_finished(study, study_file, out)


@pytest.mark.parametrize("name", ["recipe.json", "metrics.jsonl"])
@pytest.mark.parametrize("content", [None, "{", "3"])
def test_a_damaged_run_is_named(study_file, finish, tmp_path, name, content):
    study, out = read_study(study_file), tmp_path / "out"
    finish(study_file, out, runs_of(study)[0], line(0.5))
    damaged = out / "base" / "seed0" / name
    damaged.unlink() if content is None else damaged.write_text(content)
    with pytest.raises(UsageError, match=r"run in .*seed0 cannot be read") as refusal:
        outcomes(study, out)
    assert refusal.value.mend
