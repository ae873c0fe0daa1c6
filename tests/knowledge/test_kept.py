"""What a model has written is kept, what people made of it is added, and nothing is overwritten."""

from __future__ import annotations

import json
import sqlite3
import sys

import pytest

from einthoven.ecg import FileError, UsageError
from einthoven.knowledge.describe import Assistant
from einthoven.knowledge.description import Described, Dropped
from einthoven.knowledge.kept import Kept
from einthoven.knowledge.review import edits_in, queue, whole_key

FULL = Described("AF", "finding", text="There are no P waves. RR is irregular.", model="m", tokens=(1, None))
HALF = Described(
    "LBBB", "finding", text="QRS is broad.", model="m", dropped=(Dropped("It is 9 ms.", "no passage has 9 ms"),)
)
NONE = Described("WPW", "finding", reason="m wrote nothing.", model="m", dropped=(Dropped("So.", "no"),) * 2)


@pytest.fixture
def kept(tmp_path) -> Kept:
    made = Kept(tmp_path / "folder" / "kept")
    for key, one in (("aaa1", FULL), ("aaa2", HALF), ("b", NONE)):
        made.put(key, one)
    return made


def test_what_is_kept_comes_back(kept) -> None:
    quoted = Assistant().describe("AF")
    kept.put("q", quoted)
    assert kept.get("q") == quoted and kept.get("aaa1") == FULL and kept.get("nothing") is None
    assert list(Kept(kept.path).all()) == [("aaa1", FULL), ("aaa2", HALF), ("b", NONE), ("q", quoted)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_file_is_its_owner_s(kept) -> None:
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_edits_are_added_and_the_last_one_shows(kept) -> None:
    kept.edit([("aaa2", "QRS lasts long.", "A. Reader")])
    kept.edit([("aaa2", "", "B. Reader")])
    assert [(one.text, one.who) for one in kept.edits("aaa2")] == [("QRS lasts long.", "A. Reader"), ("", "B. Reader")]
    found = kept.get("aaa2")
    assert found.abstained and found.reason == "Its description was taken back by B. Reader."
    kept.edit([("aaa2", "QRS is broad.", "A. Reader")])
    shown = kept.get("aaa2")
    assert shown.text == "QRS is broad." and shown.edited[0] == "A. Reader" and len(kept.edits("aaa2")) == 3
    assert f"Edited by A. Reader on {shown.edited[1][:10]}." in str(shown)
    assert kept.written("aaa2") == HALF


def test_edits_are_taken_all_or_none(kept) -> None:
    for wrong in (("nothing", "x", "me"), ("b", "x", "  ")):
        with pytest.raises(UsageError):
            kept.edit([("aaa1", "x", "me"), wrong])
        assert not kept.edits("aaa1")


def test_the_queue_begins_with_the_least_support(kept) -> None:
    assert [one.key for one in queue(kept)] == ["b", "aaa2"]
    assert [one.key for one in queue(kept, every=True)] == ["b", "aaa2", "aaa1"]
    assert [one.share for one in queue(kept, every=True)] == [0, 0.5, 1]
    kept.edit([("b", "A delta wave is seen.", "me")])
    assert [one.key for one in queue(kept)] == ["aaa2"]
    assert queue(kept, every=True)[0].now.text == "A delta wave is seen."


def test_a_key_by_its_beginning(kept) -> None:
    assert whole_key(kept, "aaa2") == "aaa2" and whole_key(kept, "b") == "b"
    for wrong in ("aaa", "c", ""):
        with pytest.raises(UsageError, match="begins with"):
            whole_key(kept, wrong)


def test_an_export_comes_back_as_edits_once(kept) -> None:
    rows = [one.to_dict() for one in queue(kept)]
    assert edits_in([json.dumps(row) for row in rows], kept) == []
    rows[0] |= {"text": "A delta\x1b[31m wave.", "by": "Dr. \x07Who"}
    lines = [json.dumps(row) for row in rows]
    found = edits_in([*lines, "\n"], kept)
    assert found == [("b", "A delta wave.", "Dr. Who")]
    kept.edit(found)
    assert edits_in(lines, kept) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"key": "b", "text": "new"}', "does not say who"),
        ('{"key": "zz", "text": "new", "by": "me"}', "not kept here"),
        ('{"key": "b", "text": 3, "by": "me"}', "that is no text"),
        ('{"key": "b"}', "no JSON object"),
        ("[1]", "no JSON object"),
        ("nonsense", "no JSON object"),
        ("[" * 100_000, "no JSON object"),
    ],
)
def test_wrong_lines_name_their_number(kept, line, what) -> None:
    with pytest.raises(FileError, match=f"Line 2 .*{what}"):
        edits_in(['{"key": "aaa2", "text": "x", "by": "me"}', line], kept)
    assert not kept.edits("aaa2")


def test_a_text_that_is_too_long_is_refused_and_not_cut(kept) -> None:
    with pytest.raises(UsageError, match="4,001 characters"):
        edits_in([json.dumps({"key": "b", "text": "x" * 4001, "by": "me"})], kept)


def test_damaged_files_are_refused(tmp_path, kept) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(FileError, match="cannot be used"):
        Kept(noise)
    assert noise.read_bytes() == bytes(range(256)) * 40
    with pytest.raises(FileError, match="cannot be made"):
        Kept(tmp_path)
    with pytest.raises(FileError, match="There is no file"):
        Kept.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    other = tmp_path / "other"
    with sqlite3.connect(other) as file:
        file.execute("CREATE TABLE places (x)")
    file.close()
    with pytest.raises(FileError, match="of another program"):
        Kept(other)
    for value in ("{", "[]", '{"quotes": [], "dropped": []}', '{"quotes": [{}], "dropped": []}'):
        with sqlite3.connect(kept.path) as file:
            file.execute("UPDATE descriptions SET value = ? WHERE key = 'b'", (value,))
        file.close()
        with pytest.raises(FileError, match="damaged: what it keeps under b "):
            kept.get("b")
        assert kept.get("aaa1") == FULL


def test_a_file_cut_in_the_middle_is_refused(kept) -> None:
    for n in range(40):
        kept.put(f"k{n}", FULL)
    kept.path.write_bytes(kept.path.read_bytes()[:5000])
    with pytest.raises(FileError):
        list(Kept(kept.path).all())
