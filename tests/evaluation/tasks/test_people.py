"""Identification and reidentification, beside numbers made another way."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from einthoven.datasets import open_dataset
from einthoven.ecg import UsageError
from einthoven.evaluation.people import SPREADS
from einthoven.evaluation.question import Question
from einthoven.evaluation.segments import first_and_last
from einthoven.evaluation.softmax import one_shot_probe
from einthoven.evaluation.tasks.identify import evaluate_identify
from einthoven.evaluation.tasks.reidentify import evaluate_reidentify
from einthoven.metrics import wilson
from einthoven.testing import simulate

pytest.importorskip("torch")
AUC, ACCURACY = "macro one-vs-rest AUC", "accuracy"


@pytest.fixture
def ecgs(folder):
    """Those of fold 9, two a patient."""
    source = open_dataset("ptb-xl", folder)
    return [source.row(one).ecg() for one in source.present([9])]


def test_segments_do_not_overlap() -> None:
    ecg = simulate(rate=100, seconds=10)
    first, last = first_and_last(ecg, 4)
    assert np.array_equal(first.signal, ecg.signal[:, :400]) and np.array_equal(last.signal, ecg.signal[:, 600:])
    assert first.statements == () and first_and_last(ecg, 5.01) is None


def test_people_are_told_apart_by_one_segment_each(folder, model, ecgs) -> None:
    table = evaluate_identify(model, Question(folder, 9), seeds=1)
    halves = [first_and_last(ecg, 5) for ecg in ecgs[::2]]
    known, asked = (model.embed([pair[side] for pair in halves]) for side in (0, 1))
    close = asked @ known.T
    row = table.cells["model: nearest by cosine"]
    assert row[AUC].value == pytest.approx(roc_auc_score(np.eye(18), close), abs=1e-6)
    assert row[ACCURACY].value == pytest.approx((close.argmax(1) == np.arange(18)).mean())
    probed = one_shot_probe(known, asked)
    assert table.cells["model: linear probe"][AUC].value == pytest.approx(roc_auc_score(np.eye(18), probed), abs=1e-3)
    assert table.cells["baseline: chance"] == {AUC: 0.5, ACCURACY: 1 / 18}
    beyond, within = table.parts
    others = model.embed([first_and_last(ecg, 5)[0] for ecg in ecgs[1::2]])
    assert "two recordings" in beyond.title and "one recording" in within.title
    assert beyond.cells["model: nearest by cosine"][AUC].value == pytest.approx(
        roc_auc_score(np.eye(18), others @ known.T), abs=1e-6
    )
    assert within.cells == table.cells
    assert table.facts["people"] == 18 and table.facts["people_without_a_long_enough_recording"] == 0


def test_people_without_two_segments_are_counted(folder, model) -> None:
    with pytest.raises(UsageError, match="recording of 12 s"):
        evaluate_identify(model, Question(folder, 9), seconds=6, seeds=1)


def test_trained_rows_stand_beside(folder, model) -> None:
    def identify(known, asked):
        assert all(one.seconds == 5 for one in (*known, *asked))
        return [np.eye(len(known)), np.eye(len(known))[::-1], np.eye(len(known))]

    table = evaluate_identify(model, Question(folder, 9), seeds=1, trained={"two of three": identify})
    row = table.cells["two of three"]
    assert row[ACCURACY].value == pytest.approx(2 / 3)
    assert row[SPREADS[ACCURACY]] == pytest.approx(np.std([1, 0, 1], ddof=1)) and row[SPREADS[AUC]] > 0
    assert SPREADS[AUC] not in table.cells["model: nearest by cosine"]


def test_a_model_trained_twice_is_one_row(folder, model, stand_in) -> None:
    other = stand_in()
    other.sha256 = "ab" * 32
    other.run = lambda ecgs: (model.run(ecgs)[0] ** 3, model.run(ecgs)[1])
    one, again = (evaluate_identify(each, Question(folder, 9), seeds=1) for each in (model, other))
    both = evaluate_identify(model, Question(folder, 9), seeds=1, again=[other])
    row = "model: nearest by cosine"
    each = [table.cells[row][AUC].value for table in (one, again)]
    assert each[0] != each[1] and both.cells[row][AUC].value == pytest.approx(np.mean(each))
    assert both.cells[row][SPREADS[AUC]] == pytest.approx(np.std(each, ddof=1))
    assert list(both.cells) == list(one.cells)


def test_records_of_a_person_are_linked(folder, model, ecgs) -> None:
    table = evaluate_reidentify(model, Question(folder, 9), seeds=1)
    z = model.embed(ecgs)
    close = z @ z.T
    np.fill_diagonal(close, -2)
    mate = np.arange(36) ^ 1
    ranks = 1 + (close > close[np.arange(36), mate][:, None]).sum(1)
    row = table.cells["model"]
    assert row["rank 1"].value == pytest.approx((ranks == 1).mean())
    assert row["rank 1 to 5"].value == pytest.approx((ranks <= 5).mean())
    assert table.cells["baseline: chance"] == pytest.approx({"rank 1": 1 / 35, "rank 1 to 5": 5 / 35})
    later = ranks[1::2]
    part = table.parts[0].cells
    for span, start in (("within a day", 0), ("a day to a year", 1), ("1 to 5 years", 2)):
        some = [rank for n, rank in enumerate(later) if (n + 36) % 3 == (start + 36) % 3]
        cell = part[f"{span}: model"]["rank 1 to 5"]
        assert (cell.successes, cell.trials) == (sum(rank <= 5 for rank in some), 6)
        assert (cell.low, cell.high) == wilson(cell.successes, 6)
    assert not any("10 years" in row for row in part)


@pytest.mark.filterwarnings("ignore:The number of unique classes")
def test_a_probe_of_people_is_the_regression_it_says() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    for people, width in ((30, 12), (12, 30)):
        x = rng.standard_normal((people, width))
        y = x + 0.5 * rng.standard_normal(x.shape)
        scaler = StandardScaler().fit(x)
        theirs = LogisticRegression(fit_intercept=False, tol=1e-10, max_iter=9999)
        theirs.fit(scaler.transform(x), range(people))
        expected = theirs.decision_function(scaler.transform(y))
        found = one_shot_probe(x, y)
        centred = [one - one.mean(1, keepdims=True) for one in (found, expected)]
        assert centred[0] == pytest.approx(centred[1], abs=0.05)
