from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from einthoven.datasets import open_dataset
from einthoven.ecg import DataError, FileError, UsageError
from einthoven.evaluation.question import Question
from einthoven.evaluation.rare import AREA, FOLD, FOUND, INDEX
from einthoven.evaluation.tasks import groups
from einthoven.evaluation.tasks.groups import card_section, evaluate_groups
from einthoven.models import load_model

KINDS = {
    "normal": "{'NORM': 100.0, 'SR': 0.0}",
    "fibrillation": "{'AFIB': 0.0, 'IMI': 50.0}",
    "slow": "{'LVH': 80.0, 'CLBBB': 100.0, 'SBRAD': 0.0}",
    "fast": "{'ISC_': 100.0, 'STACH': 0.0, 'WPW': 100.0}",
}


@pytest.fixture
def folder(tiny_ptbxl, make_ecg):
    """48 ECGs in folds 1-8, 88 in fold 9 and 40 in fold 10, of four kinds; a third of them women's."""
    for n in range(176):
        kind = list(KINDS)[n % 4]
        fold = 1 + n % 8 if n < 48 else 9 if n < 136 else 10
        about = {"sex": str(int(n % 3 == 0)), "age": "" if n % 20 == 0 else "300.0" if n % 2 else "33.0"}
        tiny_ptbxl.add(make_ecg(n, kind=kind), scp_codes=KINDS[kind], strat_fold=str(fold), **about)
    return tiny_ptbxl.write()


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch, tmp_path):
    monkeypatch.setattr(groups, "DRAWS", 30)
    monkeypatch.chdir(tmp_path)


def test_the_tables(folder, stand_in, tmp_path):
    said: list[str] = []
    table = evaluate_groups(stand_in(), Question(folder, 9), progress=said.append)
    assert table.cells["all"]["ECGs"] == table.cells["all"]["patients"] == 88
    assert table.cells["female"]["ECGs"] == sum(n % 3 == 0 for n in range(48, 136))
    assert table.cells["age unknown"]["ECGs"] == sum(n % 20 == 0 for n in range(48, 136))
    assert table.cells["age below 40"]["ECGs"] + table.cells["age 80 and more"]["ECGs"] == 88 - 4
    assert "age 40-59" not in table.cells
    assert table.cells["female"]["superclasses (5), statement head"] == "too few: HYP 7, MI 7, NORM 8, STTC 8"
    assert table.cells["all"]["superclasses (5), vote of 25 neighbours"].value > 0.6
    scores, supers, _, statements = table.parts
    assert scores.cells["superclasses (5)"]["forecasts"] == 88 * 5
    assert scores.cells["codes (5)"]["forecasts"] == 88 * 5  # of the stand-in's head
    assert sum(row["forecasts"] for row in supers.cells.values()) == 88 * 5
    rows = {name.split()[0]: row for name, row in statements.cells.items()}
    assert rows["AFIB"][INDEX] == 12 and rows["AFIB"][FOLD] == 22 and rows["AFIB"][AREA].low <= 1
    assert rows["WPW"][AREA] == "not in the head" and rows["3AVB"][FOLD] == 0
    assert "SR" in rows  # rare among 48 ECGs
    assert (table.facts["task"], table.facts["fold"], table.facts["ecgs"]) == ("groups", 9, 88)
    assert said[-1] == "intervals"
    assert not list(tmp_path.rglob("*.log"))
    json.dumps(table.to_dict(), allow_nan=False)
    assert "| female | 30 | 30 |" in table.markdown()


def test_a_limit_does_not_limit_what_is_known_of_the_index(folder, stand_in):
    table = evaluate_groups(stand_in(), Question(folder, 9, limit=40))
    (row,) = (row for name, row in table.parts[-1].cells.items() if name.startswith("AFIB"))
    assert row == {"kind": "critical, rare", INDEX: 12, FOLD: 10, AREA: "too few to judge", FOUND: row[FOUND]}
    assert table.facts["index"].startswith("folds 1-8, 40 ECGs") and table.facts["limited_to"] == 40


