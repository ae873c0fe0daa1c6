"""Documents made to hurt: refused by a typed error, fast, and before anything grows."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from einthoven.ecg import EinthovenError, FormatError, TruncatedError, UnsafeFileError
from einthoven.formats import FORMATS, read
from einthoven.formats.documents import json_tree, xml_tree
from einthoven.formats.documents.encoding import to_utf8
from einthoven.formats.documents.xml_tree import parse_xml, root_name

ROOTS = ("RestingECG", "AnnotatedECG", "CardiologyXML", "ECG", "restingecgdata")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12))
BOMBS = {
    "billion laughs": f"<!DOCTYPE R [{LAUGHS}]><R>&l11;</R>",
    "quadratic": f'<!DOCTYPE R [<!ENTITY a "{"x" * 50_000}">]><R>{"&a;" * 50_000}</R>',
    "external entity": '<!DOCTYPE R [<!ENTITY a SYSTEM "file:///etc/passwd">]><R>&a;</R>',
    "parameter entity": '<!DOCTYPE R [<!ENTITY % a SYSTEM "http://host/x.dtd"> %a;]><R/>',
    "default attributes": f'<!DOCTYPE R [<!ATTLIST b a CDATA "{"x" * 50_000}">]><R>{"<b/>" * 50_000}</R>',
    "notation": '<!DOCTYPE R [<!NOTATION n SYSTEM "n"><!ENTITY a SYSTEM "x" NDATA n>]><R/>',
    "undeclared": '<!DOCTYPE R SYSTEM "x.dtd"><R>&a;</R>',
    "deep": "<R>" + "<a>" * 10_000 + "</a>" * 10_000 + "</R>",
    "wide": "<R>" + "<a/>" * 300_000 + "</R>",
    "attributes": "<R " + " ".join(f'a{n}=""' for n in range(600_000)) + "/>",
}


def of(root: str, bomb: str) -> str:
    """The bomb with another root element."""
    text = BOMBS[bomb].replace("<R", f"<{root}").replace("</R", f"</{root}")
    return text.replace("DOCTYPE R", f"DOCTYPE {root}")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_xml_bombs(put, bomb: str, encoding: str) -> None:
    path = put(of("RestingECG", bomb), encoding)
    started = time.process_time()
    with pytest.raises(FormatError) as refused:
        read(path)
    took = time.process_time() - started
    assert isinstance(refused.value, UnsafeFileError) or bomb == "undeclared"
    assert took < (1.0 if bomb in {"wide", "attributes"} else 0.1)


@pytest.mark.parametrize("bomb", sorted(set(BOMBS) - {"wide", "attributes", "undeclared"}))
def test_bombs_do_not_grow(bomb: str) -> None:
    data = of("ECG", bomb).encode()
    tracemalloc.start()
    with pytest.raises(UnsafeFileError):
        parse_xml(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**20


@pytest.mark.parametrize("root", ROOTS)
def test_each_dialect_is_behind_the_guard(put, root: str) -> None:
    for name in ("billion laughs", "external entity", "deep"):
        with pytest.raises(UnsafeFileError):
            read(put(of(root, name)))


def test_a_named_dtd_is_not_opened(put, tmp_path) -> None:
    (tmp_path / "x.dtd").write_text("<!ENTITY a 'b'>")
    with pytest.raises(FormatError, match="undeclared entity 'a'"):
        read(put('<!DOCTYPE ECG SYSTEM "x.dtd"><ECG>&a;</ECG>'))


@pytest.mark.parametrize(
    "name", ["utf-7", "UTF-32", "ebcdic-cp-us", "cp037", "unicode_escape", "idna", "punycode", "rot13", "no-such"]
)
def test_encodings_of_no_ecg(put, name: str) -> None:
    with pytest.raises(UnsafeFileError, match="encoding"):
        read(put(f'<?xml version="1.0" encoding="{name}"?><ECG/>'))


def test_a_bomb_behind_utf7_stays_text(put) -> None:
    text = '<?xml version="1.0" encoding="utf-7"?>+ADw-+ACE-DOCTYPE ECG+AFs-+ADw-+ACE-ENTITY a "b"+AD4-+AF0-+AD4-<ECG/>'
    with pytest.raises(FormatError):
        read(put(text))
    with pytest.raises(UnsafeFileError):
        to_utf8(text.encode())


def test_utf32_and_halves_of_utf16(put) -> None:
    with pytest.raises(UnsafeFileError):
        to_utf8("<ECG/>".encode("utf-32"))
    with pytest.raises(TruncatedError):
        read(put(b"\xff\xfe" + "<ECG></ECG>".encode("utf-16-le")[:-1]))
    with pytest.raises(FormatError):
        read(put(b"\xff\xfe" + "<ECG>".encode("utf-16-le") + b"\x00\xd8" + "</ECG>".encode("utf-16-le")))


def test_what_the_declaration_says_counts(put) -> None:
    assert to_utf8('<?xml version="1.0" encoding="windows-1252"?><a>\x80</a>'.encode("latin-1"))[0].endswith(
        "€</a>".encode()
    )
    data, notices = to_utf8(b'<?xml version="1.0" encoding="utf-8"?><a>\xe4</a>')
    assert "ä" in data.decode() and [notice.kind for notice in notices] == ["encoding"]
    with pytest.raises(FormatError, match="gb2312"):
        to_utf8(b'<?xml version="1.0" encoding="gb2312"?><a>\xff\xff</a>')
    with pytest.raises(FormatError, match="iso8859-12"):  # was never made
        to_utf8(b'<?xml version="1.0" encoding="iso8859-12"?><a>\xff</a>')


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("<ECG>", TruncatedError),
        ("<ECG><a", TruncatedError),
        ("<ECG><![CDATA[x", TruncatedError),
        ("<ECG></a></ECG>", FormatError),
        ("<ECG/><ECG/>", FormatError),
        ("<ECG>\0</ECG>", FormatError),
        ("<ECG>&#0;</ECG>", FormatError),
        ("<ECG a='1' a='2'/>", FormatError),
        ("<ECG>]]></ECG>", FormatError),
    ],
)
def test_xml_that_is_none(put, text: str, error: type[EinthovenError]) -> None:
    with pytest.raises(error):
        read(put(text))


def test_large_documents_are_refused_unread(put, monkeypatch) -> None:
    monkeypatch.setattr(xml_tree, "MOST_XML_BYTES", 1000)
    monkeypatch.setattr(json_tree, "MOST_JSON_BYTES", 1000)
    for text in ("<ECG>" + " " * 1000 + "</ECG>", '{"resourceType": "' + "x" * 1000 + '"}'):
        with pytest.raises(UnsafeFileError, match="at most"):
            read(put(text))


JSON = {
    "deep lists": ("[" * 100_000, UnsafeFileError),
    "deep objects": ('{"a":' * 100_000, UnsafeFileError),
    "many": ("[" + "0," * 600_000 + "0]", UnsafeFileError),
    "nan": ("[NaN]", FormatError),
    "infinity": ("[-Infinity]", FormatError),
    "digits": (f"[{'1' * 10_000}]", FormatError),
    "cut": ("[1, 2", TruncatedError),
    "cut text": ('["abc', TruncatedError),
    "no json": ("[1 2]", FormatError),
}


@pytest.mark.parametrize("case", JSON)
def test_json_bombs(put, case: str) -> None:
    text, error = JSON[case]
    path = put('{"resourceType": "Observation", "x": ' + text + ("" if error is not FormatError else "}"))
    started = time.process_time()
    with pytest.raises(error):
        read(path)
    assert time.process_time() - started < 0.5


def test_the_root_is_found_behind_everything_that_may_stand_before_it() -> None:
    before = ' <?xml version="1.0"?>\n<!-- <a> > --><?style x?><!DOCTYPE ECG SYSTEM "a.dtd">\n'
    assert root_name((before + "<hl7:ECG a='1'>").encode("utf-8-sig")) == "ECG"
    assert root_name((before + "<ECG").encode("utf-16")) == "ECG"
    for head in (b"", b"<", b"<!--", b"<?xml", b"<!DOCTYPE", b"< a>", b"a<b>", b"<1>", b"\xff\xfe", b"<!-- x -->"):
        assert root_name(head) is None
    assert root_name(b"<!--->" * 100_000) is None


def test_the_tree() -> None:
    root = parse_xml(b"<x:a xmlns:x='u'><b c=' 1 '> t<d/>u </b><b><e>v</e></b><f><b>w</b></f></x:a>")
    assert root.name == "a" and root.value("b") == "tu" and root.attribute("c", "b") == "1"
    assert root.value("b", "e") == "v" and root.value("no", "e") == "" and root.find("f", "no") is None
    assert [found.text for found in root.walk("b")] == [" tu ", "", "w"]
    assert root.attribute("c", "no") == "" and root.attribute("no") == ""


def test_refusals_name_the_root(put) -> None:
    with pytest.raises(FormatError, match=r"root element SchillerEDI.*HL7 aECG, MUSE XML") as refused:
        read(put("<?xml version='1.0'?><SchillerEDI></SchillerEDI>"))
    assert all(name in refused.value.mend for name in FORMATS)


@pytest.mark.parametrize("named", ["lolz", "R"])
@pytest.mark.parametrize("root", [*ROOTS, "lolz"])
def test_a_bomb_is_unsafe_whatever_its_doctype_names(put, root: str, named: str) -> None:
    for before in ("", '<?xml version="1.0"?>\n<!-- one -->\n'):
        with pytest.raises(UnsafeFileError, match="declares entities of its own"):
            read(put(f"{before}<!DOCTYPE {named} [{LAUGHS}]>\n<{root}>&l11;</{root}>"))


def test_xml_that_declares_nothing_is_only_no_ecg(put) -> None:
    with pytest.raises(FormatError, match="root element svg") as refused:
        read(put('<!DOCTYPE svg PUBLIC "a" "b.dtd"><svg/>'))
    assert not isinstance(refused.value, UnsafeFileError)
