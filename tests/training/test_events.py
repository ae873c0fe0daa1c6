"""What TensorBoard itself reads of a run, and what a file without it holds."""

from __future__ import annotations

import struct

import pytest

from einthoven.ecg import FileError
from einthoven.training.events import FILE, add_event, crc32c, start_events

LINES = [{"epoch": 1, "seconds": 2.0, "contrast": 3.5, "score": 0.25}, {"epoch": 2, "seconds": 4.0, "contrast": 0.5}]


def records(path):
    """Lengths of the records, by a walk of its own; each check sum is held against the data."""
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        for part, check in ((data[:8], data[8:12]), (data[12 : 12 + length], data[12 + length : 16 + length])):
            (masked,) = struct.unpack("<I", check)
            turned = masked - 0xA282EAD8 & 0xFFFFFFFF
            assert (turned >> 17 | turned << 15) & 0xFFFFFFFF == crc32c(part)
        found.append(length)
        data = data[16 + length :]
    return found


def test_an_epoch_is_a_record_and_what_a_killed_run_left_is_replaced(tmp_path):
    (tmp_path / FILE).write_bytes(b"left over")
    start_events(tmp_path, LINES[:1])
    add_event(tmp_path, LINES[1])
    assert len(records(tmp_path / FILE)) == 3
    start_events(tmp_path, [])
    assert len(records(tmp_path / FILE)) == 1 and crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, appendix B.4


def test_tensorboard_reads_it(tmp_path):
    loading = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    start_events(tmp_path, LINES[:1])
    add_event(tmp_path, LINES[1])
    version, *events = loading.LegacyEventFileLoader(str(tmp_path / FILE)).Load()
    assert version.file_version == "brain.Event:2"
    read = [(one.step, {value.tag: value.simple_value for value in one.summary.value}) for one in events]
    assert read == [(1, {"contrast": 3.5, "score": 0.25}), (2, {"contrast": 0.5})]
    assert 0 < version.wall_time <= events[0].wall_time <= events[1].wall_time + 3


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        add_event(tmp_path / "nowhere", LINES[0])
