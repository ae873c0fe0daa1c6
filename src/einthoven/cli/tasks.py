"""`einthoven evaluate probe`, `few-shot` and the other tasks of a model alone."""

from __future__ import annotations

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
from einthoven.cli.terminal import Json, ModelOption, need_packages, open_model, progress_line
from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.evaluation.table import Table
    from einthoven.retrieval import EmbeddingModel

JudgedOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="CHECKPOINT|MODULE:OBJECT",
        help="A checkpoint folder, a hub name, or an object of your own Python module, whose code is then run "
        "(docs/adapter.md). Default: the bundled model.",
    ),
]
AgainstOption = Annotated[
    list[str] | None,
    typer.Option(
        "--against", metavar="CHECKPOINT|MODULE:OBJECT", help="Another model to compare with; may be given again."
    ),
]
AgainOption = Annotated[
    list[str] | None,
    typer.Option(
        "--again",
        metavar="CHECKPOINT|MODULE:OBJECT",
        help="The model trained once more, by another seed; may be given again. Its row is the mean of all, with sd.",
    ),
]
LabelsOption = Annotated[
    str, typer.Option("--labels", help="Of PTB-XL: super (default), sub, diagnostic, form, rhythm or all.")
]
SplitOption = Annotated[
    Path | None,
    typer.Option("--split", metavar="DIR", help="Published lists *_train.csv, *_val.csv and *_test.csv, for folds."),
]
PlotOption = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE.svg", help="Also draw a reliability diagram there.")
]
DecayOption = Annotated[
    float, typer.Option("--decay", help="Each layer towards the input learns at this share of the next one's rate.")
]
RunOption = Annotated[Path, typer.Option("--run", metavar="DIR", help="Where the trainings lie.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with the trainings in --run.")]
SeedsOption = Annotated[int, typer.Option("--seeds", min=1, help="Of the baselines with random weights.")]


