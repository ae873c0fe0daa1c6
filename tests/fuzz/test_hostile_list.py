"""Hand-made hostile files of every format: sizes, rates and names that no ECG has, refused before anything grows."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from pydicom import dcmread
from seeds import SEEDS

from einthoven.ecg import EinthovenError, SignalError, UnsafeFileError
from einthoven.formats import dicom_file, read
from einthoven.ingest import Guard

ABSURD = ("0", "-1", "NaN", "nan", "1e9", "1000000000000", "1e-12", "Infinity", "")
# Where each format states rate, samples and channels; each group is replaced.
PLACES = {
    "WFDB": (r"(?<=^r 12 )(500)", r"(?<=^r 12 500 )(60)", r"(?<=^r )(12)"),
    "HL7 aECG": (r'<increment value="(0\.002)"', r'<increment value="(2)"'),
    "MUSE XML": (
        r"<SampleBase>(\d+)<",
        r"<SampleExponent>(-?\d+)<",
        r"<LeadSampleCountTotal>(\d+)<",
        r"<LeadSampleSize>(\d+)<",
    ),
    "CardioSoft XML": (r"<SampleRate[^>]*>(\d+)<", r"<ChannelSampleCountTotal>(\d+)<", r"<NumberOfLeads>(\d+)<"),
    "Philips Sierra XML": (
        *(r"<samplingrate>(\d+)<", r"<resolution>(\d+)<", r'numberofleads="(\d+)"', r'durationperchannel="(\d+)"'),
        *(r'samplespersecond="(\d+)"', r'bitspersample="(\d+)"', r"<numberchannelsallocated>(\d+)<"),
    ),
    "Mortara ELI XML": (r'SAMPLE_FREQ="(\d+)"', r'DURATION="(\d+)"', r'UNITS_PER_MV="(\d+)"', r'BITS="(\d+)"'),
    "FHIR Observation": (r'"period": (\d+)', r'"factor": (\d+)', r'"dimensions": (\d+)'),
}


def outcome(path: Path) -> EinthovenError | None:
    """What reading ends in; it takes neither time nor memory."""
    started = time.process_time()
    tracemalloc.start()
    try:
        read(path)
        error = None
    except EinthovenError as fault:
        error = fault
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8 * 2**20
    assert time.process_time() - started < 1
    return error


@pytest.mark.parametrize("name", PLACES)
def test_numbers_of_no_ecg(tmp_path, name: str) -> None:
    path = next(iter(SEEDS[name].values()))(tmp_path)
    read(path)  # what is imported late must not be counted
    whole = path.read_bytes()
    wide = whole.startswith(b"\xff\xfe")
    text = whole.decode("utf-16" if wide else "latin-1")
    refused = 0
    for place in PLACES[name]:
        assert re.search(place, text, re.M), place
        for value in ABSURD:
            changed = re.sub(place, lambda found, value=value: found[0].replace(found[1], value, 1), text, flags=re.M)
            path.write_bytes(changed.encode("utf-16" if wide else "latin-1"))
            refused += outcome(path) is not None
    assert refused >= len(ABSURD) - 2  # at the least the rate


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("NumberOfWaveformSamples", (0, 2**31, 2**32 - 1)),
        ("NumberOfWaveformChannels", (0, 33, 10_000, 65_535)),
        ("SamplingFrequency", ("0", "-1", "1e9", "1E-9", "1000000000000")),
        ("WaveformBitsAllocated", (0, 1, 12, 65_535)),
    ],
)
def test_dicom_numbers_of_no_ecg(tmp_path, tag: str, values: tuple[object, ...]) -> None:
    path = SEEDS["DICOM"]["explicit"](tmp_path)
    for value in values:
        dataset = dcmread(path)
        setattr(dataset.WaveformSequence[0], tag, value)
        dataset.save_as(tmp_path / "changed.dcm")
        assert outcome(tmp_path / "changed.dcm") is not None, value


def test_ten_thousand_channels_and_samples_by_the_billion(tmp_path) -> None:
    for record in ("r 10000 500 60", "r 12 500 1000000000000", "r 12 1e9 60", "r 12 nan 60", "r 12 0 60"):
        (tmp_path / "r.hea").write_text(f"{record}\n" + "r.dat 16 1000/mV 16 0 0 0 0 I\n" * 12)
        assert outcome(tmp_path / "r.hea") is not None, record


def test_one_channel_that_would_make_twelve_large_rows(tmp_path) -> None:
    (tmp_path / "r.hea").write_text("r 1 20000 33000000\nr.dat 16 1000/mV 16 0 0 0 0 I\n")
    with (tmp_path / "r.dat").open("wb") as file:
        file.truncate(33_000_000 * 2)
    assert isinstance(outcome(tmp_path / "r.hea"), UnsafeFileError)


def test_a_deflate_bomb(tmp_path) -> None:
    path = SEEDS["DICOM"]["deflated"](tmp_path)
    data = path.read_bytes()
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(300)) + packer.flush()
    assert len(bomb) < 2**21
    path.write_bytes(data[: dicom_file._meta(data)[1]] + bomb)
    with Guard(workers=1) as guard:
        found = guard.read(path)
    assert type(found.error) is UnsafeFileError and found.memory < 300 * 2**20 and found.seconds < 2


def test_rates_that_are_numbers_and_no_rates(tmp_path) -> None:
    for rate in ("1", "49.9", "20001", "1e300"):
        (tmp_path / "r.hea").write_text(f"r 1 {rate} 60\nr.dat 16 1000/mV 16 0 0 0 0 I\n")
        (tmp_path / "r.dat").write_bytes(bytes(120))
        assert isinstance(outcome(tmp_path / "r.hea"), SignalError), rate


WATCH = """
import os, sys
from pathlib import Path
from einthoven.formats import read
folder = sys.argv[1]
seen = []
def watch(event, arguments):
    if event == "open" or event.startswith(("socket.connect", "subprocess", "os.system")):
        seen.append((event, os.fsdecode(arguments[0]) if isinstance(arguments[0], (str, bytes)) else str(arguments[0])))
