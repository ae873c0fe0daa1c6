"""`einthoven bundle`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.terminal import Json, print_json, progress_line


def bundle(
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", help="Where the bundle goes.")],
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", help="linux-x86_64, macos-arm64 or windows-x64; can be repeated. Default: all."),
    ] = None,
    python: Annotated[str, typer.Option(help="The version of Python on those computers.")] = "3.11",
    as_json: Json = False,
) -> None:
    """Put all that an installation without a network needs into one ZIP file."""
    from einthoven.bundle import make_bundle

    with progress_line() as show:
        made = make_bundle(out, platform or (), python, show)
    if as_json:
        print_json(
            {
                "bundle": str(out),
                "bytes": made.size,
                "sha256": made.sha256,
                "einthoven": made.version,
                "python": made.python,
                "platforms": {name: list(files) for name, files in made.platforms.items()},
            }
        )
        return
    print(f"{out}  ({made.size / 1e6:.0f} MB, sha256 {made.sha256})")
    for name, files in made.platforms.items():
        print(f"  {name}: Einthoven {made.version} and {len(files) - 1} wheels for Python {made.python}")
    print("Copy it over, unpack it, and follow INSTALL.txt in it.")
