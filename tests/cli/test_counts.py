"""Files are added, duplicates or refused: the three add up, whatever lies in folders and archives."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from einthoven.cli.joined import ReportTable
from einthoven.cli.outcome import tell
from einthoven.cli.sources import Wanted, fill
from einthoven.formats import write
from einthoven.retrieval import Archive
from einthoven.testing import flat, simulate

ECGS = 3
SOUND, DAMAGED, EMPTY, LETTER = "sound", "damaged", "empty", "letter"
FILES = st.lists(
    st.tuples(st.sampled_from([SOUND, SOUND, DAMAGED, EMPTY, LETTER]), st.integers(0, ECGS - 1)), max_size=4
)


class Flat:
    """A model that costs nothing."""

    name, sha256, codes = "flat", "0" * 64, ()

    def embed(self, ecgs):
        return np.tile(np.float32([1, 0]), (len(ecgs), 1))


@pytest.fixture(scope="module")
def contents() -> list[bytes]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "x.dcm"
        return [
            write(simulate(60 + 10 * n, seconds=3), path, overwrite=True).paths[0].read_bytes() for n in range(ECGS)
        ]


def _plain(kind: str, content: bytes) -> bytes:
    """A damaged file ends in the middle of its samples."""
    return {SOUND: content, DAMAGED: content[: len(content) // 2], EMPTY: b"", LETTER: b"%PDF-1.7"}[kind]


def _zipped(members: list[tuple[str, int]], contents: list[bytes], cut: bool) -> bytes:
    """Damaged members have a wrong byte, which their checksums tell; a cut archive has no directory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for place, (kind, which) in enumerate(members):
            archive.writestr(f"{place}.dcm", _plain(SOUND if kind == DAMAGED else kind, contents[which]))
    data = bytearray(buffer.getvalue())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        for (kind, _), member in zip(members, archive.infolist(), strict=True):
            if kind == DAMAGED:
                data[member.header_offset + 2000] ^= 0xFF
    return bytes(data[:-30] if cut else data)


@settings(max_examples=4, deadline=None, phases=[Phase.generate])  # shrinking would take minutes
@given(FILES, st.lists(st.tuples(FILES, st.booleans()), max_size=2))
def test_added_duplicates_and_refused_add_up(contents, plain, zips) -> None:
    zips = [(members, cut and bool(members)) for members, cut in zips]  # of an empty one, a cut would leave no byte
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        folder.mkdir()
        for place, (kind, which) in enumerate(plain):
            (folder / f"p{place}.dcm").write_bytes(_plain(kind, contents[which]))
        for place, (members, cut) in enumerate(zips):
            (folder / f"z{place}.zip").write_bytes(_zipped(members, contents, cut))
        archive = Archive.create(Path(name) / "a", Flat(), "a")
        outcome = fill(archive, Wanted([folder]), None)
        told = outcome.to_dict()
        inside = [*plain, *(one for members, cut in zips if not cut for one in members)]
        sound = [which for kind, which in inside if kind == SOUND]
        damaged = sum(kind == DAMAGED for kind, _ in inside) + sum(cut for _, cut in zips)
        assert told["added"] == len(set(sound)) == len(archive)
        assert told["duplicates"] == len(sound) - len(set(sound))
        assert len(told["refused"]) == damaged
        assert told["files"] == len(sound) + damaged
        assert len(told["passed_over"]) == sum(kind in {EMPTY, LETTER} for kind, _ in inside)
        assert (outcome.nothing_taken is not None) == (not sound and damaged > 0)


def test_counts_of_reports_add_up_where_recordings_lie_in_several_files(contents, write_wfdb, tmp_path, capsys) -> None:
    for folder in ("in", "in/copy", "before"):
        (tmp_path / folder).mkdir()
        for number in range(ECGS)[2 if folder == "before" else 0 :]:
            (tmp_path / folder / f"r{number}.dcm").write_bytes(contents[number])
    for folder in ("in", "in/copy"):
        write_wfdb(flat(simulate(70)), "flat", (), tmp_path / folder)
    archive = Archive.create(tmp_path / "a", Flat(), "a")
    fill(archive, Wanted([tmp_path / "before"]), None)
    write_wfdb(simulate(99, seconds=3), "none", (), tmp_path / "in")
    write_wfdb(simulate(55, seconds=3), "two", (), tmp_path / "in")
    (tmp_path / "t.csv").write_text("file,text\nr0,a\ncopy/r1,b\nr2,c\nflat,d\nnobody,e\n,f\ntwo,g\ntwo,h\n")
    table = ReportTable(tmp_path / "t.csv", "file", "text", keep_texts=True)
    outcome = fill(archive, Wanted([tmp_path / "in"], reports=table), 2)
    told = outcome.to_dict()["reports"]
    assert (told["joined"], told["added"], told["there_before"], told["not_fit"]) == (4, 2, 1, 1)
    assert told["texts_kept"] == 2 == archive.info()["with_report_text"]
    rows = sum(len(told[key]) for key in ("ambiguous_rows", "unmatched_rows", "unusable_rows"))
    assert told["rows"] == 8 == told["joined"] + rows
    left = len(told["ambiguous_files"]) + len(told["unmatched_files"])
    assert told["recordings"] == 6 == told["joined"] + left
    tell(outcome, as_json=False)
    said = capsys.readouterr().out
    assert "reports      8 rows: 4 joined by file, 2 texts kept" in said
    assert "1 of them joined to ECGs that were not fit" in said and "1 of them joined to ECGs that were in" in said


def test_an_addition_of_which_everything_is_refused_fails(run, contents, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.dcm").write_bytes(contents[0])
    assert run("archive", "build", tmp_path / "a", tmp_path / "in" / "a.dcm").code == 0
    (tmp_path / "in" / "cut.dcm").write_bytes(contents[1][:3000])
    said = run("archive", "add", tmp_path / "a", tmp_path / "in" / "cut.dcm")
    assert said.code == 1 and "refused      1" in said.out and "No ECG was added" in said.err
    assert "--refused FILE.csv" in said.err
    said = run("archive", "add", tmp_path / "a", tmp_path / "in" / "cut.dcm", "--json")
    assert said.code == 1 and said.json["files"] == 1 and said.json["error"]["kind"] == "format"
    partly = run("archive", "add", tmp_path / "a", tmp_path / "in", "--json")  # the sound one is there already
    assert partly.code == 0 and (partly.json["duplicates"], len(partly.json["refused"])) == (1, 1)
    assert "error" not in partly.json
