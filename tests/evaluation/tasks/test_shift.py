"""ECGs from elsewhere: made-up folders in the layouts of the real data sets, and the real ones."""

from __future__ import annotations

import json

import pytest

from einthoven.ecg import DataError, ModelError, UsageError
from einthoven.evaluation import shift_tables
from einthoven.evaluation.asked import ask
from einthoven.evaluation.tasks.shift import evaluate_shift
from einthoven.metrics import auc
from einthoven.retrieval import demo_archive
from einthoven.statements.elsewhere import Meaning

pytest.importorskip("scipy")

KINDS = {"normal": "426783006", "slow": "426177001", "fibrillation": "164889003"}
SCP = {"normal": "{'NORM': 100.0, 'SR': 0.0}", "slow": "{'SBRAD': 0.0}", "fibrillation": "{'AFIB': 0.0}"}


@pytest.fixture(autouse=True)
def _few(monkeypatch, tmp_path):
    monkeypatch.setattr(shift_tables, "DRAWS", 30)
    monkeypatch.setattr(shift_tables, "FEWEST", 4)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def elsewhere(tmp_path, make_ecg, write_wfdb):
    """18 ECGs of Georgia, 6 of each kind; a paced one of LUDB; and one that is PTB-XL's."""
    for n in range(18):
        kind = list(KINDS)[n % 3]
        name = f"E{n:05d}"
        write_wfdb(make_ecg(1000 + n, kind=kind), name, (f"Dx: {KINDS[kind]},39732003",), tmp_path / "data" / "georgia")
    write_wfdb(make_ecg(1050), "HR00001", ("Dx: 426783006",), tmp_path / "data" / "ptb-xl")
    said = ("<diagnoses>:", "Rhythm: Sinus rhythm.", "UNIpolar atrial pacing.", "III degree AV-block")
    write_wfdb(make_ecg(1060, kind="slow"), "1", said, tmp_path / "data" / "ludb" / "data")
    (tmp_path / "data" / "ludb" / "ludb.csv").touch()
    return tmp_path / "data"


@pytest.fixture
def reference(tiny_ptbxl, make_ecg):
    """15 ECGs in fold 9, five of each kind, and three in fold 10, whose signals are not there."""
    for n in range(15):
        kind = list(KINDS)[n % 3]
        tiny_ptbxl.add(make_ecg(2000 + n, kind=kind), scp_codes=SCP[kind], strat_fold="9")
    for _ in range(3):
        tiny_ptbxl.add(strat_fold="10")
    return tiny_ptbxl.write()


def test_without_reference(asked_archive, elsewhere):
    table = evaluate_shift(asked_archive, [elsewhere])
    aucs, counts, drafted, _ = table.parts
    assert set(table.cells) == {
        "pooled: 19 ECGs, the patient not named",
        "georgia: 18 ECGs, the patient not named",
        "ludb: 1 ECGs, the patient not named",
    }
    pooled = table.cells["pooled: 19 ECGs, the patient not named"]
    assert pooled["draft"].successes == 0  # the archive is small and not calibrated
    assert sum(share.successes for share in pooled.values()) == 19
    assert table.facts["ecgs"] == 19 and table.facts["left_out_of_ptb-xl"] == 1
    # 39732003 (left axis) and the pacing have no code, and no ECG of the archive has an AV block.
    assert table.facts["without_code"] == {"georgia": {"39732003": 18}, "ludb": {}}
    assert "SBRAD sinus bradycardia" in "".join(aucs.cells)
    assert not any("AV block" in row or "PACE" in row for part in (table, *table.parts) for row in part.cells)
    row = aucs.cells["pooled: AFIB atrial fibrillation, 6 of 18"]
    assert set(row) == {"head", "vote"}  # LUDB never says fibrillation here, so its ECG is left out
    assert 0.9 < row["vote"].value <= 1
    assert "pooled: macro over 3" in aucs.cells and "pooled: micro over 3" in aucs.cells
    assert {"pooled, caution", "georgia, caution"} <= set(drafted.cells)
    for of in drafted.cells.values():
        assert set(of) <= {"precision", "recall"} and (of["recall"].successes <= of["recall"].trials)
    assert not counts.cells
    json.dumps(table.to_dict(), allow_nan=False)
    assert "fold 9" not in table.markdown()


