"""The texts of captioning, from rows of a data set."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.collection import Row
from einthoven.datasets.texts import findings
from einthoven.ecg import Statement
from einthoven.models.config import TextTower
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.statements.withheld import told_of, withheld
from einthoven.testing import simulate
from einthoven.training.caption_texts import counter, silent_on, texts_of
from einthoven.training.plan import TrainingError

TOWER = TextTower(width=16, layers=1, heads=2, tokens=60, vocabulary=600)


def row(number, codes, age=61.0):
    base = Row.from_ecg(simulate(70, rate=100, seed=1), f"made-up/{number}", "ptb-xl", keep_signal=False)
    said = tuple(Statement(code=code, system="SCP") for code in codes)
    return replace(base, age=age, sex="male", statements=said)


@pytest.fixture(scope="module")
def rows():
    return [row(0, ("AFIB",)), row(1, ("NORM", "SR")), row(2, ("AFIB", "LVH"), age=None)]


def test_findings_alone(rows):
    train, choose, tokenizer = texts_of(rows, rows[:1], "findings", TOWER)
    assert train[0] == "This patient is a 61-year-old Male. ECG Findings: atrial fibrillation."
    assert train[2] == "ECG Findings: atrial fibrillation, left ventricular hypertrophy." and choose == train[:1]
    ids = encode(tokenizer, train)
    assert ids.shape[1] <= TOWER.tokens and (ids[:, 0] == 2).all() and (ids == 3).any(1).all()


def test_with_what_the_handbook_says(rows):
    train, _, tokenizer = texts_of(rows, rows[:1], "descriptions", replace(TOWER, tokens=300, vocabulary=1500))
    assert train[0].startswith("This patient is a 61-year-old Male. ECG Findings: atrial fibrillation.\nPotential ECG")
    assert "P wave" in train[0]
    short, _, tokenizer = texts_of(rows, rows[:1], "descriptions", replace(TOWER, vocabulary=1500))
    count = counter(tokenizer)
    assert all(count(text) <= TOWER.tokens for text in short) and len(short[0]) < len(train[0])


def test_a_withheld_group_is_in_no_text_in_any_wording():
    said = [row(0, ("AFIB", "CLBBB")), row(1, ("NORM", "SR")), row(2, ("CRBBB",))]
    own = Statement(text="Linksschenkelblock, atypisch")
    said.append(replace(said[1], statements=(*said[1].statements, own)))
    wide = replace(TOWER, tokens=400, vocabulary=1500)
    plain, *_ = texts_of(said, said[:1], "descriptions", wide)
    assert all(told_of(text, withheld("conduction")) for text in plain)  # of a normal ECG: what it has not
    silent, choose, _ = texts_of(said, said[:1], "descriptions", wide, without="conduction")
    assert not any(told_of(text, withheld("conduction")) for text in (*silent, *choose))
    assert "atrial fibrillation" in silent[0] and "P wave" in silent[0] and "normal ECG" in silent[1]
    assert silent[1] == silent[3] and len(silent[1]) < len(plain[1])
    assert silent[2] == "This patient is a 61-year-old Male."
    assert not findings(silent_on("conduction", said[2])) and findings(silent_on("rhythm", said[2]))


def test_an_ecg_of_which_nothing_is_known_is_named(rows):
    with pytest.raises(TrainingError, match="made-up/7") as refusal:
        texts_of(rows, [row(7, (), age=None)], "findings", TOWER)
    assert refusal.value.mend


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abP-3, .\n(", max_size=12), max_size=8).map(" ".join))
def test_tokens_are_counted_as_the_tokenizer_counts(text):
    tokenizer = build_tokenizer(["a p wave, 3 ab-ba."], TOWER, marks=True)
    count = counter(tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    assert count(text) == len(tokenizer.encode(text).ids)
