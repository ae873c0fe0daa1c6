"""A file that harms its reader costs nothing but itself, and its error names what it did."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import FileError, FormatError, HostileFileError, TruncatedError
from einthoven.formats import read
from einthoven.formats.told import Told
from einthoven.ingest import Guard, Limits, guard, supervisor
from einthoven.quality import assess
from einthoven.testing import flat, simulate, swap_arms

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")

# A reader that does what the file's name says, where it says something.
EVIL = """
import ctypes, os, time
from einthoven.ingest import supervisor
whole = supervisor.read
def read(path, **said):
    name = os.path.basename(path)
    if name == "segv": ctypes.string_at(0)
    if name == "abort": os.abort()
    if name == "exit": os._exit(3)
    if name == "spin":
        while True: pass
    if name == "sleep": time.sleep(60)
    if name == "eat": return bytearray(2**30)
    if name == "bug": {}["x"]
    if name == "leak": read.kept = bytearray(60 * 2**20)
    if name == "write": open(path + ".out", "wb").write(b"x" * 10)
    if name == "speak": print("to whom?", flush=True); raise ValueError
    return whole(path, **said)
supervisor.read = read
supervisor.main()
"""


SMALL = Limits(cpu_s=0.3, wall_s=0.8, memory=100 * 2**20)


@pytest.fixture(scope="module")
def evil() -> Iterator[Guard]:
    """A guard whose readers do harm."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "PROGRAM", EVIL)
        with Guard(SMALL, workers=2) as guarded:
            yield guarded


@pytest.fixture(scope="module")
def plain() -> Iterator[Guard]:
    """A guard as it is."""
    with Guard(workers=1) as guarded:
        yield guarded


def test_the_same_ecg_as_without(plain, write_wfdb) -> None:
    path = write_wfdb(simulate(seed=3), "r", ("Age: 60", "Sex: Female", "Dx: 426783006"))
    whole, found = read(path), plain.read(path)
    assert found.error is None and found.ecg is not None and 0 < found.seconds < 2
    np.testing.assert_array_equal(found.ecg.signal, whole.signal)
    assert found.ecg.sha256 == whole.sha256
    for name in set(whole.__dataclass_fields__) - {"signal"}:
        assert getattr(found.ecg, name) == getattr(whole, name), name


def test_what_is_wrong_with_a_recording_comes_with_it(plain, write_wfdb) -> None:
    for number, ecg in enumerate((simulate(), flat(simulate()), swap_arms(simulate()))):
        path = write_wfdb(ecg, f"r{number}")
        assert plain.read(path).findings == assess(read(path)).findings
    assert plain.read(path).findings
    assert plain.read(path.with_name("gone")).findings is None


def test_a_long_recording_is_read_and_left_to_be_judged(plain, write_wfdb, monkeypatch) -> None:
    monkeypatch.setattr(supervisor, "arm", lambda limits: None)  # it would bound the time of all tests
    path = write_wfdb(simulate())
    found = supervisor.read_guarded(str(path), Limits(cpu_s=60, judged_s=5), 0)
    assert found.ecg is not None and found.findings is None


def test_errors_come_through_as_they_are(plain, write_wfdb, tmp_path) -> None:
    path = write_wfdb(simulate())
    path.with_suffix(".dat").write_bytes(b"\0" * 50)
    (tmp_path / "x.txt").write_text("no ECG")
    for place, kind in ((path, TruncatedError), (tmp_path / "x.txt", FormatError), (tmp_path / "gone", FileError)):
        with pytest.raises(kind) as refused:
            read(place)
        found = plain.read(place).error
        assert type(found) is kind and str(found) == str(refused.value)


@pytest.mark.parametrize(
    ("name", "cause", "detail"),
    [
        ("segv", "crash", "SIGSEGV"),
        ("abort", "crash", "SIGABRT"),
        ("exit", "crash", "3"),
        ("spin", "hang", "processor"),
        ("sleep", "hang", ""),
        ("eat", "memory", ""),
        ("bug", "fault", "KeyError"),
    ],
)
def test_harm_is_named_and_the_next_file_is_read(evil, write_wfdb, name: str, cause: str, detail: str) -> None:
    path = write_wfdb(simulate())
    bad = path.with_name(name)
    bad.touch()
    found = evil.read(bad)
    assert isinstance(found.error, HostileFileError), found.error
    assert found.error.cause == cause and detail in found.error.detail
    assert found.error.message and found.error.mend
    assert all(evil.read(path).ecg is not None for _ in range(3))  # by either worker


