"""What an archive and a test set share, planted and found; and what cannot be told is said."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from einthoven.collection import Collection, Row
from einthoven.ecg import ECG, CollectionError, Patient, UsageError
from einthoven.evaluation.tasks.audit import LACKS, NAMES, PATIENTS, SAMPLES, SHARED, TRACINGS, evaluate_audit, side_of
from einthoven.retrieval import Archive
from einthoven.signal import resample_and_filter
from einthoven.testing import simulate


def tracing(n: int) -> ECG:
    return simulate(58 + n, rate=500, seconds=10, axis=10 + 7 * n, seed=n, noise=0.02)


def person(ecg: ECG, name: str | None) -> ECG:
    return ecg.described(patient=Patient(name))


@pytest.fixture
def archive(tmp_path, stand_in) -> Archive:
    """Six ECGs of patients p0 to p5, whose names are hashed."""
    made = Archive.create(tmp_path / "archive", stand_in())
    made.add((f"ptb-xl/{n:05d}", person(tracing(n), f"p{n}")) for n in range(6))
    return made


@pytest.fixture
def test_set(tmp_path):
    """A maker of collections."""

    def make(ecgs: dict[str, ECG], name: str = "test"):
        collection = Collection.create(tmp_path / name)
        collection.append(Row.from_ecg(ecg, record=record, source="t") for record, ecg in ecgs.items())
        return side_of(tmp_path / name)

    return make


def shared(table) -> dict[str, object]:
    return {name: row[SHARED] for name, row in table.cells.items()}


def test_each_kind_is_found_once(archive, test_set):
    slow = ECG(resample_and_filter(tracing(3).signal, 500, 100), 100)
    table = evaluate_audit(
        archive.path,
        test_set(
            {
                "t/own": person(tracing(10), "p1"),  # the patient alone
                "t/own again": person(tracing(11), "p1"),
                "ptb-xl/HR00002": person(tracing(12), "q1"),  # the name, as the Challenge writes it
                "t/same": person(tracing(0), "q2"),
                "t/slow": person(slow, "q3"),
                "t/new": person(tracing(13), "q4"),
            }
        ),
    )
    assert shared(table) == {PATIENTS: 1, NAMES: 1, SAMPLES: 1, TRACINGS: 1}
    assert table.facts["shared_ecgs"] == 5 and table.facts["not_compared"] is None
    assert table.cells[TRACINGS]["such as"] == "t/slow = ptb-xl/00003"
    pairs = {part.title: part.cells for part in table.parts}
    assert [row["test set"] for row in pairs[f"Pairs: {PATIENTS}"].values()] == ["t/own", "t/own again"]
    assert pairs[f"Pairs: {TRACINGS}"]["1"]["similarity"] > 0.9
    assert "p1" not in str(table.to_dict())
    same = evaluate_audit(archive.path, side_of(archive.path)).facts["data_sha256"]
    assert (
        same["archive"] == same["test"] == table.facts["data_sha256"]["archive"] != table.facts["data_sha256"]["test"]
    )


def test_nothing_shared(archive, test_set):
    table = evaluate_audit(archive.path, test_set({f"t/{n}": person(tracing(20 + n), f"q{n}") for n in range(4)}))
    assert set(shared(table).values()) == {0} and table.facts["shared_ecgs"] == 0


def test_what_cannot_be_compared_is_said_and_never_a_silent_nought(archive, test_set, tmp_path, stand_in):
    (archive.path / "key").unlink()
    nameless = person(tracing(10), None)
    table = evaluate_audit(archive.path, test_set({"t/0": nameless}))
    assert table.cells[PATIENTS] == {SHARED: "not known", LACKS: table.cells[PATIENTS][LACKS]}
    assert "without the key" in table.cells[PATIENTS][LACKS] and table.facts["not_compared"] == PATIENTS
    bare = Archive.create(tmp_path / "bare", stand_in(), keep_ids=True)
    bare.add([("a", person(tracing(1), None)), ("b", person(tracing(2), "p2"))], keep_signal=False)
    table = evaluate_audit(bare.path, test_set({"t/0": nameless}, "other"))
    assert table.cells[PATIENTS][LACKS] == (
        "1 of 2 ECGs of the archive are without a patient; 1 of 1 ECGs of the test set are without a patient"
    )
    assert table.cells[TRACINGS] == {SHARED: "not known", LACKS: "2 of 2 ECGs of the archive are without a waveform"}
    assert table.facts["not_compared"] == f"{PATIENTS}, {TRACINGS}"


def test_two_archives_compare_their_patients_under_one_key_only(archive, tmp_path, stand_in):
    twin = shutil.copytree(archive.path, tmp_path / "twin")
    assert evaluate_audit(archive.path, side_of(twin)).cells[PATIENTS][SHARED] == 6
    other = Archive.create(tmp_path / "other", stand_in())
    other.add([("t/0", person(tracing(9), "p0"))])
    assert evaluate_audit(archive.path, side_of(other.path)).cells[PATIENTS][SHARED] == "not known"


def test_known_overlaps_of_data_sets_are_named(tmp_path, test_set):
    own = Collection.create(tmp_path / "own")
    own.append([Row.from_ecg(tracing(1), record="chapman/MUSE_1", source="chapman")])
    table = evaluate_audit(tmp_path / "own", test_set({"chapman-ningbo/JS1": tracing(2)}))
    assert any("chapman-ningbo are known to share records" in note for note in table.notes)


def test_what_cannot_be_audited_is_refused(archive, test_set, tmp_path):
    side = test_set({"t/0": tracing(9)})
    with pytest.raises(CollectionError):
        evaluate_audit(tmp_path / "nowhere", side)
    with pytest.raises(UsageError, match="no ECG"):
        evaluate_audit(archive.path, test_set({}, "empty"))
    with pytest.raises(UsageError, match="no threshold"):
        evaluate_audit(archive.path, side, threshold=0.2)
    with pytest.raises(UsageError, match="--dataset"):
        side_of(tmp_path / "test", folds=(9,))


def test_a_data_set_by_its_folds(archive, tiny_ptbxl, make_ecg):
    noisy = ECG(tracing(4).signal + np.random.default_rng(0).normal(0, 0.02, (12, 5000)), 500)
    tiny_ptbxl.add(ECG(resample_and_filter(noisy.signal, 500, 100), 100), strat_fold="9")
    tiny_ptbxl.add(make_ecg(1), strat_fold="3")
    table = evaluate_audit(archive.path, side_of(tiny_ptbxl.write(), "ptb-xl", (9,)))
    assert table.facts["test_ecgs"] == 1 and table.cells[NAMES][SHARED] == 1  # both are called ptb-xl/00001
    assert table.cells[TRACINGS]["such as"] == "ptb-xl/00001 = ptb-xl/00004"
