import stat

import numpy as np
import pytest

from einthoven.collection import Collection
from einthoven.collection.schema import VERSION_KEY
from einthoven.ecg import ECG, CollectionError, UsageError


def test_appends_make_versions_and_old_ones_stay(filled, make_row):
    before = filled.version
    reader = Collection.open(filled.path)
    assert filled.append([make_row(10), make_row(11)]) == 2
    assert (len(filled), len(reader), filled.version) == (12, 10, before + 1)
    assert len(Collection.open(filled.path)) == 12
    assert len(Collection.open(filled.path, version=before)) == 10


def test_an_empty_append_makes_no_version(filled):
    before = filled.version
    assert filled.append([]) == 0
    assert Collection.open(filled.path).version == before


@pytest.mark.parametrize("numbers", [[10, 3], [10, 11, 10], [3]])
def test_taken_ids_are_refused_whole_or_skipped(filled, make_row, numbers):
    rows = [make_row(number) for number in numbers]
    with pytest.raises(CollectionError, match="already taken") as caught:
        filled.append(rows, batch=1)
    assert "r3" not in str(caught.value) and len(Collection.open(filled.path)) == 10
    assert filled.append(rows, on_duplicate="skip") == len(set(numbers) - {3})
    assert len(set(filled.columns(["record"])["record"])) == len(filled)


def test_rows_come_in_order_filtered_and_with_the_columns_asked_for(filled, make_row):
    assert list(filled.rows(batch=3)) == [make_row(n) for n in range(10)]
    assert [row.record for row in filled.rows(columns=[], where="fold >= 8")] == ["r8", "r9"]
    lean = next(filled.rows(columns=["statements"]))
    assert lean.statements == make_row(0).statements and lean.signal is None and lean.patient is None
    with pytest.raises(UsageError, match="scale"):
        next(filled.rows(columns=["signal"]))
    with pytest.raises(UsageError, match="'name'"):
        next(filled.rows(columns=["name"]))


def test_columns(filled):
    found = filled.columns(["record", "age", "fold", "time", "codes", "statements", "notices"], "fold < 2")
    assert found["record"] == ["r0", "r1"] and found["fold"].tolist() == [0, 1]
    assert found["age"].tolist() == [50, 50] and np.isnat(found["time"]).all()
    assert found["codes"] == [("SR",), ("SR",)] and found["statements"][0][0].code == "SR"


def test_nulls_in_columns(filled, make_row):
    from dataclasses import replace

    filled.append([replace(make_row(20), age=None, fold=None, patient=None, statements=())])
    found = filled.columns(["age", "fold", "patient", "codes"], "record = 'r20'")
    assert np.isnan(found["age"][0]) and found["fold"][0] == -1
    assert found["patient"] == [None] and found["codes"] == [()]


def test_a_bad_filter_is_refused_without_echo(filled):
    for read in (lambda where: list(filled.rows(where=where)), lambda where: filled.columns(["age"], where)):
        with pytest.raises(CollectionError, match="filter") as caught:
            read("patient = Secret'x")
        assert "Secret" not in str(caught.value) and caught.value.__suppress_context__


def test_signals_in_the_order_asked_for(filled, make_row):
    expected = np.stack([make_row(n).ecg().signal for n in (7, 0, 7, 3)])
    np.testing.assert_array_equal(filled.signals(["r7", "r0", "r7", "r3"]), expected)
    np.testing.assert_array_equal(filled.signals(np.array([7, 0, 7, 3])), expected)
    filled.remove(records=["r1"])
    np.testing.assert_array_equal(filled.signals(["r7", "r0", "r7", "r3"]), expected)
    np.testing.assert_array_equal(filled.signals([6, 0, 6, 2]), expected)


def test_signals_that_cannot_be_had(filled, make_row):
    from einthoven.collection import Row

    short = ECG(np.ones((12, 50)), 100)
    filled.append([Row.from_ecg(short, "short", "s"), Row.from_ecg(short, "none", "s", keep_signal=False)])
    for which, why in [
        (["r1", "short"], "lengths"),
        (["r1", "none"], "no signal"),
        (["Smith"], "1 of 1"),
        ([99], "outside"),
    ]:
        with pytest.raises(CollectionError, match=why) as caught:
            filled.signals(which)
        assert "Smith" not in str(caught.value)
    for which in ([], ["r1", 2]):
        with pytest.raises(UsageError):
            filled.signals(which)


def test_files_are_private(filled):
    filled.set_embeddings("a" * 64, ["r1"], np.ones((1, 4)))
    filled.remove(records=["r2"])
    for path in [filled.path, *filled.path.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_create_refuses_a_folder_in_use(filled, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("")
    for path in (filled.path, tmp_path / "other"):
        with pytest.raises(CollectionError, match="not empty"):
            Collection.create(path)


def test_open_says_what_is_wrong(filled, tmp_path):
    with pytest.raises(CollectionError, match="no collection"):
        Collection.open(tmp_path / "nowhere")
    with pytest.raises(CollectionError, match="Version 99"):
        Collection.open(filled.path, version=99)
    import lance

    table = lance.dataset(filled.uri)
    table.update_schema_metadata({VERSION_KEY: "2"})
    with pytest.raises(CollectionError, match="version 2; this Einthoven reads version 1"):
        Collection.open(filled.path)
    table.update_schema_metadata({VERSION_KEY: "1"})
    table.add_columns({"more": "age + 1"})
    with pytest.raises(CollectionError, match="columns"):
        Collection.open(filled.path)
    table.update_schema_metadata({"else": "1"}, replace=True)
    with pytest.raises(CollectionError, match="not a collection"):
        Collection.open(filled.path)


def test_damage_is_a_typed_error(filled):
    [data] = (filled.path / "ecgs.lance" / "data").glob("*.lance")
    data.write_bytes(data.read_bytes()[:1000])
    with pytest.raises(CollectionError, match="damaged"):
        list(Collection.open(filled.path).rows())
    for manifest in (filled.path / "ecgs.lance" / "_versions").glob("*.manifest"):
        manifest.write_bytes(b"\xff" * 40)
    with pytest.raises(CollectionError, match="damaged"):
        Collection.open(filled.path)


def test_info_counts(filled, make_row):
    filled.set_embeddings("a" * 64, ["r1", "r2"], np.ones((2, 4)))
    found = filled.info()
    assert (found["records"], found["patients"], found["with_signal"]) == (10, 5, 10)
    assert found["sources"] == {"made-up": 10} and found["folds"]["7"] == 1
    assert found["embeddings"] == {"a" * 64: {"records": 2, "width": 4, "dtype": "float16"}}
    assert found["bytes"] > 10 * 2400


def test_real_ecgs_come_back_to_the_microvolt(shared, tmp_path):
    from einthoven.collection import Row

    files = sorted((shared / "data" / "ptb-xl" / "records100").rglob("*.dat"))[:40]
    if not files:
        pytest.skip("no PTB-XL records")
    microvolt = {file.stem: np.fromfile(file, "<i2").reshape(-1, 12).T for file in files}
    ecgs = {name: ECG(signal / 1000, 100) for name, signal in microvolt.items()}
    collection = Collection.create(tmp_path / "real")
    collection.append(Row.from_ecg(ecg, name, "ptb-xl") for name, ecg in ecgs.items())
    names = list(microvolt)[::-1]
    stored = collection.signals(names)
    np.testing.assert_array_equal(stored, np.stack([ecgs[name].signal for name in names]))
    np.testing.assert_array_equal(np.rint(stored * 1000), np.stack([microvolt[name] for name in names]))
