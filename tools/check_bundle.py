"""Proves on Linux that a bundle is enough: python tools/check_bundle.py [BUNDLE.zip]

Builds a bundle for this computer (or takes the one that is named), unpacks it, and in a network namespace that has
no route follows its install note word by word: a fresh environment, pip without an index and without any
configuration, then `einthoven demo`, `read` and `report` on a real ECG. At last the installation packs its own wheel
again, which must hold the same files. Exit code 0: all of it worked; 1: something failed; 3: not possible here
(no registry can be reached, or no namespace may be made), and why.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from zipfile import ZipFile

from einthoven.bundle import make_bundle
from einthoven.ecg import DataError, EinthovenError

HERE = "linux-x86_64"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
IMPOSSIBLE = 3
FILE = f"einthoven-env/lib/python{PYTHON}/site-packages/pydicom/data/test_files/waveform_ecg.dcm"
OFFLINE = """
import socket, sys
try:
    socket.create_connection(("192.0.2.1", 443), timeout=2)
except OSError as fault:
    sys.exit(0 if fault.errno in (101, 113) else f"a connection failed, but not for want of a route: {fault}")
sys.exit("there is a route out")
"""
PACK = """
import sys
from pathlib import Path
from einthoven.bundle.own import own_wheel
def no_pip(words):
    raise SystemExit("pip was asked, although nothing has to be built")
print(own_wheel(Path(sys.argv[1]), no_pip))
"""


def main() -> int:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        print("Not possible here: no network namespace may be made (unshare -rn).")
        return IMPOSSIBLE
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        try:
            bundle = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else build(place)
        except DataError as fault:
            print(f"Not possible here: {fault}")
            return IMPOSSIBLE
        except EinthovenError as fault:
            print(f"Failed: {fault}")
            return 1
        with ZipFile(bundle) as archive:
            archive.extractall(place / "laptop")
        return 0 if install_and_run(place / "laptop") else 1


def build(place: Path) -> Path:
    began = time.perf_counter()
    made = make_bundle(place / "bundle.zip", [HERE], PYTHON)
    count = len(made.platforms[HERE])
    print(f"bundle: {count} wheels, {made.size / 1e6:.0f} MB, {time.perf_counter() - began:.0f} s")
    return place / "bundle.zip"


def install_and_run(laptop: Path) -> bool:
    """Whether each step succeeds; each is told with its seconds."""
    note = (laptop / "INSTALL.txt").read_text(encoding="utf-8").splitlines()
    install, demo = next(note[at + 1 : at + 3] for at, line in enumerate(note) if line.startswith("Linux"))
    einthoven, python = "einthoven-env/bin/einthoven", "einthoven-env/bin/python"
    steps = {
        "no route": shlex.join(["python" + PYTHON, "-c", OFFLINE]),
        "install": install,
        "demo": demo,
        "read": f"{einthoven} read {FILE} --json",
        "report": f"{einthoven} report {FILE} --json",
        "own wheel": f"mkdir again && {shlex.join([python, '-c', PACK, 'again'])}",
    }
    said = {}
    for name, line in steps.items():
        began = time.perf_counter()
        done = subprocess.run(
            ["unshare", "-rn", "sh", "-c", line], cwd=laptop, env=bare(laptop), capture_output=True, text=True
        )
        print(f"{name}: {'done' if done.returncode == 0 else 'FAILED'}, {time.perf_counter() - began:.1f} s")
        if done.returncode:
            print(done.stdout[-2000:], done.stderr[-2000:])
            return False
        said[name] = done.stdout
    found, draft = json.loads(said["read"]), json.loads(said["report"])
    print(f"read: {found['format']}, {found['seconds']} s at {found['rate_hz']} Hz")
    print(f"report: {draft['outcome']}, {len(draft['statements'])} statements, {draft['archive']['records']} ECGs")
    same = contents(next((laptop / "again").glob("*.whl"))) == contents(
        next((laptop / "wheels").glob("einthoven-*.whl"))
    )
    print(f"own wheel: {'the same files' if same else 'OTHER FILES'} as in the bundle")
    return same and found["format"] == "DICOM" and bool(draft["statements"])


def bare(laptop: Path) -> dict[str, str]:
    """The environment of a computer that knows nothing of this one: no pip configuration, no cache, its own home."""
    tools = laptop / "tools"
    if not tools.exists():
        tools.mkdir()
        base = Path(sys.base_prefix) / "bin" / f"python{PYTHON}"
        (tools / f"python{PYTHON}").symlink_to(
            base if base.exists() else Path(shutil.which("python3") or sys.executable)
        )
    path = f"{tools}:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(laptop), "PIP_CONFIG_FILE": os.devnull, "LANG": "C.UTF-8"}


def contents(wheel: Path) -> dict[str, bytes]:
    """A wheel's files; RECORD lists them in any order."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


if __name__ == "__main__":
    sys.exit(main())
