"""Statements of other data sets: the tables hold, and the traps in their words are known."""

from __future__ import annotations

import re
from fnmatch import fnmatch

import pytest

from einthoven.ecg import Statement
from einthoven.statements import VOCABULARY
from einthoven.statements.elsewhere import Meaning, meaning
from einthoven.statements.table import rows


def snomed(code: str) -> Statement:
    return Statement(code=code, system="SNOMED")


def codes(source: str, said: Statement | str) -> tuple[str, ...]:
    found = meaning(source, Statement(said) if isinstance(said, str) else said)
    return found.codes if found else ()


@pytest.mark.parametrize("name", ["challenge", "ludb", "chapman"])
def test_tables_name_known_codes_once_a_term_with_a_reason(name: str) -> None:
    lines = rows(name)
    for line in lines:
        assert all(code in VOCABULARY for code in line["codes"].split()), line
        assert line["why"], line
    terms = [(line.get("source"), line["term"].lower()) for line in lines]
    assert len(set(terms)) == len(terms)


def test_no_line_is_hidden_by_one_before_it() -> None:
    for name in ("ludb", "chapman"):
        for line in rows(name):
            said = line["term"].replace("*", "anything")
            assert codes(name, said) == tuple(line["codes"].split()), line


def test_one_word_means_different_things_in_different_data_sets() -> None:
    assert codes("chapman", Statement(code="AF", system="Chapman")) == ("AFLT",)
    assert codes("cpsc2018", "AF") == ("AFIB",)
    assert codes("georgia", "AF") == ()
    assert codes("georgia", snomed("164890007")) == ("AFLT",)
    assert codes("chapman", "STE") == () and codes("cpsc2018", "STE") == ("STE_",)
    assert codes("chapman", "STTU") == ("STE_",)


def test_one_code_means_different_things_in_sources_of_the_challenge() -> None:
    assert codes("cpsc2018", snomed("426783006")) == ("NORM",)
    assert codes("georgia", snomed("426783006")) == ("SR",)
    assert codes("chapman-ningbo", snomed("164909002")) == ("CLBBB", "LAFB", "LPFB")
    assert codes("georgia", snomed("164909002")) == ("CLBBB",)
    assert codes("chapman-ningbo", snomed("251180001")) == ()
    assert codes("georgia", snomed("251180001")) == ("TRIGU",)


def test_words_of_ludb() -> None:
    assert codes("ludb", "Rhythm: Sinus bradycardia.") == ("SBRAD",)
    assert codes("ludb", "Rhythm:  Atrial flutter, typical. ") == ("AFLT",)
    assert codes("ludb", "Atrial extrasystole, type: single PAC.") == ("PAC",)
    assert codes("ludb", "Atrial extrasystole: SA-nodal extrasystole.") == ()
    assert codes("ludb", "Electric axis of the heart: left axis deviation.") == ()
    assert meaning("ludb", Statement("Non-specific repolarization abnormalities: septal.")).broad


def test_scp_codes_mean_themselves() -> None:
    assert meaning("ptb-xl", Statement(code="IMI", system="SCP")).codes == ("IMI",)
    assert meaning("ptb-xl", Statement(code="nonsense", system="SCP")) is None


def test_a_code_covers_what_implies_it() -> None:
    rhythm = Meaning(("SR",))
    assert rhythm.covered == {"SR", "SBRAD", "STACH", "SARRH"} and rhythm.is_rhythm and not rhythm.broad
    either = Meaning(("AFIB", "AFLT"))
    assert either.covered == {"AFIB", "AFLT"} and either.is_rhythm and either.broad
    assert not Meaning(("PAC",)).is_rhythm
    assert (Meaning(("NORM",)).name, rhythm.name, either.name) == ("NORM", "SR+", "AFIB or AFLT")


def test_every_word_of_the_real_data_is_in_a_table(real_data) -> None:
    for header in (real_data / "ludb" / "data").glob("*.hea"):
        said = header.read_text().partition("#<diagnoses>:")[2].splitlines()
        for text in filter(None, (line.strip("# ").rstrip(".").lower() for line in said)):
            assert any(fnmatch(text, line["term"]) for line in rows("ludb")), text
    named = {line["term"] for line in rows("challenge")}
    for header in (real_data / "cinc2021").glob("*/*.hea"):
        for code in re.search(r"#\s*Dx:(.*)", header.read_text())[1].split(","):
            assert code.strip() in named or VOCABULARY.snomed_name(code), (header.name, code)
