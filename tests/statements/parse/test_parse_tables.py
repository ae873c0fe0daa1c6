"""The tables of the parser: known codes, known words, nothing said twice."""

from __future__ import annotations

import re

from einthoven.statements import VOCABULARY
from einthoven.statements.parse.lexicon import IGNORED, lexicon
from einthoven.statements.parse.match import _spelled_out
from einthoven.statements.parse.normalise import fold
from einthoven.statements.parse.places import codes_of
from einthoven.statements.table import rows

KINDS = {"finding", "core", "subject", "sign", "cue", "none", "qualifier", "age", "link", "in", "mark", "edit"}
CUES = {
    *("pre", "post", "auto", "adjective", "wide", "due", "variant", "absent", "absent-post", "prior", "prior-post"),
    *("recommend", "now", "history", "no-longer", "instead", "handed-over", "unconfirmed"),
}


def meanings() -> set[str]:
    return {lemma for row in rows("words") for lemma in row["lemma"].split()}


def test_codes_are_of_the_vocabulary() -> None:
    said = [row["value"] for row in rows("phrases") if row["kind"] == "finding"]
    said += [row["code"] for row in rows("places")]
    said += [row[column] for row in rows("signs") for column in ("codes", "unspecific")]
    for codes in said:
        assert all(re.sub(r"[?\-]$", "", code) in VOCABULARY for code in codes.split()), codes


def test_every_code_but_those_of_specialists_can_be_said() -> None:
    said = {code.rstrip("?-") for row in rows("phrases") if row["kind"] == "finding" for code in row["value"].split()}
    said |= {code for row in rows("places") for code in row["code"].split()}
    said |= {code.rstrip("?") for row in rows("signs") for code in f"{row['codes']} {row['unspecific']}".split()}
    assert set(VOCABULARY) - said == {"NDT", "QWAVE"}  # quoted alone, and a rule of its own


def test_patterns_are_made_of_words_that_the_lexicon_gives() -> None:
    known = meanings()
    for row in rows("phrases"):
        assert row["kind"] in KINDS and (row["kind"] != "cue" or row["value"] in CUES), row
        for part in row["pattern"].split():
            plain = part[:-1] if part.endswith("?") and len(part) > 1 else part
            assert plain in known or plain.startswith(("lead:", "number:")) or plain in {*",():/=?"}, row


def test_no_pattern_is_said_twice_with_another_meaning() -> None:
    seen: dict[tuple[str, ...], tuple[str, str]] = {}
    for row in rows("phrases"):
        for pattern in _spelled_out(tuple(row["pattern"].split())):
            meant = (row["kind"], row["value"])
            assert seen.setdefault(pattern, meant) == meant, (pattern, meant, seen[pattern])


def test_no_form_has_two_meanings_in_one_language() -> None:
    seen: dict[str, str] = {}
    twice = []
    for row in rows("words"):
        for form in row["forms"].split():
            if seen.setdefault(form, row["lemma"]) != row["lemma"] and row["lemma"] != IGNORED:
                twice.append((form, seen[form], row["lemma"]))
    assert not twice


def test_walls_of_words_are_walls_of_places() -> None:
    for wall in {lemma.partition(":")[2] for lemma in meanings() if lemma.startswith("wall:")}:
        assert codes_of("infarct", [tuple(wall.split("+"))]), wall


def test_single_words_mean_what_the_table_says() -> None:
    words = lexicon()
    for row in rows("words"):
        for form in row["forms"].split():
            if "_" not in form and not form.endswith((".", "*")):
                found = words.meaning(fold(form))
                assert found is not None, form
