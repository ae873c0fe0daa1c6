"""Archives: what is sound comes out whole; no path leaves the folder, no link is made, no bomb goes off."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import random
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven.ecg import EinthovenError, FormatError, TruncatedError, UnsafeFileError
from einthoven.formats.content import kind_of, looks_like
from einthoven.ingest import packed, unpack

FILES = {"a.hea": b"header", "sub/b.dat": bytes(5000), "sub/deep/ü.xml": b"<x/>" * 3000, "empty": b""}
EVIL = ("../out", "a/../../out", "/tmp/out", "C:\\out", "..\\out", "a\\..\\..\\out", "\\\\host\\out", "/", "..")


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], mode: str = "", form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{mode}", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zipped,
    "stored zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "tar": tarred,
    "gnu tar": lambda files: tarred(files, form=tarfile.GNU_FORMAT),
    "ustar": lambda files: tarred(files, form=tarfile.USTAR_FORMAT),
    "tar.gz": lambda files: tarred(files, "gz"),
    "tar.xz": lambda files: tarred(files, "xz"),
}


class Opened:
    """What came out of an archive, and what did not."""

    def __init__(self, folder: Path, data: bytes) -> None:
        self.folder = folder / "into"
        self.folder.mkdir()
        self.refused: dict[str, EinthovenError] = {}
        path = folder / "archive.bin"
        path.write_bytes(data)
        self.count = -1
        self.error: EinthovenError | None = None
        try:
            self.count = unpack.unpack(path, self.folder, self.refused.__setitem__)
        except EinthovenError as error:
            self.error = error

    @property
    def files(self) -> dict[str, bytes]:
        there = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in there}


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[bytes], Opened]:
    return lambda data: Opened(tmp_path, data)


@pytest.mark.parametrize("packer", PACKERS)
def test_sound_archives(opened, packer: str) -> None:
    files = FILES | {("long/" * 20) + "x" * 80: b"1" * 513}
    found = opened(PACKERS[packer](files))
    assert found.error is None and found.refused == {}
    assert found.files == files and found.count == len(files)


@pytest.mark.parametrize("packer", ["zip", "tar", "gnu tar"])
def test_no_path_leaves_the_folder(opened, tmp_path, packer: str) -> None:
    found = opened(PACKERS[packer]({**{name: b"evil" for name in EVIL}, "good": b"good"}))
    assert found.files == {"good": b"good"}
    assert all(isinstance(error, UnsafeFileError) for error in found.refused.values())
    assert len(found.refused) >= len(EVIL) - 2  # "/" and ".." alone can be folders
    assert not [path for path in tmp_path.rglob("out*") if path.is_file()]


def test_links_and_devices_are_not_made(opened, tmp_path) -> None:
    buffer = io.BytesIO()
    (tmp_path / "secret").write_text("secret")
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (
            ("s", tarfile.SYMTYPE),
            ("h", tarfile.LNKTYPE),
            ("f", tarfile.FIFOTYPE),
            ("c", tarfile.CHRTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, str(tmp_path / "secret")
            archive.addfile(member)
        member = tarfile.TarInfo("s")  # through the link, were there one
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))
    found = opened(buffer.getvalue())
    assert set(found.refused) == {"s", "h", "f", "c"} and found.files == {"s": b"evil"}
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_link_in_a_zip_is_not_made(opened) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("plain", "x")
    found = opened(buffer.getvalue())
    assert list(found.refused) == ["link"] and found.files == {"plain": b"x"}


@pytest.mark.parametrize("packer", ["zip", "tar.gz", "tar.xz"])
def test_bombs(opened, monkeypatch, packer: str) -> None:
    monkeypatch.setattr(unpack, "MOST_BYTES", 2**22)
    data = PACKERS[packer]({f"{n}": bytes(2**21) for n in range(8)})
    tracemalloc.start()
    found = opened(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found.error, UnsafeFileError) and "MB" in found.error.message
    assert sum(map(len, found.files.values())) <= max(2**22, unpack.MOST_RATIO * len(data)) + 2**20
    assert most < 2**24  # the dictionary of xz alone has 2**23


def test_a_tar_that_announces_what_it_does_not_hold(opened) -> None:
    header = bytearray(tarred({"x": b"1"})[:512])
    header[124:136] = b"\x80" + (2**60).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    found = opened(bytes(header) + bytes(600))
    assert isinstance(found.error, TruncatedError) and not found.files


@pytest.mark.parametrize("kind", [b"L", b"x", b"g"])
def test_a_tar_header_without_end(opened, kind: bytes) -> None:
    header = bytearray(tarred({"x": b"1"})[:512])
    header[124:136] = b"%011o\0" % 2**32
    header[156:157] = kind
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    found = opened(bytes(header) + bytes(2**20))
    assert isinstance(found.error, UnsafeFileError)


def test_a_large_member_is_left_out_and_the_others_come(opened, monkeypatch) -> None:
    monkeypatch.setattr(unpack, "MOST_BYTES", 10_000)
    noise = random.Random(0).randbytes(20_000)
    found = opened(zipped({"big": noise, "small": b"s"}))
    assert list(found.refused) == ["big"] and found.files == {"small": b"s"} and found.error is None


def test_too_many_members(opened, monkeypatch) -> None:
    monkeypatch.setattr(unpack, "MOST_MEMBERS", 5)
    assert isinstance(opened(zipped({str(n): b"x" for n in range(6)})).error, UnsafeFileError)


def test_xz_that_needs_a_large_dictionary(opened) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**29}]
    data = lzma.compress(tarred({"x": b"1"}), filters=filters)
    assert isinstance(opened(data).error, UnsafeFileError)


def test_archives_within_archives_are_refused_by_name(opened) -> None:
    inner = zipped({"x": b"1"})
    found = opened(zipped({"in.zip": inner, "in.tgz": tarred({"y": b"2"}, "gz"), "a.npz": inner, "b": b"b"}))
    assert set(found.refused) == {"in.zip", "in.tgz"} and set(found.files) == {"a.npz", "b"}


def test_names_twice_and_names_that_clash(opened) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in (("a", b"1"), ("a", b"2"), ("a/b", b"3"), ("x" * 300, b"4")):
                archive.writestr(name, content)
    found = opened(buffer.getvalue())
    assert found.files == {"a": b"1"} and set(found.refused) == {"a", "a/b", "x" * 300}


def test_encrypted_and_strangely_packed_members(opened) -> None:
    data = bytearray(zipped({"a": b"1" * 50, "b": b"2" * 50}))
    for place in (data.find(b"PK\1\2"), 0):  # the directory's entry and the local one of "a"
        data[place + (8 if place else 6)] |= 1
    found = opened(bytes(data))
    assert list(found.refused) == ["a"] and "encrypted" in found.refused["a"].message
    assert found.files == {"b": b"2" * 50}


def test_a_bzip2_member_is_refused(opened) -> None:
    found = opened(zipped({"a": b"1" * 50}, zipfile.ZIP_BZIP2))
    assert "compression" in found.refused["a"].message


def test_a_damaged_member_does_not_take_the_others_with_it(opened) -> None:
    data = bytearray(zipped({"a": b"1" * 50, "b": b"2" * 50}, zipfile.ZIP_STORED))
    data[data.find(b"1" * 50)] ^= 1
    found = opened(bytes(data))
    assert isinstance(found.refused["a"], TruncatedError) and found.files == {"b": b"2" * 50}


@pytest.mark.parametrize("packer", ["tar", "tar.gz", "tar.xz"])
def test_what_came_before_the_damage_is_there(opened, packer: str) -> None:
    noise = random.Random(1).randbytes(2**20)
    data = PACKERS[packer]({"first": b"1" * 100, "second": noise})
    found = opened(data[: len(data) // 2])
    assert isinstance(found.error, TruncatedError) and found.files == {"first": b"1" * 100}


def test_office_documents_and_single_packed_files(opened, tmp_path) -> None:
    assert "Office" in str(opened(zipped({"[Content_Types].xml": b"<x/>"})).error)


def test_a_packed_file_that_is_no_tar(opened) -> None:
    assert "no tar" in str(opened(gzip.compress(b"<xml/>" * 500)).error)


def test_a_directory_that_would_fill_the_memory(opened) -> None:
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 2**30, 22, 0)
    assert isinstance(opened(b"PK\3\4" + bytes(100) + end).error, UnsafeFileError)


@pytest.mark.parametrize("packer", PACKERS)
def test_every_damage_ends_in_an_error_of_ours(tmp_path, packer: str) -> None:
    whole = PACKERS[packer]({"a": b"1" * 700, "b/c": b"2" * 90})
    dice = random.Random(packer)
    for number in range(60):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        folder = tmp_path / str(number)
        folder.mkdir()
        Opened(folder, bytes(data[: dice.choice((len(data), dice.randrange(4, len(data))))]))


def test_streams_in_several_members(tmp_path) -> None:
    data = tarred({"a": b"1" * 3000})
    for pack, kind in ((gzip.compress, "gz"), (lzma.compress, "xz")):
        whole = pack(data[:1000]) + pack(data[1000:])
        stream = packed.Inflated(io.BytesIO(whole), kind, lambda size: None)
        out = b""
        while piece := stream.read(777):
            out += piece
        assert out == data


def test_nothing_is_written_that_others_can_read(opened) -> None:
    found = opened(zipped({"a/b": b"x"}))
    assert not [path for path in found.folder.rglob("*") if path.stat().st_mode & 0o077]
    assert os.name == "nt" or (found.folder / "a").stat().st_mode & 0o700


def test_deflate_bomb_in_a_member_of_honest_size(opened, monkeypatch) -> None:
    monkeypatch.setattr(unpack, "MOST_BYTES", 2**20)
    data = zipped({"bomb": bytes(2**26)})
    assert len(data) < 2**17
    found = opened(data)
    assert found.error is not None or isinstance(found.refused["bomb"], UnsafeFileError)
    assert zlib.crc32(b"") == 0 and not found.files.get("bomb")
    assert isinstance(found.error or found.refused["bomb"], FormatError)


def test_an_office_document_within_an_archive_is_no_archive(opened) -> None:
    inner = zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    found = opened(zipped({"list.xlsx": inner, "more.zip": zipped({"a": b"1"})}))
    assert found.files == {"list.xlsx": inner}  # and what looks through them passes it over
    assert looks_like(inner) == "an Office document" and kind_of(inner) is None
