from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.metrics import critical_counts, judge, statement_scores
from einthoven.statements import POLARITIES, VOCABULARY

SAID = st.dictionaries(st.sampled_from(sorted(VOCABULARY)), st.sampled_from(POLARITIES), max_size=6)


def whole(statistic, n: int) -> float:
    return float(statistic(np.ones((1, n)))[0])


def test_a_draft_that_is_right_in_part() -> None:
    one = judge(
        {"AFIB": "present", "LVH": "possible", "IMI": "present"},
        {"AFIB": "present", "ILMI": "possible", "1AVB": "absent", "PVC": "present"},
    )
    assert one.supported == {"AFIB", "IMI"} and one.fabricated == {"LVH"}  # an inferolateral infarct is inferior
    assert one.found == {"AFIB"} and one.omitted == {"ILMI", "PVC"} and not one.conflict
    assert one.agreed == 1 and one.said == 7


@pytest.mark.parametrize(
    ("draft", "truth", "contradicted", "denied"),
    [
        ({"SR": "present"}, {"AFIB": "present"}, {"SR"}, {"AFIB"}),
        ({"SBRAD": "present"}, {"AFIB": "present"}, {"SBRAD"}, {"AFIB"}),  # which is a sinus rhythm
        ({"NORM": "present"}, {"CLBBB": "present"}, {"NORM"}, {"CLBBB"}),
        ({"ILMI": "present"}, {"IMI": "absent"}, {"ILMI"}, set()),
        ({"IMI": "absent"}, {"ILMI": "present"}, set(), {"ILMI"}),
        ({"IMI": "present"}, {"ILMI": "absent"}, set(), set()),  # inferior it may be
        ({"AFIB": "possible"}, {"SR": "present"}, set(), set()),
        ({"AFIB": "present"}, {"AFIB": "possible", "SR": "possible"}, set(), set()),
        ({"NORM": "present", "LVH": "present"}, {"NORM": "present"}, set(), set()),  # both say that it is normal
    ],
)
def test_what_contradicts_what(draft, truth, contradicted, denied) -> None:
    one = judge(draft, truth)
    assert (one.contradicted, one.denied, one.conflict) == (contradicted, denied, bool(contradicted or denied))


@given(SAID, SAID)
def test_all_that_is_said_is_in_one_part(draft, truth) -> None:
    one, turned = judge(draft, truth), judge(truth, draft)
    for all_of, parts in (
        (one.stated, (one.supported, one.contradicted, one.fabricated)),
        (one.true, (one.found, one.denied, one.omitted)),
    ):
        assert frozenset().union(*parts) == all_of and sum(map(len, parts)) == len(all_of)
    assert one.conflict == turned.conflict and one.f1 == pytest.approx(turned.f1)
    assert (one.contradicted, one.supported) == (turned.denied, turned.found)
    itself = judge(draft, draft)
    assert itself.f1 == 1.0 and not itself.conflict and itself.supported == itself.stated == itself.found


@settings(max_examples=30)
@given(st.lists(st.tuples(SAID, SAID), min_size=1, max_size=5))
def test_scores_are_those_of_slow_counts(pairs) -> None:
    each = [judge(*pair) for pair in pairs]
    scores, n = statement_scores(each), len(pairs)
    stated = [(d, draft, truth) for draft, truth in pairs for d in draft if draft[d] != "absent"]
    true = [(t, draft, truth) for draft, truth in pairs for t in truth if truth[t] != "absent"]

    def backed(code, other) -> bool:
        return any(o != "absent" and (c == code or code in VOCABULARY.ancestors(c)) for c, o in other.items())

    hits, finds = sum(backed(d, truth) for d, _, truth in stated), sum(backed(t, draft) for t, draft, _ in true)
    precision, recall = (a / len(b) if b else 0.0 for a, b in ((hits, stated), (finds, true)))
    expected = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    assert whole(scores.f1, n) == pytest.approx(expected)
    if stated:
        assert whole(scores.precision, n) == pytest.approx(precision)
        rest = whole(scores.fabrication, n) + whole(scores.contradicted, n)
        assert rest == pytest.approx(1 - precision)
    if true:
        assert whole(scores.recall, n) == pytest.approx(recall)
        assert whole(scores.omission, n) == pytest.approx(sum(len(one.omitted) for one in each) / len(true))
    same = sum(draft.get(code) == polarity for draft, truth in pairs for code, polarity in truth.items())
    both = sum(len(draft) + len(truth) for draft, truth in pairs)
    if both:
        assert whole(scores.f1_exact, n) == pytest.approx(2 * same / both)
    assert whole(scores.conflicts, n) == pytest.approx(np.mean([one.conflict for one in each]))
    assert whole(scores.f1_by_ecg, n) == pytest.approx(np.mean([one.f1 for one in each]))


def test_what_is_critical_is_counted_without_old_infarcts() -> None:
    each = [
        judge({"AFIB": "possible", "LNGQT": "present"}, {"AFIB": "present", "IMI": "present"}),
        judge({}, {"3AVB": "possible", "WPW": "absent"}),
    ]
    assert critical_counts(each) == (1, 2, 1)


def test_nothing_to_judge_and_codes_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError, match="nothing to judge"):
        statement_scores([])
    with pytest.raises(UsageError):
        judge({"NOPE": "present"}, {"SR": "present"})
