"""Documents that are none, too large, damaged, empty, or made to harm their reader: a typed error each."""

from __future__ import annotations

import time
import zlib

import pytest

from einthoven.ecg import EinthovenError, FileError, FormatError, TruncatedError, UnsafeFileError
from einthoven.ingest.limits import ISOLATED, Limits
from einthoven.knowledge.documents.read import kind_of, read_document, require_size
from einthoven.knowledge.reading import Reader

TEXT = [["The QRS complex is wide in this lead of the ECG."]]


def test_a_scan(tmp_path, make_pdf) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf([[], []]))
    with pytest.raises(FormatError, match=r"no text on its 2 pages.*run an OCR first"):
        read_document(tmp_path / "a.pdf")


def test_pages_without_text_are_counted(tmp_path, make_pdf) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf([*TEXT, [], []]))
    assert read_document(tmp_path / "a.pdf").notices == ("2 of 3 pages have no text; scanned ones need an OCR.",)


def test_an_encrypted_pdf(tmp_path, make_pdf) -> None:
    from pypdf import PdfReader, PdfWriter

    (tmp_path / "plain.pdf").write_bytes(make_pdf(TEXT))
    for password, readable in (("secret", False), ("", True)):
        writer = PdfWriter(PdfReader(tmp_path / "plain.pdf"))
        writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
        writer.write(tmp_path / "a.pdf")
        if readable:  # that only forbids changes
            assert "QRS complex" in read_document(tmp_path / "a.pdf").blocks[0].text
        else:
            with pytest.raises(FormatError, match="encrypted"):
                read_document(tmp_path / "a.pdf")


@pytest.mark.parametrize("name", ["a.pdf", "a.epub", "a.txt", "a.md", "a"])
def test_2_gb_are_refused_before_they_are_read(tmp_path, name) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b"%PDF-1.4\n" if name == "a" else b"x")
        file.truncate(2 * 2**30)
    began = time.monotonic()
    with pytest.raises(UnsafeFileError, match=r"2,048 MB; at most (512|32) MB"):
        require_size(path)
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("where", ["chapter", "package"])
def test_an_epub_bomb(tmp_path, make_epub, where) -> None:
    bomb = b"<p>" + b"a" * (40 * 2**20)
    chapters = {"a.xhtml": bomb if where == "chapter" else "<p>x</p>"}
    path = make_epub(tmp_path / "a.epub", chapters, {"OPS/book.opf": bomb.decode()} if where == "package" else None)
    assert path.stat().st_size < 2**20
    with pytest.raises(UnsafeFileError, match="unpacks to more than the 32 MB"):
        read_document(path)


def test_an_epub_of_many_chapters_that_are_one_bomb_together(tmp_path, make_epub) -> None:
    chapter = b"<p>x<!--" + b"a" * (30 * 2**20) + b"--></p>"
    path = make_epub(tmp_path / "a.epub", {f"{n}.xhtml": chapter for n in range(5)})
    with pytest.raises(UnsafeFileError, match="unpacks to more"):
        read_document(path)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("META-INF/container.xml", '<!DOCTYPE a [<!ENTITY b "c">]><container/>', UnsafeFileError),
        ("META-INF/container.xml", "<container/>", FormatError),
        ("OPS/book.opf", "<package><manifest/><spine/></package>", FormatError),
        ("META-INF/encryption.xml", '<e><CipherReference URI="OPS/a.xhtml"/></e>', FormatError),
    ],
)
def test_epubs_that_are_wrong(tmp_path, make_epub, name, text, error) -> None:
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": "<p>x</p>"}, {name: text})
    with pytest.raises(error) as told:
        read_document(path)
    assert "ECG" not in str(told.value)


