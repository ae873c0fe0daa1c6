"""`data prepare` killed with SIGKILL, a real process, in the middle of what it writes; and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from einthoven.collection import Collection, is_collection
from einthoven.datasets import PTBXL
from einthoven.datasets.prepare import prepare
from einthoven.datasets.reading import GENEROUS
from einthoven.ingest import Guard, limits, supervisor

if sys.platform == "win32":
    pytest.skip("there is no SIGKILL", allow_module_level=True)

CHILD = """
import os, signal, sys, threading, time
from pathlib import Path

class WithoutPandas:  # pyarrow would load it, which takes longer than all the rest
    def find_spec(name, *_):
        if name == "pandas":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, WithoutPandas)
import lance
from einthoven.datasets import PTBXL
from einthoven.datasets import prepare as room
from einthoven.datasets.reading import GENEROUS
from einthoven.ingest import Guard, limits

source, out, moment = sys.argv[1:]
write, appends = lance.write_dataset, 0
limits.ISOLATED = moment == "rows are read"  # elsewhere files are read in this process, which starts sooner

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def die_at_second_file():
    while True:
        try:
            if len(os.listdir(Path(out, "ecgs.lance", "data"))) == 2:
                die()
        except FileNotFoundError:
            pass

def dying_write(data, where, **how):
    global appends
    if how["mode"] == "create" and moment == "the table is made":
        Path(where, "_transactions").mkdir(parents=True)
        die()
    appends += how["mode"] == "append"
    if appends == 2 and moment == "rows are written":
        threading.Thread(target=die_at_second_file, daemon=True).start()
    done = write(data, where, **how)
    if appends == 2 and moment in ("rows are written", "a commit was made"):
        die()  # and where the thread came too late
    return done

def progress(done, every):
    if moment == "rows are read" and done == 7:
        print("now", flush=True)
        time.sleep(60)  # the other process kills this one

lance.write_dataset = dying_write
with Guard(GENEROUS, 1) as guard:
    room.prepare("ptb-xl", PTBXL(Path(source)), Path(out), guard, {}, progress, commit_every=4)
"""
MOMENTS = {"the table is made": {0}, "rows are read": {4}, "rows are written": {4, 8}, "a commit was made": {8}}
"""When the process dies, and how many recordings may be there then: a file that is written is soon in a version."""


@pytest.fixture(scope="module")
def guard():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "ISOLATED", False)
        patch.setattr(supervisor, "arm", lambda limits: None)  # the limits of a reader are not for the tests' process
        with Guard(GENEROUS, 1) as one:
            yield one


@pytest.fixture(scope="module")
def source(ptbxl_at, make_ecg, tmp_path_factory):
    made_up = ptbxl_at(tmp_path_factory.mktemp("made-up") / "ptb-xl")
    for n in range(9):
        made_up.add(make_ecg(n))
    return made_up.write()


@pytest.fixture(scope="module")
def killed(source, tmp_path_factory):
    """Folders of collections by the moment in which the process that made them was killed; all run at a time."""
    folder = tmp_path_factory.mktemp("killed")
    path = os.pathsep.join(filter(None, sys.path))
    children = {
        moment: subprocess.Popen(
            [sys.executable, "-c", CHILD, source, folder / moment, moment],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
        )
        for moment in MOMENTS
    }
    try:
        assert children["rows are read"].stdout.readline() == "now\n"
    finally:
        children["rows are read"].kill()
        said = {moment: child.communicate(timeout=60)[1] for moment, child in children.items()}
    assert {child.returncode for child in children.values()} == {-signal.SIGKILL}, said
    return folder


@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_is_lost_and_nothing_is_there_twice(moment, source, killed, guard):
    folder, dataset = killed / moment, PTBXL(source)
    there = Collection.open(folder).columns(["record"])["record"] if is_collection(folder) else []
    assert len(there) == len(set(there)) and len(there) in MOMENTS[moment]
    found = prepare("ptb-xl", dataset, folder, guard, {}, commit_every=4)
    assert (found.there_before, found.added, found.refused) == (len(there), 9 - len(there), {})
    assert list(Collection.open(folder).rows()) == list(dataset.rows())
