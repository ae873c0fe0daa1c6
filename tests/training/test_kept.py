"""Prepared signals that are kept in a file: written once, whole, and never taken for others."""

from __future__ import annotations

import ast
import json
import sys
import threading
from dataclasses import asdict, replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from einthoven.collection import Collection, Row
from einthoven.collection.lock import sole_writer
from einthoven.ecg import ECG, LEADS, FileError, Statement, UsageError
from einthoven.ecg.code import code_files
from einthoven.ecg.commit import HOUSE
from einthoven.models.config import Preparation
from einthoven.testing import simulate
from einthoven.training import keeping, made_of
from einthoven.training.data import Data, Part
from einthoven.training.prepared import prepare_rows
from einthoven.training.run import plan_of, train
from einthoven.training.sources import open_source
from einthoven.training.streamed import Streamed

PTBXL, CODES = "ptb-xl", ("NORM", "SR")
DATA, HOW = Data(parts=(Part(PTBXL),)), Preparation(normalise="record", seconds=8)


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """28 ECGs of unequal lengths, with gaps, without a lead, some of unknown gain; 14 in folds 1-8, 14 in fold 9."""
    rows = []
    for n in range(28):
        ecg = simulate(60 + 2 * n, rate=250, seconds=8 + n % 3, seed=n)
        signal = ecg.signal.copy()
        signal[:, 100 : 100 + 5 * n] = np.nan
        signal[n % 12] = np.nan
        ecg = ECG(signal, 250, LEADS, calibrated=n % 5 > 0)
        said = tuple(Statement(code=code, system="SCP") for code in (CODES if n % 7 < 5 else ("AFIB", "IMI")))
        row = Row.from_ecg(ecg, f"r{n}", PTBXL, text="seen", fold=9 if n % 2 else 1)
        rows.append(replace(row, statements=said, patient=f"p{n}"))
    folder = tmp_path_factory.mktemp("collection") / "c"
    Collection.create(folder).append(rows)
    return folder


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    """Two ECGs are prepared together, and what is written is made sure of after each four."""
    monkeypatch.setattr(keeping, "BLOCK", 2)
    monkeypatch.setattr(keeping, "SAFE", 4 * 24 * HOW.samples)
    monkeypatch.setattr(keeping, "PAUSE_S", 0.01)


@pytest.fixture
def reads(monkeypatch):
    """How many ECGs were prepared; `reads.stop` is called before each block with the rows of it."""

    class Reads(list):
        stop = staticmethod(lambda rows: None)

    found, own = Reads(), Streamed._read

    def read(self, rows):
        found.stop(rows)
        found.extend(rows.tolist())
        return own(self, rows)

    monkeypatch.setattr(Streamed, "_read", read)
    return found


def prepared(collection, data, how=HOW, progress=lambda line: None):
    source = open_source(data, collection)
    codes = ("NORM", "SR", "AFIB")
    return prepare_rows(source.train(), codes, how, progress, signals=source.signals)


def kept(folder):
    return replace(DATA, kept=str(folder))


def files(folder):
    return sorted(path.suffix for path in folder.iterdir() if path.name != ".lock")


def test_kept_signals_are_those_in_memory_and_are_prepared_once(collection, tmp_path, reads):
    folder, said = tmp_path / "far" / "kept", []
    whole = prepared(collection, DATA)
    first = prepared(collection, kept(folder), progress=said.append)
    assert sorted(reads) == list(range(14)) and any("kept 14 of 14 ECGs" in line for line in said)
    again = prepared(collection, kept(folder))
    assert len(reads) == 14, "what is there is not prepared again"
    for later in (first, again):
        assert later.sha256 == whole.sha256 and later.records == whole.records
        signal = later.examples.signal
        assert not isinstance(signal, np.ndarray) and len(signal) == len(whole.examples) == 14
        signal.expect([np.array([3, 1]), np.array([5, 2, 4])])
        for some in (np.array([3, 1]), np.array([2]), np.array([4, 5]), slice(None, None, 3), np.array([7, 0, 3, 3])):
            assert signal[some].dtype == np.float16
            np.testing.assert_array_equal(signal[some], whole.examples.signal[some])
        with pytest.raises(IndexError):
            signal[np.array([14])]
    (note,) = folder.glob("*.json")
    facts = json.loads(note.read_text())
    assert facts["shape"] == [14, 12, HOW.samples] and facts["preparation"] == asdict(HOW) and facts["written"] == 14
    assert facts["sources"] == {PTBXL: 14}
    assert files(folder) == [".crc", ".f2", ".json"] and note.with_suffix(".f2").stat().st_size == 14 * 24 * HOW.samples
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_whatever_decides_them_makes_them_others(collection, tmp_path, reads, monkeypatch, capsys):
    prepared(collection, kept(tmp_path / "k"))
    other = replace(HOW, highpass=1.0)
    np.testing.assert_array_equal(
        prepared(collection, kept(tmp_path / "k"), other).examples.signal[:],
        prepared(collection, DATA, other).examples.signal,
    )
    assert len(reads) == 28 and len(files(tmp_path / "k")) == 6 and not capsys.readouterr().err
    rows, scales = list(open_source(DATA, collection).train())[:3], np.full(3, 0.001)
    base = made_of.sha256_of(made_of.made_of(rows, scales, HOW))
    for changes in ({"record": "x"}, {"sha256": "0" * 64}, {"rate": 500.0}, {"calibrated": not rows[1].calibrated}):
        changed = [rows[0], replace(rows[1], **changes), rows[2]]
        assert made_of.sha256_of(made_of.made_of(changed, scales, HOW)) != base
    assert made_of.sha256_of(made_of.made_of(rows[::-1], scales, HOW)) != base
    assert made_of.sha256_of(made_of.made_of(rows, 2 * scales, HOW)) != base
    monkeypatch.setattr(made_of, "code_hash", lambda: "another")
    prepared(collection, kept(tmp_path / "k"))
    assert len(reads) == 42 and "another version" in capsys.readouterr().err