def test_whatever_is_cut_short_is_refused_or_read(tmp_path, make_pdf, make_epub) -> None:
    (tmp_path / "whole.pdf").write_bytes(make_pdf(TEXT * 3))
    make_epub(tmp_path / "whole.epub", {"a.xhtml": "<p>One sentence.</p>"})
    for kind in ("pdf", "epub"):
        whole = (tmp_path / f"whole.{kind}").read_bytes()
        for share in (0.1, 0.5, 0.9):
            path = tmp_path / f"cut.{kind}"
            path.write_bytes(whole[: int(len(whole) * share)])
            with pytest.raises((TruncatedError, FormatError)):
                read_document(path)


def test_wrong_suffixes(tmp_path, make_pdf) -> None:
    (tmp_path / "a.txt").write_bytes(make_pdf(TEXT))
    document = read_document(tmp_path / "a.txt")
    assert document.kind == "PDF" and document.notices == ("It is named .txt but is PDF, and was read as that.",)
    (tmp_path / "b.pdf").write_text("<html><p>page not found</p></html>")
    with pytest.raises(FormatError, match=r"named .pdf but is no PDF; it looks like an HTML page"):
        kind_of(tmp_path / "b.pdf")
    (tmp_path / "c.txt").write_bytes(bytes(range(256)))
    with pytest.raises(FormatError, match="binary"):
        read_document(tmp_path / "c.txt")
    (tmp_path / "d.docx").write_bytes(b"PK\3\4" + bytes(26) + b"[Content_Types].xml" + bytes(50))
    with pytest.raises(FormatError, match="an Office document"):
        read_document(tmp_path / "d.docx")
    (tmp_path / "e.md").write_text("# only a heading\n")
    with pytest.raises(FormatError, match="no text"):
        read_document(tmp_path / "e.md")


def test_files_that_are_not_there(tmp_path) -> None:
    (tmp_path / "empty.txt").touch()
    for name in ("empty.txt", "none.pdf", "."):
        with pytest.raises(FileError):
            read_document(tmp_path / name)


def endless_tree(pdf_of) -> bytes:
    """A page tree whose node is its own child."""
    return pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R] >>"])


def flate_bomb(pdf_of) -> bytes:
    """A page whose content of a few kB is 84 MB of operators."""
    squeeze = zlib.compressobj(9)
    packed = b"".join(squeeze.compress(b"0 0 m " * 2**20) for _ in range(14)) + squeeze.flush()
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 3 0 R /Resources << /Font << >> >> >>"
    return pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", stream, page])


def slow_page(pdf_of) -> bytes:
    """A page of 1.2 million operators, which no bound on its bytes refuses."""
    stream = zlib.compress(b"BT (a) Tj ET " * 400_000)
    body = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 3 0 R /Resources << /Font << >> >> >>"
    return pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", body, page])


@pytest.mark.skipif(not ISOLATED, reason="this system bounds no process")
def test_what_would_harm_its_reader_harms_nothing_else(tmp_path, pdf_of) -> None:
    (tmp_path / "good.md").write_text("A sentence.\n")
    limits = Limits(cpu_s=1.5, wall_s=20.0, memory=400 * 2**20)
    with Reader(limits) as reader:
        for made in (endless_tree, flate_bomb, slow_page):
            (tmp_path / "bad.pdf").write_bytes(made(pdf_of))
            assert (tmp_path / "bad.pdf").stat().st_size < 2**20
            with pytest.raises(EinthovenError) as told:
                reader.read(tmp_path / "bad.pdf")
            assert "ECG" not in str(told.value)
            assert reader.read(tmp_path / "good.md").blocks[0].text == "A sentence."
        assert "more time at page or chapter 1" in str(told.value)


@pytest.mark.skipif(not ISOLATED, reason="this system bounds no process")
def test_the_reader_gives_what_is_read_in_this_process(tmp_path, make_pdf) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf(TEXT * 2))
    pages: list[int] = []
    with Reader() as reader:
        assert reader.read(path, pages.append) == read_document(path)
        with pytest.raises(FileError, match="does not exist"):
            reader.read(tmp_path / "none.txt")
    assert pages == [0, 1, 2]
