"""The Cardio Query Assistant (ESI, appendix A): its descriptions, and what they rest on.

Appendix A compares descriptions with human-written ones by BERTScore. The paper does not say whether passages are the
right ones, what is refused, and whether what is described is measured; these are judged here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import UsageError
from einthoven.evaluation import cqa_frozen
from einthoven.evaluation.cqa_criteria import agreement_cells, measured
from einthoven.evaluation.cqa_gate import Sorting
from einthoven.evaluation.cqa_lists import read_list
from einthoven.evaluation.cqa_references import PACKAGE, read_references
from einthoven.evaluation.cqa_retrieval import described, recall_cells, right_cells
from einthoven.evaluation.cqa_scores import difference_cells, dropped_cells, overlap_cells, score_cells
from einthoven.evaluation.cqa_settings import MAIN, Writer, written
from einthoven.evaluation.cqa_sources import read_sources, shelves
from einthoven.evaluation.fingerprint import hash_of
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Part, Table
from einthoven.knowledge.describe import Assistant
from einthoven.knowledge.shelf import handbook_index
from einthoven.metrics import LanguageModel, bert_scores

COMPARABLE = (
    "BERTScores of different language models are not comparable: ours stand beside the paper's only to show both. "
    "How far ours are above the baselines says more than their height. The paper's are as high as those "
    "of random pairs of sentences in bert-score's own table."
)
FEW = "28 descriptions by one pair of authors; a text can be right and score low."
CHECKED = "The share that is dropped is the filter's own judgement; how often that errs, docs/describe.md says."
MEASURES = (
    "QTc is Bazett's. A criterion is met or not by itself: of several alternatives, none need be met by all ECGs. One "
    "that names men or women is judged on them alone, one for children not at all. Intervals are by ECG."
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Lists:
    """Lists that somebody judged; None leaves a part out. Their forms are those of `benchmarks/cqa`."""

    questions: Path | None = None
    findings: Path | None = None
    notes: Path | None = None


@dataclass(frozen=True)
class Compared:
    """Human-written descriptions, and what is compared with them.

    Args:
        references: torch_ecg's file. bert: what BERTScore is computed with.
        sources: documents beside the handbook. writer: a language model that puts passages into words.
        limit: of conditions, for a quick look; said in the table.
    """

    references: Path
    bert: LanguageModel
    sources: Sequence[Path] = ()
    writer: Writer | None = None
    limit: int | None = None


def evaluate_cqa(
    lists: Lists,
    compared: Compared | None = None,
    measured_on: Question | None = None,
    progress: Progress = lambda line: None,
) -> Table:
    """BERTScore under several settings, right sections, abstention, criteria beside measurements: what is given.

    Raises:
        UsageError: nothing is given. DataError: a list, the references or a source that cannot be read.
        MissingPackageError: bert-score or scipy is not installed.
    """
    parts: list[Part] = []
    notes = [cqa_frozen.said()]
    facts: dict[str, object] = {"task": "cqa", **cqa_frozen.now()}
    if compared is not None:
        some, more = _compared(compared, progress)
        parts, notes, facts = some, [*notes, COMPARABLE, FEW], {**facts, **more}
        if compared.writer is not None:
            notes.append(CHECKED)
    hashes: dict[str, str] = {}
    if lists.questions is not None:
        questions = read_list(lists.questions, "question", "code", "language")
        hashes["questions"] = questions.sha256
        parts.append(Part("Questions whose section is found [95%]", recall_cells(questions, handbook_index())))
    if lists.findings is not None:
        findings = read_list(lists.findings, "text", "code")
        hashes["findings"] = findings.sha256
        pairs = described(findings, Assistant())
        parts.append(Part("Findings described by the section of their code [95%]", right_cells(pairs)))
    if lists.notes is not None:
        judged = read_list(lists.notes, "text", "kind")
        hashes["notes"] = judged.sha256
        parts.append(Part("Statements sorted by the gate [95%]", Sorting.of(judged).cells()))
    if measured_on is not None:
        measured_on.note("evaluate cqa, criteria beside measurements")
        source, entries = measured_on.entries(frozenset())
        cells = agreement_cells(list(measured(source, entries, progress)))
        parts.append(Part("Criteria of the handbook beside measurements: ECGs that meet them [95%]", cells))
        notes.append(MEASURES)
        patients = len({entry.patient for entry in entries})
        facts |= {
            "dataset": f"{measured_on.dataset} {source.release}",
            "fold": measured_on.fold,
            "ecgs": len(entries),
            "patients": patients,
        }
    if not parts:
        raise UsageError("There is nothing to evaluate.", "Give --lists, --references or --data.")
    facts |= {f"{name}_sha256": value for name, value in hashes.items()}
    first, *others = parts
    return Table(title=first.title, cells=first.cells, parts=others, notes=notes, facts=facts)


def _compared(given: Compared, progress: Progress) -> tuple[list[Part], dict[str, object]]:
    references = read_references(given.references)
    names, texts = list(references)[: given.limit], list(references.values())[: given.limit]
    searched = shelves(read_sources(given.sources))
    settings = dict(written(names, searched, given.writer, progress))
    progress("BERTScore")
    scores = {name: bert_scores(one.texts, texts, given.bert) for name, one in settings.items()}
    parts = [
        Part(
            "BERTScore against human-written descriptions: mean (sd over conditions)",
            score_cells(settings, scores, names, given.bert.name),
        ),
        Part("Paired differences of F1 [95% bootstrap of conditions]", difference_cells(scores, names, MAIN)),
        Part("Words, and n-grams of words that stand in the references [95%]", overlap_cells(settings, texts)),
    ]
    if dropped := dropped_cells(settings):
        parts.append(Part("Sentences of the language model and the filter [95%]", dropped))
    return parts, {
        "references": PACKAGE,
        "references_sha256": hash_of(texts),
        "conditions": f"{len(names)} of {len(references)}",
        "bertscore_model": given.bert.name,
        "sources": {name: shelf.sha256 for name, shelf in searched.items()},
        "model": given.writer.chat.name if given.writer else None,
    }
