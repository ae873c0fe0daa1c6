from __future__ import annotations

import numpy as np

from einthoven.evaluation.conventions import FEWEST, Conventions, facts_of
from einthoven.statements.parse import parse_report

CODES = ("LVH", "SR", "CLBBB")


def made(number: int) -> tuple[frozenset[str], list[bool]]:
    """Possible hypertrophy has a code, but not beside a left bundle branch block; sinus rhythm always."""
    block, hypertrophy = number % 2 == 0, number % 3 != 0
    facts = {"SR present"} | ({"CLBBB present"} if block else set()) | ({"LVH possible"} if hypertrophy else set())
    return frozenset(facts), [hypertrophy and not block, True, block]


def test_habits_are_learnt() -> None:
    stated, truth = zip(*map(made, range(600)), strict=True)
    learnt = Conventions.learn(stated, np.array(truth), CODES)
    asked = [frozenset({"SR present", "LVH possible"}), frozenset({"SR present", "LVH possible", "CLBBB present"})]
    found = learnt.codes_for(asked)
    assert found[:, 0].tolist() == [True, False] and found[:, 2].tolist() == [False, True]
    assert not found[:, 1].any()  # a code that all have teaches nothing, and is given to none
    assert learnt.strongest("CLBBB", 1)[0][0] in ("CLBBB present", "CLBBB present + SR present")


def test_facts_that_few_reports_state_have_no_weight() -> None:
    stated = [frozenset({"SR present"})] * 100 + [frozenset({"rare"})] * (FEWEST - 1)
    truth = np.array([[n % 2 == 0] for n in range(len(stated))])
    assert Conventions.learn(stated, truth, ("SR",)).facts == ("SR present",)


def test_facts_of_a_report() -> None:
    facts = facts_of(parse_report("Überdrehter Linkstyp, unspezifische ST-Senkung, Hinterwandinfarkt möglich"))
    assert {"axis-extreme-left", "STD_ present", "STD_ unspecific", "IMI possible", "IMI@inferior"} <= facts
    assert "abnormal" in facts and "nothing abnormal" in facts_of(parse_report("Sinus rhythm"))
