from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from einthoven.collection import Row
from einthoven.ecg import ECG, CollectionError, Patient, Statement, UsageError
from einthoven.retrieval import NEIGHBOURS, Archive, archive, bundled, demo_archive
from einthoven.testing import simulate, with_signal

LOOK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_what_is_added_is_found(small, make_ecg):
    made = small(8)
    assert (len(made), made.patients, made.name, made.keeps_ids) == (8, 4, "small", False)
    stranger = replace_patient(make_ecg(3), None, 0.001)
    found = made.search(stranger, k=3)
    assert found[0].record == "r3"
    assert found[0].similarity > 0.99
    assert [n.similarity for n in found] == sorted((n.similarity for n in found), reverse=True)
    assert (found[0].codes, found[0].age, found[0].sex) == (("SBRAD",), 43.0, "female")


def test_far_more_than_there_are_takes_no_room(read_only):
    query = simulate(heart_rate=64, rate=250, seed=5)
    assert len(read_only.search(query, k=10**18)) == 420
    assert len(read_only.evidence(query, k=10**18).neighbours) == 420
    with pytest.raises(UsageError):
        read_only.search(query, k=0)


def replace_patient(ecg: ECG, patient: str | None, shift: float = 0.0) -> ECG:
    return with_signal(ecg, ecg.signal * np.float32(1 + shift)).described(patient=Patient(patient))


def test_answers_are_those_of_a_slow_search(read_only, make_ecg, stand_in):
    query = simulate(heart_rate=64, rate=250, seed=5)
    every = {f"r{n:04d}": make_ecg(n) for n in range(0, 420, 7)}
    z, zs = stand_in().embed([query])[0], stand_in().embed(list(every.values()))
    found = {n.record: n.similarity for n in read_only.search(query, k=420)}
    assert len(found) == 420
    for record, expected in zip(every, zs @ z, strict=True):
        assert found[record] == pytest.approx(expected, abs=2e-3)  # embeddings lie there in 16 bits


@LOOK
@given(n=st.integers(0, 419), k=st.integers(1, 500))
def test_neither_the_query_nor_its_patient_comes_back(read_only, make_ecg, n, k):
    query = make_ecg(n)
    own = read_only.patient_key(f"patient-of-{n // 2}-Mustermann")
    found = read_only.search(query, k)
    assert len(found) == min(k, 418)
    assert own not in {neighbour.patient for neighbour in found}
    assert not {f"r{n:04d}", f"r{n ^ 1:04d}"} & {neighbour.record for neighbour in found}


@LOOK
@given(n=st.integers(0, 419))
def test_a_recording_without_a_name_does_not_find_itself_or_its_patient(read_only, make_ecg, n):
    found = read_only.search(make_ecg(n, patient=None), 420)
    assert not {f"r{n:04d}", f"r{n ^ 1:04d}"} & {neighbour.record for neighbour in found}


def test_a_patient_who_owns_all_of_it_gets_no_answer(small, make_ecg):
    made = small(2)
    assert made.search(make_ecg(0), 5) == ()
    found = made.evidence(make_ecg(0))
    assert (found.neighbours, found.calibrated) == ((), False)
    assert np.isfinite(found.confidence).all()


def test_recordings_that_are_there_are_left_out(small, make_ecg):
    made = small(4)
    assert made.add([("other-name", make_ecg(1)), ("r9", make_ecg(9)), ("r10", make_ecg(9))]) == 1
    assert len(made) == 5
    assert made.add([]) == 0


def test_ecgs_without_an_id_are_named_by_their_samples_and_count_as_no_patients(small, make_ecg):
    made = small(0)
    assert made.add((None, make_ecg(n, patient=patient)) for n, patient in enumerate([None, None, ""])) == 3
    assert (made.patients, made.nameless) == (1, 2)
    made.add([("named", make_ecg(7))])
    assert made.holding == "4 ECGs of 2 patients (2 ECGs without a patient)"
    assert made.collection.columns(["record"])["record"][0] == make_ecg(0).sha256[:16]


def test_a_taken_record_id_adds_nothing(small, make_ecg):
    made = small(4)
    with pytest.raises(CollectionError, match="already taken"):
        made.add([("r7", make_ecg(7)), ("r0", make_ecg(8))])
    assert len(made) == 4


def test_progress_counts_what_was_seen(small, make_ecg):
    made, seen = small(0), []
    made.add(((f"x{n}", make_ecg(n % 90)) for n in range(100)), progress=seen.append)
    assert seen == [64, 100]
    assert len(made) == 90


def test_an_exception_while_adding_leaves_what_was_there(filled, make_ecg):
    version = filled.collection.version

    def failing():
        yield from ((f"new{n}", make_ecg(1000 + n)) for n in range(300))
        raise RuntimeError("the disk with the files is gone")

    with pytest.raises(RuntimeError, match="the disk with the files"):
        filled.add(failing())
    again = Archive.open(filled.path, filled.model)
    assert (len(filled), len(again), again.collection.version) == (420, 420, version)
    assert len(again.search(make_ecg(5000), 3)) == 3
    assert len(filled.search(make_ecg(5000), 3)) == 3


