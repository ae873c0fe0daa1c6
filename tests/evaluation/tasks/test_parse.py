from __future__ import annotations

import json

import pytest

from einthoven.ecg import DataError, FileError, UsageError
from einthoven.evaluation.tasks import parse as reports
from einthoven.evaluation.tasks.parse import FOLLOWING, PARSER, WORDS, evaluate_parse

TEXTS = (
    ("Sinusrhythmus, normales EKG", "{'NORM': 100.0, 'SR': 0.0}"),
    ("Vorhofflimmern, Linksschenkelblock, Linkshypertrophie möglich", "{'AFIB': 0.0, 'CLBBB': 100.0}"),
    ("Sinusbradykardie, alter Hinterwandinfarkt", "{'SBRAD': 0.0, 'IMI': 50.0}"),
    ("Sinusrhythmus, Linkshypertrophie möglich", "{'SR': 0.0, 'LVH': 100.0}"),
)


@pytest.fixture
def folder(tiny_ptbxl, monkeypatch, tmp_path):
    """Four kinds of reports, with the codes that PTB-XL would give: 160 in folds 1-8, 40 each in 9 and 10."""
    for n in range(240):
        text, codes = TEXTS[n % 4]
        fold = 1 + n // 4 % 8 if n < 160 else 9 if n < 200 else 10
        tiny_ptbxl.add(report=f"{text}. Nummer {n % 7}", scp_codes=codes, strat_fold=str(fold))
    monkeypatch.setattr(reports, "DRAWS", 30)
    monkeypatch.chdir(tmp_path)
    return tiny_ptbxl.write()


def test_the_parser_its_conventions_and_the_words(folder, tmp_path) -> None:
    said: list[str] = []
    table = evaluate_parse(folder, 9, progress=said.append)
    rows = table.cells
    assert rows["AFIB"]["ECGs"] == 10 and rows["AFIB"][PARSER].value == 1.0
    assert rows["LVH"][PARSER].value == pytest.approx(2 / 3)  # stated beside the block, where there is no code
    assert rows["LVH"][FOLLOWING].value == 1.0 and rows["LVH"][WORDS].value == 1.0
    assert rows["micro-F1"][FOLLOWING].value == 1.0 and rows["micro-F1"][f"{FOLLOWING} minus SVM"].value == 0.0
    apart, weights = table.parts
    assert apart.cells["LVH"]["stated, no code"] == 10 and apart.cells["LVH"]["code, not stated"] == 0
    assert apart.cells["LVH"]["equal texts, F1 of their majority"] == 1.0
    assert apart.cells["LVH"]["most divided reports"] == ""
    assert "CLBBB present" in weights.cells["CLBBB"]["facts"]
    assert table.facts["reports"] == 40 and table.facts["learnt_on"].startswith("folds 1, 2, 3, 4, 5, 6, 7, 8: 160")
    assert said[0] == "reading reports" and not list(tmp_path.rglob("*.log"))
    json.dumps(table.to_dict(), allow_nan=False)
    assert "| macro-F1 |" in table.markdown()


def test_reports_that_state_the_same_and_differ_in_codes(folder, tiny_ptbxl) -> None:
    for n in range(3):
        tiny_ptbxl.add(
            report="Sinus rhythm. No LVH.", scp_codes="{'SR': 0.0}" if n else "{'LVH': 50.0}", strat_fold="9"
        )
    apart = evaluate_parse(tiny_ptbxl.write(), 9).parts[0]
    assert apart.cells["LVH"]["most divided reports"] == "LVH- SR: 1 of 3 have it"


def test_what_is_asked_about_is_not_learnt_from(folder) -> None:
    table = evaluate_parse(folder, 8)
    assert table.facts["learnt_on"].startswith("folds 1, 2, 3, 4, 5, 6, 7: 140") and table.facts["reports"] == 20
    for fold in (1, 7, 11):
        with pytest.raises(UsageError, match=f"Fold {fold}"):
            evaluate_parse(folder, fold)


def test_fold_10_is_logged_before_it_is_read(folder, tmp_path) -> None:
    log = tmp_path / "uses.log"
    evaluate_parse(folder, 10, log, "the reason")
    assert log.read_text().count("evaluate parse") == 1 and log.read_text().endswith("the reason\n")
    with pytest.raises(FileError, match="cannot be written"):
        evaluate_parse(folder, 10, tmp_path / "nowhere" / "log")


def test_patients_in_both_parts_and_empty_folders_are_refused(folder, tiny_ptbxl, tmp_path) -> None:
    tiny_ptbxl.add(report="x", strat_fold="9", patient_id="1.0")
    with pytest.raises(UsageError, match="share patients"):
        evaluate_parse(tiny_ptbxl.write(), 9)
    with pytest.raises(DataError):
        evaluate_parse(tmp_path / "none", 9)
