"""Halves of a made-up fold and ECGs from elsewhere: what is counted, by an independent count."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation.asked import Answers, Asked
from einthoven.evaluation.elsewhere_bounds import by_source, statements_elsewhere
from einthoven.evaluation.question import Question
from einthoven.evaluation.tasks import conformal
from einthoven.evaluation.tasks.conformal import AFTER, BEFORE, FALSE, LEFT, MISSED, PLAIN, evaluate_conformal
from einthoven.retrieval import Archive, Guarantee
from einthoven.retrieval.guarantee import Bounds
from einthoven.statements.elsewhere import Meaning

pytest.importorskip("scipy")

SCP = {"normal": "{'NORM': 100.0, 'SR': 0.0}", "slow": "{'SBRAD': 0.0}", "fibrillation": "{'AFIB': 0.0}"}


@pytest.fixture(scope="module")
def own_archive(tmp_path_factory, stand_in, make_ecg) -> Archive:
    """420 ECGs of 210 patients, calibrated on itself."""
    archive = Archive.create(tmp_path_factory.mktemp("conformal") / "archive", stand_in(), name="own")
    archive.add((f"r{n:04d}", make_ecg(n)) for n in range(420))
    archive.calibrate()
    return archive


@pytest.fixture
def fold(tiny_ptbxl, make_ecg):
    """120 ECGs of 60 patients in fold 9; every tenth carries WPW, which nothing in it shows."""
    for n in range(120):
        kind = list(SCP)[n // 2 % 3]
        codes = "{'NORM': 100.0, 'SR': 0.0, 'WPW': 100.0}" if n % 10 == 0 and kind == "normal" else SCP[kind]
        tiny_ptbxl.add(
            make_ecg(3000 + n, kind=kind), scp_codes=codes, strat_fold="9", patient_id=f"{n // 2}.0", report=""
        )
    return tiny_ptbxl.write()


def test_the_tables(own_archive, fold, monkeypatch, tmp_path):
    monkeypatch.setattr(conformal, "DRAWS", 30)
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    table = evaluate_conformal(own_archive, Question(fold, 9), seeds=2, progress=said.append)
    assert table.facts["ecgs"] == 120 and table.facts["patients"] == 60 and table.facts["halves"] == 2
    assert said[-1] == "half 2 of 2 judged"
    # Fifteen patients for the bounds cannot hold a level of 2%: nothing is missed, and no draft is plain.
    assert table.facts["bounds_of_halves"] == "none, none"
    before, after = table.cells[BEFORE], table.cells[AFTER]
    assert after[PLAIN].value == after[MISSED].value == 0
    assert before[PLAIN].value > 0.2 and before[MISSED].value > 0
    (labels,) = table.parts
    assert {"all 0", "no guarantee (5)"} == set(labels.cells) or "SR" in labels.cells
    assert table.to_dict()["facts"]["task"] == "conformal"


def test_an_archive_without_calibration_is_refused(asked_archive, fold):
    with pytest.raises(UsageError, match="not calibrated"):
        evaluate_conformal(asked_archive, Question(fold, 9))


CODES = ("AFIB", "LVH", "SBRAD")


def asked(n: int, said: tuple[str, ...], confidence: tuple[float, ...], outcome: str = "draft") -> Asked:
    meanings = tuple(Meaning((code,)) for code in said)
    source, zeros = ("here", "there")[n % 2], np.zeros(3)
    return Asked(
        source, f"p{n}", True, meanings, outcome, frozenset(), zeros, np.zeros((2, 3), bool), np.array(confidence)
    )


def test_elsewhere_by_hand():
    ecgs = [
        asked(0, ("AFIB",), (0.9, 0.0, 0.0), "caution"),
        asked(0, ("AFIB",), (0.01, 0.0, 0.0)),  # missed: below the bound of 0.05
        asked(0, ("AFIB",), (0.07, 0.0, 0.0), "caution"),
        asked(0, ("SBRAD",), (0.7, 0.0, 0.9), "caution"),  # a false call
        asked(0, ("SBRAD",), (0.0, 0.0, 0.1)),  # left out
        asked(0, ("LVH", "SBRAD"), (0.0, 0.5, 0.9)),
        asked(1, ("SBRAD",), (0.0, 0.9, 0.9)),  # LVH is never said there: no false call
    ]
    labels = {"AFIB": Bounds(0.6, 0.05, 30), "LVH": Bounds(0.6, 0.2, 30), "SBRAD": Bounds(None, None, 3)}
    promise = Guarantee(0.1, 0.02, 99, labels, 0.05)
    rows = by_source(Answers(CODES, tuple(ecgs)), promise, 50)
    assert list(rows) == ["pooled", "here", "there"]
    assert rows["pooled"]["ECGs"] == 7 and rows["pooled"]["with a critical finding"] == 3
    assert (rows["here"]["critical / plain drafts"].successes, rows["here"]["critical / plain drafts"].trials) == (1, 3)
    assert (rows["there"][MISSED].successes, rows["there"][MISSED].trials) == (0, 1)
    found = {name.split()[0]: row for name, row in statements_elsewhere(Answers(CODES, tuple(ecgs)), promise).items()}
    assert set(found) == {"AFIB", "LVH"}
    assert found["AFIB"]["false calls"] == 1 and found["AFIB"][FALSE] == pytest.approx(1 / 3)
    assert (found["AFIB"][LEFT].successes, found["AFIB"][LEFT].trials) == (1, 3)
    assert found["LVH"]["false calls"] == 0 and found["LVH"][LEFT].successes == 0
