"""The page of all tasks for one model and its archive, in the order in which a reader asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from einthoven.datasets.ecgqa import Part
from einthoven.evaluation.page import Page, Section, make_page, part_of
from einthoven.evaluation.qa_check import check_published
from einthoven.evaluation.qa_exam import Choice
from einthoven.evaluation.question import Question
from einthoven.evaluation.store import Store
from einthoven.evaluation.tasks.audit import evaluate_audit, side_of
from einthoven.evaluation.tasks.conformal import evaluate_conformal
from einthoven.evaluation.tasks.few_shot import evaluate_few_shot
from einthoven.evaluation.tasks.groups import evaluate_groups
from einthoven.evaluation.tasks.identify import evaluate_identify
from einthoven.evaluation.tasks.parse import evaluate_parse
from einthoven.evaluation.tasks.probe import evaluate_probe
from einthoven.evaluation.tasks.qa import evaluate_qa
from einthoven.evaluation.tasks.readers import evaluate_readers
from einthoven.evaluation.tasks.reidentify import evaluate_reidentify
from einthoven.evaluation.tasks.report import evaluate_report
from einthoven.evaluation.tasks.retrieval import evaluate_retrieval
from einthoven.evaluation.tasks.risk import evaluate_risk
from einthoven.evaluation.tasks.shift import evaluate_shift
from einthoven.evaluation.tasks.zero_shot import evaluate_zero_shot
from einthoven.retrieval import Archive, EmbeddingModel

Progress = Callable[[str], None]
TABLE_1, TABLE_2 = "Table I:", "Table II:"
SEEDS = 1
"""Of baselines with random weights: the commands take five."""


@dataclass(frozen=True)
class Wanted:
    """What a page is about.

    Args:
        question: PTB-XL, and the fold that is asked.
        archive: that answers; its model is the one that is judged.
        against: other models beside it.
        elsewhere: folders of the Challenge 2021, LUDB, Chapman-Shaoxing.
        questions: ECG-QA's folder. labels: two readers' labels of the same reports.
        regen: a page with ECG-ReGen's Tables I and II, which take trained networks and are taken over from it.
    """

    question: Question
    archive: Archive
    against: Sequence[EmbeddingModel] = ()
    elsewhere: Sequence[Path] = ()
    questions: Path | None = None
    labels: tuple[Path, Path] | None = None
    regen: Path | None = None


def evaluate_all(wanted: Wanted, store: Store, progress: Progress = lambda line: None) -> Page:
    """Every task that a model without an answerer can be judged by.

    What the model, the others and the baselines make of ECGs is computed once and kept in `store`. No network is
    trained; what needs one, or data that was not named, stands there with its command.

    Args:
        store: from an earlier page, or empty.
    """
    model = wanted.archive.model
    tables = {title: part_of(wanted.regen, title) for title in (TABLE_1, TABLE_2)} if wanted.regen else {}
    facts = {
        "model": f"{model.name} {model.sha256[:12]}",
        "archive": f"{wanted.archive.name}, {len(wanted.archive)} ECGs",
        "fold": wanted.question.fold,
        "limited_to": wanted.question.limit,
    }
    kept = replace(wanted, archive=Archive.open(wanted.archive.path, store.model(model)))
    return make_page(
        "Results",
        facts,
        [*_of_ecgs(kept, store, progress), *_of_texts(kept, progress), *_of_regen(wanted.question.fold, tables)],
        progress,
    )


def _of_ecgs(wanted: Wanted, store: Store, progress: Progress) -> list[Section]:
    question, archive, model = wanted.question, wanted.archive, wanted.archive.model
    fold, others = f"--fold {question.fold}", list(wanted.against)
    against = "".join(" --against CHECKPOINT" for _ in others)
    return [
        Section(
            "What neighbours, a linear probe and the head know",
            f"einthoven evaluate retrieval --data PTB-XL {fold}{against}",
            lambda: evaluate_retrieval(model, question, progress, others, store),
            tables=("Paired", "Labels"),
        ),
        Section(
            "By sex and age; calibration; rare and critical statements",
            f"einthoven evaluate groups --data PTB-XL {fold}",
            lambda: evaluate_groups(model, question, progress),
            tables=("Calibration", "Statements that"),
        ),
        Section(
            "Drafts",
            f"einthoven evaluate report --data PTB-XL {fold}",
            lambda: evaluate_report(archive, question, progress),
            tables=("Statements against the codes: all", "Text against the reference report: all"),
        ),
        Section(
            "Whether the guarantee of the archive's calibration holds",
            f"einthoven evaluate conformal --data PTB-XL {fold} --elsewhere LUDB --elsewhere CHAPMAN",
            lambda: evaluate_conformal(archive, question, wanted.elsewhere, progress=progress),
            tables=("Elsewhere",),
        ),
        Section(
            "Critical findings that drafts fabricate or miss, and how many ECGs they cover",
            f"einthoven evaluate risk --data PTB-XL {fold} --elsewhere LUDB --elsewhere CHAPMAN",
            lambda: evaluate_risk(archive, question, wanted.elsewhere, progress),
            tables=("Elsewhere",),
        ),
        Section(
            "What archive and test fold share",
            f"einthoven evaluate audit ARCHIVE PTB-XL --dataset ptb-xl --folds {question.fold}",
            lambda: evaluate_audit(
                archive.path, side_of(question.data, question.dataset, [question.fold]), progress=progress
            ),
        ),
        Section(
            "ECGs from elsewhere",
            "einthoven evaluate shift --data CHALLENGE-2021 --data LUDB --data CHAPMAN --reference PTB-XL",
            (lambda: evaluate_shift(archive, wanted.elsewhere, question.data, progress, question.limit))
            if wanted.elsewhere
            else None,
            lacks="" if wanted.elsewhere else "Needs these data sets: `--elsewhere DIR`.",
            tables=("AUC", "Drafted statements"),
        ),
        Section(
            "Linear probe, superclasses",
            f"einthoven evaluate probe --data PTB-XL {fold} --seeds {SEEDS}{against}",
            lambda: evaluate_probe(model, question, "super", None, others, SEEDS, progress, store),
            tables=("Paired",),
        ),
        Section(
            "The same from a twentieth of the training patients",
            f"einthoven evaluate few-shot --data PTB-XL {fold}{against}",
            lambda: evaluate_few_shot(model, question, "super", None, others, progress=progress, store=store),
        ),
        Section(
            "Telling people apart by one segment",
            f"einthoven evaluate identify --data PTB-XL {fold} --seeds {SEEDS}{against}",
            lambda: evaluate_identify(model, question, None, None, others, SEEDS, None, progress, store),
            tables=("Segments",),
        ),
        Section(
            "Finding a person's other recordings",
            f"einthoven evaluate reidentify --data PTB-XL {fold} --seeds {SEEDS}{against}",
            lambda: evaluate_reidentify(model, question, None, others, SEEDS, progress, store),
            tables=("By time",),
        ),
        Section(
            "Fine-tuning",
            f"einthoven evaluate finetune --data PTB-XL {fold} --run DIR",
            lacks="Trains networks, which this page does not: run the command.",
        ),
        Section(
            "Labels told from their descriptions",
            f"einthoven evaluate zero-shot --data PTB-XL {fold}",
            (lambda: evaluate_zero_shot(model, question, "super", progress=progress)) if _reads_texts(model) else None,
            lacks=""
            if _reads_texts(model)
            else "The model has no text side: name one that has, --model CHECKPOINT, to the command.",
        ),
    ]


def _reads_texts(model: EmbeddingModel) -> bool:
    return getattr(getattr(model, "original", model), "text", None) is not None


def _of_regen(fold: int, taken: Mapping[str, str]) -> list[Section]:
    lacks = "" if taken else "Needs trained networks; a page that has the table: `--regen docs/regen.md`."
    return [
        Section(
            "Reports beside other models' and generators': ECG-ReGen's Table I",
            f"einthoven evaluate report --data PTB-XL --fold {fold} --random-weights --against CHECKPOINT "
            "--generator DIR",
            lacks=lacks,
            taken=taken.get(TABLE_1, ""),
        ),
        Section(
            "Answers beside language models': ECG-ReGen's Table II",
            f"einthoven evaluate qa --data PTB-XL --ours --fold {fold} --llm URL",
            lacks=lacks,
            taken=taken.get(TABLE_2, ""),
        ),
    ]


def _of_texts(wanted: Wanted, progress: Progress) -> list[Section]:
    question, labels, published = wanted.question, wanted.labels, wanted.questions
    part: Part = "test" if question.fold == 10 else "valid"
    own = Choice(question.data, part=part, limit=question.limit, log=question.log, why=question.why)
    return [
        Section(
            "Statements read from reports, beside PTB-XL's codes",
            f"einthoven evaluate parse --data PTB-XL --fold {question.fold}",
            lambda: evaluate_parse(question.data, question.fold, question.log, question.why, progress),
        ),
        Section(
            "Statements read from reports, beside two readers",
            "einthoven evaluate parse --data PTB-XL --labels A.tsv B.tsv",
            (lambda: evaluate_readers(question.data, *labels, question.log, question.why)) if labels else None,
            lacks="" if labels else "Needs the labels of two readers: `--labels A.tsv B.tsv`.",
        ),
        Section(
            "Our answers beside ECG-QA's published ones",
            "einthoven evaluate qa --check --data PTB-XL --questions ECG-QA",
            (lambda: check_published(question.data, published, progress, question.log, question.why))
            if published
            else None,
            lacks="" if published else "Needs ECG-QA: `--questions DIR`.",
            tables=("Those that differ", "Why others"),
        ),
        Section(
            "Questions: what the most common answers reach, and what is left to reach",
            f"einthoven evaluate qa --data PTB-XL --part {part}",
            lambda: evaluate_qa(own.exam(progress), progress=progress),
            tables=("By what",),
        ),
    ]
