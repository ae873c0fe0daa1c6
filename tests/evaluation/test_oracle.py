from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.evaluation import oracle
from einthoven.metrics import bleu_counts, sentence_bleu

TEXT = st.lists(st.sampled_from(["sinus", "rhythm", "kein", "für", "q"]), max_size=7).map(" ".join)


@settings(max_examples=40)
@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, min_size=1, max_size=5))
def test_the_text_with_the_highest_bleu_of_a_slow_search(references: list[str], texts: list[str]) -> None:
    found = oracle.highest_bleu(references, texts)
    for reference, place in zip(references, found, strict=True):
        scores = sentence_bleu(bleu_counts(texts, [reference] * len(texts)))
        assert scores[place] == pytest.approx(scores.max())


def test_blocks_change_nothing_and_the_first_of_equals_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    references = ["sinus rhythm normal ecg", "atrial fibrillation", "left axis"] * 3
    texts = ["normal ecg", "Atrial fibrillation.", "sinus rhythm. normal ecg", "atrial fibrillation"]
    whole = oracle.highest_bleu(references, texts)
    assert whole.tolist()[:2] == [2, 1]
    monkeypatch.setattr(oracle, "BLOCK", 5)
    assert oracle.highest_bleu(references, texts).tolist() == whole.tolist()
    with pytest.raises(UsageError):
        oracle.highest_bleu(references, [])
