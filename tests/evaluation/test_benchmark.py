"""Parts of data sets: by whose folds, with which labels, and what is refused."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import DataError, UsageError
from einthoven.evaluation.benchmark import open_benchmark
from einthoven.evaluation.question import Question


def nothing(ecgs):
    return np.ones((len(ecgs), 1), np.float32), np.empty((len(ecgs), 0), np.float32)


@pytest.fixture
def folder(tiny_ptbxl, make_ecg) -> Path:
    """Three ECGs a fold, the third without a diagnosis."""
    for n in range(30):
        codes = "{'SR': 0.0}" if n % 3 == 2 else "{'IMI': 50.0, 'SR': 0.0}"
        tiny_ptbxl.add(make_ecg(n), strat_fold=str(1 + n // 3), scp_codes=codes)
    return tiny_ptbxl.write()


@pytest.mark.parametrize(("fold", "train", "val"), [(9, range(1, 8), 8), (10, range(1, 9), 9)])
def test_the_fold_before_chooses(folder, fold, train, val) -> None:
    bench = open_benchmark(Question(folder, fold))
    assert {one.fold for one in bench.parts["train"]} == set(train)
    assert {one.fold for one in bench.parts["val"]} == {val} and {one.fold for one in bench.parts["test"]} == {fold}
    assert bench.labels == ("CD", "HYP", "MI", "NORM", "STTC")
    read = bench.embed("test", {"x": nothing}, lambda line: None)
    assert len(read.records) == 2 and read.ecgs.carried.tolist() == [[False, False, True, False, False]] * 2


def test_the_hash_is_of_signals_and_labels(folder) -> None:
    def hash_of(labels: str, limit: int | None = None) -> str:
        bench = open_benchmark(Question(folder, 9, limit=limit), labels)
        return bench.embed("train", {"x": nothing}, lambda line: None).sha256

    assert hash_of("super") == hash_of("") == hash_of("super")
    assert len({hash_of("super"), hash_of("all"), hash_of("super", 4)}) == 3


def test_what_is_not_there_is_refused(folder, tiny_ptbxl, make_ecg) -> None:
    for question, labels in ((Question(folder, 8), ""), (Question(folder, 9), "superb")):
        with pytest.raises(UsageError):
            open_benchmark(question, labels)
    with pytest.raises(UsageError, match="no data set"):
        open_benchmark(Question(folder, 9, "chapmen"))
    bench = open_benchmark(Question(folder, 9), "form")
    with pytest.raises(UsageError, match="label of the set 'form'"):
        bench.embed("train", {"x": nothing}, lambda line: None)
    tiny_ptbxl.add(make_ecg(40), strat_fold="9", patient_id="1.0")
    with pytest.raises(UsageError, match="patients are on both sides"):
        open_benchmark(Question(tiny_ptbxl.write(), 9))


HEAD = "patient_id,ecg_id,filename,validation,age,sex,scp_codes,AFIB,NORM\n"


def test_cpsc2018_by_published_lists_or_folds(real_data, tmp_path) -> None:
    source = real_data / "cinc2021" / "cpsc2018"
    names = sorted(path.stem for path in source.glob("A*.hea"))[:6]
    data = tmp_path / "data"
    data.mkdir()
    for name in names:
        for suffix in (".hea", ".mat"):
            shutil.copy(source / f"{name}{suffix}", data)
    with pytest.raises(UsageError, match="no folds here"):
        open_benchmark(Question(data, 10, "cpsc2018"))
    lines = [f"{n},{n},{name},False,50,1,{{}},{n % 2},1\n" for n, name in enumerate(names)]
    (tmp_path / "x_train.csv.gz").write_bytes(gzip.compress((HEAD + "".join(lines[:4])).encode()))
    (tmp_path / "x_val.csv").write_text(HEAD + lines[4])
    (tmp_path / "x_test.csv").write_text(HEAD + lines[5])
    bench = open_benchmark(Question(data, 10, "cpsc2018"), lists=tmp_path)
    assert [len(bench.parts[part]) for part in ("train", "val", "test")] == [4, 1, 1]
    assert bench.labels == ("AFIB", "NORM") and bench.label_set == "listed"
    read = bench.embed("test", {"x": nothing}, lambda line: None)
    assert read.records == (f"cpsc2018/{names[5]}",) and read.ecgs.carried.tolist() == [[True, True]]
    assert read.ecgs.patients.tolist() == [f"cpsc2018/{names[5]}"]
    with pytest.raises(UsageError, match="own labels"):
        open_benchmark(Question(data, 10, "cpsc2018"), "super", tmp_path)
    folds = "".join(f"{name},{fold}\n" for name, fold in zip(names, (1, 2, 8, 9, 10, 10), strict=True))
    (data / "icbeb_database.csv").write_text("filename,strat_fold\n" + folds)
    bench = open_benchmark(Question(data, 10, "cpsc2018"))
    assert [len(bench.parts[part]) for part in ("train", "val", "test")] == [3, 1, 2] and len(bench.labels) == 9
    with pytest.raises(DataError, match="val part"):
        (data / "icbeb_database.csv").write_text("filename,strat_fold\n" + folds.replace(",9", ",8"))
        open_benchmark(Question(data, 10, "cpsc2018"))
