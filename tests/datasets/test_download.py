"""Against a server on this machine that cuts connections."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from einthoven.datasets.checksums import Sum, parse_sums, read_sums, verify, write_sums
from einthoven.datasets.download import chosen, download, listed, refuse_closed, room_for
from einthoven.datasets.published import Published, known, published
from einthoven.ecg import DataError, FileError, UsageError

FILES = {
    "RECORDS": b"a\nb\n",
    "records/a one.dat": np.random.default_rng(0).bytes(300_000),
    "records/b.dat": np.random.default_rng(1).bytes(700_000),
}


class Server:
    """Serves files; of each answer at most `piece` bytes, then the connection is cut."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.piece, self.ranges = dict(files), 10**9, True
        self.asked: list[tuple[str, int]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.lstrip("/").replace("%20", " ")
                data = outer.files.get(name)
                if data is None:
                    self.send_error(404)
                    return
                start = int(self.headers.get("Range", "bytes=0-")[6:-1]) if outer.ranges else 0
                outer.asked.append((name, start))
                if start >= len(data):
                    self.send_error(416)
                    return
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                self.wfile.write(data[start : start + outer.piece])

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def sums(files: dict[str, bytes]) -> str:
    return "".join(f"{hashlib.sha256(data).hexdigest()} {name}\n" for name, data in files.items())


@pytest.fixture
def server():
    one = Server({**FILES, "SHA256SUMS.txt": sums(FILES).encode()})
    yield one
    one.close()


def made_up(server: Server, **changes: object) -> Published:
    facts = {"name": "x", "title": "X", "version": "1", "kind": "physionet", "address": server.address}
    rest = {"access": "open", "licence": "CC0", "gigabytes": 0.001, "records": 2, "patients": 2}
    return Published(**(facts | rest | {"information": "", "reference": "", "how": "ask"} | changes))  # type: ignore


def whole(folder, files=FILES) -> bool:
    return all((folder / name).read_bytes() == data for name, data in files.items())


def test_cut_connections_are_taken_up_where_they_ended(server, tmp_path):
    wanted = listed(made_up(server))
    server.piece = 100_000
    found = download(wanted, tmp_path, wait_s=0)
    assert (found.fetched, found.failed, found.bytes) == (3, {}, sum(map(len, FILES.values())))
    assert whole(tmp_path) and not list(tmp_path.rglob("*.part"))
    assert [start for name, start in server.asked if name == "records/b.dat"] == list(range(0, 700_000, 100_000))


def test_a_second_time_nothing_is_fetched_and_what_changed_is(server, tmp_path):
    wanted = listed(made_up(server))
    download(wanted, tmp_path)
    server.asked.clear()
    again = download(wanted, tmp_path)
    assert (again.there_before, again.fetched, server.asked) == (3, 0, [])
    (tmp_path / "RECORDS").write_bytes(b"other")
    assert download(wanted, tmp_path).fetched == 1
    assert whole(tmp_path)


def test_what_an_earlier_run_left_is_gone_on_with(server, tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records/b.dat.part").write_bytes(FILES["records/b.dat"][:400_000])
    (tmp_path / "records/a one.dat.part").write_bytes(b"of something else")
    download(listed(made_up(server)), tmp_path, wait_s=0)
    assert whole(tmp_path)
    assert ("records/b.dat", 400_000) in server.asked and ("records/b.dat", 0) not in server.asked


def test_a_server_without_ranges_begins_anew(server, tmp_path):
    server.ranges = False
    (tmp_path / "RECORDS.part").write_bytes(b"a\n")
    assert download(listed(made_up(server)), tmp_path, wait_s=0).failed == {}
    assert whole(tmp_path)


def test_a_changed_file_is_not_put_in_its_place(server, tmp_path):
    wanted = listed(made_up(server))
    server.files["RECORDS"] = b"evil"
    found = download(wanted, tmp_path, wait_s=0)
    assert list(found.failed) == ["RECORDS"] and "checksum" in found.failed["RECORDS"]
    assert not (tmp_path / "RECORDS").exists() and (tmp_path / "records/b.dat").exists()


def test_a_server_that_sends_nothing_is_given_up(server, tmp_path):
    wanted = listed(made_up(server))
    server.piece = 0
    found = download(wanted[:1], tmp_path, wait_s=0)
    assert "cut" in found.failed["RECORDS"]
    del server.files["RECORDS"]
    assert "404" in download(wanted[:1], tmp_path, wait_s=0).failed["RECORDS"]


def test_zenodo_lists_are_json(server, tmp_path):
    entries = [
        {"key": "RECORDS", "checksum": "md5:" + hashlib.md5(FILES["RECORDS"]).hexdigest(),
         "links": {"self": server.address + "RECORDS"}}
    ]  # fmt: skip
    server.files["api"] = json.dumps({"files": entries}).encode()
    wanted = listed(made_up(server, kind="zenodo", address=server.address + "api"))
    assert download(wanted, tmp_path).fetched == 1
    write_sums(tmp_path, [each.sum for each in wanted])
    assert verify(tmp_path, read_sums(tmp_path)).right == 1
    for broken in (b"{}", b"[]", b'{"files": [{"key": "../x"}]}', b'{"files": [{"key": "a", "checksum": "crc:1"}]}'):
        server.files["api"] = broken
        with pytest.raises(DataError):
            listed(made_up(server, kind="zenodo", address=server.address + "api"))


@pytest.mark.parametrize("line", ["0" * 64 + "  ../x", "0" * 64 + "  /etc/x", "0" * 63 + "  x", "x"])
def test_lists_that_lead_elsewhere_are_refused(line, server):
    with pytest.raises(DataError):
        parse_sums(line)
    server.files["SHA256SUMS.txt"] = line.encode()
    with pytest.raises(DataError):
        listed(made_up(server))


def test_other_addresses_and_full_disks_are_refused(server, tmp_path):
    with pytest.raises(DataError, match="neither http nor https"):
        listed(made_up(server, address="file:///etc/"))
    with pytest.raises(DataError, match="cannot be fetched"):
        listed(made_up(server, address=server.address + "nowhere/"))
    with pytest.raises(FileError, match="are free"):
        room_for(made_up(server, gigabytes=1e9), tmp_path / "new" / "folder")


def test_only_some_files(server):
    wanted = listed(made_up(server))
    assert [each.sum.path for each in chosen(wanted, ["records/*"])] == ["records/a one.dat", "records/b.dat"]
    with pytest.raises(UsageError, match="No file fits"):
        chosen(wanted, ["*.csv"])


def test_credentialed_sets_say_how_access_is_got():
    for name in ("mimic-iv", "mimic-iv-ecg-ext-icd"):
        with pytest.raises(DataError, match="credentialed") as caught:
            refuse_closed(known(name))
        assert "physionet.org/settings/credentialing" in caught.value.mend
    for one in published().values():
        assert one.licence and one.gigabytes > 0 and one.access in {"open", "credentialed"}
        assert one.kind in {"physionet", "zenodo", "by hand"} and (one.kind != "by hand" or one.how)


def test_a_check_finds_what_is_missing_or_changed(tmp_path):
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "SHA256SUMS.txt").write_text(sums(FILES))
    assert verify(tmp_path, read_sums(tmp_path)).right == 3
    (tmp_path / "RECORDS").unlink()
    (tmp_path / "records/b.dat").write_bytes(b"")
    found = verify(tmp_path, read_sums(tmp_path))
    assert (found.right, found.missing, found.changed) == (1, ("RECORDS",), ("records/b.dat",))
    assert not Sum("x", "0" * 64).of(tmp_path / "nowhere")


def test_the_real_sums_of_ludb(real_data):
    folder = real_data / "ludb"
    found = verify(folder, read_sums(folder))
    assert found.right > 1000
    assert found.changed in ((), ("LICENSE.txt",))  # another copy of the licence
