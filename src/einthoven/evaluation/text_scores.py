"""How like the reference report a text is, by the metrics of machine translation and image captions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from einthoven.ecg import Bools, Floats
from einthoven.metrics import (
    CIDER,
    METEOR,
    ROUGE,
    BleuCounts,
    LanguageModel,
    Statistic,
    bert_score,
    bleu_counts,
    cider,
    corpus_bleu,
    mean_statistic,
    meteor,
    rouge_l,
    sentence_bleu,
)

ORDERS = (1, 2, 3, 4)
BERT = "BERTScore F1"
EACH_BLEU = tuple(f"BLEU-{order}, mean of each text's" for order in ORDERS)


@dataclass(frozen=True)
class TextScores:
    """Texts (n) beside their references. `each` has the metrics (n,) that are means over texts, by column."""

    bleu: BleuCounts
    each: Mapping[str, Floats]

    def statistics(self, kept: Bools) -> Iterator[tuple[str, Statistic]]:
        """Each column with its statistic over the texts that are kept."""
        part = BleuCounts(
            *(a[kept] for a in (self.bleu.matched, self.bleu.written, self.bleu.lengths, self.bleu.reference_lengths))
        )
        yield from ((f"BLEU-{order}", corpus_bleu(part, order)) for order in ORDERS)
        yield from ((column, mean_statistic(values[kept])) for column, values in self.each.items())


def text_scores(
    texts: Sequence[str], references: Sequence[str], languages: Sequence[str | None], model: LanguageModel | None
) -> TextScores:
    """All metrics of texts (n) against their references; BERTScore only with a language model.

    Raises:
        MissingPackageError: nltk, rouge-score, pycocoevalcap or bert-score is not installed.
    """
    counts = bleu_counts(texts, references)
    each = {
        METEOR: meteor(texts, references, languages),
        ROUGE: rouge_l(texts, references),
        CIDER: cider(texts, references),
    }
    each |= {BERT: bert_score(texts, references, model)} if model else {}
    each |= {name: sentence_bleu(counts, order) for name, order in zip(EACH_BLEU, ORDERS, strict=True)}
    return TextScores(counts, each)
