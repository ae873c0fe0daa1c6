"""Reads damaged files by the thousand in guarded workers, and prints what became of them.

    python tests/fuzz/run.py --cases 10000 --format WFDB --format DICOM
    python tests/fuzz/run.py --cases 2000 --out docs/fuzz.json

Exit code 1 if any file crashed its reader, took too long or too much memory, or raised anything but a typed error.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mutator import damaged
from readers import fingerprint
from seeds import SEEDS, TOLD, files_of, real

from einthoven.ecg import HostileFileError
from einthoven.formats.told import NOTHING
from einthoven.ingest import Guard, Limits, Reading


@dataclass(frozen=True)
class Case:
    """A damaged file: its number, and the path that is read."""

    number: int
    path: Path


@dataclass
class Found:
    """What became of the files of one format."""

    cases: int = 0
    ecgs: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    harm: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    largest: int = 0

    def count(self, reading: Reading) -> bool:
        """Counts one; whether it did harm."""
        self.cases += 1
        self.slowest, self.largest = max(self.slowest, reading.seconds), max(self.largest, reading.memory)
        if isinstance(reading.error, HostileFileError):
            self.harm[f"{reading.error.cause} {reading.error.detail}".strip()] += 1
            return True
        if reading.error is not None:
            self.errors[reading.error.kind] += 1
        self.ecgs += reading.ecg is not None
        return False


def cases(name: str, count: int, seed: int, folder: Path, from_real: bool = False) -> Iterator[Case]:
    """Damaged files of one format, each in a folder of its own; the same seed gives the same files."""
    whole = []
    for variant, make in SEEDS[name].items():
        place = folder / f"whole {variant}"
        place.mkdir()
        whole.append(files_of(make, place))
    if from_real and (found := real(name)):
        whole = [found]
    others = [data for _, files in whole for data in files.values()]
    for number in range(count):
        dice = random.Random(f"{name} {seed} {number}")
        main, files = dice.choice(whole)
        place = folder / str(number)
        place.mkdir()
        for file, data in damaged(files, others, dice).items():
            (place / file).write_bytes(data)
        yield Case(number, place / main)


def fuzz(guard: Guard, name: str, count: int, seed: int, keep: Path | None, from_real: bool) -> Found:
    """What becomes of `count` damaged files of one format."""
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        for case, reading in guard.each(cases(name, count, seed, Path(folder), from_real), lambda case: case.path):
            if found.count(reading) and keep:
                shutil.copytree(case.path.parent, keep / f"{name} {seed} {case.number}", dirs_exist_ok=True)
            shutil.rmtree(case.path.parent)
    return found


def save(path: Path, found: Mapping[str, Found], seed: int, readers: str) -> None:
    """Puts what was found of which readers into the file that benchmarks/formats.py reads; other formats in it stay."""
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    held |= {
        name: {"cases": one.cases, "other": one.harm.total(), "seed": seed, "readers": readers}
        for name, one in found.items()
    }
    kept = {name: held[name] for name in SEEDS if name in held}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in kept.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8", newline="\n")


def main() -> int:
    """Runs it; see above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000, help="damaged files a format")
    parser.add_argument("--format", action="append", choices=list(SEEDS), help="a format; default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--keep", type=Path, help="a folder for the files that did harm")
    parser.add_argument("--real", action="store_true", help="damage real files, where the shared folder has them")
    parser.add_argument("--out", type=Path, help="a JSON file of cases and harm by format, to be brought up to date")
    options = parser.parse_args()
    print("| format | cases | ECGs | typed errors | anything else | slowest, ms | largest, MB |")
    print("|---|---:|---:|---|---:|---:|---:|")
    every: dict[str, Found] = {}
    readers = fingerprint()
    for name in options.format or SEEDS:
        # One a format, since memory is a worker's largest so far.
        with Guard(Limits(), options.workers, TOLD.get(name, NOTHING)) as guard:
            every[name] = found = fuzz(guard, name, options.cases, options.seed, options.keep, options.real)
        errors = ", ".join(f"{kind} {count}" for kind, count in found.errors.most_common())
        other = f"{found.harm.total()}" + "".join(f", {what} {count}" for what, count in found.harm.most_common())
        row = (
            name,
            found.cases,
            found.ecgs,
            errors,
            other,
            f"{found.slowest * 1e3:.0f}",
            f"{found.largest / 2**20:.0f}",
        )
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
        if options.out:
            save(options.out, {name: found}, options.seed, readers)
    return 1 if any(found.harm for found in every.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
