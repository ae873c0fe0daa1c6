"""`einthoven study`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.terminal import Json, need_packages, print_json, progress_line

app = typer.Typer(
    help="Many trainings, one table: hypotheses as rows of a study file.", no_args_is_help=True, rich_markup_mode=None
)

StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY", help="A YAML file as in studies/.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting in every row, such as plan.epochs=8."),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the runs lie.")]


@app.command()
def run(
    study: StudyArgument,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where the data set lies.")],
    out: OutOption,
    row: Annotated[
        list[str] | None, typer.Option("--row", metavar="NAME", help="Train this row alone; may be given again.")
    ] = None,
    changes: SetOption = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Trainings at a time; they share the cores.")] = 1,
    ray: Annotated[
        bool, typer.Option("--ray", help="Trainings as Ray tasks, on the cluster RAY_ADDRESS names or on this machine.")
    ] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Only list the runs and what they cost.")] = False,
    as_json: Json = False,
) -> None:
    """Train every row, or some, with every seed, and print the table. Finished runs are not repeated."""
    need_packages("train", "torch", "safetensors", "tokenizers", "onnx", "onnxscript", "yaml")
    from einthoven.evaluation.study import of_rows, read_study, runs_of
    from einthoven.evaluation.study_dry import DEVICES, cost_table, costs_of
    from einthoven.evaluation.study_runs import run_study

    found = of_rows(read_study(study, changes or ()), row or ())
    if dry:
        costs = costs_of(found, study, data, out)
        if as_json:
            runs = [{"row": one.row, "seed": one.seed, "changes": list(one.changes)} for one in runs_of(found)]
            hours = [{str(n): one.hours(n) for n in DEVICES} for one in costs]
            rows = [{**vars(one), "hours": some} for one, some in zip(costs, hours, strict=True)]
            print_json({"runs": runs, "costs": rows})
        else:
            print("\n".join(f"{one.row:<40} seed {one.seed}  {' '.join(one.changes)}" for one in runs_of(found)))
            print(f"\n{cost_table(found, costs).markdown()}")
        return
    if ray:
        need_packages("scale", "ray")
        from einthoven.evaluation.study_ray import ray_workers

        with ray_workers(jobs) as start, progress_line() as progress:
            run_study(found, study, data, out, jobs, progress, start)
    else:
        with progress_line() as progress:
            run_study(found, study, data, out, jobs, progress)
    show(study, out, changes, as_json=as_json)


@app.command()
def show(
    study: StudyArgument,
    out: OutOption,
    changes: SetOption = None,
    figure: Annotated[
        Path | None, typer.Option("--out-figure", metavar="FILE.svg", help="Draw the table there, too.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the table of the runs that are finished or have failed, from what they left alone."""
    need_packages("train", "yaml")
    from einthoven.evaluation.study import check_finished, document_of, failures, outcomes, read_study, table_of
    from einthoven.evaluation.study_figure import save_study_figure

    found = read_study(study, changes or ())
    check_finished(found, study, out)
    done, failed = outcomes(found, out), failures(found, out)
    if figure is not None:
        save_study_figure(found, done, figure)
    if as_json:
        print_json(document_of(found, done, failed))
    else:
        print(table_of(found, done, failed).markdown())