for path in sorted(Path(folder).glob("good*.hea")):
    read(path)  # imports what it needs before the watch begins
sys.addaudithook(watch)
for path in sorted(Path(folder).glob("evil*.hea")):
    try:
        read(path)
        print("read", path)
    except Exception as error:
        if type(error).__module__ != "einthoven.ecg.errors":
            print("raised", path, error)
for event, what in seen:
    if event != "open" or not os.path.realpath(what).startswith(os.path.realpath(folder) + os.sep):
        print(event, what)
print("opened", len(seen))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_nothing_outside_the_folder_is_opened(tmp_path) -> None:
    import os

    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(2000))
    (tmp_path / "secret.hea").write_text("secret 1 500 60\nsecret 16 1000/mV 16 0 0 0 0 I\n")
    (folder / "good.dat").write_bytes(bytes(120))
    (folder / "good.hea").write_text("good 1 500 60\ngood.dat 16 1000/mV 16 0 0 0 0 I\n")
    (folder / "link.dat").symlink_to(tmp_path / "secret")
    (folder / "far.hea").symlink_to(tmp_path / "secret.hea")
    os.mkfifo(folder / "pipe.dat")
    names = (
        "../secret",
        "/etc/passwd",
        "C:\\x",
        "link.dat",
        "https://host/x",
        "pipe.dat",
        "s3://b/k",
        "~/x",
        "..",
        "|ls",
    )
    for number, name in enumerate(names):
        (folder / f"evil{number}.hea").write_text(f"e 1 500 60\n{name} 16 1000/mV 16 0 0 0 0 I\n")
    for number, name in enumerate(("../secret", "/etc/x", "far", "secret/../../secret")):
        (folder / f"evil1{number}.hea").write_text(f"e/1 1 500 60\n{name} 60\n")
    said = subprocess.run([sys.executable, "-c", WATCH, str(folder)], capture_output=True, text=True, timeout=60)
    lines = said.stdout.splitlines()
    assert len(lines) == 1 and lines[0].startswith("opened"), said.stdout + said.stderr
    assert int(lines[0].split()[1]) >= len(names)
