"""Patients' names and ids, and free text, must not be in any file of an archive, nor in what it answers."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from einthoven.collection import Row
from einthoven.ecg import CollectionError, Notice
from einthoven.retrieval import Archive

SECRETS = ("patient-of-", "Mustermann", "Dr. Geheim", "befund von frau")
QUOTING = (
    Notice("longer-file", "'Geheimrat.dat' holds 6000 samples; the header's 5000 were read."),
    Notice("other-channels", "Channels left out, not among the 12 leads: CANAL-NAME."),
    Notice("a-kind-of-the-future", "It says Geheimrat."),
)
OWN = Notice("calibration-pulse", "A calibration pulse was cut off.")


def rows(make_ecg, count=40):
    for n in range(count):
        ecg = make_ecg(n, text="Confirmed by Dr. Geheim").described(notices=(*QUOTING, OWN))
        yield Row.from_ecg(ecg, f"r{n}", "made up", text=f"befund von frau {n}")


def found_in(folder: Path) -> set[str]:
    content = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return {secret for secret in SECRETS if any(secret.encode() in one for one in content)}


def test_no_id_and_no_free_text_is_in_any_file(small, make_ecg):
    made = small(0)
    made.add(rows(make_ecg))
    made.remove(patients=["patient-of-3-Mustermann"])
    assert len(made) == 38
    assert found_in(made.path) == set()
    (kept,) = {row.notices for row in made.collection.rows()}
    assert [one.partition(": ")[0] for one in kept] == [one.kind for one in (*QUOTING, OWN)]  # that there were such
    assert kept[-1] == f"{OWN.kind}: {OWN.text}" and not any("Geheimrat" in one or "CANAL" in one for one in kept)
    answer = repr(made.search(make_ecg(0), 40)) + repr(made.info())
    assert not any(secret in answer for secret in SECRETS)


def test_keep_ids_keeps_both(small, make_ecg):
    made = small(0, keep_ids=True)
    made.add(rows(make_ecg))
    assert made.keeps_ids and all("Geheimrat" in row.notices[0] for row in made.collection.rows())
    assert found_in(made.path) == set(SECRETS)  # so the test above would have found them
    assert made.search(make_ecg(0), 1)[0].patient.startswith("patient-of-")
    assert Archive.open(made.path, made.model).keeps_ids
    assert made.remove(patients=["patient-of-3-Mustermann"]) == 2


def test_each_archive_hashes_in_its_own_way(small):
    one, other = small(2, "one"), small(2, "other")
    names = {one.patient_key("p1"), other.patient_key("p1"), one.patient_key("p2"), "p1"}
    assert len(names) == 4
    assert one.patient_key("p1") == Archive.open(one.path, one.model).patient_key("p1")
    assert one.collection.columns(["patient"])["patient"] != other.collection.columns(["patient"])["patient"]


def test_a_purge_leaves_no_trace(small, make_ecg):
    made = small(0, keep_ids=True)
    made.add(rows(make_ecg))
    everybody = [f"patient-of-{n}-Mustermann" for n in range(20)]
    assert made.remove(patients=everybody[:10]) == 20
    assert made.remove(["r39", "r38"], everybody[10:19], purge=True) == 20
    content = b"".join(file.read_bytes() for file in made.path.rglob("*") if file.is_file())
    assert b"patient-of-" not in content
    assert b"befund von frau" not in content
    assert made.info()["embeddings"] == {} or made.info()["embeddings"][made.model.sha256]["records"] == 0


def open_to_others(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_only_the_owner_may_look(tmp_path, stand_in, make_ecg):
    made = Archive.create(tmp_path / "a", stand_in())
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700
    assert open_to_others(made.path) == []
    made.add((f"r{n}", make_ecg(n)) for n in range(404))
    assert open_to_others(made.path) == []
    made.remove(["r1"], purge=True)
    assert open_to_others(made.path) == []
    made.calibrate()
    assert open_to_others(made.path) == []


def test_without_its_key_an_archive_answers_but_does_not_grow(small, make_ecg):
    made = small(4)
    (made.path / "key").unlink()
    assert len(made.search(make_ecg(0, patient="patient-of-0-Mustermann"), 9)) == 2  # known by its samples
    assert len(made.search(make_ecg(60, patient="patient-of-0-Mustermann"), 9)) == 4
    nobody = make_ecg(70, patient=None)
    additions = [lambda: made.add([("x", make_ecg(70))]), lambda: made.add([("x", nobody)])]
    for forbidden in (*additions, lambda: made.remove(patients=["p"])):
        with pytest.raises(CollectionError, match="without its key"):
            forbidden()
    assert len(made) == 4


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31, "é"])
def test_a_damaged_key_is_refused(small, make_ecg, content):
    made = small(4)
    (made.path / "key").write_text(content, encoding="utf-8")
    with pytest.raises(CollectionError, match="key") as caught:
        made.search(make_ecg(0))
    assert "key" in caught.value.mend


def test_errors_name_no_patient(small, make_ecg):
    made = small(4)
    row = Row.from_ecg(make_ecg(0), "Mustermann-1", "made up")
    for wrong in ([replace(row, record="r0", sha256="0")], [replace(row, sha256="1", signal=None, scale=None)]):
        with pytest.raises(CollectionError) as caught:
            made.add(wrong)
        assert "Mustermann" not in str(caught.value)
