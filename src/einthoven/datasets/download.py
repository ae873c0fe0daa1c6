"""Fetching a public data set: resumed where it was cut, each file verified by its published checksum.

A file grows as `NAME.part` beside its place and is moved there once its checksum is right, so that what stands there
is whole. A connection that is cut is taken up where it ended; so is a download that was stopped.
"""

from __future__ import annotations

import fnmatch
import http.client
import json
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any

from einthoven.datasets.checksums import LISTS, Sum, parse_sums
from einthoven.datasets.published import Published
from einthoven.ecg import DataError, EinthovenError, FileError, UsageError
from einthoven.ecg.moving import move
from einthoven.ingest.unpack import safe_parts

PIECE = 1 << 18
PATIENCE = 5
"""Attempts in a row that bring nothing before a file is given up."""
CONNECTIONS = 4
TIMEOUT_S = 30.0
MOST_LIST = 512 * 2**20
_CUT = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Wanted:
    """A file to fetch."""

    address: str
    sum: Sum


@dataclass
class Downloaded:
    """What became of the files, by paths."""

    fetched: int = 0
    there_before: int = 0
    bytes: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def refuse_closed(one: Published) -> None:
    """Refuses a data set that cannot be downloaded by anybody, saying how it is got.

    Raises:
        DataError: it is lent to credentialed users only, or is fetched by hand.
    """
    if one.access == "credentialed":
        raise DataError(f"{one.title} {one.version} is lent to credentialed users only ({one.licence}).", one.how)
    if one.kind == "by hand":
        raise DataError(f"{one.title} is not downloaded from here; its place is {one.address}.", one.how)


def listed(one: Published) -> tuple[Wanted, ...]:
    """The files of a data set, by its published list.

    Raises:
        DataError: its list cannot be fetched or read.
    """
    refuse_closed(one)
    return tuple(_of_zenodo(one.address) if one.kind == "zenodo" else _of_physionet(one.address))


def chosen(every: Sequence[Wanted], only: Sequence[str]) -> tuple[Wanted, ...]:
    """Those whose path fits one of some patterns (`records100/*`); all where there are none.

    Raises:
        UsageError: no file fits.
    """
    found = tuple(each for each in every if not only or any(fnmatch.fnmatchcase(each.sum.path, text) for text in only))
    if not found:
        raise UsageError(f"No file fits {', '.join(only)}.", "Try --only '*.csv'.")
    return found


def download(
    wanted: Sequence[Wanted],
    folder: Path,
    progress: Callable[[Downloaded], None] = lambda so_far: None,
    connections: int = CONNECTIONS,
    wait_s: float = 1.0,
) -> Downloaded:
    """Fetches files into a folder; those that are there with the right checksum are left alone.

    Args:
        wait_s: before the second attempt in a row at a file; each further one waits twice as long.

    Returns:
        What became of them; `failed` names each file that could not be fetched, with the reason.

    Raises:
        FileError: the folder cannot be written to, or the disk is full.
    """
    so_far, lock = Downloaded(), Lock()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise FileError(f"{folder} cannot be made ({fault.strerror}).", "Choose another folder.") from None

    def one(each: Wanted) -> None:
        place = folder / each.sum.path
        came, failed, there = 0, "", each.sum.of(place)
        if not there:
            try:
                came = _fetch(each, place, wait_s)
            except DataError as fault:
                failed = fault.message
        with lock:
            so_far.there_before += there
            so_far.fetched += not there and not failed
            so_far.bytes += came
            if failed:
                so_far.failed[each.sum.path] = failed
            progress(so_far)

    with ThreadPoolExecutor(connections) as pool:
        running = [pool.submit(one, each) for each in wanted]
        try:
            for each in running:
                each.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return so_far


def room_for(one: Published, folder: Path) -> None:
    """Refuses to begin where the disk cannot hold a data set.

    Raises:
        FileError: not enough space.
    """
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free / 1e9
    if free < one.gigabytes:
        raise FileError(
            f"{one.title} takes about {one.gigabytes:g} GB; {free:.1f} GB are free.", "Choose another disk."
        )


