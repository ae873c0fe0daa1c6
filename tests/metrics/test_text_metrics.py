"""Text metrics beside other packages and beside counts that are made slowly, by hand."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.datasets import PTBXL
from einthoven.ecg import DataError, UsageError
from einthoven.metrics import bleu_counts, cider, corpus_bleu, meteor, ngrams, rouge_l, sentence_bleu, words

PAIRS = (
    ("Sinusrhythmus. Linkstyp. Sonst normales EKG.", "sinusrhythmus linkstyp sonst normales ekg"),
    ("Vorhofflimmern, überdrehter Linkstyp", "vorhofflimmern mit schneller überleitung, linkstyp"),
    ("sinus rhythm. normal ecg.", "sinus rhythm. no definite pathology. normal ecg of the young."),
    ("atrial fibrillation with a slow response and atrial fibrillation", "atrial fibrillation. slow response."),
    ("pacemaker ekg", "pacemaker ekg"),
    ("ventrikuläre Extrasystolen", "sinustakykardi, vänsterkammarhypertrofi och ospecifika t-förändringar"),
    ("", "sinus rhythm"),
)
OURS, THEIRS = ([pair[side] for pair in PAIRS] for side in (0, 1))
LONG = [n for n, pair in enumerate(PAIRS) if all(len(words(text)) >= 4 for text in pair)]


def whole(statistic, n: int) -> float:
    return float(statistic(np.ones((1, n)))[0])


def test_corpus_bleu_is_that_of_nltk_and_of_coco() -> None:
    """nltk gives texts of fewer than four words an n-gram that they lack, so only long ones are compared."""
    bleu_score = pytest.importorskip("nltk.translate.bleu_score")
    ours, theirs = ([list(words(texts[n])) for n in LONG] for texts in (OURS, THEIRS))
    counts = bleu_counts([OURS[n] for n in LONG], [THEIRS[n] for n in LONG])
    for order in (1, 2, 3, 4):
        expected = bleu_score.corpus_bleu([[one] for one in theirs], ours, weights=(1 / order,) * order)
        assert whole(corpus_bleu(counts, order), len(LONG)) == pytest.approx(expected)
    scorer = pytest.importorskip("pycocoevalcap.bleu.bleu_scorer").BleuScorer(n=4)
    for one, other in PAIRS:
        scorer += (" ".join(words(one)), [" ".join(words(other))])
    expected, _ = scorer.compute_score(option="closest")
    found = [whole(corpus_bleu(bleu_counts(OURS, THEIRS), order), len(PAIRS)) for order in (1, 2, 3, 4)]
    assert found == pytest.approx(expected, rel=1e-6)


def test_corpus_bleu_differs_from_nltk_by_the_n_grams_that_short_texts_lack() -> None:
    """nltk's denominator has at least 1 for each text and order; with that, and that alone, ours is the same."""
    bleu_score = pytest.importorskip("nltk.translate.bleu_score")
    counts = bleu_counts(OURS, THEIRS)
    padded = dataclasses.replace(counts, written=np.maximum(counts.written, 1))
    theirs, ours = ([list(words(text)) for text in texts] for texts in (THEIRS, OURS))
    for order in (1, 2, 3, 4):
        expected = bleu_score.corpus_bleu([[one] for one in theirs], ours, weights=(1 / order,) * order)
        assert whole(corpus_bleu(padded, order), len(PAIRS)) == pytest.approx(expected)
        assert whole(corpus_bleu(counts, order), len(PAIRS)) > expected * (1.001 if order > 1 else 0.999)


def test_real_reports_have_the_bleu_and_rouge_of_other_packages(real_ptbxl) -> None:
    scorer = pytest.importorskip("pycocoevalcap.bleu.bleu_scorer").BleuScorer(n=4)
    pytest.importorskip("rouge_score")
    reports = [entry.report for entry in PTBXL(real_ptbxl).entries if entry.fold < 9 and words(entry.report)][:300]
    ours = reports[1:] + reports[:1]
    for one, other in zip(ours, reports, strict=True):
        scorer += (" ".join(words(one)), [" ".join(words(other))])
    expected, _ = scorer.compute_score(option="closest")
    counts = bleu_counts(ours, reports)
    found = [whole(corpus_bleu(counts, order), len(reports)) for order in (1, 2, 3, 4)]
    assert found == pytest.approx(expected, rel=1e-6)
    for one, other, f1 in zip(ours[:40], reports, rouge_l(ours[:40], reports[:40]), strict=False):
        said, meant = words(one), words(other)
        assert f1 == pytest.approx(2 * longest_common(said, meant) / (len(said) + len(meant)))


def test_sentence_bleu_is_that_of_nltk_with_one_added() -> None:
    bleu_score = pytest.importorskip("nltk.translate.bleu_score")
    smooth = bleu_score.SmoothingFunction().method2
    counts = bleu_counts(OURS, THEIRS)
    for order in (1, 2, 3, 4):
        found = sentence_bleu(counts, order)
        for n in LONG:
            expected = bleu_score.sentence_bleu(
                [words(THEIRS[n])], words(OURS[n]), weights=(1 / order,) * order, smoothing_function=smooth
            )
            assert found[n] == pytest.approx(expected)
        assert found[4] == 1.0 and found[6] == 0.0  # two words that are right, and none


