"""A look through an archive finds what was done to it, in any of its files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from einthoven.collection.embeddings import write_embeddings
from einthoven.ecg import CollectionError
from einthoven.models import load_model
from einthoven.retrieval import Archive, approximate, verify
from einthoven.retrieval.bundled import BUNDLED
from einthoven.retrieval.settings import read_settings, write_settings
from einthoven.retrieval.sums import SUMS, files_of, seal


@pytest.fixture
def sound(small, make_ecg, monkeypatch) -> Archive:
    """Added to, removed from, and indexed where FAISS is."""
    monkeypatch.setattr(approximate, "SHARE", 1)
    made = small(24)
    made.add((f"late{n}", make_ecg(200 + n)) for n in range(4))
    made.remove(["r3"])
    made.index("ivf-sq8")
    return made


def kinds(archive: Archive) -> list[str]:
    return [one.kind for one in verify(archive.path, archive.model).problems]


def test_a_sound_archive(sound):
    found = verify(sound.path, sound.model)
    assert found.problems == ()
    assert (found.records, found.embeddings, found.embedded_again) == (27, 27, 27)
    assert found.files == len(files_of(sound.path)) > 15
    sound.remove(["r5"], purge=True)
    assert verify(sound.path, sound.model, sample=5).embedded_again == 5
    assert kinds(sound) == []
    assert json.loads(json.dumps(found.to_dict()))["ok"] is True


def test_a_flipped_bit_is_found_wherever_it_lies(sound):
    rng = np.random.default_rng(0)
    names = [*files_of(sound.path), SUMS]
    for name in [*names, *rng.choice(names, 8)]:
        path = sound.path / name
        content = path.read_bytes()
        place, bit = int(rng.integers(len(content))), 1 << int(rng.integers(8))
        path.write_bytes(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
        found = verify(sound.path, sound.model, sample=0)
        assert found.problems and found.problems[0].kind == "files", name
        assert all(one.mend for one in found.problems)
        path.write_bytes(content)
    assert kinds(sound) == []


def test_damage_is_not_sealed_by_the_next_change(sound, make_ecg):
    (path,) = sound.path.glob("ecgs.lance/_deletions/*")
    content = path.read_bytes()
    path.write_bytes(content + b"\0")
    sound.add([("more", make_ecg(300))])
    assert any("_deletions" in one.message for one in verify(sound.path, sound.model).problems)


def test_files_that_are_gone_or_nobodys(sound):
    (sound.path / "key").rename(sound.path / "notes")
    first, second = verify(sound.path, sound.model).problems
    assert "1 file is (key) gone" in first.message
    assert "notes" in second.message and "--seal" in second.mend
    seal(sound.path, anew=True)
    assert kinds(sound) == []
    (sound.path / SUMS).unlink()
    assert "No checksums" in verify(sound.path, sound.model).problems[0].message


def test_another_model(sound, stand_in):
    model, embeddings = verify(sound.path, stand_in(1)).problems
    assert (model.kind, embeddings.kind) == ("model", "embeddings")
    assert "archive embed" in model.mend


def test_a_damaged_embedding_answers_nothing(sound, make_ecg):
    z = sound.model.embed([make_ecg(1)])
    sound.collection.set_embeddings(sound.model.sha256, ["r1"], 2 * z)
    with pytest.raises(CollectionError, match="1 embeddings of the archive are damaged"):
        Archive.open(sound.path, sound.model).evidence(make_ecg(500))


def test_embeddings_that_are_lacking_orphaned_or_changed(sound, make_ecg):
    settings = sound.model.sha256
    rows = sound.collection.keys()
    z = sound.model.embed([make_ecg(0), make_ecg(1)])
    write_embeddings(sound.path, settings, ["nobody"], ["ab" * 32], z[:1], "float16")
    sound.collection.set_embeddings(settings, ["r0"], z[1:])
    sound.collection.set_embeddings(settings, ["r1"], 2 * z[1:])
    sound.collection.append([next(iter(sound.collection.rows())).__class__.from_ecg(make_ecg(400), "bare", "made up")])
    seal(sound.path, anew=True)
    said = [one.message for one in verify(sound.path, sound.model).problems if one.kind == "embeddings"]
    assert len(rows) == 27
    assert said[0].startswith("1 ECG without an embedding")
    assert said[1].startswith("1 embeddings belong to no ECG")
    assert said[2].startswith("1 embeddings are not of length 1")
    assert said[3].startswith("1 of 27 ECGs")


def test_an_index_that_lies(sound):
    pytest.importorskip("faiss")
    (path,) = sound.path.glob("index_*.json")
    sound.add([])
    sound.remove(["r7"])
    found = verify(sound.path, sound.model)
    assert found.problems == () and "behind" in found.index  # a cache may be
    manifest = json.loads(path.read_text())
    versions = [sound.collection.version, sound.collection.embeddings_version(sound.model.sha256)]
    path.write_text(json.dumps(manifest | {"versions": versions}))
    seal(sound.path, anew=True)
    assert kinds(sound) == ["index"]
    sound.index()
    assert kinds(sound) == []


def test_a_broken_table_or_setting_is_one_problem_among_others(sound):
    for path in sound.path.glob("ecgs.lance/_versions/*.manifest"):
        path.write_bytes(b"")
    (sound.path / "archive.json").write_text("{")
    assert [*dict.fromkeys(kinds(sound))] == ["files", "settings", "table"]


def test_what_is_no_archive(tmp_path, stand_in):
    with pytest.raises(CollectionError, match="no archive"):
        verify(tmp_path / "none", stand_in())
    assert {one.kind for one in verify(tmp_path, stand_in()).problems} == {"files", "settings", "table"}


def test_settings_of_another_model_are_seen(sound):
    write_settings(sound.path, read_settings(sound.path) | {"model": {"name": "x", "sha256": "0" * 64}})
    assert "model" in kinds(sound)


def test_the_archive_that_ships_is_what_was_sealed():
    found = verify(BUNDLED, load_model(threads=1))
    assert found.problems == () and found.files == len(files_of(BUNDLED)) and found.embeddings == found.records > 17_000
