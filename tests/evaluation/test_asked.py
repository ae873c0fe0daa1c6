"""When an ECG's own statements tell whether something holds, and what the archive says of it."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.evaluation.asked import Answers, Asked, ask, targets
from einthoven.retrieval import Archive
from einthoven.statements.elsewhere import Meaning

CODES = ("AFIB", "ASMI", "IMI", "SBRAD", "SR")
NOT = np.zeros((2, 5), bool)
ANY_MI = Meaning(("AMI", "LMI", "IMI", "PMI"))


def asked(*said: str | Meaning, source: str = "here", head=(0.0,) * 5, near=NOT, stated=()) -> Asked:
    meanings = tuple(each if isinstance(each, Meaning) else Meaning((each,)) for each in said)
    return Asked(source, "p", True, meanings, "draft", frozenset(stated), np.array(head, float), np.asarray(near))


def answers(*ecgs: Asked) -> Answers:
    return Answers(CODES, ecgs)


def test_what_implies_it_holds_and_what_is_more_general_does_not():
    some = answers(asked("ASMI"), asked("AMI"), asked("IMI"), asked(ANY_MI), asked("SR"))
    assert some.truth(Meaning(("AMI",))).tolist() == [True, True, False, False, False]
    assert some.truth(Meaning(("ASMI",))).tolist() == [True, False, False, False, False]
    assert some.truth(ANY_MI).tolist() == [True, True, True, True, False]


def test_a_broader_statement_that_may_mean_it_tells_nothing():
    some = answers(asked("IMI"), asked(ANY_MI), asked(ANY_MI, "IMI"), asked("SR"))
    assert some.judged(Meaning(("IMI",))).tolist() == [True, False, True, True]
    assert some.judged(ANY_MI).all()


def test_a_source_that_never_says_it_tells_nothing():
    some = answers(asked("IMI"), asked("SR"), asked("SR", source="there"))
    assert some.judged(Meaning(("IMI",))).tolist() == [True, True, False]
    assert some.of("there").judged(Meaning(("IMI",))).tolist() == [False]


def test_an_ecg_without_rhythm_tells_nothing_of_a_rhythm():
    some = answers(asked("AFIB"), asked("SBRAD"), asked("IMI"), asked())
    assert some.judged(Meaning(("AFIB",))).tolist() == [True, True, False, False]
    assert some.judged(Meaning(("IMI",))).tolist() == [True, True, True, True]


def test_scores_are_of_any_of_the_codes():
    near = [[True, False, False, False, False], [False, True, True, False, False], [False, False, True, False, False]]
    some = answers(asked("SR", head=(0.1, 0.5, 0.2, 0.0, 1.0), near=near, stated=("IMI",)), asked("SR"))
    assert some.vote(ANY_MI).tolist() == [pytest.approx(2 / 3), 0]
    assert some.head(ANY_MI).tolist() == [pytest.approx(1 - 0.5 * 0.8), 0]
    assert some.head(Meaning(("SR",)))[0] == pytest.approx(1)
    assert some.stated(ANY_MI).tolist() == [True, False]
    assert some.knows(ANY_MI) and not some.knows(Meaning(("LVH",)))


def test_words_are_of_the_wording_that_fits_best(tmp_path, stand_in, make_ecg):
    from einthoven.collection import Row
    from einthoven.statements import VOCABULARY

    archive = Archive.create(tmp_path / "archive", stand_in())
    archive.add((f"r{n}", make_ecg(n)) for n in range(60))
    rows = [Row.from_ecg(make_ecg(n), f"x/{n}", "ptb-xl") for n in (101, 102)]

    def similarity(ecgs, texts):
        """The length of a text, and which ECG it is; each ECG is asked with all texts."""
        return np.array([[len(text) + ecg.signal[0, 0] for text in texts] for ecg in ecgs], np.float64)

    found = ask(archive, rows, lambda n: None, similarity)
    longest = max(len(VOCABULARY[code].text()) for code in ("AFIB", "SBRAD"))
    expected = [longest + float(row.ecg().signal[0, 0]) for row in rows]
    assert found.words(Meaning(("AFIB", "SBRAD"))).tolist() == pytest.approx(expected)


def test_targets_are_what_is_said_and_known_each_once():
    some = answers(asked("IMI", ANY_MI, "LVH"), asked("SR", "IMI"), asked("AFIB"))
    assert [each.name for each in targets(some)] == ["SR+", "AFIB", "AMI or LMI or IMI or PMI", "IMI+"]


def test_an_archive_is_asked(tmp_path, stand_in, make_ecg):
    from einthoven.collection import Row

    archive = Archive.create(tmp_path / "archive", stand_in())
    archive.add((f"r{n}", make_ecg(n)) for n in range(60))
    rows = [Row.from_ecg(make_ecg(n, kind="slow"), f"x/{n}", "ptb-xl") for n in (101, 103)]
    rows.append(Row.from_ecg(make_ecg(105, kind="normal", patient=None), "x/105", "ptb-xl"))
    seen: list[int] = []
    found = ask(archive, rows, seen.append)
    assert seen == [1, 2, 3] and found.codes == ("AFIB", "NORM", "SBRAD", "SR", "STACH")
    evidence = archive.evidence(rows[0].ecg())
    slow, _, nameless = found.ecgs
    assert np.array_equal(slow.head, evidence.head)
    assert slow.near.shape == (25, 5)
    assert slow.near[:, 2].sum() == sum("SBRAD" in neighbour.codes for neighbour in evidence.neighbours)
    assert (slow.outcome, slow.named, nameless.named, nameless.patient) == ("caution", True, False, "x/105")
    assert [each.codes for each in slow.said] == [("SBRAD",)] and slow.tells_rhythm
    assert slow.stated <= {"SBRAD", "SR", "STACH", "NORM", "AFIB"}
