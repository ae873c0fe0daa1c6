from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation import text_scores
from einthoven.evaluation.cells import Cell, cells_of
from einthoven.evaluation.question import Question
from einthoven.evaluation.report_groups import report_groups
from einthoven.evaluation.rivals import COMMON, CONSENSUS, NEAREST, ORACLE, PLAIN, RANDOM, SAME_CODES, Others
from einthoven.evaluation.tasks import report as drafts
from einthoven.evaluation.tasks.report import evaluate_report
from einthoven.metrics import METEOR, LanguageModel, mean_statistic, ratio_statistic
from einthoven.retrieval import Archive

for name in ("nltk", "rouge_score", "pycocoevalcap"):
    pytest.importorskip(name)

KINDS = {
    "normal": ("{'NORM': 100.0, 'SR': 0.0}", ("sinusrhythmus normales ekg", "sinus rhythm. normal ecg.")),
    "fibrillation": ("{'AFIB': 0.0}", ("vorhofflimmern", "atrial fibrillation. {}")),
    "slow": ("{'SBRAD': 0.0}", ("sinusbradykardie, linkstyp", "sinus bradycardia.")),
}
CODES, READ = "Statements against the codes", "Statements against the reference report, read"
TEXT = "Text against the reference report"


@pytest.fixture
def folder(tiny_ptbxl, make_ecg) -> Path:
    """60 ECGs of folds 1-8 and 24 of fold 9, of three kinds, the reports in two languages by turns."""
    for n in range(84):
        kind = list(KINDS)[n % 3]
        codes, texts = KINDS[kind]
        fold, text = (1 + n % 8 if n < 60 else 9), texts[n // 3 % 2].format(f"rate {n % 4}.")
        tiny_ptbxl.add(make_ecg(n, kind=kind), report=text, scp_codes=codes, strat_fold=str(fold))
    return tiny_ptbxl.write()


@pytest.fixture
def archive(folder, stand_in, tmp_path, monkeypatch) -> Archive:
    monkeypatch.setattr(drafts, "DRAWS", 20)
    monkeypatch.chdir(tmp_path)
    from einthoven.datasets import open_ptbxl

    made = Archive.create(tmp_path / "archive", stand_in(), name="made up")
    made.add(open_ptbxl("ptb-xl", folder).rows(range(1, 9)))
    return made


def part(table, start: str):
    (found,) = [one for one in table.parts if one.title.startswith(start)]
    return found.cells


def test_drafts_and_reports_of_the_archive_side_by_side(archive, folder) -> None:
    model, written = archive.model, []
    others = Others(
        {"another model": model.run}, {"a generator": lambda ecgs: written.extend(ecgs) or ["x"] * len(ecgs)}
    )
    table = evaluate_report(archive, Question(folder, 9), others=others)
    rivals = [RANDOM, COMMON, NEAREST, CONSENSUS, PLAIN, "another model", "a generator", SAME_CODES, ORACLE]
    assert len(written) == 24
    assert table.facts["archive_reports"] == "60 of 60 ECGs" and table.facts["without_report"] == 0
    assert next(iter(table.cells)) == "drafts, as present" and table.facts["shared_records"] == 0
    texts = part(table, f"{TEXT}: all, 24 ECGs of 24 patients")
    assert list(texts) == ["draft, in English", "draft, in German", *rivals]
    assert texts[ORACLE]["BLEU-1"].value > 0.9 and texts[ORACLE][METEOR].value > texts[RANDOM][METEOR].value
    assert texts["another model"] == texts[NEAREST] and texts["a generator"]["BLEU-1"].value == 0
    assert texts[SAME_CODES]["BLEU-1"].value > texts[RANDOM]["BLEU-1"].value
    assert "BERTScore F1" not in texts[ORACLE] and table.facts["language_model"].startswith("none")
    by_group = part(table, f"{TEXT}: ROUGE-L by group")
    german, english = (by_group[f"draft, in {name}"] for name in ("German", "English"))
    of_german, of_english = (next(c for c in german if c.startswith(name)) for name in ("German", "English"))
    assert of_german == "German, 12 ECGs of 12"
    assert german[of_german].value > english[of_german].value and english[of_english].value > german[of_english].value
    for title, last in ((CODES, "beside: the reference report itself, read"), (READ, "beside: the codes themselves")):
        rows = part(table, f"{title}: all, 24 ECGs")
        assert list(rows) == ["draft", *rivals, last]
        assert rows[ORACLE]["F1"].value == 1.0 and rows[ORACLE]["critical found"].successes == 8
        assert rows[last]["F1"].value == 1.0 and rows[last]["ECGs with a contradiction"].value == 0.0
        assert rows[RANDOM]["contradicted"].value > 0.2
        paired = part(table, f"{title}: paired differences")
        assert list(paired) == [f"draft, minus {row}" for row in rivals]
        for row in (RANDOM, ORACLE):
            difference, (mine, theirs) = paired[f"draft, minus {row}"], (rows[name] for name in ("draft", row))
            assert difference["F1"].value == pytest.approx(mine["F1"].value - theirs["F1"].value)
            recalls = [one["critical found"].value for one in (mine, theirs)]
            assert difference["critical found"].value == pytest.approx(recalls[0] - recalls[1])
            assert difference["F1"].low <= difference["F1"].value <= difference["F1"].high
    assert part(table, f"{CODES}: F1 by group")["draft"]["abnormal, 8 ECGs of 8"].value <= 1
    json.dumps(table.to_dict(), allow_nan=False)
    said = table.markdown()
    assert "cross languages" in said and "words-1" in said and f"{TEXT}: German, 12 ECGs" not in said
    hidden = [one for one in table.to_dict()["parts"] if one["title"] == f"{TEXT}: German, 12 ECGs of 12 patients"]
    assert len(hidden) == 1 and len(hidden[0]["rows"]) == 11


def test_patients_in_archive_and_fold_are_refused(archive, folder, tiny_ptbxl) -> None:
    tiny_ptbxl.lines[-1]["patient_id"] = "1.0"
    with pytest.raises(UsageError, match="1 patients are in archive and fold"):
        evaluate_report(archive, Question(tiny_ptbxl.write(), 9))


def test_an_archive_of_other_ecgs_has_no_reports_to_compare_with(
    folder, stand_in, make_ecg, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(drafts, "DRAWS", 10)
    other = Archive.create(tmp_path / "other", stand_in(), name="other")
    other.add((f"r{n}", make_ecg(n)) for n in range(60))
    table = evaluate_report(other, Question(folder, 9))
    assert table.facts["archive_reports"] == "0 of 60 ECGs"
    assert list(part(table, f"{TEXT}: all")) == ["draft, in English", "draft, in German"]


def test_bertscore_has_a_column_only_with_a_language_model(monkeypatch) -> None:
    asked: list[object] = []

    def score(texts, references, model):
        asked.append(model)
        return np.full(len(texts), 0.25)

    monkeypatch.setattr(text_scores, "bert_score", score)
    model = LanguageModel("tiny", None, None)
    for given, there in ((model, True), (None, False)):
        scores = text_scores.text_scores(["a b", "c"], ["a b", "d"], ["en", None], given)
        columns = dict(scores.statistics(np.array([True, False])))
        assert ("BERTScore F1" in columns) == there
        assert (
            columns["BLEU-2"](np.ones((1, 1)))[0] == columns["BLEU-4, mean of each text's"](np.ones((1, 1)))[0] == 1.0
        )
    assert asked == [model]


def test_groups(folder) -> None:
    from einthoven.datasets import open_ptbxl

    entries = open_ptbxl("ptb-xl", folder).present((9,))
    groups = report_groups(entries, ["de", "en"] * 12)
    assert {name: int(kept.sum()) for name, kept in groups.items()} == {
        "all": 24,
        "abnormal": 8,
        "distinct reports": len({entry.report for entry in entries}),
        "German": 12,
        "English": 12,
    }


def test_cells_are_paired_and_say_where_nothing_is_defined() -> None:
    patients = np.array([f"p{n}" for n in range(30)])
    values = np.arange(30.0)
    rare = (values == 3).astype(float)
    rows = cells_of(
        {
            ("a", "mean"): mean_statistic(values),
            ("a", "none"): ratio_statistic(rare * 0, rare * 0),
            ("b", "one"): ratio_statistic(rare, rare),
        },
        patients,
        50,
    )
    cell = rows["a"]["mean"]
    assert isinstance(cell, Cell) and cell.low < cell.value == 14.5 < cell.high
    assert rows["a"]["none"] == "not defined" and rows["b"]["one"] == 1.0
