"""Building: incremental, resumable, one source whole or not at all; other functions' vectors are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import CollectionError
from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.build import build
from einthoven.knowledge.embedding import LEXICAL, Embedder
from einthoven.knowledge.reading import Reader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "books"
    (source / "deep").mkdir(parents=True)
    (source / "a.md").write_text("# Blocks\n\nThe QRS is wide. It lasts 120 ms.\n")
    (source / "deep" / "b.txt").write_text("P waves are absent.\n")
    (source / "c.html").write_text("<h1>Rates</h1><p>Below 60 bpm.</p>")
    (source / "d.pdf").write_text("no PDF")
    (source / ".hidden.md").write_text("hidden")
    (source / "picture.png").write_bytes(b"\x89PNG")
    return source


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    return KnowledgeBase.create(tmp_path / "k")


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The names of the files that were read."""
    found: list[str] = []
    read = Reader.read

    def noting(self, path, progress=lambda _: None):
        found.append(path.name)
        return read(self, path, progress)

    monkeypatch.setattr(Reader, "read", noting)
    return found


def said(outcomes) -> dict[str, str]:
    return {one.source: one.status for one in outcomes}


def test_a_folder_is_read_once(base, folder, reads) -> None:
    first = build(base, [folder])
    assert said(first) == {"a.md": "new", "c.html": "new", "d.pdf": "refused", "deep/b.txt": "new"}
    assert [one.text for one in base.index().passages] == [
        "The QRS is wide. It lasts 120 ms.",
        "Below 60 bpm.",
        "P waves are absent.",
    ]
    assert base.index().passages[0].section == "Blocks" and base.index().passages[0].source == "a.md"
    reads.clear()
    version = base.version
    assert said(build(base, [folder])) == {
        "a.md": "unchanged",
        "c.html": "unchanged",
        "d.pdf": "refused",
        "deep/b.txt": "unchanged",
    }
    assert reads == ["d.pdf"] and base.version == version


def test_what_changed_is_replaced_and_leaves_no_trace(base, folder, reads) -> None:
    build(base, [folder])
    (folder / "a.md").write_text("Another sentence.\n")
    reads.clear()
    assert said(build(base, [folder]))["a.md"] == "changed"
    assert set(reads) == {"a.md", "d.pdf"}
    assert base.index().passages[0].text == "Another sentence."
    assert not any(b"The QRS is wide" in path.read_bytes() for path in base.path.rglob("*") if path.is_file())
    again = KnowledgeBase.open(base.path)
    assert again.index().passages == base.index().passages
    np.testing.assert_allclose(again.search("sentence", 1)[0].score, base.search("sentence", 1)[0].score)


def test_a_link_out_of_the_folder_is_not_followed(base, folder, tmp_path, reads) -> None:
    (tmp_path / "private.txt").write_text("T waves are inverted.\n")
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "e.md").write_text("# More\n\nP waves are tall.\n")
    try:
        (folder / "link.txt").symlink_to(tmp_path / "private.txt")
    except OSError:
        pytest.skip("links cannot be made here")
    (folder / "inside.md").symlink_to(folder / "a.md")
    (folder / "other").symlink_to(tmp_path / "away", target_is_directory=True)
    (folder / "loop.md").symlink_to(folder / "loop.md")
    whole = tmp_path / "shelf"
    whole.symlink_to(folder, target_is_directory=True)
    outcomes = {one.source: one for one in build(base, [whole, tmp_path / "private.txt"])}
    assert outcomes["link.txt"].status == "refused" and "outside of the folder" in outcomes["link.txt"].why
    assert outcomes["inside.md"].status == "same" and outcomes["a.md"].status == "new"
    assert outcomes["private.txt"].status == "new"  # who names it means it
    assert reads.count("private.txt") == 1 and "link.txt" not in reads
    assert not {"other/e.md", "loop.md"} & set(outcomes)


def test_what_is_not_named_stays_unless_pruned(base, folder) -> None:
    build(base, [folder])
    assert said(build(base, [folder / "a.md"])) == {"a.md": "unchanged"}
    assert set(base.sources()) == {"a.md", "c.html", "deep/b.txt"}
    (folder / "c.html").write_bytes(b"\0")  # named and refused: what was read of it stays
    assert said(build(base, [folder / "a.md", folder / "c.html"], prune=True)) == {
        "a.md": "unchanged",
        "c.html": "refused",
        "deep/b.txt": "removed",
    }
    assert set(base.sources()) == {"a.md", "c.html"}
    assert not any(b"P waves are absent" in path.read_bytes() for path in base.path.rglob("*") if path.is_file())


def test_an_interrupted_build_goes_on(base, folder, reads) -> None:
    def stop(words: str) -> None:
        if "deep" in words:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(base, [folder], progress=stop, commit_s=0)
    assert set(KnowledgeBase.open(base.path).sources()) == {"a.md", "c.html"}
    reads.clear()
    assert said(build(base, [folder]))["deep/b.txt"] == "new"
    assert reads == ["d.pdf", "b.txt"] and len(base) == 3


def test_copies_and_names_that_are_taken(base, folder) -> None:
    shutil.copy(folder / "a.md", folder / "z.md")
    other = folder.parent / "other"
    other.mkdir()
    (other / "a.md").write_text("Something else.")
    outcomes = build(base, [folder, other, folder.parent / "none"])
    assert (outcomes[4].status, outcomes[4].why) == ("same", "the same content as a.md")
    assert [(one.source, one.status) for one in outcomes[5:]] == [("a.md", "refused"), ("none", "refused")]
    assert "same name" in outcomes[5].why and "does not exist" in outcomes[6].why


def test_vectors_of_another_function_are_refused(base, folder) -> None:
    other = Embedder("other", "b" * 64, LEXICAL.embed)
    build(base, [folder])
    with pytest.raises(CollectionError, match=r"embedded by 'lexical.*not by 'other'"):
        KnowledgeBase.open(base.path, other)
    mine = KnowledgeBase.create(folder.parent / "k2", other)
    build(mine, [folder])
    assert len(KnowledgeBase.open(mine.path, other)) == 3


def test_places_that_are_none(tmp_path) -> None:
    with pytest.raises(CollectionError, match="no knowledge base"):
        KnowledgeBase.open(tmp_path)
    (tmp_path / "x").write_text("x")
    with pytest.raises(CollectionError, match="not empty"):
        KnowledgeBase.create(tmp_path)


def test_an_empty_base_answers_nothing(base) -> None:
    assert base.search("a") == [] and base.info()["passages"] == 0


def test_names_are_cleaned(base, tmp_path) -> None:
    (tmp_path / "it's\x1b[31m.md").write_text("A sentence.")
    assert set(said(build(base, [tmp_path / "it's\x1b[31m.md"]))) == {"it's.md"}
    assert said(build(base, [tmp_path / "it's\x1b[31m.md"])) == {"it's.md": "unchanged"}
    base.remove(["it's.md"])
    assert len(base) == 0
