"""Risk and coverage of drafts, against loops over made-up answers."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.evaluation.asked import Answers, Asked
from einthoven.evaluation.risk import (
    ALL,
    COVERED,
    EITHER,
    FABRICATED,
    MISSED,
    PLAIN,
    RAISED,
    risk_and_coverage,
    risks_of,
)
from einthoven.statements.elsewhere import Meaning

CODES = ("NORM", "AFIB", "AFLT", "3AVB", "SR")


def asked(said, outcome="draft", stated=(), possible=(), confidence=(0, 0, 0, 0, 0), patient="p", source="ptb-xl"):
    meanings = [one if isinstance(one, Meaning) else Meaning((one,)) for one in said]
    none = np.zeros(5)
    return Asked(
        *(source, patient, True, tuple(meanings), outcome, frozenset(stated), none, np.zeros((0, 5), bool)),
        np.array(confidence, float),
        frozenset(possible),
    )


def test_what_is_fabricated_and_what_is_missed():
    either = Meaning(("AFIB", "AFLT"))
    every = [
        (asked(["SR", "NORM"], stated=["SR", "NORM"]), (False, False, False)),
        (asked(["SR"], stated=["AFIB"]), (True, True, False)),
        (asked(["SR"], stated=["SR"], possible=["3AVB"]), (False, True, False)),
        (asked(["AFIB"], stated=["AFIB"]), (False, False, False)),
        (asked(["AFIB"], possible=["AFIB"]), (False, False, False)),
        (asked(["AFIB", "3AVB"], stated=["AFIB"]), (False, False, True)),
        (asked(["AFIB"], stated=["AFLT"]), (True, True, True)),
        (asked([either], stated=["AFLT"]), (False, False, False)),  # it may be what was meant
        (asked([either], stated=["SR"]), (False, False, True)),
        (asked(["NORM"], stated=["AFIB"]), (False, False, False)),  # no rhythm is stated: nothing tells
        (asked(["SR", "3AVB"], stated=["SR"]), (False, False, True)),
        (asked(["AFLT"], stated=["AFLT"]), (False, False, False)),
    ]
    found = risks_of(Answers(CODES, tuple(one for one, _ in every)))
    assert list(zip(found.fabricated, found.raised, found.missed, strict=True)) == [said for _, said in every]


def test_a_source_that_never_states_a_code_blames_nobody_for_it():
    ecgs = (asked(["SR"], stated=["3AVB"], source="here"), asked(["3AVB", "SR"], stated=["3AVB"], source="there"))
    assert not risks_of(Answers(CODES, ecgs)).fabricated.any()


def test_rows_are_counts_over_those_that_are_covered():
    rng = np.random.default_rng(1)
    ecgs = []
    for n in range(80):
        truth, sure = ["AFIB"] if n % 4 == 0 else ["SR"], rng.random()
        stated = ["AFIB"] if rng.random() < (0.9 if n % 4 == 0 else 0.1) else ["SR"]
        outcome = ("draft", "caution", "none")[n % 3]
        stated = [] if outcome == "none" else stated
        ecgs.append(asked(truth, outcome, stated, (), (0, sure, 0, 0, 0), f"p{n // 2}"))
    table = risk_and_coverage(Answers(CODES, tuple(ecgs)), 50, "here: ")
    doubt = [min(one.confidence[1], 1 - one.confidence[1]) for one in ecgs]
    drafted = [n for n in range(80) if ecgs[n].outcome != "none"]
    surest = sorted(drafted, key=lambda n: doubt[n])
    rows = {
        PLAIN: [n for n in drafted if ecgs[n].outcome == "draft"],
        ALL: drafted,
        "the surest 25%": surest[:20],
        "the surest 50%": surest[:40],
    }
    assert list(table) == [f"here: {name}" for name in rows]  # three quarters are more than are drafted
    for name, kept in rows.items():
        row = table[f"here: {name}"]
        wrong = [n for n in kept if ecgs[n].stated == {"AFIB"} and n % 4]
        missed = [n for n in kept if ecgs[n].stated != {"AFIB"} and n % 4 == 0]
        assert row["ECGs"] == len(kept) and row["patients"] == len({n // 2 for n in kept})
        assert (row[COVERED].successes, row[COVERED].trials) == (len(kept), 80)
        for column, some in ((FABRICATED, wrong), (RAISED, wrong), (MISSED, missed), (EITHER, wrong + missed)):
            assert row[column].value == pytest.approx(len(some) / len(kept)), (name, column)
            assert row[column].low <= row[column].value <= row[column].high


def test_no_draft_is_no_row_of_numbers():
    table = risk_and_coverage(Answers(CODES, (asked(["SR"], "none"), asked(["AFIB"], "none", patient="q"))), 10)
    assert table[ALL]["ECGs"] == 0 and table[ALL][MISSED] == "none" and str(table[ALL][COVERED]).startswith("0 of 2")