def test_order_is_kept_whatever_some_files_do(evil, write_wfdb) -> None:
    path = write_wfdb(simulate())
    names = ["segv", "r", "eat", "r", "bug", "r", "r", "abort"] * 3
    for name in set(names):
        if name != "r":
            path.with_name(name).touch()
    items = [path if name == "r" else path.with_name(name) for name in names]
    found = list(evil.each(items, lambda item: item))
    assert [item for item, _ in found] == items
    assert [reading.ecg is not None for _, reading in found] == [name == "r" for name in names]


def test_a_worker_can_write_nothing_and_speak_to_nobody(evil, tmp_path, capfd) -> None:
    for name in ("write", "speak"):
        (tmp_path / name).touch()
        assert evil.read(tmp_path / name).error is not None
    assert not (tmp_path / "write.out").exists() or not (tmp_path / "write.out").stat().st_size
    assert "whom" not in "".join(capfd.readouterr())


def test_what_one_file_leaves_behind_does_not_weigh_on_the_next(evil, tmp_path, write_wfdb) -> None:
    (tmp_path / "leak").touch()
    path = write_wfdb(simulate(seconds=2))
    for _ in range(6):
        evil.read(tmp_path / "leak")
        assert evil.read(path).ecg is not None


def test_a_worker_is_replaced_after_its_share(monkeypatch, write_wfdb) -> None:
    path = write_wfdb(simulate(seconds=2))
    program = "from einthoven.ingest import supervisor as s; s.FILES_A_WORKER = 3; s.main()"
    monkeypatch.setattr(guard, "PROGRAM", program)
    with Guard(workers=1) as guarded:
        assert all(guarded.read(path).ecg is not None for _ in range(10))


@pytest.mark.parametrize("isolated", [True, False])
def test_what_a_file_does_not_say_is_told(monkeypatch, tmp_path, isolated: bool) -> None:
    monkeypatch.setattr(guard, "PROGRAM", "from einthoven.ingest.supervisor import main; main()")
    monkeypatch.setattr(guard.system, "ISOLATED", isolated)
    monkeypatch.setattr(supervisor, "arm", lambda limits: None)
    path = tmp_path / "x.csv"
    np.savetxt(path, np.rint(simulate(rate=400, seconds=2).signal[:3].T * 1000), "%d", ",")
    with Guard(workers=1, told=Told(400, "uV", ("I", "II", "III"))) as guarded:
        told = guarded.read(path).ecg
    with Guard(workers=1) as guarded:
        assert isinstance(guarded.read(path).error, FormatError)
    assert told is not None and told.sha256 == read(path, rate=400, unit="uV", leads="I,II,III").sha256


def test_a_lost_guard_is_started_anew(write_wfdb) -> None:
    path = write_wfdb(simulate(seconds=2))
    with Guard(workers=1) as guarded:
        guarded.read(path)
        one = guarded._idle.get()
        one._process.kill()
        one._process.wait()
        guarded._idle.put(one)
        assert isinstance(guarded.read(path).error, HostileFileError)
        assert guarded.read(path).ecg is not None


def test_a_module_in_the_current_folder_is_not_imported(tmp_path, monkeypatch, write_wfdb) -> None:
    path = write_wfdb(simulate(seconds=2)).resolve()
    (tmp_path / "numpy.py").write_text("open('was-here', 'w')")
    (tmp_path / "struct.py").write_text("open('was-here', 'w')")
    monkeypatch.chdir(tmp_path)
    with Guard(workers=1) as guarded:
        assert guarded.read(path).ecg is not None
        one = guarded._idle.get()
        guarded._idle.put(one)
    assert one._process.poll() is not None  # nothing outlives the guard
    assert not (tmp_path / "was-here").exists()


def test_frames(tmp_path) -> None:
    reader, writer = os.pipe()
    supervisor.write_frame(writer, b"abc")
    assert supervisor.read_frame(reader) == b"abc"
    os.write(writer, b"\xff\xff\xff\xff")
    assert supervisor.read_frame(reader) is None  # longer than any answer
    os.write(writer, b"\5\0\0\0ab")
    started = time.monotonic()
    assert supervisor.read_frame(reader, time.monotonic() + 0.05) is None
    assert time.monotonic() - started < 1
    os.close(writer)
    assert supervisor.read_frame(reader) is None
    os.close(reader)


def test_in_this_process_where_there_is_no_fork(monkeypatch, write_wfdb) -> None:
    path = write_wfdb(simulate(seconds=2))
    monkeypatch.setattr(guard.system, "ISOLATED", False)
    monkeypatch.setattr(supervisor, "arm", lambda limits: None)
    with Guard() as guarded:
        assert not guarded.isolated and guarded.workers == 1
        assert guarded.read(path).ecg is not None
        assert isinstance(guarded.read(Path("gone")).error, FileError)