@pytest.mark.parametrize("keep_signal", [True, False])
@pytest.mark.parametrize("before", [0, 4])
def test_an_interruption_between_rows_and_embeddings_is_named_and_repaired(
    small, make_ecg, monkeypatch, keep_signal, before
):
    made = small(before)

    def interrupted(*_):
        raise KeyboardInterrupt

    new = [(f"new{n}", make_ecg(100 + n)) for n in range(3)]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(made.collection, "set_embeddings", interrupted)
        made.add(new, keep_signal)
    made = Archive.open(made.path, made.model)
    assert made.info()["without_embedding"] == 3
    with pytest.raises(CollectionError) as caught:
        made.search(make_ecg(7))
    assert "einthoven archive embed" in caught.value.mend
    if keep_signal:
        assert made.embed() == 3
    else:
        with pytest.raises(CollectionError, match="without a stored signal") as caught:
            made.embed()
        assert "Add them again" in caught.value.mend
        assert made.add(new, keep_signal) == 0
    assert made.info()["without_embedding"] == 0
    found = made.search(replace_patient(make_ecg(101), None, 0.001))
    assert found[0].record == "new1"


def test_another_model_is_refused_with_the_command_that_helps(small, make_ecg, stand_in):
    made, other = small(), stand_in(1)
    with pytest.raises(CollectionError, match="stand-in-0") as caught:
        Archive.open(made.path, other)
    assert f"einthoven archive embed {made.path}" in caught.value.mend
    opened = Archive.open(made.path, other, any_model=True)
    for forbidden in (lambda: opened.add([("n", make_ecg(50))]), opened.calibrate, lambda: opened.search(make_ecg(1))):
        with pytest.raises(CollectionError):
            forbidden()
    assert len(opened) == 6


def test_embedding_anew_changes_the_model_and_ends_the_calibration(calibrated, make_ecg, stand_in):
    other, seen = stand_in(1), []
    opened = Archive.open(calibrated.path, other, any_model=True)
    assert opened.calibration is None
    assert opened.embed(seen.append) == 420
    assert seen == [256, 420]
    again = Archive.open(calibrated.path, other)
    assert again.calibration is None
    assert again.info()["model"]["name"] == "stand-in-1"
    assert len(again.search(make_ecg(1), 5)) == 5
    with pytest.raises(CollectionError, match="stand-in-1"):
        Archive.open(calibrated.path, stand_in(0))
    assert again.embed() == 0


def test_embedding_anew_needs_signals(small, make_ecg, stand_in):
    made = small(0)
    made.add([("bare", make_ecg(0))], keep_signal=False)
    assert made.search(make_ecg(9))[0].record == "bare"
    with pytest.raises(CollectionError, match="without a stored signal") as caught:
        Archive.open(made.path, stand_in(1), any_model=True).embed()
    assert "Build the archive again" in caught.value.mend
    assert Archive.open(made.path, made.model).search(make_ecg(9))[0].record == "bare"


def test_removed_ecgs_are_not_found(small, make_ecg):
    made = small(8)
    assert made.remove(["r0"], ["patient-of-2-Mustermann", "somebody else"]) == 3
    assert len(made) == 5
    assert {n.record for n in made.search(make_ecg(60), 8)} == {"r1", "r2", "r3", "r6", "r7"}
    with pytest.raises(UsageError):
        made.remove("r1")
    with pytest.raises(UsageError):
        made.remove(patients="patient-of-1-Mustermann")
    with pytest.raises(UsageError):
        made.remove()
    assert len(made) == 5


def test_an_empty_archive_says_so(small, make_ecg):
    made = small(0)
    for ask in (made.search, made.evidence):
        with pytest.raises(CollectionError, match="empty") as caught:
            ask(make_ecg(0))
        assert "einthoven archive add" in caught.value.mend
    assert made.patients == 0
    assert made.info()["records"] == 0
    with pytest.raises(CollectionError, match="0 patients"):
        made.calibrate()


def test_evidence_counts_votes_and_places_the_head(filled, make_ecg, stand_in):
    query = make_ecg(4, patient="somebody new")
    found = filled.evidence(query, k=10)
    assert not found.calibrated
    assert found.codes == ("AFIB", "NORM", "SBRAD", "SR", "STACH")
    _, head = stand_in().run([query])
    carried = dict.fromkeys(found.codes, 0)
    for n in range(420):
        for statement in make_ecg(n).statements:
            carried[statement.code] += 1
    for column, code in enumerate(found.codes):
        votes = sum(code in neighbour.codes for neighbour in found.neighbours)
        assert found.votes[column] == pytest.approx((votes + carried[code] / 420) / 11)
        assert found.head[column] == pytest.approx(head[0, stand_in().codes.index(code)])
    assert (found.confidence == found.votes).all()


