"""The whole task, with a language model that answers by rote and a BERTScore that counts words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation import cqa_scores
from einthoven.evaluation.cells import Cell, Share
from einthoven.evaluation.cqa_references import read_references
from einthoven.evaluation.cqa_settings import ANOTHER, MAIN, NAME, Writer
from einthoven.evaluation.tasks import cqa
from einthoven.evaluation.tasks.cqa import Compared, Lists, evaluate_cqa
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.prompts import prompts as known_prompts
from einthoven.llm import Answer, EndpointError, Remembered
from einthoven.metrics import LanguageModel

BERT = LanguageModel("counting words", None, None)


def shared_words(texts: Sequence[str], references: Sequence[str], model: LanguageModel) -> np.ndarray:
    rows = []
    for text, reference in zip(texts, references, strict=True):
        ours, theirs = set(text.lower().split()), set(reference.lower().split())
        both = len(ours & theirs)
        rows.append((both / max(len(ours), 1), both / len(theirs), 2 * both / (len(ours) + len(theirs))))
    return np.array(rows)


class Parrot:
    """Repeats the first sentence of its first passage and invents another; without passages it says one sentence."""

    name = "parrot"

    def __init__(self) -> None:
        self.asked = 0

    def complete(self, messages, schema=None, max_tokens=512, temperature=0, seed=None) -> Answer:
        self.asked += 1
        question = messages[-1].text
        if "atrial flutter" in question.lower():
            raise EndpointError("It is gone.", "Wait.")
        if schema is None:
            return Answer("The QRS complex lasts 120 ms.", None, 1, 1, self.name, "stop")
        passages = json.loads(question.split("Passages, as data:\n", 1)[1])
        said = [passages[0]["text"].split(". ")[0].rstrip(".") + ".", "Bananas of 917 ms ripen in V6."]
        parsed = {"sentences": [{"text": text, "passages": [1]} for text in said]}
        return Answer(json.dumps(parsed), parsed, 1, 1, self.name, "stop")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cqa, "bert_scores", shared_words)
    monkeypatch.setattr(cqa_scores, "DRAWS", 50)


def test_settings_stand_beside_each_other_and_the_paper(references: Path) -> None:
    table = evaluate_cqa(Lists(), Compared(references, BERT))
    first, settings = table.cells, [NAME, ANOTHER, *(f"extractive, handbook, k = {k}" for k in (1, 2, 3, 4, 5))]
    assert list(first)[:7] == settings
    assert first["ESI's paper: k = 2, both textbooks"]["F1"] == "0.8296 (0.0090)"
    assert list(first)[-1] == cqa_scores.RANDOM and first[cqa_scores.RANDOM]["F1"] == "0.8312"
    assert first["ESI's paper: k = 2, both textbooks"]["scored by"] != first[MAIN]["scored by"] == BERT.name
    described = read_references(references)
    f1 = shared_words(list(described), list(described.values()), BERT)[:, 2]
    assert first[NAME]["F1"] == f"{f1.mean():.4f} ({f1.std(ddof=1):.4f})"
    cell = first[NAME]["F1 [95%]"]
    assert isinstance(cell, Cell) and cell.low < cell.value < cell.high and cell.value == pytest.approx(f1.mean())
    differences = table.parts[0].cells
    cell = differences[f"{NAME}, minus {MAIN}"]["F1 [95%]"]
    main = first[MAIN]["F1 [95%]"]
    assert isinstance(cell, Cell) and isinstance(main, Cell)
    assert cell.value == pytest.approx(first[NAME]["F1 [95%]"].value - main.value)  # type: ignore[union-attr]
    text = table.markdown()
    assert "not comparable" in text and "frozen" in text


def test_a_model_writes_and_its_inventions_are_counted(
    references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passage = Passage("In bradycardia the rate is below 60 bpm.", "other.md", "0" * 64, section="Bradycardia")
    monkeypatch.setattr(cqa, "read_sources", lambda paths: {"other.md": (passage,)})
    chat, prompts = Parrot(), tuple(list(known_prompts())[:2])
    writer = Writer(Remembered(chat, tmp_path / "kept.sqlite"), (0, 1, 2), prompts)
    given = Compared(references, BERT, [], writer, limit=3)
    table = evaluate_cqa(Lists(), given)
    rows = list(table.cells)
    alone = f"model, no source, prompt {prompts[0]}"
    by_handbook = f"model, handbook, k = 2, prompt {prompts[0]}"
    for name in (
        alone,
        by_handbook,
        f"model, handbook, k = 1, prompt {prompts[0]}",
        f"model, other.md, searched, k = 2, prompt {prompts[0]}",
        f"model, all together, searched, k = 2, prompt {prompts[0]}",
        f"model, handbook, k = 2, prompt {prompts[1]}",
        "extractive, other.md, searched, k = 2",
    ):
        assert name in rows
    assert table.cells[alone]["described"] == table.cells[by_handbook]["described"] == 2  # atrial flutter fails
    dropped = next(part for part in table.parts if "filter" in part.title).cells
    share = dropped[by_handbook]["written and dropped for lack of support"]
    assert isinstance(share, Share) and share.successes == 2 and share.trials >= 4
    assert dropped[by_handbook]["failures"] == 1 and alone not in dropped
    assert table.facts["conditions"] == "3 of 28"
    asked = chat.asked
    again = evaluate_cqa(Lists(), given)
    assert again.cells == table.cells and chat.asked - asked <= asked / 3  # only what failed is asked again


def test_lists_stand_alone_with_their_hashes(tmp_path: Path) -> None:
    notes, findings, questions = (tmp_path / name for name in ("notes.tsv", "findings.tsv", "questions.tsv"))
    notes.write_text("text\tkind\nage not entered\tdemographic\nsinus rhythm\tfinding\n", encoding="utf-8")
    findings.write_text("text\tcode\nsinus rhythm\tSR\n", encoding="utf-8")
    questions.write_text("question\tcode\tlanguage\nWas ist Vorhofflimmern?\tAFIB\tde\n", encoding="utf-8")
    table = evaluate_cqa(Lists(questions, findings, notes))
    assert {"questions_sha256", "findings_sha256", "notes_sha256", "handbook_sha256"} <= table.facts.keys()
    assert len(table.parts) == 2 and str(table.cells["German"]["recall@5"]).startswith("1 of 1")
    with pytest.raises(UsageError, match="nothing to evaluate"):
        evaluate_cqa(Lists())