def probe(
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    labels: LabelsOption = "",
    split: SplitOption = None,
    fold: FoldOption = 9,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
    limit: LimitOption = None,
    seeds: SeedsOption = 5,
    kept: KeptOption = None,
    model: JudgedOption = None,
    against: AgainstOption = None,
    again: AgainOption = None,
    as_json: Json = False,
) -> None:
    """What a linear layer reads from frozen embeddings: macro-AUC, macro-F1, calibration, beside baselines."""
    need_packages("train,eval", "torch", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.probe import evaluate_probe

    question = Question(data, fold, dataset, limit, log, why)
    ours, others = _models(model, against)
    with progress_line() as progress, kept_in(kept) as store:
        table = evaluate_probe(ours, question, labels, split, others, seeds, progress, store, _opened(again))
    _tell(table, out, plot, as_json)


def few_shot(
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    labels: LabelsOption = "",
    split: SplitOption = None,
    fold: FoldOption = 9,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
    limit: LimitOption = None,
    share: Annotated[float, typer.Option("--share", help="Of the training patients.")] = 0.05,
    draws: Annotated[int, typer.Option("--draws", min=1, help="How often they are drawn.")] = 5,
    kept: KeptOption = None,
    model: JudgedOption = None,
    against: AgainstOption = None,
    again: AgainOption = None,
    as_json: Json = False,
) -> None:
    """What a linear layer reads from frozen embeddings after a twentieth of the training patients."""
    need_packages("train,eval", "torch", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.few_shot import evaluate_few_shot

    question = Question(data, fold, dataset, limit, log, why)
    ours, others = _models(model, against)
    with progress_line() as progress, kept_in(kept) as store:
        table = evaluate_few_shot(ours, question, labels, split, others, share, draws, progress, store, _opened(again))
    _tell(table, out, plot, as_json)


def finetune(
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    labels: LabelsOption = "",
    split: SplitOption = None,
    fold: FoldOption = 9,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
    limit: LimitOption = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Passes over the training ECGs.")] = 5,
    batch: Annotated[int, typer.Option("--batch", min=2, help="ECGs a step.")] = 64,
    rate: Annotated[float, typer.Option("--rate", help="Highest learning rate, that of the new head.")] = 3e-4,
    decay: DecayOption = 0.75,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each network.")] = 5,
    run: RunOption = Path("runs/finetune"),
    resume: ResumeOption = False,
    model: ModelOption = None,
    against: Annotated[
        list[str] | None,
        typer.Option("--against", metavar="CHECKPOINT", help="Another checkpoint to fine-tune; may be given again."),
    ] = None,
    as_json: Json = False,
) -> None:
    """What a checkpoint reaches that is trained on, beside the same network from random weights, and linear probes."""
    need_packages("train,eval", "torch", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.finetune import evaluate_finetune
    from einthoven.training.finetune import Tuning

    question, how = Question(data, fold, dataset, limit, log, why), Tuning(epochs, batch, rate, decay)
    ours, others = open_model(model), [open_model(name) for name in against or ()]
    with progress_line() as progress:
        table = evaluate_finetune(ours, question, run, labels, split, others, how, seeds, resume, progress)
    _tell(table, out, plot, as_json)


def zero_shot(
    data: DataOption,
    labels: LabelsOption = "",
    fold: FoldOption = 9,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    withheld: Annotated[
        list[str] | None,
        typer.Option(
            "--withheld",
            metavar="GROUP=MODEL",
            help="A model trained without conduction, rhythm, hypertrophy, infarction or repolarisation.",
        ),
    ] = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option("--corpus", metavar="GROUP=FILE", help="The texts it was trained on, one a line, for proof."),
    ] = None,
    elsewhere: Annotated[
        list[str] | None,
        typer.Option("--elsewhere", metavar="DATASET=DIR", help="A data set that the model was not trained on."),
    ] = None,
    lists: Annotated[
        list[str] | None,
        typer.Option("--elsewhere-split", metavar="DATASET=DIR", help="Published lists of it, in place of folds."),
    ] = None,
    trained_on: Annotated[
        list[str] | None, typer.Option("--trained-on", metavar="DATASET", help="What the model was trained on.")
    ] = None,
    texts: Annotated[
        Path | None, typer.Option("--texts", metavar="FILE.csv", help="Columns label and text: your own descriptions.")
    ] = None,
    model: JudgedOption = None,
    again: AgainOption = None,
    as_json: Json = False,
) -> None:
    """Labels told from their descriptions alone, by a model with a text tower: seen labels, unseen ones, elsewhere."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.adapter import open_judged
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.zero_shot import Elsewhere, Unseen, evaluate_zero_shot

    models, files = _by_name(withheld, "--withheld"), _by_name(corpus, "--corpus")
    if models.keys() != files.keys():
        raise UsageError(
            "Labels count as unseen only where the training texts are there to be checked.",
            "Give --corpus GROUP=FILE for each --withheld GROUP=MODEL.",
        )
    ours = open_judged(model)
    unseen = {name: Unseen(open_judged(one), Path(files[name])) for name, one in models.items()}
    split = _by_name(lists, "--elsewhere-split")
    places = [
        Elsewhere(name, Path(place), Path(split[name]) if name in split else None)
        for name, place in _by_name(elsewhere, "--elsewhere").items()
    ]
    question = Question(data, fold, "ptb-xl", limit, log, why)
    with progress_line() as progress:
        table = evaluate_zero_shot(
            ours, question, labels, unseen, places, trained_on or (), texts, progress, _opened(again)
        )
    tell(table, out, as_json)


def identify(
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    split: SplitOption = None,
    fold: FoldOption = 9,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1.0, help="Of a segment. Default: 5 of PTB-XL, else 4.")
    ] = None,
    seeds: SeedsOption = 5,
    train: Annotated[
        bool, typer.Option("--train", help="Also fine-tune the model's network, and train one from random weights.")
    ] = False,
    trainings: Annotated[int, typer.Option("--trainings", min=1, help="Of each network of --train, by seed.")] = 5,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Of --train.")] = 30,
    rate: Annotated[float, typer.Option("--rate", help="Highest learning rate of --train.")] = 1e-3,
    decay: DecayOption = 0.75,
    run: RunOption = Path("runs/identify"),
    resume: ResumeOption = False,
    kept: KeptOption = None,
    model: JudgedOption = None,
    against: AgainstOption = None,
    again: AgainOption = None,
    as_json: Json = False,
) -> None:
    """Telling people apart by one segment of each: AUC and accuracy, within one recording and across two."""
    need_packages("train,eval", "torch", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.identify import evaluate_identify

    question = Question(data, fold, dataset, limit, log, why)
    ours, others = _models(model, against)
    with progress_line() as progress, kept_in(kept) as store:
        trained = None
        if train:
            from einthoven.evaluation.one_shot import identifiers
            from einthoven.evaluation.tasks.finetune import checkpoint_of
            from einthoven.training.finetune import Tuning

            how = Tuning(epochs=epochs, rate=rate, decay=decay)
            trained = identifiers(checkpoint_of(ours), run, how, trainings, resume, progress=progress)
        table = evaluate_identify(
            ours, question, seconds, split, others, seeds, trained, progress, store, _opened(again)
        )
    tell(table, out, as_json)


def reidentify(
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    split: SplitOption = None,
    fold: FoldOption = 9,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    seeds: SeedsOption = 5,
    kept: KeptOption = None,
    model: JudgedOption = None,
    against: AgainstOption = None,
    as_json: Json = False,
) -> None:
    """How often an archive gives away that two recordings are of one person, by the time between them."""
    need_packages("train,eval", "torch", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.reidentify import evaluate_reidentify

    question = Question(data, fold, dataset, limit, log, why)
    ours, others = _models(model, against)
    with progress_line() as progress, kept_in(kept) as store:
        table = evaluate_reidentify(ours, question, split, others, seeds, progress, store)
    tell(table, out, as_json)


def _by_name(given: list[str] | None, option: str) -> dict[str, str]:
    """What stands behind each name in NAME=VALUE."""
    found: dict[str, str] = {}
    for one in given or ():
        name, sign, value = one.partition("=")
        if not sign or not name or not value or name in found:
            raise UsageError(f"{option} {one} is no NAME=VALUE, or names something twice.", "See --help.")
        found[name] = value
    return found


def _models(model: str | None, against: list[str] | None) -> tuple[EmbeddingModel, list[EmbeddingModel]]:
    from einthoven.evaluation.adapter import open_judged

    return open_judged(model), _opened(against)


def _opened(names: list[str] | None) -> list[EmbeddingModel]:
    from einthoven.evaluation.adapter import open_judged

    return [open_judged(name) for name in names or ()]


def _tell(table: Table, out: Path | None, plot: Path | None, as_json: bool) -> None:
    if plot is not None:
        from einthoven.evaluation.diagram import save_diagram

        save_diagram(table, plot)
    tell(table, out, as_json)


def add_to(app: typer.Typer) -> None:
    """Puts the commands of this module among the others of `einthoven evaluate`."""
    app.command("probe")(probe)
    app.command("few-shot")(few_shot)
    app.command("zero-shot")(zero_shot)
    app.command("identify")(identify)
    app.command("reidentify")(reidentify)
    app.command("finetune")(finetune)