TEXT = st.lists(st.sampled_from("abcd"), max_size=7).map(" ".join)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_bleu_is_that_of_a_slow_count(pairs: list[tuple[str, str]]) -> None:
    matched, written = [0] * 4, [0] * 4
    for one, other in pairs:
        for n in (1, 2, 3, 4):
            left = [tuple(other.split()[i : i + n]) for i in range(len(other.split()) - n + 1)]
            for i in range(len(one.split()) - n + 1):
                written[n - 1] += 1
                gram = tuple(one.split()[i : i + n])
                if gram in left:
                    left.remove(gram)
                    matched[n - 1] += 1
    length, reference = (sum(len(pair[side].split()) for pair in pairs) for side in (0, 1))
    counts = bleu_counts(*map(list, zip(*pairs, strict=True)))
    for order in (1, 2, 3, 4):
        expected = 0.0
        if all(matched[:order]):
            shares = [matched[n] / written[n] for n in range(order)]
            expected = math.prod(shares) ** (1 / order) * (
                1 if length >= reference else math.exp(1 - reference / length)
            )
        assert whole(corpus_bleu(counts, order), len(pairs)) == pytest.approx(expected)
    twice = corpus_bleu(bleu_counts(*map(list, zip(*(pairs * 2), strict=True))))
    assert whole(twice, 2 * len(pairs)) == pytest.approx(corpus_bleu(counts)(np.full((1, len(pairs)), 2.0))[0])


@cache
def longest_common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    if not one or not other:
        return 0
    if one[0] == other[0]:
        return 1 + longest_common(one[1:], other[1:])
    return max(longest_common(one[1:], other), longest_common(one, other[1:]))


def test_rouge_l_is_that_of_a_slow_search_umlauts_too() -> None:
    pytest.importorskip("rouge_score")
    found = rouge_l(OURS, THEIRS)
    for n, (one, other) in enumerate(PAIRS):
        said, meant = words(one), words(other)
        assert found[n] == pytest.approx(2 * longest_common(said, meant) / (len(said) + len(meant)))
    assert rouge_l(["überdreht"], ["berdreht"]) == 0.0


def test_cider_is_that_of_a_slow_count() -> None:
    pytest.importorskip("pycocoevalcap")
    found = cider(OURS, THEIRS)
    grams = [Counter(words(text)) for text in THEIRS]
    assert found[4] == pytest.approx(5.0)  # the same two words: full marks for 1 and 2 words, none for 3 and 4
    for row, (one, other) in enumerate(PAIRS):
        total = 0.0
        for n in (1, 2, 3, 4):
            df = Counter(gram for text in THEIRS for gram in set(ngrams(words(text), n)))
            idf = {
                gram: math.log(len(grams)) - math.log(max(1, df[gram]))
                for text in (one, other)
                for gram in ngrams(words(text), n)
            }
            said, meant = ngrams(words(one), n), ngrams(words(other), n)
            above = sum(min(said[g], meant[g]) * meant[g] * idf[g] ** 2 for g in said)
            below = math.prod(math.sqrt(sum((c * idf[g]) ** 2 for g, c in text.items())) for text in (said, meant))
            apart = sum(ngrams(words(one), 2).values()) - sum(ngrams(words(other), 2).values())
            total += (above / below if below else 0.0) * math.exp(-(apart**2) / 72)
        assert found[row] == pytest.approx(10 * total / 4)


def test_meteor_is_that_of_its_formula() -> None:
    pytest.importorskip("nltk")
    score = lambda hits, said, meant, chunks: (  # noqa: E731
        hits / (0.9 * meant + 0.1 * said) * (1 - 0.5 * (chunks / hits) ** 3)
    )
    found = meteor(
        ["sinus rhythm normal ecg", "normaler Rhythmus", "normaler Rhythmus", "a", "x"],
        ["normal ecg sinus rhythm", "normale Rhythmen im EKG", "normale Rhythmen im EKG", "", "y"],
        ["en", "de", None, "en", "sv"],
    )
    assert found[0] == pytest.approx(score(4, 4, 4, 2))
    assert 0 < found[1] <= score(2, 2, 4, 1) and found[2] == 0.0  # by stems, and without a language by none
    assert found[3] == found[4] == 0.0


@settings(max_examples=50)
@given(st.permutations(list("abcdefgh")), st.integers(1, 8))
def test_meteor_of_distinct_words_counts_matches_and_chunks(letters: list[str], count: int) -> None:
    pytest.importorskip("nltk")
    said = letters[:count]
    places = [ord(letter) - ord("a") for letter in said]
    chunks = 1 + sum(after != before + 1 for before, after in pairwise(places))
    mean = 1 / (0.9 / (count / 8) + 0.1 / 1.0)  # precision 1, recall count of 8, recall weighing 0.9
    expected = mean * (1 - 0.5 * (chunks / count) ** 3)
    assert meteor([" ".join(said)], ["a b c d e f g h"], [None])[0] == pytest.approx(expected)


def test_wordnet_is_asked_for_and_named_where_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pytest.importorskip("nltk.data")
    monkeypatch.setattr(data, "path", [])
    with pytest.raises(DataError, match="WordNet"):
        meteor(["a"], ["a"], ["en"], wordnet=True)


def test_texts_without_references_are_refused() -> None:
    for ours, theirs in ((["a"], []), ([], []), (["a", "b"], ["a"])):
        with pytest.raises(UsageError, match="references"):
            bleu_counts(ours, theirs)
