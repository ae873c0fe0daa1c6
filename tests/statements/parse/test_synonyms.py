"""A site's own phrases go before the tables, and a bad line is refused with its number."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.ecg import DataError
from einthoven.statements.parse import parse_report, read_synonyms, synonyms_of


def write(folder: Path, *lines: str) -> Path:
    path = folder / "own.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_phrases_of_a_site(tmp_path: Path) -> None:
    own = read_synonyms(
        write(tmp_path, "phrase,code,polarity", "Haus-Zeichen,WPW,possible", "norm. Befund,NORM,", "VHF alt,AFIB,prior")
    )
    text = "HAUS ZEICHEN, norm. Befund; VHF alt"
    found = parse_report(text, own)
    assert dict(found.polarities()) == {"WPW": "possible", "NORM": "present", "AFIB": "prior"}
    assert text[slice(*found.statements[0].span)] == "HAUS ZEICHEN" and not found.unparsed
    assert "WPW" not in parse_report(text).polarities()


def test_the_longest_phrase_is_taken_and_the_tables_give_way() -> None:
    own = synonyms_of([("sinus", "SARRH", ""), ("sinus rhythm", "SBRAD", ""), ("old infarct", "-", "")])
    assert list(parse_report("Sinus rhythm. Inferior old infarct", own).polarities()) == ["SBRAD"]


def test_cues_hold_for_own_phrases() -> None:
    own = synonyms_of([("funny bump", "WPW", "")])
    assert parse_report("No funny bump", own).polarities() == {"WPW": "absent"}
    assert parse_report("possible funny bump", own).polarities() == {"WPW": "possible"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["phrase,code", "a,SR", "b,XYZ"], "line 3: 'XYZ' is no SCP code"),
        (["phrase,code,polarity", "a,SR,perhaps"], "line 2: 'perhaps' is no polarity"),
        (["phrase,code", "???,SR"], "line 2: the phrase has 0 words"),
        (["phrase,code", "a b c d e f g h i j k l m,SR"], "line 2: the phrase has 13 words"),
        (["phrase,code", "a"], "line 2: '' is no SCP code"),
        (["wort,code", "a,SR"], "no columns phrase and code"),
        ([""], "no columns phrase and code"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said.replace("?", r"\?")):
        read_synonyms(write(tmp_path, *lines))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_synonyms(tmp_path / "none.csv")
    (tmp_path / "own.csv").write_bytes(b"phrase,code\n\xff\xfe,SR")
    with pytest.raises(DataError, match="cannot be read"):
        read_synonyms(tmp_path / "own.csv")
