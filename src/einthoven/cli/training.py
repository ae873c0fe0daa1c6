"""`einthoven train`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli.terminal import Json, need_packages, print_json, progress_line
from einthoven.ecg import FileError, UsageError

if TYPE_CHECKING:
    from einthoven.training.text_recipe import TextRecipe


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file as in configs/.")],
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="The folder of the data set that the configuration names.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where run and checkpoint go.")] = Path(
        "runs/train"
    ),
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, such as plan.epochs=3.")
    ] = None,
    devices: Annotated[
        int, typer.Option("--devices", min=1, help="GPUs of this machine (without any: processes) that train together.")
    ] = 1,
    nodes: Annotated[
        int, typer.Option("--nodes", min=1, help="Machines that run this same command and meet at MASTER_ADDR.")
    ] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Only say what would be trained.")] = False,
    as_json: Json = False,
) -> None:
    """Train a model, and write its checkpoint. An interrupted run goes on with --resume, as if it had never stopped."""
    need_packages("train", "torch", "safetensors", "tokenizers", "onnx", "onnxscript", "yaml")
    from einthoven.training.recipe import read_recipe
    from einthoven.training.text_recipe import read_text_recipe

    words = read_text_recipe(config, changes or ())
    if words is not None:
        fit_words(words, data, out, resume or dry or devices * nodes > 1, as_json)
        return
    from einthoven.training.distributed import check_machine, expected, started_first
    from einthoven.training.launch import launched
    from einthoven.training.run import check_processes, plan_of
    from einthoven.training.run import train as run

    recipe = read_recipe(config, changes or ())
    if devices * nodes > 1 and expected() == 1:  # here, so that it is said once
        check_machine(devices)
        check_processes(recipe, devices * nodes)
    if dry:
        found = plan_of(recipe, data, devices * nodes)
        if as_json:
            print_json(found)
        else:
            print("\n".join(f"{key:<12} {value}" for key, value in found.items()))
        return
    if not resume and any((out / name).exists() for name in ("metrics.jsonl", "member0")):
        raise FileError(f"{out} holds a run already.", "Go on with it (--resume), or name another --out.")
    if launched(devices, nodes, sys.argv[1:]):
        return
    with progress_line() as progress:
        folder = run(recipe, data, out, progress)
    if started_first():
        from einthoven.evaluation.training_curves import save_training_curves

        for line in sorted(out.glob("**/metrics.jsonl")):
            save_training_curves(line.parent)
        _tell(folder, as_json)


def fit_words(recipe: TextRecipe, data: Path, out: Path, asks_more: bool, as_json: bool) -> None:
    """Fits a text side, which takes minutes."""
    from einthoven.training.text_fit import fit_text_side

    if asks_more:
        raise UsageError(
            "A text side is fitted in minutes on one device: no --resume, no --dry, no --devices or --nodes.",
            "Leave the option out.",
        )
    with progress_line() as progress:
        folder = fit_text_side(recipe, data, out, progress)
    _tell(folder, as_json)


def _tell(folder: Path, as_json: bool) -> None:
    if as_json:
        print_json({"checkpoint": str(folder)})
    else:
        print(f"checkpoint in {folder}")