def _fetch(each: Wanted, place: Path, wait_s: float) -> int:
    """Brings one file to its place, and returns how many bytes came."""
    part = place.with_name(place.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    came, idle, fresh = 0, 0, not part.exists()
    reason = ""
    while idle < PATIENCE:
        if idle:
            time.sleep(wait_s * 2 ** (idle - 1))
        before = came
        try:
            for size in _pieces(each.address, part):
                came += size
        except urllib.error.HTTPError as fault:
            if fault.code in {401, 403, 404, 410}:
                raise DataError(f"The server refuses it ({fault.code} {fault.reason}).", "Check your access.") from None
            reason = f"the server answers {fault.code}"
        except _CUT as fault:
            if isinstance(fault, OSError) and fault.errno in {13, 28, 30}:  # permission, space, read-only
                raise FileError(f"{part} cannot be written ({fault.strerror}).", "Make space, then go on.") from None
            reason = f"the connection was cut ({type(fault).__name__})"
        else:
            if each.sum.of(part):
                move(part, place)
                return came
            if fresh:
                raise DataError("Its checksum is wrong: it was changed on its way, or at its place.", "Try later.")
            part.unlink()  # what lay there was of something else
            fresh, reason = True, "its checksum is wrong"
        idle = 0 if came > before else idle + 1
    raise DataError(f"It could not be fetched: {reason}.", "Go on later with the same command.")


def _pieces(address: str, part: Path) -> Iterator[int]:
    """Appends what a server sends of a file to what is there; yields the size of each piece."""
    start = part.stat().st_size if part.exists() else 0
    try:
        answer = _open(address, {"Range": f"bytes={start}-"} if start else {})
    except urllib.error.HTTPError as fault:
        if fault.code == 416:  # nothing is left
            return
        raise
    with answer, part.open("ab" if answer.status == 206 else "wb") as file:
        expected = int(answer.headers.get("Content-Length") or -1)
        came = 0
        while piece := answer.read(PIECE):
            file.write(piece)
            came += len(piece)
            yield len(piece)
        if 0 <= came < expected:
            raise http.client.IncompleteRead(b"", expected - came)


def _open(address: str, headers: Mapping[str, str] = MappingProxyType({})) -> Any:
    if urllib.parse.urlsplit(address).scheme not in {"http", "https"}:
        raise DataError("An address is neither http nor https.", "Use the list as it is published.")
    return urllib.request.urlopen(urllib.request.Request(address, headers=dict(headers)), timeout=TIMEOUT_S)


def _text(address: str) -> str:
    try:
        with _open(address) as answer:
            data: bytes = answer.read(MOST_LIST)
        return data.decode("utf-8")
    except (*_CUT, ValueError) as fault:
        why = f"{fault.code} {fault.reason}" if isinstance(fault, urllib.error.HTTPError) else type(fault).__name__
        raise DataError(
            f"The list {address} cannot be fetched ({why}).", "Check the connection, then try again."
        ) from None


def _of_physionet(address: str) -> list[Wanted]:
    base = address.rstrip("/") + "/"
    sums = parse_sums(_text(base + LISTS["sha256"]))
    return [Wanted(base + urllib.parse.quote(each.path), each) for each in sums]


def _of_zenodo(address: str) -> list[Wanted]:
    try:
        found = []
        for entry in json.loads(_text(address))["files"]:
            algorithm, _, value = str(entry["checksum"]).partition(":")
            if algorithm not in {"md5", "sha256"}:
                raise ValueError(algorithm)
            path = "/".join(safe_parts(str(entry["key"])))
            found.append(Wanted(str(entry["links"]["self"]), Sum(path, value, algorithm)))
    except (ValueError, LookupError, TypeError) as fault:
        raise DataError(
            f"The list of {address} has another shape ({type(fault).__name__}).", "Fetch by hand."
        ) from None
    except EinthovenError as fault:
        raise DataError(fault.message, fault.mend) from None
    return found