def test_the_code_that_decides_is_all_that_prepares():
    """What those files import of the house is hashed too, or holds only settings that the hash knows by value."""
    house, known = HOUSE, {path.resolve() for path in code_files(made_of.DECIDING)}
    free = {
        "einthoven.models.config",
        "einthoven.collection",
        "einthoven.collection.loader",
        "einthoven.training.ahead",
    }
    free |= {
        "einthoven.collection.batches",
        "einthoven.collection.row",
        "einthoven.collection.schema",
        "einthoven.collection.trouble",
    }
    assert house / "models" / "preparation.py" in known and house / "signal" / "spectral.py" in known
    for path in known:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.module if isinstance(node, ast.ImportFrom) else None
            if name and name.startswith("einthoven.") and name not in free:
                place = house.joinpath(*name.split(".")[1:])
                assert {place.with_suffix(".py"), place / "__init__.py"} & known, f"{path} imports {name}"


@pytest.mark.parametrize("torn", [False, True])
def test_writing_goes_on_where_it_was_stopped(collection, tmp_path, reads, torn):
    def stop(rows):
        if rows[0] == 8:
            raise KeyboardInterrupt

    reads.stop = stop
    with pytest.raises(KeyboardInterrupt):
        prepared(collection, kept(tmp_path))
    assert files(tmp_path) == [".crc", ".json", ".part"], "nothing looks whole that is not"
    (part,), (note,) = tmp_path.glob("*.part"), tmp_path.glob("*.json")
    if torn:  # the machine stopped, and of what was written since the last note nothing is certain
        note.write_text(json.dumps(json.loads(note.read_text()) | {"written": 5}))
        with part.open("r+b") as file:
            file.seek(5 * 24 * HOW.samples + 7)
            file.write(b"\xff" * 100)
    reads.clear()
    reads.stop = lambda rows: None
    found = prepared(collection, kept(tmp_path))
    assert sorted(reads) == list(range(5 if torn else 8, 14))
    np.testing.assert_array_equal(found.examples.signal[:], prepared(collection, DATA).examples.signal)
    assert files(tmp_path) == [".crc", ".f2", ".json"]