def test_confidence_is_calibrated_only_for_as_many_neighbours(read_only, make_ecg):
    query = make_ecg(4, patient="somebody new")
    found = read_only.evidence(query)
    assert (found.calibrated, len(found.neighbours)) == (True, NEIGHBOURS)
    expected = read_only.calibration.confidence(found.codes, found.votes[None], found.head[None])[0]
    assert found.confidence == pytest.approx(expected)
    assert not read_only.evidence(query, 24).calibrated
    with pytest.raises(UsageError):
        read_only.search(query, 0)


def test_a_row_without_signal_cannot_be_added(small, make_ecg):
    with pytest.raises(CollectionError, match="no signal"):
        small().add([Row.from_ecg(make_ecg(70), "bare", "made up", keep_signal=False)])


def test_codes_of_other_systems_become_scp_codes_or_words(small, make_ecg):
    statements = [
        Statement(code="164889003", system="SNOMED"),  # atrial fibrillation
        Statement(code="164889003", system="SNOMED"),
        Statement(code="164895002", system="SNOMED"),  # ventricular tachycardia: no SCP code means it
        Statement(code="000", system="SNOMED"),
        Statement(code="QQQ", system="home-made"),
        Statement(code="LVH", system="SCP"),
    ]
    made = small(0)
    made.add([("one", make_ecg(0).described(statements=tuple(statements)))])
    (row,) = made.collection.rows()
    assert [s.code for s in row.statements if s.code] == ["AFIB", "LVH"]
    assert {s.system for s in row.statements if s.code} == {"SCP"}
    assert [s.text for s in row.statements if not s.code] == ["ventricular tachycardia", "SNOMED 000", "home-made QQQ"]
    assert made.search(make_ecg(30))[0].codes == ("AFIB", "LVH")


def test_no_code_at_all_is_no_trouble(small, make_ecg):
    made = small(0)
    made.add((f"r{n}", make_ecg(n).described(statements=())) for n in range(4))
    found = made.evidence(make_ecg(9))
    assert (found.codes, found.confidence.shape) == ((), (0,))


def test_info_is_valid_json_and_names_no_patient(calibrated):
    found = json.loads(json.dumps(calibrated.info(), allow_nan=False))
    assert (found["name"], found["records"], found["patients"], found["calibrated"]) == ("test archive", 420, 210, True)
    assert "weights" not in found["calibration"]
    assert "Mustermann" not in json.dumps(found)
    assert "patient-of" not in json.dumps(found)


def test_an_archive_opens_where_create_left_it(small, stand_in, tmp_path, monkeypatch):
    made = small()
    monkeypatch.setattr(archive, "load_model", stand_in)
    assert len(Archive.open(str(made.path))) == 6
    assert Archive.create(tmp_path / "bundled").model.name == "stand-in-0"
    with pytest.raises(CollectionError, match="not empty"):
        Archive.create(made.path, stand_in())
    monkeypatch.setattr(bundled, "BUNDLED", made.path)
    assert len(demo_archive()) == 6
    monkeypatch.setattr(bundled, "BUNDLED", tmp_path / "nowhere")
    with pytest.raises(CollectionError, match="carries no archive"):
        demo_archive()


@pytest.mark.parametrize(
    "damage",
    [
        lambda s: None,
        lambda s: "",
        lambda s: "{",
        lambda s: "[]",
        lambda s: "7",
        lambda s: json.dumps(s)[:-20],
        *(lambda s, key=key: json.dumps({k: v for k, v in s.items() if k != key}) for key in ("version", "name")),
        *(lambda s, key=key: json.dumps({k: v for k, v in s.items() if k != key}) for key in ("model", "keep_ids")),
        lambda s: json.dumps({k: v for k, v in s.items() if k != "calibration"}),
        lambda s: json.dumps({**s, "model": {"sha256": "0"}}),
        lambda s: json.dumps({**s, "model": "stand-in"}),
        lambda s: json.dumps({**s, "version": 99}),
        lambda s: json.dumps({**s, "calibration": [1]}),
        lambda s: b"\xff\xfe\x00",
    ],
)
def test_a_damaged_archive_json_is_a_clear_error(small, damage):
    made = small(2)
    file = made.path / "archive.json"
    content = damage(json.loads(file.read_text()))
    file.unlink()
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CollectionError) as caught:
        Archive.open(made.path, made.model)
    assert caught.value.mend


def test_rows_keep_fold_age_and_signal(small, make_ecg):
    made = small(0)
    row = replace(Row.from_ecg(make_ecg(3), "a/3", "made up", fold=7), time=None)
    made.add([row])
    (kept,) = made.collection.rows()
    assert (kept.fold, kept.age, kept.sex, kept.source, kept.signal) == (7, 43.0, "female", "made up", row.signal)
