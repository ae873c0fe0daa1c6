"""Writes that end midway: by an exception, Ctrl-C, kill -9, or a second writer."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from einthoven.collection import Collection
from einthoven.ecg import CollectionError

APPEND = """
import sys
from dataclasses import replace
import numpy as np
from einthoven.collection import Collection, Row
from einthoven.ecg import ECG
base = Row.from_ecg(ECG(np.full((12, 1000), 0.1), 100), "x", "made-up")
collection = Collection.open(sys.argv[1])
def rows():
    for number in range(int(sys.argv[2])):
        if number == 1500:
            print("midway", flush=True)
        yield replace(base, record=f"new{number}", signal=np.full(12000, number % 30000, "<i2").tobytes())
"""
FOREVER = (
    APPEND
    + """
try:
    collection.append(rows())
except KeyboardInterrupt:
    print(len(Collection.open(sys.argv[1])), collection.append([base]))
"""
)
MEASURED = (
    APPEND
    + """
import resource
unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
collection.append(rows())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before) // 2**20, len(collection))
"""
)


@pytest.fixture
def start():
    processes = []

    def run(script, *arguments):
        paths = os.pathsep.join(filter(None, sys.path))
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": paths},
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def test_kill_9_midway_leaves_the_old_version(filled, start, make_row):
    process = start(FOREVER, filled.path, 10**9)
    assert "midway" in process.stdout.readline()
    with pytest.raises(CollectionError, match="Something else is writing"):
        filled.append([make_row(50)])
    process.kill()
    process.wait()
    again = Collection.open(filled.path)
    assert (len(again), again.version) == (10, filled.version)
    assert again.append([make_row(50)]) == 1, "the lock went with its holder"
    again.purge()
    assert again.info()["bytes"] < 200_000 and len(list(again.rows())) == 11


def test_ctrl_c_midway_leaves_the_old_version_and_a_clean_process(filled, start):
    process = start(FOREVER, filled.path, 10**9)
    assert "midway" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert output.split() == ["10", "1"] and process.returncode == 0


def test_memory_stays_flat(tmp_path, start):
    Collection.create(tmp_path / "large")
    output, _ = start(MEASURED, tmp_path / "large", 20_000).communicate(timeout=60)
    megabytes, rows = map(int, output.split()[1:])
    assert rows == 20_000 and megabytes < 300, "the signals alone are 458 MB"


def test_an_exception_midway_comes_through_as_it_is(filled, make_row):
    class OddError(Exception):
        pass

    def rows():
        assert threading.current_thread() is threading.main_thread()
        for number in range(100, 900):
            yield make_row(number)
        raise OddError("told")

    with pytest.raises(OddError, match="told"):
        filled.append(rows(), batch=10)
    assert len(Collection.open(filled.path)) == 10 and Collection.open(filled.path).version == filled.version
    assert filled.append([make_row(100)]) == 1


def test_a_write_that_fails_ends_the_stream(filled, make_row, monkeypatch):
    import lance

    def full(*_, **__):
        raise OSError("No space left for p1")

    monkeypatch.setattr(lance, "write_dataset", full)
    with pytest.raises(CollectionError, match="cannot be written") as caught:
        filled.append((make_row(number) for number in range(100, 10**9)), batch=1)
    assert "p1" not in str(caught.value)


def test_a_second_writer_is_refused_while_one_writes(filled, make_row):
    def rows():
        yield make_row(100)
        other = Collection.open(filled.path)
        for write in (
            lambda: other.append([make_row(100)]),
            lambda: other.remove(records=["r1"]),
            lambda: other.purge(),
            lambda: other.set_embeddings("a" * 64, ["r1"], np.ones((1, 4))),
            lambda: other.drop_embeddings("a" * 64),
        ):
            with pytest.raises(CollectionError, match="Something else is writing"):
                write()
        yield make_row(101)

    assert filled.append(rows(), batch=1) == 2
    assert len(Collection.open(filled.path)) == 12


def test_two_threads_never_tear_the_table(filled, make_row):
    refused = []

    def write(first):
        for number in range(first, first + 5):
            try:
                Collection.open(filled.path).append([make_row(number)])
            except CollectionError as error:
                refused.append(error)

    threads = [threading.Thread(target=write, args=(first,)) for first in (100, 103)]  # 103, 104 in both
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = Collection.open(filled.path).columns(["record"])["record"]
    assert len(records) == len(set(records)) == 10 + 10 - len(refused) and len(refused) >= 2