def test_a_full_disk_leaves_what_was_written(collection, tmp_path, reads, monkeypatch):
    put, puts = keeping._put, []

    def full(file, data):
        if len(puts) == 10:  # of each block, signals and checksums
            file.write(data[: len(data) // 2])  # as far as it goes
            raise OSError(28, "No space left on device")
        puts.append(put(file, data))

    monkeypatch.setattr(keeping, "_put", full)
    with pytest.raises(FileError, match="No space left") as refusal:
        prepared(collection, kept(tmp_path))
    assert "data.kept" in refusal.value.mend and files(tmp_path) == [".crc", ".json", ".part"]
    (note,) = tmp_path.glob("*.json")
    assert json.loads(note.read_text())["written"] == 9, "of ten, one makes room for the note"
    monkeypatch.setattr(keeping, "_put", put)
    monkeypatch.setattr(keeping, "free_at", lambda folder: 3 * 24 * HOW.samples)
    with pytest.raises(FileError, match="are free") as refusal:
        prepared(collection, kept(tmp_path))
    monkeypatch.undo()
    found = prepared(collection, kept(tmp_path)).examples.signal[:]
    np.testing.assert_array_equal(found, prepared(collection, DATA).examples.signal)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be kept"):
        prepared(collection, kept(tmp_path / "file"))

    def not_permitted(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(keeping.Path, "is_file", not_permitted)  # in a folder of somebody else's
    with pytest.raises(FileError, match="Permission denied"):
        keeping.keep(tmp_path / "theirs", None, {"shape": [1, 12, 5]})


def test_one_writes_and_the_others_wait(collection, tmp_path, reads):
    """Of processes that start together, and of trainings that run beside each other."""
    said, found = [], []
    run = [
        threading.Thread(target=lambda one=one: found.append(prepared(collection, kept(tmp_path), progress=one)))
        for one in (said.append, said.append, lambda line: None)
    ]
    with sole_writer(tmp_path):
        for one in run:
            one.start()
        run[0].join(0.3)
        assert all(one.is_alive() for one in run) and not reads
    for one in run:
        one.join(20)
    assert len(found) == 3 and sorted(reads) == list(range(14))
    np.testing.assert_array_equal(found[0].examples.signal[:], found[2].examples.signal[:])


def test_a_file_that_is_cut_short_is_not_read(collection, tmp_path, reads, capsys):
    signal = prepared(collection, kept(tmp_path)).examples.signal
    (path,) = tmp_path.glob("*.f2")
    whole = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(len(whole) - 1)
    with pytest.raises(FileError, match="cut short"):
        signal[np.array([13])]
    vouched = []
    reads.stop = lambda rows: vouched.append(list(tmp_path.glob("*.json")))
    prepared(collection, kept(tmp_path))
    assert vouched[0] == [], "the old file's note does not speak for what is written in its place"
    assert path.read_bytes() == whole and len(reads) == 28 and "not whole" in capsys.readouterr().err


def test_what_is_not_what_was_written_is_noticed_when_it_is_first_read(collection, tmp_path, reads, capsys):
    """One bit of a file; a checksum; and all checksums, which were not kept by earlier code."""
    whole = prepared(collection, kept(tmp_path)).examples.signal[:]
    (path,), each = tmp_path.glob("*.f2"), 24 * HOW.samples
    data = bytearray(path.read_bytes())
    data[9 * each + 77] ^= 4
    path.write_bytes(data)
    signal = prepared(collection, kept(tmp_path)).examples.signal
    np.testing.assert_array_equal(signal[np.array([8, 10])], whole[[8, 10]])
    signal.expect([np.array([3]), np.array([9, 1])])
    np.testing.assert_array_equal(signal[np.array([3])], whole[[3]])
    for _ in range(2):
        with pytest.raises(FileError, match="damaged: 1 of 2 ECGs") as refusal:
            signal[np.array([9, 1])]
    assert "Delete it" in refusal.value.mend
    path.unlink()
    np.testing.assert_array_equal(prepared(collection, kept(tmp_path)).examples.signal[:], whole)
    sums = path.with_suffix(".crc")
    sums.write_bytes(b"\0" + sums.read_bytes()[1:])
    with pytest.raises(FileError, match="damaged"):
        prepared(collection, kept(tmp_path)).examples.signal[:]
    sums.unlink()
    reads.clear()
    np.testing.assert_array_equal(prepared(collection, kept(tmp_path)).examples.signal[:], whole)
    assert len(reads) == 14 and "lacks its checksums" in capsys.readouterr().err


def test_what_excludes_each_other_is_refused(collection):
    for wrong, said in (({"stream": True}, "not both"), ({"parts": ()}, "collection"), ({"kept": " "}, "no folder")):
        with pytest.raises(UsageError, match=said):
            replace(DATA, **({"kept": "x"} | wrong))
    with pytest.raises(UsageError, match="lies in the collection"):
        open_source(kept(collection / "kept"), collection)


def test_a_training_with_them_equals_one_without(small_recipe, collection, tmp_path, without_export):
    plan = replace(small_recipe.plan, epochs=2, batch=5, contrast=0.0, judge_every=2)
    recipe = replace(small_recipe, data=DATA, plan=plan, text=None)  # a tokenizer is learned otherwise each time
    there = replace(recipe, data=kept(tmp_path / "kept"))
    said = plan_of(there, collection)["signals"]
    assert "0.00 GB there" in said and str(tmp_path / "kept") in said and not (tmp_path / "kept").exists()
    one, two = (
        train(some, collection, tmp_path / out, device="cpu").parent for some, out in ((recipe, "a"), (there, "b"))
    )
    assert files(tmp_path / "kept") == 2 * [".crc"] + 2 * [".f2"] + 2 * [".json"]
    weights, others = (load_file(out / "checkpoint" / "model.safetensors") for out in (one, two))
    assert weights.keys() == others.keys() and all((weights[name] == others[name]).all() for name in weights)
    facts, lines = ([(out / name).read_text() for out in (one, two)] for name in ("recipe.json", "metrics.jsonl"))
    assert facts[0] == facts[1], "where signals are kept decides nothing, so that a run goes on with another folder"
    first, second = ([json.loads(line) | {"seconds": 0} for line in said.splitlines()] for said in lines)
    assert first == second and len(first) == 2
