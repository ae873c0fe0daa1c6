"""Labels from descriptions, by a small stand-in with a text tower; what may be called unseen."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from einthoven.datasets import open_dataset
from einthoven.ecg import DataError, ModelError, UsageError
from einthoven.evaluation.adapter import adapt
from einthoven.evaluation.question import Question
from einthoven.evaluation.tasks.zero_shot import Elsewhere, Unseen, description, evaluate_zero_shot
from einthoven.statements import label_set, labels_of

RATE = {"normal ECG": 72, "myocardial infarction or injury": 88, "hypertrophy": 46}


class Tower:
    """Knows kinds of the made-up ECGs by the count of their steep samples, and compares texts by a fixed table."""

    sha256 = "cd" * 32
    asked: tuple[str, ...] = ()

    def embed(self, ecgs):
        return np.array([np.histogram(np.abs(np.diff(ecg.signal[1])), 4)[0] + 1.0 for ecg in ecgs])

    def similarity(self, ecgs, texts):
        self.asked = tuple(texts)
        steep = np.array([(np.abs(np.diff(ecg.signal[1])) > 0.2).sum() for ecg in ecgs], float)
        return np.array([[-abs(value - len(text)) for text in texts] for value in steep])


def test_seen_labels_are_called_seen(folder) -> None:
    tower = Tower()
    table = evaluate_zero_shot(adapt(tower), Question(folder, 9))
    (row,) = table.cells
    assert row == "seen labels, super of ptb-xl unknown (108 rows) (3 of 5)"
    assert tower.asked == tuple(description(label, "super") for label in label_set("super"))
    source = open_dataset("ptb-xl", folder)
    rows = [source.row(one) for one in source.present([9])]
    labels = [labels_of([s.code for s in one.statements], "super") for one in rows]
    kept = [place for place, some in enumerate(labels) if some]
    scores = tower.similarity([rows[place].ecg() for place in kept], tower.asked)
    areas = [
        roc_auc_score([name in labels[place] for place in kept], scores[:, label_set("super").index(name)])
        for name in ("HYP", "MI", "NORM")
    ]
    assert table.cells[row]["macro-AUC"].value == pytest.approx(np.mean(areas))
    assert {"macro-F1, nearest description only", "macro-F1, thresholds from the choosing fold (uses labels)"} <= set(
        table.cells[row]
    )
    assert "zero-shot" not in " ".join([*table.cells, table.title])


def test_unseen_groups_need_texts_without_them(folder, tmp_path) -> None:
    texts = tmp_path / "texts.txt.gz"
    texts.write_bytes(gzip.compress(b"sinus rhythm\nnormal ECG\n\nsinus rhythm\nanterior infarct\n"))
    model = adapt(Tower())
    unseen = {name: Unseen(model, texts) for name in ("rhythm", "hypertrophy")}
    table = evaluate_zero_shot(model, Question(folder, 9), unseen=unseen)
    rows = list(table.cells)
    assert rows[1].startswith("unseen labels, rhythm") and rows[1].endswith("(1 of 15)")
    assert rows[3] == "unseen labels, mean of 2 groups"
    mean = np.mean([table.cells[row]["macro-AUC"].value for row in rows[1:3]])
    assert table.cells[rows[3]]["macro-AUC"].value == pytest.approx(mean)
    assert "rhythm: 4 texts" in table.facts["training_texts"]
    with pytest.raises(UsageError, match=r"1 of 3 training texts tell of the group 'infarction' \(AMI\)"):
        evaluate_zero_shot(model, Question(folder, 9), unseen={"infarction": Unseen(model, texts)})
    with pytest.raises(DataError):
        evaluate_zero_shot(model, Question(folder, 9), unseen={"rhythm": Unseen(model, tmp_path / "none")})


def test_data_sets_are_unseen_only_if_nothing_of_them_was_known(folder, tmp_path) -> None:
    model, place = adapt(Tower()), Elsewhere("cpsc2018", tmp_path)
    with pytest.raises(UsageError, match="trained on"):
        evaluate_zero_shot(model, Question(folder, 9), elsewhere=[place])
    for known in ("cpsc2018", "challenge-2021"):
        with pytest.raises(UsageError, match="is not unseen"):
            evaluate_zero_shot(model, Question(folder, 9), elsewhere=[place], trained_on=["ptb-xl", known])
    with pytest.raises(DataError, match="CPSC2018"):
        evaluate_zero_shot(model, Question(folder, 9), elsewhere=[place], trained_on=["ptb-xl"])


def test_own_descriptions_and_those_that_lack(folder, tmp_path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("label,text\nMI,infarct\n")
    tower = Tower()
    evaluate_zero_shot(adapt(tower), Question(folder, 9), texts=file)
    assert tower.asked[2] == "infarct" and tower.asked[3] == "normal ECG"
    with pytest.raises(DataError):
        evaluate_zero_shot(adapt(tower), Question(folder, 9), texts=tmp_path / "none.csv")
    file.write_text("label,text\nMI,infarct\nMY,infarct\n")
    with pytest.raises(UsageError, match="'MY' is described, but is none of the labels"):
        evaluate_zero_shot(adapt(tower), Question(folder, 9), texts=file)
    with pytest.raises(UsageError):
        description("AF", "listed")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("label;text\n", "describes no label"),
        ("label;text\nMI;infarct\n", "no column 'label'"),
        ("label,text\n", "describes no label"),
        ("label,text\nNORM,\nMI,\n", "'NORM' has no text"),
        ("label,text\nNORM\n", "'NORM' has no text"),
        ("label,text\nMI,infarct\nMI,infarction\n", "'MI' is there twice"),
        ("label,text\nMI,\xe4\n", "utf-8"),
    ],
)
def test_descriptions_that_are_none_are_refused_and_not_taken_for_texts(folder, tmp_path, content, said) -> None:
    file = tmp_path / "own.csv"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(DataError, match=said):
        evaluate_zero_shot(adapt(Tower()), Question(folder, 9), texts=file)


def test_a_model_without_text_tower_is_refused(folder, stand_in) -> None:
    model = stand_in()
    with pytest.raises(ModelError, match="no text tower"):
        evaluate_zero_shot(model, Question(folder, 9))
    assert model.seen == 0


def test_several_trainings_give_mean_and_deviation(folder) -> None:
    class Other(Tower):
        sha256 = "ef" * 32

        def similarity(self, ecgs, texts):
            return -super().similarity(ecgs, texts)

    one, other = adapt(Tower()), adapt(Other())
    alone = [evaluate_zero_shot(each, Question(folder, 9)) for each in (one, other)]
    both = evaluate_zero_shot(one, Question(folder, 9), again=[other])
    (row,) = both.cells
    areas = [table.cells[row]["macro-AUC"].value for table in alone]
    assert both.cells[row]["macro-AUC"].value == pytest.approx(np.mean(areas))
    assert areas[0] != areas[1]
    assert both.cells[row]["sd of macro-AUC over draws or seeds"] == pytest.approx(np.std(areas, ddof=1))
    assert both.facts["trainings_sha256"] == f"{one.sha256}, {other.sha256}"
    with pytest.raises(UsageError, match="itself"):
        evaluate_zero_shot(one, Question(folder, 9), again=[one])
