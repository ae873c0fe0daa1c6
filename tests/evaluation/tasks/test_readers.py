from __future__ import annotations

import json
from pathlib import Path

import pytest

from einthoven.ecg import DataError
from einthoven.evaluation.tasks import readers
from einthoven.evaluation.tasks.readers import EXACT, STATE, WHO, evaluate_readers, read_labels

TEXTS = (
    "Sinusrhythmus, alter Hinterwandinfarkt",
    "Vorhofflimmern, ST-Hebung V2",
    "Sinus rhythm. Possible left ventricular hypertrophy.",
    "Unlesbar",
)
FIRST = ("SR:present IMI:present", "AFIB:present STE_:present", "SR:present LVH:possible", "-")
SECOND = ("SR:present IMI:possible", "AFIB:present", "SR:present LVH:possible RVH:absent", "-")


@pytest.fixture
def folder(tiny_ptbxl, monkeypatch, tmp_path):
    monkeypatch.setattr(readers, "DRAWS", 30)
    monkeypatch.chdir(tmp_path)
    for n, text in enumerate(TEXTS):
        tiny_ptbxl.add(report=text, strat_fold="9", patient_id=f"{n}.0")
    return tiny_ptbxl.write()


def write(path: Path, labels) -> Path:
    path.write_text("".join(f"{n}\t{line}\n" for n, line in enumerate(labels, 1)), encoding="utf-8")
    return path


def test_agreement_of_readers_and_parser(folder, tmp_path) -> None:
    table = evaluate_readers(folder, write(tmp_path / "a.tsv", FIRST), write(tmp_path / "b.tsv", SECOND))
    rows = table.cells
    assert rows["second reader, judged by the first"][STATE].value == pytest.approx(10 / 11)
    assert rows["parser, judged by the first reader"][STATE].value == 1.0
    assert rows["parser, judged by the second reader"][STATE].value == pytest.approx(10 / 11)
    assert rows["parser, where the readers agree"][STATE].value == 1.0
    assert rows["parser, judged by the second reader"][EXACT].value == pytest.approx(2 * 4 / (6 + 6))
    critical = table.parts[0].cells
    assert critical["that both readers state"]["found [Clopper-Pearson]"].to_list()[3:] == [1, 1]
    assert critical["that either reader states"]["found [Clopper-Pearson]"].to_list()[3:] == [2, 2]
    assert critical["that neither reader states"]["found [Clopper-Pearson]"] == 0
    assert table.parts[1].cells == {}
    assert table.parts[2].cells["1"]["second reader"] == "IMI:possible" and "4" not in table.parts[2].cells
    assert 0.8 < table.facts["kappa_of_readers"] < 1 and table.facts["reports"] == 4
    json.dumps(table.to_dict(), allow_nan=False)
    assert "is not told" in table.markdown(), "a number is worth what its readers are"
    (tmp_path / "readers.txt").write_text("Two of the house's \x1b[31mphysicians.\n")
    again = evaluate_readers(folder, tmp_path / "a.tsv", tmp_path / "b.tsv")
    assert "Two of the house's physicians." in again.markdown() and "is not told" not in again.markdown()
    assert again.cells == rows


def test_the_readers_of_the_300_reports_are_said_to_be_no_people() -> None:
    said = (Path(__file__).parents[3] / "benchmarks" / "reports" / WHO).read_text(encoding="utf-8")
    assert "language model, not people" in said


def test_what_the_parser_adds_and_misses_is_counted(folder, tmp_path) -> None:
    labels = ("SR:present", "AFIB:present WPW:present", "SR:present LVH:possible", "-")
    table = evaluate_readers(folder, write(tmp_path / "a.tsv", labels), write(tmp_path / "b.tsv", labels))
    assert table.parts[1].cells["WPW"] == {"both readers": 1, "missed": 1, "added": 0, "readers differ": 0}
    assert table.parts[1].cells["IMI"]["added"] == 1
    assert table.facts["kappa_of_readers"] == 1.0
    other = evaluate_readers(folder, write(tmp_path / "a.tsv", FIRST), write(tmp_path / "b.tsv", labels))
    assert other.facts["data_sha256"] != table.facts["data_sha256"]


def test_fold_10_is_logged(folder, tiny_ptbxl, tmp_path) -> None:
    tiny_ptbxl.lines[0]["strat_fold"] = "10"
    a, b = write(tmp_path / "a.tsv", FIRST), write(tmp_path / "b.tsv", SECOND)
    evaluate_readers(tiny_ptbxl.write(), a, b, tmp_path / "log", "why")
    assert (tmp_path / "log").read_text().endswith("evaluate parse, labelled reports  why\n")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("1\tSR:present\n1\tSR:present\n", "line 2"),
        ("x\tSR:present\n", "line 1"),
        ("1\tSR:perhaps\n", "'SR' is no code with a polarity"),
        ("1\tXX:present\n", "'XX' is no code with a polarity"),
        ("1 SR:present\n", "line 1"),
        ("1\t\n", "line 1"),
    ],
)
def test_a_bad_line_of_labels_is_refused_with_its_number(tmp_path, lines, said) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(lines)
    with pytest.raises(DataError, match=said):
        read_labels(path)


def test_the_stronger_of_two_labels_counts_and_empty_lines_do_not(tmp_path) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text("7\tIMI:possible IMI:present LAO/LAE:absent PRC(S):present\n\n9\t-\n")
    assert read_labels(path) == {7: {"IMI": "present", "LAO/LAE": "absent", "PRC(S)": "present"}, 9: {}}


def test_other_reports_are_refused(folder, tmp_path) -> None:
    a, b = write(tmp_path / "a.tsv", FIRST), write(tmp_path / "b.tsv", SECOND[:3])
    with pytest.raises(DataError, match="not of the same reports"):
        evaluate_readers(folder, a, b)
    with pytest.raises(DataError, match="cannot be read"):
        evaluate_readers(folder, a, tmp_path / "none.tsv")