def test_beside_fold_9(asked_archive, elsewhere, reference):
    said: list[str] = []
    table = evaluate_shift(asked_archive, [elsewhere / "georgia"], reference, said.append)
    assert "PTB-XL fold 9: 15 ECGs of 15 patients" in table.cells
    row = table.parts[0].cells["georgia: SBRAD sinus bradycardia, 6 of 18"]
    assert set(row) == {f"{way}{what}" for way in ("head", "vote") for what in ("", ", fold 9", ": change")}
    assert row["vote: change"].value == pytest.approx(row["vote"].value - row["vote, fold 9"].value)
    within = ask(asked_archive, shift_rows(reference), lambda n: None)
    slow = Meaning(("SBRAD",))
    assert row["head, fold 9"].value == pytest.approx(auc(within.truth(slow), within.head(slow)))
    assert table.facts["reference"] == "fold 9, 15 ECGs"
    assert any("optimistic" in note or "chose the epoch" in note for note in table.notes)
    assert said[0].startswith("fold 9: 1 ") and said[-1] == "intervals"


def shift_rows(folder):
    from einthoven.datasets import PTBXL

    return list(PTBXL(folder).rows([9]))


def test_what_is_rare_is_counted(asked_archive, elsewhere, monkeypatch):
    monkeypatch.setattr(shift_tables, "FEWEST", 7)
    aucs, counts, _, _ = evaluate_shift(asked_archive, [elsewhere]).parts
    row = counts.cells["AFIB atrial fibrillation, 6 of 18"]
    assert row["where it holds"].trials == 6 and row["where it does not"].trials == 12
    assert not any("AFIB" in name for name in aucs.cells)


def test_what_cannot_be_read_is_counted(asked_archive, elsewhere):
    (elsewhere / "georgia" / "E00000.dat").write_bytes(b"cut")
    facts = evaluate_shift(asked_archive, [elsewhere]).facts
    assert facts["unreadable"] == 1 and facts["ecgs"] == 18
    assert "georgia/E00000" in next(iter(facts["refused"].values()))


def test_an_ecg_of_the_archive_is_refused(asked_archive, elsewhere, make_ecg, write_wfdb, tmp_path, stand_in):
    from einthoven.formats import read
    from einthoven.retrieval import Archive

    archive = Archive.create(tmp_path / "leaking", stand_in())
    archive.add([(None, read(elsewhere / "georgia" / "E00003.hea"))])
    with pytest.raises(UsageError, match="georgia/E00003 is in the archive"):
        evaluate_shift(archive, [elsewhere])


def test_a_reference_of_the_archive_is_refused(elsewhere, reference, tmp_path, stand_in):
    from einthoven.retrieval import Archive

    archive = Archive.create(tmp_path / "leaking", stand_in())
    archive.add(shift_rows(reference)[:2])
    with pytest.raises(UsageError, match="2 records of fold 9 are in the archive"):
        evaluate_shift(archive, [elsewhere], reference)


def test_nothing_to_ask_is_refused(asked_archive, elsewhere, tmp_path):
    with pytest.raises(UsageError, match="No ECG from elsewhere"):
        evaluate_shift(asked_archive, [elsewhere / "ptb-xl"])
    with pytest.raises(DataError):
        evaluate_shift(asked_archive, [tmp_path / "nowhere"])


def test_the_real_ones_by_the_archive_that_ships(real_data):
    pytest.importorskip("openpyxl")
    archive = demo_archive()
    table = evaluate_shift(archive, [real_data], limit=3, by_words=True)
    sources = {row.partition(":")[0] for row in table.cells} - {"pooled"}
    assert sources == {"chapman", "chapman-ningbo", "cpsc2018", "cpsc2018-extra", "georgia", "ludb", "ptb"}
    assert table.facts["ecgs"] == 21 and table.facts["unreadable"] == 0
    assert table.facts["left_out_of_ptb-xl"] == 27
    assert any("counts twice" in note for note in table.notes)
    words = [row["words"].value for row in table.parts[0].cells.values()]
    assert words and words != [row["head"].value for row in table.parts[0].cells.values()]


def test_a_model_without_words_is_refused_first(asked_archive, elsewhere):
    with pytest.raises(ModelError, match="no text tower"):
        evaluate_shift(asked_archive, [elsewhere], by_words=True)
