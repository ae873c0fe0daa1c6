"""The texts that a pretraining learns from, written for its tokenizer, which is trained on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from tokenizers import Tokenizer

from einthoven.collection import Row
from einthoven.datasets.texts import SENTENCE, Kind, Writer, findings, words
from einthoven.knowledge.describe import Assistant
from einthoven.models.config import Text
from einthoven.models.text_tower import build_tokenizer
from einthoven.statements.withheld import told_of, withheld
from einthoven.training.plan import TrainingError
from einthoven.training.words import Keep, learned

Texts = tuple[str, ...]


def texts_of(
    train: Sequence[Row],
    choose: Sequence[Row],
    kind: Kind,
    tower: Text,
    progress: Callable[[str], None] = lambda line: None,
    keep: Keep = learned,
    without: str | None = None,
) -> tuple[Texts, Texts, Tokenizer]:
    """The texts of the ECGs that are trained on and of those that choose, and the tokenizer trained on the former.

    ESI's form (its Figure 2): who was recorded, the findings and, with "descriptions", the waveforms that the handbook
    of `einthoven.knowledge` gives them; or ECG-ReGen's, report and diagnoses ("regen"). A text is at most as long as
    the tower takes, cut as `Writer` cuts. `keep` keeps the tokenizer. No text tells of the group of codes `without`:
    neither findings nor sentences of descriptions do, in any wording.

    Raises:
        TrainingError: an ECG that is trained on or chooses has no text.
    """
    if without is not None:
        train, choose = ([silent_on(without, row) for row in rows] for rows in (train, choose))
    described = descriptions([*train, *choose], without) if kind == "descriptions" else {}
    if described:
        progress(f"{len(described)} findings have a description")
    uncut = Writer(kind, lambda text: 0, described)
    tokenizer = keep(lambda: build_tokenizer(sorted({uncut.of(row) for row in train}), tower, marks=True))
    count = counter(tokenizer)
    writer = Writer(kind, count, described, tower.tokens)
    parts = []
    for rows in (train, choose):
        written = tuple(writer.of(row) for row in rows)
        if (silent := next((row for row, text in zip(rows, written, strict=True) if not text), None)) is not None:
            raise TrainingError(f"The ECG {silent.record} has no text.", "Leave out ECGs of which nothing is known.")
        parts.append(written)
    progress(f"wrote {writer.cuts.texts} texts, {writer.cuts.texts_cut} of them shortened to {tower.tokens} tokens")
    return parts[0], parts[1], tokenizer


def silent_on(group: str, row: Row) -> Row:
    """The ECG without the statements that are of a group of codes, or tell of one in their words."""
    gone = withheld(group)
    kept = [one for one in row.statements if one.code not in gone and not _tells(words(row.source, one) or "", group)]
    return replace(row, statements=tuple(kept))


def descriptions(rows: Sequence[Row], without: str | None = None) -> dict[str, str]:
    """Waveforms by finding, of all findings of these ECGs that the handbook describes; of `silent_on` ones no sentence
    that tells of the group."""
    said = sorted({finding for row in rows for finding in findings(row)})
    found = Assistant().describe_all(said).listed(said)
    texts = {finding: one.text for finding, one in zip(said, found, strict=True)}
    if without is not None:
        texts = {
            finding: " ".join(one for one in SENTENCE.split(text) if not _tells(one, without))
            for finding, text in texts.items()
        }
    return {finding: text for finding, text in texts.items() if text}


@cache
def _tells(text: str, group: str) -> bool:
    return bool(told_of(text, withheld(group)))


def counter(tokenizer: Tokenizer) -> Callable[[str], int]:
    """Counts the tokens of a text, its marks among them, however many there are."""
    whole = Tokenizer.from_str(tokenizer.to_str())
    whole.no_truncation()
    whole.no_padding()

    if not _splits_at_spaces(whole):
        return lambda text: len(whole.encode(text).ids)
    marks = len(whole.encode("").ids)

    @cache
    def of_word(word: str) -> int:
        return len(whole.encode(word, add_special_tokens=False).ids)

    return lambda text: marks + sum(map(of_word, text.split()))


def _splits_at_spaces(tokenizer: Tokenizer) -> bool:
    """Whether what stands between spaces has tokens of its own (BERT's way), so that words are counted once."""
    how = json.loads(tokenizer.to_str())
    ahead = (how["pre_tokenizer"] or {}).get("type")
    return how["model"].get("type") == "WordPiece" and ahead == "BertPreTokenizer"
