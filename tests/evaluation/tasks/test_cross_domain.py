"""Reports by retrieval on a made-up MIMIC-IV-ECG in its real layout."""

from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation.tasks import cross_domain
from einthoven.evaluation.tasks.cross_domain import PLAIN, drawn, evaluate_cross_domain

for name in ("nltk", "rouge_score", "pycocoevalcap"):
    pytest.importorskip(name)

SAID = {
    "normal": {0: "Sinus rhythm", 2: "Normal ECG"},
    "fibrillation": {0: "Atrial fibrillation", 1: "*** Abnormal ECG ***"},
    "slow": {0: "Sinus bradycardia"},
}
NUMBERS = (800.0, 100.0, 200.0, 260.0, 350.0, 640.0, 40.0, 30.0, 20.0)


@pytest.fixture
def mimic(tiny_mimic, make_ecg):
    """30 records of 15 patients, of three kinds, two of each patient; a 31st without a report."""
    for n in range(30):
        kind = list(SAID)[n // 2 % 3]
        tiny_mimic.add(10000 + n // 2, 500 + n, make_ecg(n, kind=kind), SAID[kind], NUMBERS)
    tiny_mimic.add(10099, 599, make_ecg(40), {}, NUMBERS)
    return tiny_mimic.write()


def test_both_indexes_stand_beside_each_other_and_share_no_patient(model, folder, mimic, monkeypatch):
    monkeypatch.setattr(cross_domain, "DRAWS", 20)
    written = {"written by one that knows one sentence": lambda ecgs: ["Sinus rhythm"] * len(ecgs)}
    table = evaluate_cross_domain([model], mimic, folder, tested=9, writers=written)
    assert 0 < table.cells["written by one that knows one sentence"]["BLEU-1"].value < 1
    near = f"nearest by {model.name} {model.sha256[:8]}"
    for index in ("PTB-XL", "MIMIC-IV-ECG"):
        for row in ("random", "most common", f"nearest by {PLAIN}", near, "knows the report: highest BLEU"):
            assert f"{index}: {row}" in table.cells
    assert table.facts["ecgs"] == 9 and table.facts["shared_patients"] == 0
    tested = table.facts["patients"]
    assert f"MIMIC-IV-ECG {30 - 2 * tested} ECGs" in table.facts["indexes"]
    best = table.cells["MIMIC-IV-ECG: knows the report: highest BLEU"]
    assert best["BLEU-1"].value == 1.0 and best["BLEU-1"].value > table.cells["MIMIC-IV-ECG: random"]["BLEU-1"].value
    (statements,) = (part.cells for part in table.parts)
    assert statements["MIMIC-IV-ECG: knows the report: highest BLEU"]["F1"].value == 1.0
    assert statements["MIMIC-IV-ECG: random"]["F1"].value < 1.0


def test_what_is_drawn_depends_on_names_and_seed_alone(mimic):
    from einthoven.datasets.mimic import MIMICIVECG

    every = list(MIMICIVECG(mimic).recordings)
    first = [one.record for one in drawn(every, 7, 0)]
    assert first == [one.record for one in drawn(every[::-1], 7, 0)] and len(set(first)) == 7
    assert first != [one.record for one in drawn(every, 7, 1)]
    part = [one for one in every if one.record in first[:3] or one.record not in first]
    assert [one.record for one in drawn(part, 3, 0)] == first[:3]


def test_too_few_patients_are_refused(model, folder, mimic):
    with pytest.raises(UsageError, match="no interval"):
        evaluate_cross_domain([model], mimic, folder, tested=1)
    with pytest.raises(UsageError, match="No other patient"):
        evaluate_cross_domain([model], mimic, folder, tested=30)