def test_each_use_of_fold_10_is_logged_before_it_is_read(folder, stand_in, tmp_path):
    log = tmp_path / "uses.log"
    evaluate_groups(stand_in(), Question(folder, 10, log=log, why="the reason"))
    (line,) = log.read_text().splitlines()
    assert "evaluate groups, stand-in-0" in line and line.endswith("the reason")
    model = stand_in()
    with pytest.raises(FileError, match="cannot be written"):
        evaluate_groups(model, Question(folder, 10, log=tmp_path / "nowhere" / "log"))
    assert model.seen == 0


def test_what_cannot_be_audited_is_refused(folder, tiny_ptbxl, make_ecg, stand_in):
    class Headless(stand_in):
        codes = ()

    with pytest.raises(UsageError, match="no statement head"):
        evaluate_groups(Headless(), Question(folder, 9))
    with pytest.raises(UsageError, match="Fold 8"):
        evaluate_groups(stand_in(), Question(folder, 8))
    with pytest.raises(DataError):
        evaluate_groups(stand_in(), Question(folder / "nowhere", 9))
    tiny_ptbxl.add(make_ecg(500), strat_fold="9", patient_id="7.0")
    with pytest.raises(UsageError, match="1 patients are in the index"):
        evaluate_groups(stand_in(), Question(tiny_ptbxl.write(), 9))


def test_the_section_for_the_card_has_groups_and_calibration(folder, stand_in):
    table = evaluate_groups(stand_in(), Question(folder, 9))
    section = card_section(table)
    assert section.startswith("## Audit\n") and "fold 9 of ptb-xl" in section and "88 ECGs of 88 patients" in section
    for part in table.parts[:-1]:
        assert f"### {part.title}" in section
    assert "| female | 30 | 30 |" in section and "| superclasses (5) | 440 |" in section
    assert "AFIB" not in section
    assert stand_in().sha256[:12] in section and table.commit in section


def test_on_real_ecgs(real_ptbxl):
    """The bundled model on the real ECGs that are here, beside what the published table says of them."""
    model = load_model(threads=1)
    table = evaluate_groups(model, Question(real_ptbxl, 9))
    with (real_ptbxl / "ptbxl_database.csv").open(newline="", encoding="utf-8") as file:
        lines = [
            line
            for line in csv.DictReader(file)
            if (real_ptbxl / line["filename_lr"]).with_suffix(".dat").is_file() and line["strat_fold"] != "10"
        ]
    asked = [line for line in lines if line["strat_fold"] == "9"]
    assert table.cells["all"]["ECGs"] == len(asked)
    assert table.cells["all"]["patients"] == len({line["patient_id"] for line in asked})
    for sex, code in (("male", "0"), ("female", "1")):
        assert table.cells[sex]["ECGs"] == sum(line["sex"] == code for line in asked)
    for name, low, high in (("age below 40", 0, 40), ("age 40-59", 40, 60), ("age 60-79", 60, 80)):
        there = sum(line["age"] not in ("", "nan") and low <= float(line["age"]) < high for line in asked)
        assert table.cells.get(name, {"ECGs": 0})["ECGs"] == there
    for name, row in table.parts[-1].cells.items():
        carrying = [line for line in lines if f"'{name.split()[0]}'" in line["scp_codes"]]
        assert row[FOLD] == sum(line["strat_fold"] == "9" for line in carrying)
        assert row[INDEX] == len(carrying) - row[FOLD]


def test_the_heads_auc_of_a_statement_on_real_ecgs(real_ptbxl, monkeypatch):
    """A normal ECG counts as rare where there are so few ECGs."""
    model = load_model(threads=1)
    source = open_dataset("ptb-xl", real_ptbxl)
    entries = source.present((9,))
    chance = model.predict([source.row(entry).ecg() for entry in entries])[:, model.codes.index("NORM")]
    truth = np.array([any(s.code == "NORM" for s in entry.statements) for entry in entries])
    monkeypatch.setattr("einthoven.evaluation.rare.JUDGED", 5)
    table = evaluate_groups(model, Question(real_ptbxl, 9))
    (row,) = (row for name, row in table.parts[-1].cells.items() if name.startswith("NORM "))
    assert row[AREA].value == pytest.approx(roc_auc_score(truth, chance), abs=1e-6)
